/**
 * Stores: where the versions of a table lie. The newest version lies in place, in large chunks of cells; an older one
 * knows what to put back into the next one to become it again, in lines of whole rows:
 *
 *     version 5 ── lines of 5 ──> version 6 ── lines of 6 ──> version 7, in place in the chunks
 *
 * A version refers to newer ones and never to older ones, so the lines of a version that nobody holds are garbage, and
 * a fold writes as if there were no versions, but for one copy of each line that it touches.
 *
 * Whoever wants an old version in place has it copied out: a store of its own, which shares the chunks that are the same
 * (`fork`). A chunk is written in place by the one store that owns it; a store copies those of others before the first
 * write. So that a version which is held for long does not keep all that is ever written after it, a store that has
 * saved more than twice what it began with is left behind (`isFull`): the next edit forks it, and what an old
 * version keeps is bounded by the size of its store.
 *
 * A store of many small chunks is left behind too, for one of larger ones (chunks.ts).
 */
import {
  type Cells,
  type CellType,
  type Chunks,
  cellsOf,
  copyOf,
  dense,
  forEachChunk,
  isZero,
  MANY_CHUNKS,
  MOST_DENSE,
  mergedChunks,
  type TableShape,
  wellFilledBits,
} from './chunks.ts';

/** Bytes of a line, at least: those of a cache line. */
const LEAST_LINE_BYTES = 64;
/** Of a cell. */
const CELL_BYTES = { int32: 4, float64: 8 } as const satisfies Record<CellType, number>;
/** A store may save so many cells, however small it began. */
const LEAST_ROOM = 1 << 18;
/** log2 of how many cells of a new chunk count as one that is saved: nobody keeps their old contents, which were zero. */
const MADE_SHARE_BITS = 3;
/** The same of chunks that hold nothing: fewer than those that are new, so that numbers ever used add up to nothing. */
const ZERO_SHARE_BITS = MADE_SHARE_BITS + 1;
/** Of a stamp, which is a byte. */
const LAST_EPOCH = 255;
/** So few need no looking after. */
const FEW_CHUNKS = 64;
/** Of a log, in cells: larger ones keep more for a version that lies in a corner of one. */
const LONGEST_LOG = 1 << 16;

/** Lines as they were, one after the other: those that one version saved, then those of the next. */
interface Log {
  /** Numbers of lines, and what was in them. */
  readonly lines: Uint32Array;
  readonly cells: Cells;
}

/** What turns a version into the one before it. */
interface Undo {
  /** Chunks that did not exist. */
  readonly made: readonly number[];
  /** The lines [start, end) of a log. */
  readonly log: Log;
  readonly start: number;
  readonly end: number;
}

/** A state of a store. The one in place has neither `undo` nor `next`. */
export interface Version {
  /** Puts `next` back to this one. */
  undo: Undo | undefined;
  next: Version | undefined;
}

/** Whoever writes a store in place: one at a time. */
export interface Writer {
  /** Somebody else is going to write it. */
  detach(): void;
}

/** What a store begins with. */
interface Contents {
  readonly chunkBits: number;
  readonly chunks: Chunks;
  /** By chunk: of its lines, none of which is saved; NOT_OWNED if another store has the chunk too. */
  readonly stamps: Uint8Array[];
  /** Chunks that hold nothing. */
  readonly zeros: Set<number>;
}

/** Instead of the stamps of a chunk: it is not to be written in place. */
const NOT_OWNED: Uint8Array = new Uint8Array(0);

export class Store {
  readonly shape: TableShape;
  /** log2 of the rows in a chunk: those of a leaf, or more. */
  readonly chunkBits: number;
  /** log2 of the rows in a line, the unit in which old contents are kept: that of a row is `row >>> lineBits`. */
  readonly lineBits: number;
  /** By chunk: its cells, and of each line the epoch in which it was saved last. */
  readonly chunks: Chunks;
  readonly stamps: Uint8Array[];
  current: Version = { undo: undefined, next: undefined };
  /** That of the edit that is open, 1 to LAST_EPOCH: lines stamped with it are saved already. */
  epoch = 1;
  writer: Writer | undefined = undefined;
  private readonly lineCells: number;
  private readonly linesPerChunk: number;
  /** Chunks that held nothing when it began, and that it has not written. */
  private readonly zeros: Set<number>;
  /** Cells that may be saved before it is full. */
  private room: number;
  /** Chunks that it has, and that it has made since it last looked whether larger ones would do. */
  private nrChunks = 0;
  private nrNew = 0;
  /** They would, when it last looked. */
  private isCramped = false;
  /** What the open edit has saved: chunks that it made, and the lines [start, end) of the log. */
  private made: number[] = [];
  private log: Log;
  private start = 0;
  private end = 0;

