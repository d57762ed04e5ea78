/** What a row of the event vocabulary says. */
import type { FieldType } from './field-types.ts';

/** The columns of a batch that carry a kind's fields; each holds 32-bit unsigned numbers. */
export type FieldColumn = 'object' | 'a' | 'b' | 'c';

/** A row of the vocabulary. */
export interface KindRow {
  /** The number stored in a trace, 1 to 255. Never reused for another meaning. */
  readonly code: number;
  readonly doc: string;
  /**
   * Each field's column and what it is, in the order in which people should read them. The field in column `object`,
   * if it is a number of something, is what the event is about.
   */
  readonly fields: Readonly<Record<string, readonly [column: FieldColumn, type: FieldType]>>;
  /** A process asks for it, in user mode, and goes on there; all else is done by the kernel of its own accord. */
  readonly systemCall?: true;
  /** It asks for memory or for an address: reports count what became of it, also when it went well. */
  readonly allocates?: true;
  /**
   * What it is about is there from here on, if it goes well, or is there no more. Failures for want of something are
   * told with the event that should have brought it.
   */
  readonly creates?: true;
  readonly destroys?: true;
  /** Where a kernel virtual address that it gives lies, when that is not the vmalloc window. */
  readonly window?: string;
  /** What it gave when it went well and yet gave no address. */
  readonly nothing?: string;
}
