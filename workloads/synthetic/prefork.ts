/** A pre-forking web server, as the prefork multi-processing module of Apache httpd. */
import { GFP_ATOMIC, GFP_KERNEL } from '../../core/event/gfp.ts';
import { PROT_READ } from '../../core/event/mmap-flags.ts';
import type { Engine } from '../engine/engine.ts';
import type { OptionTable, OptionValues } from '../engine/options.ts';
import type { Process } from '../engine/process.ts';
import { HEAP_STEP_BYTES, IMAGES, type Loaded, Program, STACK_BYTES } from '../engine/program.ts';
import { type Body, type Task, TOUCH_STRIDE, WaitQueue, WORD } from '../engine/task.ts';
import { GIB, KIB, MIB } from '../engine/units.ts';
import { defineWorkload } from '../engine/workload.ts';
import { Zipf } from '../engine/zipf.ts';

const OPTIONS = {
  workers: {
    default: 8,
    unit: 'processes',
    min: 1,
    max: 512,
    doc: 'workers kept alive (assumed; httpd starts 5 and keeps up to 256)',
  },
  requests: {
    default: 200,
    unit: 'requests',
    min: 1,
    max: 1e6,
    doc:
      'requests after which a worker exits and is forked anew (httpd MaxConnectionsPerChild; the number ' +
      'is assumed)',
  },
  arrivalNs: {
    default: 150_000,
    unit: 'ns',
    min: 1000,
    max: 1e9,
    doc:
      'mean time between requests; exponential, a Poisson process (Paxson and Floyd 1995 for user-started ' +
      'sessions)',
  },
  computeNs: {
    default: 20_000,
    unit: 'ns',
    min: 0,
    max: 1e9,
    doc: 'mean computing time of each of the three stages of a request; exponential (assumed)',
  },
  preloadBytes: {
    default: 16 * MIB,
    unit: 'bytes',
    min: 64 * KIB,
    max: GIB,
    doc: 'heap that the master fills before it forks (assumed: a preloaded application)',
  },
  cowWrites: {
    default: 4,
    unit: 'words',
    min: 0,
    max: 1000,
    doc:
      'words of that heap that a request writes, uniform over it; each first one copies a page (assumed: ' +
      'reference counts)',
  },
  documents: {
    default: 400,
    unit: 'files',
    min: 1,
    max: 100_000,
    doc:
      'files on disk, lengths log-uniform from 1 KiB to 256 KiB (assumed; heavy-tailed as in Arlitt and ' +
      'Williamson 1997)',
  },
  theta: {
    default: 0.8,
    unit: '',
    min: 0,
    max: 2,
    doc: 'Zipf exponent of the popularity of documents (Breslau et al. 1999: 0.64 to 0.83)',
  },
} as const satisfies OptionTable;

/** ListenBacklog of httpd: requests that wait for a worker; the next one is dropped. */
const BACKLOG = 511;
/** A buffer for an Ethernet frame, and the header of a reply: frequent sizes in a kmem trace of a fork loop. */
const RECEIVE_BYTES = 2048;
const REPLY_BYTES = 728;
/** read() and write() move a document in pieces of this size (httpd's APR_BUCKET_BUFF_SIZE is 8000 bytes). */
const CHUNK_BYTES = 8192;
/** Documents of this length and more are mapped instead of read (httpd's EnableMMAP; the threshold is assumed). */
const MMAP_BYTES = 64 * KIB;

type Options = OptionValues<typeof OPTIONS>;

interface Document {
  readonly file: number;
  readonly lengthBytes: number;
}

/** What the master, the workers and the network card share. */
class Site {
  readonly options: Options;
  readonly shell: Program;
  readonly program: Program;
  readonly documents: readonly Document[];
  readonly popularity: Zipf;
  /** Requests in receive buffers that no worker has taken yet. */
  readonly backlog: number[] = [];
  readonly arrivals = new WaitQueue();
  /** Replies that the card has not sent yet. */
  readonly replies: number[] = [];
  readonly childExits = new WaitQueue();
  children = 0;

  constructor(engine: Engine, options: Options) {
    this.options = options;
    this.shell = new Program(engine, IMAGES.bash, [IMAGES.ldso, IMAGES.libc]);
    this.program = new Program(engine, IMAGES.python, [IMAGES.ldso, IMAGES.libc, IMAGES.libm, IMAGES.libz]);
    this.documents = Array.from({ length: options.documents }, () => {
      const lengthBytes = engine.random.logUniform(KIB, 256 * KIB);
      return { file: engine.file(lengthBytes), lengthBytes };
    });
    this.popularity = new Zipf(options.documents, options.theta);
  }
}

/** Starts the server in the background and is gone. */
function* shell(self: Process, site: Site): Body {
  site.shell.load(self);
  yield 0;
  self.fork((child) => master(child, site));
}

