/** Where decoded columns go: each batch in columns of its own, or every one in those of the batch before. */
import type { Column } from './column.ts';

export interface ColumnRoom {
  /**
   * Room for at least `length` bytes or words of the column of this name, of whatever content. The bytes end with a whole
   * word, for those who look at four events at a time.
   */
  bytes(name: string, length: number): Uint8Array;
  words(name: string, length: number): Uint32Array;
}

/** Batches that may be kept. */
export const NEW_COLUMNS: ColumnRoom = {
  bytes: (_, length) => new Uint8Array(wholeWords(length)),
  words: (_, length) => new Uint32Array(length),
};

/** The same columns again and again: they stay in the caches of the processor, and nothing is left to collect. */
export class SameColumns implements ColumnRoom {
  private readonly byteColumns = new Map<string, Uint8Array>();
  private readonly wordColumns = new Map<string, Uint32Array>();

  bytes(name: string, length: number): Uint8Array {
    return kept(this.byteColumns, Uint8Array, name, wholeWords(length));
  }

  words(name: string, length: number): Uint32Array {
    return kept(this.wordColumns, Uint32Array, name, length);
  }
}

/** So many bytes, and up to three more. */
export function wholeWords(bytes: number): number {
  return (bytes + 3) & ~3;
}

function kept<T extends Column>(
  columns: Map<string, T>,
  make: new (length: number) => T,
  name: string,
  length: number,
): T {
  const known = columns.get(name);
  if (known !== undefined && known.length >= length) return known;
  const column = new make(length);
  columns.set(name, column);
  return column;
}
