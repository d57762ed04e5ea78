/** What a row of the comparison with C is: the same work, done by a C program, by this project, and by packages. */
import type { Inputs } from '../inputs/inputs.ts';
import type { Prepared } from '../suites/suite.ts';

export interface Trial extends Prepared {
  /**
   * Does it once and says what the stream was and what came of it, in the words of the C program; none of a model that
   * is another.
   */
  readonly check?: () => string | Promise<string>;
}

export interface Entrant {
  readonly name: string;
  /** Made by somebody else, for comparison. */
  readonly isPeer?: boolean;
  prepare(inputs: Inputs): Trial | Promise<Trial>;
}

export interface LimitRow {
  /** The suite that has more to say about it. */
  readonly suite: string;
  readonly name: string;
  /** What is counted, in the plural. */
  readonly unit: string;
  /** The C program, PROGRAM.c of this folder, and what it is given: the file's name first, if it reads one. */
  readonly program: string;
  readonly args: readonly string[];
  readonly file?: (inputs: Inputs) => Promise<Uint8Array>;
  readonly entrants: readonly Entrant[];
}

/** How long the streams are, in what they are made of. */
export interface Lengths {
  readonly references: number;
  readonly blockOperations: number;
  readonly kmallocOperations: number;
  readonly holds: number;
}
