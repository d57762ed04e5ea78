/**
 * A database server in the shape of PostgreSQL: a process for each connection, a buffer pool in shared memory, a
 * write-ahead log. Constants are those of PostgreSQL 15 unless they say otherwise.
 *
 * Left out: vacuum, checkpoints, locks. The vocabulary has no write(): pages that a write() puts into the page
 * cache are told as reads of the same range, which cost the same memory.
 */

import type { Process } from '../engine/process.ts';
import { type Loaded, SHARED_DATA, STACK_BYTES } from '../engine/program.ts';
import { type Body, TOUCH_STRIDE, WORD } from '../engine/task.ts';
import { KIB, MIB } from '../engine/units.ts';
import { defineWorkload } from '../engine/workload.ts';
import { DATABASE_OPTIONS } from './database-options.ts';
import {
  DESCRIPTOR_BYTES,
  FANOUT,
  LOG_BUFFER_BYTES,
  PAGE_BYTES,
  ROWS,
  SEGMENT_BYTES,
  Server,
} from './database-server.ts';

/** XLOG_BLCKSZ. */
const LOG_PAGE_BYTES = 8192;
/** Shortest and longest log record (assumed). */
const MIN_RECORD_BYTES = 64;
const MAX_RECORD_BYTES = 512;
/** Heap of a new backend: catalogue and plan caches (assumed). */
const HEAP_BYTES = MIB;
const MIN_SORT_BYTES = 64 * KIB;

/** Makes the shared memory, then forks a backend for every client that connects. */
function* postmaster(self: Process, server: Server): Body {
  const loaded = server.program.load(self);
  self.brk(HEAP_BYTES);
  server.shared = self.mmap(server.sharedBytes, SHARED_DATA);
  for (;;) {
    while (server.backends < server.options.backends) {
      server.backends++;
      self.fork((child) => backend(child, server, loaded));
      yield 0;
    }
    yield server.disconnects;
  }
}

function* backend(self: Process, server: Server, loaded: Loaded): Body {
  const { transactions, clientNs } = server.options;
  self.touchPages(self.heap, 0, HEAP_BYTES);
  for (let left = self.random.exponential(transactions); left >= 0; left--) {
    yield self.random.exponential(clientNs);
    yield* transaction(self, server, loaded);
  }
  server.backends--;
  server.disconnects.wakeOne(self);
}

function* transaction(self: Process, server: Server, loaded: Loaded): Body {
  const { statements, updatePercent, computeNs } = server.options;
  let wrote = false;
  for (let n = 0; n < statements; n++) {
    runCode(self, loaded);
    const update = self.random.chance(updatePercent, 100);
    findRow(self, server, update);
    if (update) insertRecord(self, server);
    wrote ||= update;
    self.think(self.random.exponential(computeNs));
    yield 0;
  }
  if (self.random.chance(1, 20)) sort(self, server.options.sortBytes);
  if (wrote) flushLog(self, server);
}

/** Parse and plan: instructions of the program and its libraries, a stack that grows and shrinks, cached plans. */
function runCode(self: Process, loaded: Loaded): void {
  for (let call = 0; call < 3; call++) {
    self.execute(loaded.text, self.anyWord(loaded.textBytes));
    const library = self.random.pick(loaded.libraryTexts);
    self.execute(library.object, self.anyWord(library.bytes));
    self.write(loaded.stack, STACK_BYTES - 1024 - call * 512);
    self.read(self.heap, self.anyWord(HEAP_BYTES));
  }
}

/** Descends the B-tree (root, inner, leaf) to a row of the table. */
function findRow(self: Process, server: Server, update: boolean): void {
  const { leafPages, innerPages } = server;
  const tablePage = server.popularity.scattered(self.random);
  const leaf = Math.floor((tablePage * ROWS) / FANOUT);
  const inner = Math.floor(leaf / FANOUT);
  searchPage(self, server, 0);
  searchPage(self, server, 1 + inner);
  searchPage(self, server, 1 + innerPages + leaf);
  const row = searchPage(self, server, 1 + innerPages + leafPages + tablePage);
  if (update) self.write(server.shared, row);
}

/** Pins a page, bringing it in if needed, and searches it by halves; the offset of what was found. */
function searchPage(self: Process, server: Server, page: number): number {
  const cached = server.pool.lookup(page);
  const buffer = cached >= 0 ? cached : readPage(self, server, page);
  self.modify(server.shared, server.descriptorsAt + buffer * DESCRIPTOR_BYTES, 4);
  let offset = buffer * PAGE_BYTES;
  self.read(server.shared, offset);
  for (let half = PAGE_BYTES / 2; half >= PAGE_BYTES / 16; half /= 2) {
    if (self.random.chance(1, 2)) offset += half;
    self.read(server.shared, offset);
  }
  return offset;
}

/** read() of a page into the buffer that the clock sweep gives. */
function readPage(self: Process, server: Server, page: number): number {
  const buffer = server.pool.replace(page);
  const at = buffer * PAGE_BYTES;
  self.fileRead(server.file, page * PAGE_BYTES, PAGE_BYTES);
  self.touchPages(server.shared, at, at + PAGE_BYTES);
  return buffer;
}

/** Appends a record to the log's ring. */
function insertRecord(self: Process, server: Server): void {
  const at = server.logAt + (server.log.written % LOG_BUFFER_BYTES);
  self.write(server.shared, at);
  server.log.written += self.random.range(MIN_RECORD_BYTES / WORD, MAX_RECORD_BYTES / WORD) * WORD;
}

/** Commit: writes the log's pages to its file; a segment that is full leaves the page cache (XLogFileClose). */
function flushLog(self: Process, server: Server): void {
  const { log } = server;
  const end = Math.ceil(log.written / LOG_PAGE_BYTES) * LOG_PAGE_BYTES;
  for (let at = log.flushed - (log.flushed % LOG_PAGE_BYTES); at < end; at += LOG_PAGE_BYTES) {
    self.read(server.shared, server.logAt + (at % LOG_BUFFER_BYTES));
    self.fileRead(log.segmentAt(at), at % SEGMENT_BYTES, LOG_PAGE_BYTES);
    if ((at + LOG_PAGE_BYTES) % SEGMENT_BYTES === 0) self.fileDrop(log.segmentAt(at));
  }
  log.flushed = log.written;
}

/** Takes heap for a sort, fills it, and gives it back. */
function sort(self: Process, maxBytes: number): void {
  const before = self.heapBytes;
  const sizeBytes = self.random.logUniform(MIN_SORT_BYTES, maxBytes);
  self.brk(before + Math.ceil(sizeBytes / TOUCH_STRIDE) * TOUCH_STRIDE);
  self.touchPages(self.heap, before, self.heapBytes);
  self.brk(before);
}

export const database = defineWorkload({
  name: 'database',
  title: 'database server: backends around a shared buffer pool, with Zipf-distributed pages',
  doc:
    'Backends descend a B-tree in a buffer pool that all of them map, read missing pages from a file, log ' +
    'updates, sort in their heaps, and come and go with the connections. Shows TLB reach, page tables for ' +
    'the same memory in every process, page cache, and heaps that grow and shrink.',
  defaultEvents: 500_000,
  options: DATABASE_OPTIONS,
  start(engine, options) {
    const server = new Server(engine, options);
    engine.startProcess((self) => postmaster(self, server));
  },
});
