/** Where decoded columns go: each batch in columns of its own, or every one in those of the batch before. */

type AnyColumn = Uint8Array | Uint16Array | Int32Array | Uint32Array;
type ColumnType<C extends AnyColumn> = new (length: number) => C;

export interface ColumnRoom {
  /**
   * Room for at least `length` numbers of the column of this name, of whatever content. Bytes end with a whole word, for
   * those who look at four events at a time.
   */
  of<C extends AnyColumn>(type: ColumnType<C>, name: string, length: number): C;
}

/** Batches that may be kept. */
export const NEW_COLUMNS: ColumnRoom = {
  of: (type, _, length) => new type(wholeWords(length)),
};

/** The same columns again and again: they stay in the caches of the processor, and nothing is left to collect. */
export class SameColumns implements ColumnRoom {
  private readonly columns = new Map<string, AnyColumn>();

  of<C extends AnyColumn>(type: ColumnType<C>, name: string, length: number): C {
    const known = this.columns.get(name);
    if (known instanceof type && known.length >= length) return known;
    const column = new type(wholeWords(length));
    this.columns.set(name, column);
    return column;
  }
}

/** So many bytes, and up to three more. */
export function wholeWords(bytes: number): number {
  return (bytes + 3) & ~3;
}
