/** What a suite is: a table of rows, each of which knows how to prepare what is measured. */
import type { Inputs } from '../inputs/inputs.ts';

export interface Prepared {
  /** How many of the suite's units one call is about. */
  readonly events: number;
  /** What is measured. It gives its result, so that no compiler may leave the work out. */
  readonly run: () => unknown;
  /** `run` gives a promise. */
  readonly isAsync?: boolean;
  /** Before each call, unmeasured: for what a call uses up. */
  readonly beforeEach?: () => void;
  /** Bytes that one call reads or writes, where the row is about a format. */
  readonly bytes?: number;
}

export interface Row {
  readonly name: string;
  /** Makes everything that the measured call needs; what it makes is forgotten after the row. */
  prepare(inputs: Inputs): Prepared | Promise<Prepared>;
}

export interface Suite {
  readonly name: string;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** A line for people. */
  readonly doc: string;
  readonly rows: readonly Row[];
}