  constructor(shape: TableShape, { chunkBits, chunks, stamps, zeros }: Partial<Contents> = {}) {
    this.shape = shape;
    this.chunks = chunks ?? dense(1, undefined);
    this.stamps = stamps ?? dense(1, NOT_OWNED);
    this.zeros = zeros ?? new Set();
    this.chunkBits = chunkBits ?? shape.leafBits;
    this.lineBits = lineBitsOf(shape);
    this.lineCells = shape.stride << this.lineBits;
    this.linesPerChunk = 1 << (this.chunkBits - this.lineBits);
    this.log = this.logOf(1);
    this.room = LEAST_ROOM;
    forEachChunk(this.chunks, (chunk, index) => {
      this.room += this.zeros.has(index) ? chunk.length >>> ZERO_SHARE_BITS : 2 * chunk.length;
      this.nrChunks++;
    });
  }

  /** Whether the open edit has written anything. */
  get isWritten(): boolean {
    return this.end > this.start || this.made.length > 0;
  }

  /** Whether it is time for the next store. */
  get isFull(): boolean {
    return this.room < 0 || this.isCramped;
  }

  /** The chunk of a row. */
  chunkOf(row: number): Cells | undefined {
    return this.chunks[row >>> this.chunkBits];
  }

  /** 2^bits rows, no more than a chunk has; the chunk itself if that has as many. */
  piece(index: number, bits: number): Cells | undefined {
    const shift = this.chunkBits - bits;
    const chunk = this.chunks[index >>> shift];
    if (shift === 0 || chunk === undefined) return chunk;
    const cells = this.shape.stride << bits;
    const at = (index & ((1 << shift) - 1)) * cells;
    return chunk.subarray(at, at + cells);
  }

  /** Numbers of the pieces of 2^bits rows that it has. */
  pieces(bits: number): number[] {
    const numbers: number[] = [];
    const shift = this.chunkBits - bits;
    forEachChunk(this.chunks, (_, index) => {
      for (let at = 0; at < 1 << shift; at++) numbers.push(index * 2 ** shift + at);
    });
    return numbers;
  }

  /** The stamps of a chunk that is going to be written: it is there then, and belongs to this store. */
  toWrite(index: number): Uint8Array {
    if (this.chunks[index] === undefined) this.make(index);
    else if (this.stamps[index] === NOT_OWNED) this.own(index);
    return this.stamps[index]!;
  }

  /** Saves a line of a chunk to write, before its first write in an epoch; lines count from the chunk's first. */
  save(index: number, line: number): void {
    const { lineCells } = this;
    this.stamps[index]![line] = this.epoch;
    if (this.end === this.log.lines.length) this.nextLog();
    const n = this.end++;
    this.log.lines[n] = index * this.linesPerChunk + line;
    this.copyLine(this.chunks[index]!, line * lineCells, this.log.cells, n * lineCells);
    this.room -= lineCells;
  }

  /** A loop over arrays of one type is several times as fast as one that may meet both. */
  private copyLine(from: Cells, fromCell: number, to: Cells, toCell: number): void {
    if (this.shape.cells === 'int32')
      copyInts(from as Int32Array, fromCell, to as Int32Array, toCell, this.lineCells);
    else copyFloats(from as Float64Array, fromCell, to as Float64Array, toCell, this.lineCells);
  }

