/**
 * Chunks: the arrays of cells in which a store lies (store.ts), each of 2^chunkBits rows, or undefined where nothing was
 * ever written.
 *
 * A chunk begins as one leaf, so that a table of few rows, or of rows far apart, is small. Where there are many, the next
 * store takes larger ones, if those would be filled well: so a large table is some tens of arrays, whose headers stay in
 * the caches while rows are read at random.
 */
export type Cells = Int32Array | Float64Array;
export type CellType = 'int32' | 'float64';

/** The geometry of a table: what a row is. */
export interface TableShape {
  readonly cells: CellType;
  /** Cells in a row. */
  readonly stride: number;
  /** log2 of the rows in a leaf, the unit in which tables are gone through and written to bytes; 1 or more. */
  readonly leafBits: number;
}

export type Chunks = (Cells | undefined)[];

/** So many chunks, or numbers of chunks, are enough to look whether larger ones would do. */
export const MANY_CHUNKS = 64;
const MANY_NUMBERS = 1 << 12;
/** log2 of how much larger: what is copied for it adds up to a third of the table. */
const GROWTH_BITS = 2;
/** The part of their leaves that has to hold something: more than the one in four that free blocks of 2^10 frames fill at boot. */
const LEAST_FILLED = 9 / 32;
/**
 * Beyond so many, the array of chunks has holes, as rows with numbers of thousands of millions leave it: V8 keeps such an
 * array as a dictionary, and it is copied and passed over by what is in it.
 */
export const MOST_DENSE = 1 << 16;

export function cellsOf(type: CellType, length: number): Cells {
  return type === 'int32' ? new Int32Array(length) : new Float64Array(length);
}

/** Ascending. */
export function forEachChunk(
  chunks: readonly (Cells | undefined)[],
  visit: (chunk: Cells, index: number) => void,
): void {
  if (chunks.length > MOST_DENSE)
    for (const index of Object.keys(chunks)) visitChunk(chunks, Number(index), visit);
  else for (let index = 0; index < chunks.length; index++) visitChunk(chunks, index, visit);
}

function visitChunk(
  chunks: readonly (Cells | undefined)[],
  index: number,
  visit: (chunk: Cells, index: number) => void,
): void {
  const chunk = chunks[index];
  if (chunk !== undefined) visit(chunk, index);
}

/** The largest chunks that would be filled well; those there are, while there are not many of them that hold something. */
export function wellFilledBits({ stride, leafBits }: TableShape, chunks: Chunks, chunkBits: number): number {
  const { used, nrLeaves } = usedChunks(chunks, stride << leafBits);
  const last = used.at(-1) ?? 0;
  let shift = 0;
  for (let there = used.length; there > MANY_CHUNKS || last >>> shift > MANY_NUMBERS; shift += GROWTH_BITS) {
    there = countIfLarger(used, shift + GROWTH_BITS);
    const filled = nrLeaves / (there * 2 ** (chunkBits + shift + GROWTH_BITS - leafBits));
    if (filled < LEAST_FILLED) break;
  }
  return chunkBits + shift;
}

/** The numbers of chunks that hold something, ascending, and in how many of their leaves. */
function usedChunks(chunks: Chunks, leafCells: number): { used: number[]; nrLeaves: number } {
  const used: number[] = [];
  let nrLeaves = 0;
  forEachChunk(chunks, (chunk, index) => {
    const before = nrLeaves;
    for (let at = 0; at < chunk.length; at += leafCells) if (isUsed(chunk, at, at + leafCells)) nrLeaves++;
    if (nrLeaves > before) used.push(index);
  });
  return { used, nrLeaves };
}

/** How many chunks there would be instead of those with these numbers, ascending, if they were 2^shift times as large. */
function countIfLarger(numbers: readonly number[], shift: number): number {
  let count = 0;
  let last = -1;
  for (const number of numbers) {
    if (number >>> shift !== last) count++;
    last = number >>> shift;
  }
  return count;
}

/** The same cells in chunks 2^shift times as large, none of which is shared; those of zeros alone are left out. */
export function mergedChunks({ cells }: TableShape, chunks: Chunks, shift: number): Chunks {
  const merged: Chunks = dense(((chunks.length - 1) >>> shift) + 1, undefined);
  forEachChunk(chunks, (chunk, index) => {
    if (isZero(chunk)) return;
    const number = index >>> shift;
    const into = merged[number] ?? cellsOf(cells, chunk.length << shift);
    into.set(chunk, (index & ((1 << shift) - 1)) * chunk.length);
    merged[number] = into;
  });
  return merged;
}

/**
 * As many as are not too many for an array without holes; else one. V8 keeps arrays that were empty, or had holes, in ways
 * of their own, and code that may meet several looks each time which one it has.
 */
export function dense<T>(length: number, item: T): T[] {
  const items = [item];
  while (items.length < length && length <= MOST_DENSE) items.push(item);
  return items;
}

export function copyOf(chunks: Chunks): Chunks {
  if (chunks.length <= MOST_DENSE) return chunks.slice();
  const copy: Chunks = [];
  forEachChunk(chunks, (chunk, index) => {
    copy[index] = chunk;
  });
  return copy;
}

export function isZero(cells: Cells): boolean {
  return !isUsed(cells, 0, cells.length);
}

/** Whether any of the cells [at, end) is not zero. */
export function isUsed(cells: Cells, at: number, end: number): boolean {
  for (let i = at; i < end; i++) if (cells[i] !== 0) return true;
  return false;
}
