/**
 * Parts: what the state of a mechanism is made of, declared once, in the mechanism's own `state.ts`.
 *
 * A part knows how it begins on a machine that has just been made, how it is opened for a fold and sealed again, what
 * of it the digest covers, and how it is written to bytes. Drafts, digests, boot and the byte form are loops over the
 * parts of all slices (slices.ts); nothing else names them one by one. A slice is a record of parts, and a new table
 * is one line in one slice.
 */
import type { Patch } from 'immer';
import type { Digest } from '../base/digest.ts';
import type { Platform } from '../machine/machine.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

/** One part of a machine: `Sealed` as immutable machines hold it, `Open` while a fold changes it. */
export interface Part<Sealed, Open> {
  /**
   * Its number, under which the digest counts its cells: no other part may have it, and it never changes, so that
   * digests of old recordings stay what they are.
   */
  readonly number: number;
  /** Its value on a machine with nothing in it. */
  begin(platform: Platform): Sealed;
  /** Opened for one fold; the sealed value stays as it is. */
  open(sealed: Sealed): Open;
  /** Ends the fold. What is drafted with immer adds to `patches`, if somebody asked for them. */
  seal(open: Open, patches: Patch[] | undefined): Sealed;
  /**
   * Whether the open value is a `GoingOn`: open again once it is sealed, on what it was sealed to, so that the next fold
   * goes on with it.
   */
  readonly goesOn?: true;
  /** Makes room for what a cpu has of it, before that cpu does its first thing. */
  beginCpu?(open: Open, cpu: number): Open;
  /** Counts what is not zero: a cell written back to zero equals one that was never written. */
  addTo(digest: Digest, sealed: Sealed): void;
  write(to: ByteWriter, sealed: Sealed): void;
  /** What `write` wrote. Throws UsageError where the bytes cannot be that. */
  read(from: ByteReader): Sealed;
}

/** What needs no sealing as long as nothing changed, and no opening anew. */
export interface GoingOn {
  readonly isChanged: boolean;
  seal(): unknown;
}

/** Parts of one mechanism, by the name under which machines and drafts have them. */
export type Slice = Readonly<Record<string, Part<unknown, unknown>>>;

/** What a machine has of a slice. */
export type Sealed<S extends Slice> = {
  readonly [K in keyof S]: S[K] extends Part<infer Value, infer _> ? Value : never;
};

/** What a draft has of a slice. */
export type Open<S extends Slice> = {
  [K in keyof S]: S[K] extends Part<infer _, infer Value> ? Value : never;
};

/** The place in a digest of the first cell of part `number`; no part has so many cells that it reaches the next. */
export function firstPlace(number: number): number {
  return number * 2 ** 44;
}
