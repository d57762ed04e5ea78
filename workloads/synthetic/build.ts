/**
 * A kernel build: make with several jobs, each a shell that runs the compiler driver, which runs the compiler proper
 * and the assembler. The processes are as `strace -f gcc` shows them: which runs which, the steps of their heaps, the
 * compiler's arenas of 2 MiB.
 *
 * Left out: pipes, dependency files, and vfork (make, gcc and the shell fork here, which copies page tables more). The
 * vocabulary has no write(): what is written is told as a read of the same range, which costs the same page cache.
 */
import type { Engine } from '../engine/engine.ts';
import type { OptionTable, OptionValues } from '../engine/options.ts';
import type { Process } from '../engine/process.ts';
import {
  HEAP_STEP_BYTES,
  IMAGES,
  type Image,
  type Loaded,
  PRIVATE_DATA,
  Program,
  STACK_BYTES,
} from '../engine/program.ts';
import { type Body, TOUCH_STRIDE, WaitQueue } from '../engine/task.ts';
import { GIB, KIB, MIB } from '../engine/units.ts';
import { defineWorkload } from '../engine/workload.ts';
import { Zipf } from '../engine/zipf.ts';

const OPTIONS = {
  jobs: {
    default: 4,
    unit: 'jobs',
    min: 1,
    max: 256,
    doc: 'units compiled at a time, make -j (assumed: twice the cpus of a small machine)',
  },
  units: {
    default: 2800,
    unit: 'units',
    min: 1,
    max: 1e6,
    doc: 'C files to compile, then they are linked and the build is over (assumed: an x86 defconfig has some thousands)',
  },
  headers: {
    default: 2000,
    unit: 'files',
    min: 1,
    max: 100_000,
    doc:
      'headers on disk, lengths log-uniform from 1 KiB to 64 KiB (the 10th and 90th percentile of /usr/include on ' +
      'Debian 12 are 1.3 and 50 KiB; the number is assumed)',
  },
  includes: {
    default: 60,
    unit: 'files',
    min: 0,
    max: 10_000,
    doc: 'mean number of headers that a unit reads; exponential (assumed)',
  },
  theta: {
    default: 0.9,
    unit: '',
    min: 0,
    max: 2,
    doc: 'Zipf exponent of the popularity of headers, and of pages of program text (assumed)',
  },
  memoryBytes: {
    default: 16 * MIB,
    unit: 'bytes',
    min: 2 * MIB,
    max: GIB,
    doc:
      'most memory that the compiler fills for a unit; log-uniform from 2 MiB, its first arena (strace of cc1; the ' +
      'upper end is assumed, and low, so that a recording has many processes)',
  },
  computeNs: {
    default: 100_000,
    unit: 'ns',
    min: 0,
    max: 1e9,
    doc: 'mean computing time between two headers, or two steps of the heap; exponential (assumed)',
  },
} as const satisfies OptionTable;

const MIN_HEADER_BYTES = KIB;
const MAX_HEADER_BYTES = 64 * KIB;
/** Sources and objects: log-uniform (assumed). */
const MIN_SOURCE_BYTES = 2 * KIB;
const MAX_SOURCE_BYTES = 128 * KIB;
const MIN_OBJECT_BYTES = 4 * KIB;
const MAX_OBJECT_BYTES = 512 * KIB;
/** What the compiler's garbage collector maps at a time (strace of cc1; GGC_QUIRE_SIZE of ggc-page.cc in pages). */
const ARENA_BYTES = 2 * MIB;
/** read() of a file in the compiler's preprocessor takes it whole; the linker and others read pieces of this size. */
const CHUNK_BYTES = 64 * KIB;
/** Instructions fetched, each from a page of its own, in a step of a program (assumed). */
const FETCHES = 8;

type Options = OptionValues<typeof OPTIONS>;

interface SourceFile {
  readonly file: number;
  readonly lengthBytes: number;
}

/** A program with the popularity of the pages of its text. */
interface Tool {
  readonly program: Program;
  readonly hot: Zipf;
}

