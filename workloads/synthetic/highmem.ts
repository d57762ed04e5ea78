/**
 * Pressure on low memory while high memory is free: user pages and page cache can live anywhere, what the kernel
 * allocates for itself cannot.
 */
import { __GFP_RECLAIMABLE, GFP_HIGHUSER, GFP_KERNEL } from '../../core/event/gfp.ts';
import type { Engine } from '../engine/engine.ts';
import type { OptionTable, OptionValues } from '../engine/options.ts';
import type { Process } from '../engine/process.ts';
import { IMAGES, PRIVATE_DATA, Program } from '../engine/program.ts';
import { type Body, type Task, TOUCH_STRIDE } from '../engine/task.ts';
import { GIB, KIB, MIB } from '../engine/units.ts';
import { defineWorkload } from '../engine/workload.ts';

const OPTIONS = {
  processes: {
    default: 12,
    unit: 'processes',
    min: 1,
    max: 1000,
    doc: 'processes with a big heap (assumed)',
  },
  heapBytes: {
    default: 80 * MIB,
    unit: 'bytes',
    min: MIB,
    max: 3 * GIB,
    doc: 'memory of each process; by default together more than the low memory of a 3G/1G kernel (assumed)',
  },
  cacheBytes: {
    default: 512 * MIB,
    unit: 'bytes',
    min: MIB,
    max: 64 * GIB,
    doc: 'files read into the page cache (assumed)',
  },
  lowmemBytes: {
    default: 1200 * MIB,
    unit: 'bytes',
    min: MIB,
    max: 64 * GIB,
    doc:
      'what the kernel allocates for itself in the end; then it replaces instead of adding (assumed: ' +
      'between the low memory of 3G/1G and of 2G/2G)',
  },
  stormPages: {
    default: 1280,
    unit: 'pages',
    min: 0,
    max: 65_536,
    doc: 'high pages kmapped at once in a storm; 0 = none (assumed: more than LAST_PKMAP, 1024 without PAE)',
  },
  stormNs: {
    default: 400_000_000,
    unit: 'ns',
    min: 1000,
    max: 1e10,
    doc: 'mean time between storms; exponential (assumed)',
  },
} as const satisfies OptionTable;

/** A process grows by mappings of this size, and touches every page of one before it takes the next. */
const GROWTH_BYTES = MIB;
/** read_ahead_kb of a block device is 128 by default (VM_READAHEAD_PAGES, include/linux/mm.h, v6.1). */
const READAHEAD_BYTES = 128 * KIB;
const FILE_BYTES = 8 * MIB;
/** bytes_req of ext4_inode_cache, dentry and buffer_head in a kmem trace of tar. */
const INODE_BYTES = 1120;
const DENTRY_BYTES = 192;
const BUFFER_HEAD_BYTES = 104;
/** Buffers of drivers and sockets: blocks of order 4, so that the pressure builds up in few events (assumed). */
const BUFFER_BYTES = 64 * KIB;
/** Blocks in which a storm takes its pages (assumed). */
const STORM_ORDER = 5;
/** Mean times between steps; exponential (assumed): the low memory of 3G/1G lasts for about 580,000 events. */
const GROWTH_NS = 20_000_000;
const WORK_NS = 20_000_000;
const READAHEAD_NS = 500_000;
const DIRECTORY_NS = 1_000_000;
const BUFFER_NS = 250_000;
/** Words that an application writes, and names that the walker looks up, in a step (assumed). */
const WORK_TOUCHES = 64;
const DIRECTORY_NAMES = 8;

type Options = OptionValues<typeof OPTIONS>;

/** What the kernel holds in low memory. */
class Lowmem {
  readonly limitBytes: number;
  readonly buffers: number[] = [];
  heldBytes = 0;

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }
}

/** Fills its heap, then works on random pages of it. */
function* application(self: Process, program: Program, heapBytes: number): Body {
  program.load(self);
  const arenas: number[] = [];
  while (arenas.length * GROWTH_BYTES < heapBytes) {
    const arena = self.mmap(GROWTH_BYTES, PRIVATE_DATA);
    self.touchPages(arena, 0, GROWTH_BYTES);
    arenas.push(arena);
    yield self.random.exponential(GROWTH_NS);
  }
  for (;;) {
    work(self, self.random.pick(arenas));
    yield self.random.exponential(WORK_NS);
  }
}

function work(self: Process, arena: number): void {
  for (let n = 0; n < WORK_TOUCHES; n++) {
    self.write(arena, self.random.below(GROWTH_BYTES / TOUCH_STRIDE) * TOUCH_STRIDE);
  }
}

