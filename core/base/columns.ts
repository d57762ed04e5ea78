/** Typed arrays that are handed out for reading. */

type TypedArray = Uint8Array | Int32Array | Uint32Array | Float64Array;
type Writing = 'set' | 'fill' | 'sort' | 'reverse' | 'copyWithin' | 'subarray';

/** A column that is not its reader's to write: `column[0] = 1` does not compile. */
export type ReadonlyColumn<T extends TypedArray> = { readonly [K in Exclude<keyof T, Writing>]: T[K] } & {
  /** A part of the column, without a copy. */
  subarray(start?: number, end?: number): ReadonlyColumn<T>;
};