  /** A chunk of zeros, all of it saved by saying so. */
  private make(index: number): void {
    while (this.chunks.length < index && index < MOST_DENSE) {
      this.stamps[this.chunks.length] = NOT_OWNED;
      this.chunks.push(undefined);
    }
    this.chunks[index] = cellsOf(this.shape.cells, this.linesPerChunk * this.lineCells);
    this.stamps[index] = new Uint8Array(this.linesPerChunk).fill(this.epoch);
    this.made.push(index);
    this.nrChunks++;
    this.nrNew++;
    this.room -= (this.linesPerChunk * this.lineCells) >>> MADE_SHARE_BITS;
  }

  private own(index: number): void {
    this.chunks[index] = this.chunks[index]!.slice();
    this.stamps[index] = new Uint8Array(this.linesPerChunk);
    // Counted little as long as it held nothing.
    if (this.zeros.delete(index)) this.room += 2 * this.chunks[index].length;
  }

  /**
   * A log that is full belongs to the versions whose lines it has, and goes with them. The next one is twice as long,
   * until that is long enough, and begins with the lines of the open edit.
   */
  private nextLog(): void {
    const { log, start, end, lineCells } = this;
    const longest = Math.max(Math.floor(LONGEST_LOG / lineCells), 2 * (end - start));
    this.log = this.logOf(Math.min(2 * log.lines.length, longest));
    this.log.lines.set(log.lines.subarray(start, end));
    this.log.cells.set(log.cells.subarray(start * lineCells, end * lineCells));
    this.start = 0;
    this.end = end - start;
  }

  private logOf(nrLines: number): Log {
    return { lines: new Uint32Array(nrLines), cells: cellsOf(this.shape.cells, nrLines * this.lineCells) };
  }

  /** What the open edit wrote becomes the next version, in place. */
  commit(): Version {
    const next: Version = { undo: undefined, next: undefined };
    this.current.undo = this.saved();
    this.current.next = next;
    this.current = next;
    this.made = [];
    this.start = this.end;
    if (this.epoch++ === LAST_EPOCH) this.forgetEpochs();
    if (this.nrNew > Math.max(MANY_CHUNKS, this.nrChunks >>> 2)) this.lookForRoom();
    return next;
  }

  /** Seldom enough to cost nothing: what it looks at is as much as has been made since, or four times that. */
  private lookForRoom(): void {
    this.nrNew = 0;
    this.isCramped = wellFilledBits(this.shape, this.chunks, this.chunkBits) > this.chunkBits;
  }

  /** Stamps are bytes, so that those of many lines stay in the caches: now and then they begin again. */
  private forgetEpochs(): void {
    forEachChunk(this.chunks, (_, index) => this.stamps[index]!.fill(0));
    this.epoch = 1;
  }

  private saved(): Undo {
    const { made, log, start, end } = this;
    return { made, log, start, end };
  }

  /** A store of its own for a version of this one: neither writes what the two share any more. */
  fork(version: Version): Store {
    const chunks = copyOf(this.chunks);
    const stamps = stampsOf(chunks, () => NOT_OWNED);
    for (let at = version; at.next !== undefined; at = at.next) this.putBack(at.undo!, chunks, stamps);
    if (this.isWritten) this.putBack(this.saved(), chunks, stamps);
    // Who goes back in time shares, be it behind an edit that is open: it may be one of many.
    const goesOn = version === this.current && !this.isWritten;
    const bits = goesOn ? wellFilledBits(this.shape, chunks, this.chunkBits) : this.chunkBits;
    return bits > this.chunkBits ? this.withLargerChunks(chunks, bits) : this.sharing(chunks, stamps);
  }

  private sharing(chunks: Chunks, stamps: Uint8Array[]): Store {
    const zeros = this.room < 0 && chunks.length > FEW_CHUNKS ? this.leaveOutZeros(chunks) : undefined;
    // An edit that is open has written none of the chunks that are shared: those it wrote were copied.
    forEachChunk(this.chunks, (chunk, index) => {
      if (chunks[index] === chunk) this.stamps[index] = stamps[index] = NOT_OWNED;
      else stamps[index]!.fill(0);
    });
    return new Store(this.shape, { chunkBits: this.chunkBits, chunks, stamps, ...(zeros && { zeros }) });
  }