/** Reads file after file, a readahead window at a time. */
function* reader(self: Process, program: Program, files: readonly number[]): Body {
  program.load(self);
  for (const file of files) {
    for (let at = 0; at < FILE_BYTES; at += READAHEAD_BYTES) {
      self.fileRead(file, at, READAHEAD_BYTES);
      yield self.random.exponential(READAHEAD_NS);
    }
  }
}

/** Walks directories (as find or updatedb does): each name costs a dentry, an inode, and buffer heads. */
function* walker(self: Process, program: Program, lowmem: Lowmem): Body {
  program.load(self);
  while (lowmem.heldBytes < lowmem.limitBytes) {
    for (let n = 0; n < DIRECTORY_NAMES; n++) {
      const inode = self.kmalloc(INODE_BYTES, GFP_KERNEL | __GFP_RECLAIMABLE);
      const dentry = self.kmalloc(DENTRY_BYTES, GFP_KERNEL | __GFP_RECLAIMABLE);
      self.kmalloc(BUFFER_HEAD_BYTES, GFP_KERNEL | __GFP_RECLAIMABLE);
      self.kernelWrite(inode, 0);
      self.kernelWrite(dentry, 0);
      self.kernelRead(dentry, 64);
      lowmem.heldBytes += INODE_BYTES + DENTRY_BYTES + BUFFER_HEAD_BYTES;
    }
    yield self.random.exponential(DIRECTORY_NS);
  }
}

/** Takes buffers for sockets and drivers, more and more; from the limit on one goes for each that comes. */
function* bufferHolder(self: Task, lowmem: Lowmem): Body {
  for (;;) {
    const full = lowmem.heldBytes + BUFFER_BYTES > lowmem.limitBytes;
    if (full && lowmem.buffers.length > 0) {
      self.kfree(lowmem.buffers.shift()!);
      lowmem.heldBytes -= BUFFER_BYTES;
    }
    const buffer = self.kmalloc(BUFFER_BYTES, GFP_KERNEL);
    for (let offset = 0; offset < BUFFER_BYTES; offset += 4 * TOUCH_STRIDE) self.kernelWrite(buffer, offset);
    lowmem.buffers.push(buffer);
    lowmem.heldBytes += BUFFER_BYTES;
    yield self.random.exponential(BUFFER_NS);
  }
}

/** Maps many high pages at once into the kernel's small window for them, uses them, and lets go. */
function* kmapStorm(self: Task, options: Options): Body {
  const pagesPerBlock = 2 ** STORM_ORDER;
  for (;;) {
    yield self.random.exponential(options.stormNs);
    const blocks: number[] = [];
    while (blocks.length * pagesPerBlock < options.stormPages) {
      const block = self.pageAlloc(STORM_ORDER, GFP_HIGHUSER);
      for (let page = 0; page < pagesPerBlock; page++) self.kmap(block, page);
      blocks.push(block);
      yield 0;
    }
    for (const block of blocks) {
      for (let page = 0; page < pagesPerBlock; page++) {
        self.kernelWrite(block, page * TOUCH_STRIDE);
        self.kunmap(block, page);
      }
      self.pageFree(block);
      yield 0;
    }
  }
}

function start(engine: Engine, options: Options): void {
  const program = new Program(engine, IMAGES.python, [IMAGES.ldso, IMAGES.libc, IMAGES.libm]);
  const tool = new Program(engine, IMAGES.bash, [IMAGES.ldso, IMAGES.libc]);
  const files = Array.from({ length: Math.ceil(options.cacheBytes / FILE_BYTES) }, () =>
    engine.file(FILE_BYTES),
  );
  const lowmem = new Lowmem(options.lowmemBytes);
  for (let n = 0; n < options.processes; n++) {
    engine.startProcess((self) => application(self, program, options.heapBytes));
  }
  engine.startProcess((self) => reader(self, tool, files));
  engine.startProcess((self) => walker(self, tool, lowmem));
  engine.startKernelTask((self) => bufferHolder(self, lowmem));
  if (options.stormPages > 0) engine.startKernelTask((self) => kmapStorm(self, options));
}

export const highmem = defineWorkload({
  name: 'highmem',
  title: 'high memory pressure: the kernel runs out of low memory while high memory is free',
  doc:
    'Processes fill heaps and files fill the page cache; both can live in high memory. Inodes, dentries ' +
    'and buffers of the kernel cannot, and want 1.2 GiB. With 4 GiB of RAM that is more than a 3G/1G ' +
    'kernel has, less than a 2G/2G one, and no matter on 64 bits. Storms of kmap ask for more high pages ' +
    'at once than there are slots. Nothing is swapped, and the inodes count as in use: no shrinker helps.',
  defaultEvents: 800_000,
  options: OPTIONS,
  start,
});