/** What the processes of a build share: the tree, the tools, and what is done. */
class Tree {
  readonly options: Options;
  readonly headers: readonly SourceFile[];
  readonly popularity: Zipf;
  readonly make: Tool;
  readonly shell: Tool;
  readonly driver: Tool;
  readonly compiler: Tool;
  readonly assembler: Tool;
  readonly linker: Tool;
  readonly objects: SourceFile[] = [];

  constructor(engine: Engine, options: Options) {
    const { ldso, libc, libm, libz } = IMAGES;
    const tool = (image: Image, libraries: readonly Image[]): Tool => ({
      program: new Program(engine, image, libraries),
      hot: new Zipf(Math.floor(image.textBytes / TOUCH_STRIDE), options.theta),
    });
    this.options = options;
    this.make = tool(IMAGES.make, [ldso, libc]);
    this.shell = tool(IMAGES.dash, [ldso, libc]);
    this.driver = tool(IMAGES.gcc, [ldso, libc]);
    this.compiler = tool(IMAGES.cc1, [ldso, libc, libm, libz]);
    this.assembler = tool(IMAGES.as, [ldso, libc, libz]);
    this.linker = tool(IMAGES.ld, [ldso, libc, libz]);
    this.popularity = new Zipf(options.headers, options.theta);
    this.headers = Array.from({ length: options.headers }, () => {
      const lengthBytes = engine.random.logUniform(MIN_HEADER_BYTES, MAX_HEADER_BYTES);
      return { file: engine.file(lengthBytes), lengthBytes };
    });
  }
}

/** Keeps as many units in work as there are jobs, then links. */
function* make(self: Process, tree: Tree): Body {
  const { jobs, units } = tree.options;
  const loaded = tree.make.program.load(self);
  self.brk(HEAP_STEP_BYTES);
  const exits = new WaitQueue();
  let running = 0;
  for (let unit = 0; unit < units; unit++) {
    while (running === jobs) yield exits;
    running++;
    step(self, tree.make, loaded);
    self.fork(function* job(child) {
      yield* recipe(child, tree);
      running--;
      exits.wakeOne(child);
    });
    yield 0;
  }
  while (running > 0) yield exits;
  yield* run(self, tree.linker, (child, its) => link(child, its, tree));
}

/** Forks a child that runs a program, and waits for its end. */
function* run(self: Process, tool: Tool, body: (child: Process, loaded: Loaded) => Body): Body {
  const end = new WaitQueue();
  let running = true;
  self.fork(function* child(its) {
    its.exec();
    yield* body(its, tool.program.load(its));
    running = false;
    end.wakeOne(its);
  });
  while (running) yield end;
}

/** What make's child does: the shell, in it the driver, in that the compiler and then the assembler. */
function* recipe(self: Process, tree: Tree): Body {
  self.exec();
  const loaded = tree.shell.program.load(self);
  self.brk(HEAP_STEP_BYTES);
  step(self, tree.shell, loaded);
  yield* run(self, tree.driver, function* driver(child, its) {
    child.brk(HEAP_STEP_BYTES);
    step(child, tree.driver, its);
    const lengthBytes = child.random.logUniform(MIN_SOURCE_BYTES, MAX_SOURCE_BYTES);
    const assembly = child.createFile(4 * lengthBytes); // assumed: assembly takes four times the room
    yield* run(child, tree.compiler, (compiler, text) => compile(compiler, text, tree, lengthBytes));
    child.fileRead(assembly, 0, 4 * lengthBytes);
    yield* run(child, tree.assembler, (assembler, text) =>
      assemble(assembler, text, tree, assembly, lengthBytes),
    );
    child.fileDrop(assembly); // a file in /tmp, which is removed
  });
}

/** Reads the source and its headers, fills memory on the way, and more when it optimizes. */
function* compile(self: Process, loaded: Loaded, tree: Tree, sourceBytes: number): Body {
  const { includes, memoryBytes, computeNs } = tree.options;
  self.brk(HEAP_STEP_BYTES);
  readWhole(self, { file: self.createFile(sourceBytes), lengthBytes: sourceBytes });
  const memory = new Arenas(self);
  const wantedBytes = self.random.logUniform(ARENA_BYTES, memoryBytes);
  const headers = self.random.exponential(includes);
  const steps = headers + Math.ceil(wantedBytes / HEAP_STEP_BYTES);
  for (let n = 1; n <= steps; n++) {
    if (n <= headers) readWhole(self, tree.headers[tree.popularity.scattered(self.random)]!);
    step(self, tree.compiler, loaded);
    memory.fillTo(Math.floor((wantedBytes * n) / steps));
    self.think(self.random.exponential(computeNs));
    yield 0;
  }
}

