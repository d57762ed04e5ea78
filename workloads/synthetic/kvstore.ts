/**
 * An in-memory key-value store in the shape of Redis: one process with all data in its heap, which forks a child to
 * write a snapshot while it goes on serving. Each page that it writes meanwhile is copied first.
 *
 * Left out: the sockets of clients, growth of the hash table, expiry. The vocabulary has no write(): the dump file is
 * told as a read of the same range, which costs the same page cache.
 */
import type { OptionTable, OptionValues } from '../engine/options.ts';
import type { Process } from '../engine/process.ts';
import { IMAGES, type Loaded, PRIVATE_DATA, Program, STACK_BYTES } from '../engine/program.ts';
import { type Body, TOUCH_STRIDE } from '../engine/task.ts';
import { GIB, KIB, MIB } from '../engine/units.ts';
import { defineWorkload } from '../engine/workload.ts';
import { Zipf } from '../engine/zipf.ts';

const OPTIONS = {
  dataBytes: {
    default: 64 * MIB,
    unit: 'bytes',
    min: 2 * MIB,
    max: 3 * GIB,
    doc: 'records in memory (assumed)',
  },
  theta: {
    default: 0.99,
    unit: '',
    min: 0,
    max: 2,
    doc: 'Zipf exponent of the popularity of records, scattered over memory (YCSB, Cooper et al. 2010: 0.99)',
  },
  updatePercent: {
    default: 50,
    unit: '%',
    min: 0,
    max: 100,
    doc: 'share of requests that write (YCSB workload A)',
  },
  saveUpdates: {
    default: 10_000,
    unit: 'updates',
    min: 1,
    max: 1e9,
    doc: 'updates after which a snapshot is due (redis.conf: save 60 10000; the 60 seconds are left out)',
  },
  saveNs: {
    default: 5_000_000,
    unit: 'ns',
    min: 0,
    max: 1e10,
    doc: 'mean time in which the child saves 2 MiB; exponential (assumed: a disk of 400 MB/s)',
  },
  requestNs: {
    default: 20_000,
    unit: 'ns',
    min: 0,
    max: 1e9,
    doc: 'mean time between requests; exponential (assumed: 50,000 a second)',
  },
} as const satisfies OptionTable;

/** A record of YCSB: 10 fields of 100 bytes, in an allocation of this size. */
const RECORD_BYTES = KIB;
/** A pointer for each bucket of the hash table; as many buckets as records, rounded up to a power of two (dict.c). */
const BUCKET_BYTES = 8;
/** The heap is mapped in pieces of this size (assumed: a huge page, what jemalloc asks of the kernel at least). */
const ARENA_BYTES = 2 * MIB;
/** Requests between two looks at what else there is to do (assumed). */
const PIPELINE = 16;

type Options = OptionValues<typeof OPTIONS>;

/** The data in the address space of the server; a child has the same. */
class Store {
  readonly options: Options;
  readonly records: number;
  readonly popularity: Zipf;
  readonly buckets: number;
  readonly arenas: readonly number[];
  /** Object of the hash table. */
  readonly table: number;
  /** Updates since the last snapshot began, and whether a child is at work. */
  updates = 0;
  isSaving = false;
  /** File of the last whole snapshot; 0 = none. */
  dump = 0;

  constructor(self: Process, options: Options) {
    this.options = options;
    this.records = Math.floor(options.dataBytes / RECORD_BYTES);
    this.popularity = new Zipf(this.records, options.theta);
    this.buckets = powerOfTwoFrom(this.records);
    this.table = self.mmap(this.buckets * BUCKET_BYTES, PRIVATE_DATA);
    this.arenas = Array.from({ length: Math.ceil(options.dataBytes / ARENA_BYTES) }, () =>
      self.mmap(ARENA_BYTES, PRIVATE_DATA),
    );
  }
}