/** Loads the application, then keeps as many workers alive as it should. */
function* master(self: Process, site: Site): Body {
  self.exec();
  const loaded = site.program.load(self);
  self.brk(site.options.preloadBytes);
  for (let at = 0; at < self.heapBytes; at += CHUNK_BYTES * 32) {
    self.touchPages(self.heap, at, Math.min(at + CHUNK_BYTES * 32, self.heapBytes));
    yield self.random.exponential(site.options.computeNs);
  }
  for (;;) {
    while (site.children < site.options.workers) {
      site.children++;
      self.fork((child) => worker(child, site, loaded));
      yield 0;
    }
    yield site.childExits;
  }
}

function* worker(self: Process, site: Site, loaded: Loaded): Body {
  for (let served = 0; served < site.options.requests; served++) {
    while (site.backlog.length === 0) yield site.arrivals;
    yield* serve(self, site, loaded, site.backlog.shift()!);
  }
  site.children--;
  site.childExits.wakeOne(self);
}

/** Parse the request, read the document, reply; other tasks may run between the stages. */
function* serve(self: Process, site: Site, loaded: Loaded, request: number): Body {
  const { computeNs, cowWrites, preloadBytes } = site.options;
  receive(self, request);
  runCode(self, loaded);
  for (let n = 0; n < cowWrites; n++) self.write(self.heap, self.anyWord(preloadBytes));
  self.think(self.random.exponential(computeNs));
  yield 0;

  const document = site.documents[site.popularity.rank(self.random)]!;
  if (document.lengthBytes < MMAP_BYTES) readDocument(self, document);
  else mapDocument(self, document);
  self.think(self.random.exponential(computeNs));
  yield 0;

  runCode(self, loaded);
  const reply = self.kmalloc(REPLY_BYTES, GFP_KERNEL);
  self.kernelWrite(reply, 0);
  site.replies.push(reply);
  self.think(self.random.exponential(computeNs));
  yield 0;
}

function receive(self: Process, request: number): void {
  self.kernelRead(request, 0);
  self.write(self.heap, 0);
  self.kfree(request);
}

/** Instruction fetches from program and libraries, each followed by a word on the stack. */
function runCode(self: Process, loaded: Loaded): void {
  for (let call = 0; call < 4; call++) {
    self.execute(loaded.text, self.anyWord(loaded.textBytes));
    const library = self.random.pick(loaded.libraryTexts);
    self.execute(library.object, self.anyWord(library.bytes));
    self.write(loaded.stack, STACK_BYTES - 512 - call * 256);
  }
}

function readDocument(self: Process, { file, lengthBytes }: Document): void {
  const buffer = growHeap(self);
  for (let at = 0; at < lengthBytes; at += CHUNK_BYTES) {
    self.fileRead(file, at, Math.min(CHUNK_BYTES, lengthBytes - at));
    self.touchPages(self.heap, buffer, buffer + CHUNK_BYTES);
  }
}

function mapDocument(self: Process, { file, lengthBytes }: Document): void {
  const mapping = self.mmap(lengthBytes, PROT_READ, file);
  for (let at = 0; at + WORD <= lengthBytes; at += TOUCH_STRIDE) self.read(mapping, at);
  self.munmap(mapping);
}

/** Now and then the request's buffer does not fit and malloc moves the break; offset of the buffer. */
function growHeap(self: Process): number {
  if (self.random.chance(1, 16)) self.brk(self.heapBytes + HEAP_STEP_BYTES);
  return self.heapBytes - CHUNK_BYTES;
}

/** Receives requests into fresh buffers, and frees those of replies that are on the wire. */
function* networkCard(self: Task, site: Site): Body {
  for (;;) {
    yield self.random.exponential(site.options.arrivalNs);
    for (const sent of site.replies.splice(0)) self.kfree(sent);
    const request = self.kmalloc(RECEIVE_BYTES, GFP_ATOMIC);
    self.kernelWrite(request, 0);
    if (site.backlog.length === BACKLOG) self.kfree(request);
    else site.backlog.push(request);
    site.arrivals.wakeOne(self);
  }
}

export const prefork = defineWorkload({
  name: 'prefork',
  title: 'pre-forking web server: copy-on-write workers that serve files and are replaced',
  doc:
    'A master fills its heap and forks workers, which share it copy-on-write. Requests arrive at a ' +
    'network card, wait in kmalloc buffers, and are served from the page cache. After a number of ' +
    'requests a worker exits and the master forks another. Shows fork, copy-on-write, context switches, ' +
    'and shared library text.',
  defaultEvents: 500_000,
  options: OPTIONS,
  start(engine, options) {
    const site = new Site(engine, options);
    engine.startProcess((self) => shell(self, site));
    engine.startKernelTask((self) => networkCard(self, site));
  },
});