/** Memory that grows by an arena at a time and is filled page by page. */
class Arenas {
  private readonly owner: Process;
  private arena = 0;
  private filledBytes = 0;

  constructor(owner: Process) {
    this.owner = owner;
  }

  fillTo(bytes: number): void {
    for (; this.filledBytes + TOUCH_STRIDE <= bytes; this.filledBytes += TOUCH_STRIDE) {
      const at = this.filledBytes % ARENA_BYTES;
      if (at === 0) this.arena = this.owner.mmap(ARENA_BYTES, PRIVATE_DATA);
      this.owner.write(this.arena, at);
    }
  }
}

/** Reads the assembly in pieces, and writes the object. */
function* assemble(self: Process, loaded: Loaded, tree: Tree, assembly: number, sourceBytes: number): Body {
  for (let at = 0; at < 4 * sourceBytes; at += CHUNK_BYTES) {
    growHeap(self);
    self.fileRead(assembly, at, Math.min(CHUNK_BYTES, 4 * sourceBytes - at));
    step(self, tree.assembler, loaded);
    self.think(self.random.exponential(tree.options.computeNs));
    yield 0;
  }
  const lengthBytes = self.random.logUniform(MIN_OBJECT_BYTES, MAX_OBJECT_BYTES);
  const object = { file: self.createFile(lengthBytes), lengthBytes };
  self.fileRead(object.file, 0, lengthBytes);
  tree.objects.push(object);
}

/** Reads every object and writes the image: as long as all of them. */
function* link(self: Process, loaded: Loaded, tree: Tree): Body {
  const imageBytes = tree.objects.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0);
  const image = self.createFile(Math.min(imageBytes, 2 * GIB));
  for (const object of tree.objects) {
    growHeap(self);
    for (let at = 0; at < object.lengthBytes; at += CHUNK_BYTES)
      self.fileRead(object.file, at, Math.min(CHUNK_BYTES, object.lengthBytes - at));
    step(self, tree.linker, loaded);
    self.think(self.random.exponential(tree.options.computeNs));
    yield 0;
  }
  self.fileRead(image, 0, Math.min(imageBytes, 2 * GIB));
}

/** A few instructions of the program and its libraries, with a word on the stack. */
function step(self: Process, tool: Tool, loaded: Loaded): void {
  for (let n = 0; n < FETCHES; n++) self.execute(loaded.text, tool.hot.scattered(self.random) * TOUCH_STRIDE);
  const library = self.random.pick(loaded.libraryTexts);
  self.execute(library.object, self.anyWord(library.bytes));
  self.write(loaded.stack, STACK_BYTES - 512);
}

/** read() into the heap, which holds the largest header. */
function readWhole(self: Process, { file, lengthBytes }: SourceFile): void {
  self.fileRead(file, 0, lengthBytes);
  self.touchPages(self.heap, 0, Math.min(lengthBytes, HEAP_STEP_BYTES));
}

/** malloc moves the break by a step, and the program fills it. */
function growHeap(self: Process): void {
  const from = self.heapBytes;
  self.brk(from + HEAP_STEP_BYTES);
  self.touchPages(self.heap, from, self.heapBytes);
}

export const build = defineWorkload({
  name: 'build',
  title:
    'kernel build: make, shells, compilers and assemblers, which share their text and fill the page cache',
  doc:
    'make keeps a number of jobs running. Each unit takes a shell, a compiler driver, a compiler and an assembler, ' +
    'which live for milliseconds: fork, exec, text shared through the page cache, headers read again and again, heaps ' +
    'that grow and go, objects written. Processes come and go; the page cache only grows. In the end the linker ' +
    'reads all objects.',
  defaultEvents: 500_000,
  options: OPTIONS,
  start(engine, options) {
    const tree = new Tree(engine, options);
    engine.startProcess((self) => make(self, tree));
  },
});