  private withLargerChunks(chunks: Chunks, chunkBits: number): Store {
    const larger = mergedChunks(this.shape, chunks, chunkBits - this.chunkBits);
    const stamps = stampsOf(larger, () => new Uint8Array(2 ** (chunkBits - this.lineBits)));
    return new Store(this.shape, { chunkBits, chunks: larger, stamps });
  }

  /**
   * Chunks that were written back to zeros, as those of freed objects are, need no memory, unless they are soon written
   * again: they are left out when the next store is full too and has not written them. Returns those to be looked at then.
   */
  private leaveOutZeros(chunks: Chunks): Set<number> {
    const zeros = new Set<number>();
    forEachChunk(this.chunks, (chunk, index) => {
      if (this.zeros.has(index)) chunks[index] = undefined;
      else if (this.stamps[index] !== NOT_OWNED && isZero(chunk)) zeros.add(index);
    });
    return zeros;
  }

  /**
   * What an undo has of lines that no older one had, which it stamps, into copies of the chunks; of the oldest version first.
   */
  private putBack({ made, log, start, end }: Undo, chunks: Chunks, stamps: Uint8Array[]): void {
    const { lineCells, linesPerChunk } = this;
    for (const index of made) chunks[index] = undefined;
    for (let n = start; n < end; n++) {
      const index = Math.floor(log.lines[n]! / linesPerChunk);
      const line = log.lines[n]! % linesPerChunk;
      const chunk = chunks[index];
      if (chunk === undefined) continue;
      if (stamps[index] === NOT_OWNED) {
        chunks[index] = chunk.slice();
        stamps[index] = new Uint8Array(linesPerChunk);
      }
      if (stamps[index]![line] !== 0) continue;
      stamps[index]![line] = 1;
      this.copyLine(log.cells, n * lineCells, chunks[index]!, line * lineCells);
    }
  }

  /** Whether a row may have been written between two versions of which `after` came from `before`. */
  isWrittenBetween(before: Version, after: Version, row: number): boolean {
    const index = row >>> this.chunkBits;
    const line = row >>> this.lineBits;
    for (let at = before; at !== after; at = at.next!) {
      const { made, log, start, end } = at.undo!;
      if (made.includes(index) || log.lines.subarray(start, end).includes(line)) return true;
    }
    return false;
  }
}

/** Whether `after` came from `before` in one store. */
export function isAfter(after: Version, before: Version): boolean {
  let at: Version | undefined = before;
  while (at !== undefined && at !== after) at = at.next;
  return at !== undefined;
}

/** Bytes of the old lines that `version` keeps up to `until`, or to the version in place; logs may have others beside them. */
export function undoBytes(version: Version, until?: Version): number {
  let bytes = 0;
  for (let at = version; at !== until && at.undo !== undefined; at = at.next!) {
    const { log, start, end } = at.undo;
    bytes += ((log.lines.byteLength + log.cells.byteLength) / log.lines.length) * (end - start);
  }
  return bytes;
}

/** Lines are whole rows: as few as fill a cache line, and no more than a leaf has. */
export function lineBitsOf(shape: TableShape): number {
  const rowBytes = shape.stride * CELL_BYTES[shape.cells];
  const bits = Math.ceil(Math.log2(LEAST_LINE_BYTES / rowBytes));
  return Math.min(Math.max(bits, 0), shape.leafBits);
}

function stampsOf(chunks: Chunks, stampsOfOne: () => Uint8Array): Uint8Array[] {
  const stamps = dense(chunks.length, NOT_OWNED);
  forEachChunk(chunks, (_, index) => {
    stamps[index] = stampsOfOne();
  });
  return stamps;
}

function copyInts(from: Int32Array, fromCell: number, to: Int32Array, toCell: number, nrCells: number): void {
  for (let i = 0; i < nrCells; i++) to[toCell + i] = from[fromCell + i]!;
}

function copyFloats(
  from: Float64Array,
  fromCell: number,
  to: Float64Array,
  toCell: number,
  nrCells: number,
): void {
  for (let i = 0; i < nrCells; i++) to[toCell + i] = from[fromCell + i]!;
}
