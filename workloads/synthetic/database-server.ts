/**
 * What the backends of a database share: the buffer pool, the write-ahead log and the files behind them. Constants are
 * those of PostgreSQL 15 unless they say otherwise.
 */

import type { Engine } from '../engine/engine.ts';
import { IMAGES, Program } from '../engine/program.ts';
import { WaitQueue } from '../engine/task.ts';
import { MIB } from '../engine/units.ts';
import { Zipf } from '../engine/zipf.ts';
import type { DatabaseOptions } from './database-options.ts';

/** BLCKSZ. */
export const PAGE_BYTES = 8192;
/** Keys of a B-tree page and rows of a table page (assumed: 32-byte index tuples, 128-byte rows). */
export const FANOUT = 256;
export const ROWS = 64;
/** sizeof(BufferDescPadded): a cache line for each buffer. */
export const DESCRIPTOR_BYTES = 64;
/** BM_MAX_USAGE_COUNT. */
const MAX_USAGE = 5;
/** Buffers of the log in shared memory (wal_buffers, at its upper limit). */
export const LOG_BUFFER_BYTES = 16 * MIB;
/** wal_segment_size. */
export const SEGMENT_BYTES = 16 * MIB;
/** Segments that are written in turn (assumed: max_wal_size of 128 MiB). */
const SEGMENTS = 8;

/** Which table page is in which buffer, and which buffer goes next: the clock sweep of freelist.c. */
class BufferPool {
  readonly buffers: number;
  /** By page: its buffer + 1; 0 = on disk only. */
  private readonly bufferOf: Uint32Array;
  /** By buffer: its page + 1; 0 = empty. */
  private readonly pageIn: Uint32Array;
  private readonly usage: Uint8Array;
  private hand = 0;

  constructor(buffers: number, pages: number) {
    this.buffers = buffers;
    this.bufferOf = new Uint32Array(pages);
    this.pageIn = new Uint32Array(buffers);
    this.usage = new Uint8Array(buffers);
  }

  /** The buffer that holds a page; -1 when none does. */
  lookup(page: number): number {
    const buffer = this.bufferOf[page]! - 1;
    if (buffer >= 0 && this.usage[buffer]! < MAX_USAGE) this.usage[buffer]!++;
    return buffer;
  }

  /** Gives a page the next buffer that has not been used for a while. */
  replace(page: number): number {
    while (this.usage[this.hand]! > 0) {
      this.usage[this.hand]!--;
      this.hand = (this.hand + 1) % this.buffers;
    }
    const buffer = this.hand;
    this.hand = (this.hand + 1) % this.buffers;
    if (this.pageIn[buffer] !== 0) this.bufferOf[this.pageIn[buffer]! - 1] = 0;
    this.pageIn[buffer] = page + 1;
    this.bufferOf[page] = buffer + 1;
    this.usage[buffer] = 1;
    return buffer;
  }
}

/** The write-ahead log: records go to a ring in shared memory, and from there to segment files. */
class Log {
  readonly segments: readonly number[];
  /** Bytes written to the ring, and bytes of these that are in files. */
  written = 0;
  flushed = 0;

  constructor(segments: readonly number[]) {
    this.segments = segments;
  }

  segmentAt(position: number): number {
    return this.segments[Math.floor(position / SEGMENT_BYTES) % this.segments.length]!;
  }
}

/** What all backends share. The one shared mapping holds buffers, their descriptors, and the log's ring. */
export class Server {
  readonly options: DatabaseOptions;
  readonly program: Program;
  readonly pool: BufferPool;
  readonly log: Log;
  readonly popularity: Zipf;
  readonly file: number;
  readonly leafPages: number;
  readonly innerPages: number;
  readonly disconnects = new WaitQueue();
  backends = 0;
  /** Object number of the shared mapping. */
  shared = 0;

  constructor(engine: Engine, options: DatabaseOptions) {
    const { bufferBytes, tableBytes, theta } = options;
    const tablePages = Math.floor(tableBytes / PAGE_BYTES);
    this.options = options;
    this.program = new Program(engine, IMAGES.python, [IMAGES.ldso, IMAGES.libc, IMAGES.libm, IMAGES.libz]);
    this.leafPages = Math.ceil((tablePages * ROWS) / FANOUT);
    this.innerPages = Math.ceil(this.leafPages / FANOUT);
    const pages = tablePages + this.leafPages + this.innerPages + 1;
    this.pool = new BufferPool(Math.floor(bufferBytes / PAGE_BYTES), pages);
    this.popularity = new Zipf(tablePages, theta);
    this.file = engine.file(pages * PAGE_BYTES);
    this.log = new Log(Array.from({ length: SEGMENTS }, () => engine.file(SEGMENT_BYTES)));
  }

  get descriptorsAt(): number {
    return this.pool.buffers * PAGE_BYTES;
  }

  get logAt(): number {
    return this.descriptorsAt + this.pool.buffers * DESCRIPTOR_BYTES;
  }

  get sharedBytes(): number {
    return this.logAt + LOG_BUFFER_BYTES;
  }
}