/** The smallest power of two that is at least n; n below 2^31. */
function powerOfTwoFrom(n: number): number {
  return 2 ** (32 - Math.clz32(n - 1));
}

function* server(self: Process, program: Program, options: Options): Body {
  const loaded = program.load(self);
  const store = new Store(self, options);
  for (let record = 0; record < store.records; record++) {
    write(self, store, record);
    if (record % (ARENA_BYTES / RECORD_BYTES) === 0) yield self.random.exponential(options.requestNs);
  }
  for (;;) {
    for (let n = 0; n < PIPELINE; n++) {
      request(self, store, loaded);
      self.think(self.random.exponential(options.requestNs));
    }
    if (store.updates >= options.saveUpdates && !store.isSaving) startSave(self, store);
    yield 0;
  }
}

/** Finds a record by its key, and reads or writes it. */
function request(self: Process, store: Store, loaded: Loaded): void {
  self.execute(loaded.text, self.anyWord(loaded.textBytes));
  self.write(loaded.stack, STACK_BYTES - 512);
  const record = store.popularity.scattered(self.random);
  if (self.random.chance(store.options.updatePercent, 100)) {
    write(self, store, record);
    store.updates++;
  } else {
    self.read(store.table, bucketOf(store, record));
    self.read(arenaOf(store, record), offsetOf(record));
  }
}

/** A new value in the place of the old: the entry of the table, then the value. */
function write(self: Process, store: Store, record: number): void {
  self.write(store.table, bucketOf(store, record));
  self.write(arenaOf(store, record), offsetOf(record));
}

function startSave(self: Process, store: Store): void {
  store.updates = 0;
  store.isSaving = true;
  self.fork((child) => saver(child, store));
}

/** Reads all that there is, arena by arena, and writes it to a file that takes the place of the last one. */
function* saver(self: Process, store: Store): Body {
  const file = self.createFile(store.records * RECORD_BYTES);
  for (let record = 0; record < store.records; ) {
    const from = record;
    const end = Math.min(from + ARENA_BYTES / RECORD_BYTES, store.records);
    for (; record < end; record += TOUCH_STRIDE / RECORD_BYTES) {
      self.read(store.table, bucketOf(store, record));
      self.read(arenaOf(store, record), offsetOf(record));
    }
    record = end;
    self.fileRead(file, from * RECORD_BYTES, (end - from) * RECORD_BYTES);
    yield self.random.exponential(store.options.saveNs);
  }
  if (store.dump !== 0) self.fileDrop(store.dump);
  store.dump = file;
  store.isSaving = false;
}

function arenaOf({ arenas }: Store, record: number): number {
  return arenas[Math.floor((record * RECORD_BYTES) / ARENA_BYTES)]!;
}

function offsetOf(record: number): number {
  return (record * RECORD_BYTES) % ARENA_BYTES;
}

/** Multiplicative hashing (Knuth, TAOCP vol. 3, 6.4) stands for the hash of the key. */
function bucketOf({ buckets }: Store, record: number): number {
  const hash = Math.imul(record, 2654435761) >>> 0;
  return (hash % buckets) * BUCKET_BYTES;
}

export const kvstore = defineWorkload({
  name: 'kvstore',
  title: 'in-memory store: a large heap, and children that save it while it is written to',
  doc:
    'A server fills its heap with records and then serves reads and updates of popular ones. After a number of ' +
    'updates it forks a child that reads all of it and writes a dump file, while the server goes on: each first ' +
    'update of a page copies it (a storm of copy-on-write faults after each fork), and page tables exist twice. With ' +
    'dataBytes of more than 2 GiB it needs a user space larger than that of 2G/2G.',
  defaultEvents: 500_000,
  options: OPTIONS,
  start(engine, options) {
    const program = new Program(engine, IMAGES.python, [IMAGES.ldso, IMAGES.libc, IMAGES.libm]);
    engine.startProcess((self) => server(self, program, options));
  },
});
