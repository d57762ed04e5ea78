/** Typed arrays that are handed out for reading, and looked at four bytes at a time: most events are like their neighbours. */

type TypedArray = Uint8Array | Int32Array | Uint32Array | Float64Array;
type Writing = 'set' | 'fill' | 'sort' | 'reverse' | 'copyWithin' | 'subarray';

/** A column that is not its reader's to write: `column[0] = 1` does not compile. */
export type ReadonlyColumn<T extends TypedArray> = { readonly [K in Exclude<keyof T, Writing>]: T[K] } & {
  /** A part of the column, without a copy. */
  subarray(start?: number, end?: number): ReadonlyColumn<T>;
};

/** Four bytes in a row that are the same, as `wordsOf` has them. */
export function fourOf(byte: number): number {
  return Math.imul(byte, 0x01010101);
}

/** The first `count` bytes as words. What the last word holds beyond `count` has no meaning. */
export function wordsOf(column: ReadonlyColumn<Uint8Array>, count: number): Int32Array {
  const words = (count + 3) >> 2;
  const aligned = column.byteOffset % 4 === 0 && column.byteOffset + 4 * words <= column.buffer.byteLength;
  if (aligned) return new Int32Array(column.buffer, column.byteOffset, words);
  const copy = new Uint8Array(4 * words);
  for (let at = 0; at < count; at++) copy[at] = column[at]!;
  return new Int32Array(copy.buffer);
}
