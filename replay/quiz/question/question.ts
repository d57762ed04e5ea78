/** A question as plain data: what is given, what is asked, what is right, and how one comes to it. Text and page show the same. */

/** What a question tells: sentences, or a table of short cells. */
export type Given =
  | { readonly form: 'text'; readonly text: string }
  | {
      readonly form: 'table';
      readonly head: readonly string[];
      readonly rows: readonly (readonly string[])[];
    };

/**
 * How an answer is written. `hex` and `number` differ in how a number without 0x is read first; `numbers` are several, in
 * any order; of `sequence` each is one of the choices, in order, and its first letter is enough.
 */
export type AnswerForm =
  | { readonly form: 'hex' }
  | { readonly form: 'number' }
  | { readonly form: 'numbers'; readonly of: 'hex' | 'number' }
  | { readonly form: 'choice'; readonly choices: readonly string[] }
  | { readonly form: 'sequence'; readonly choices: readonly string[] };

export interface Part {
  /** Unique in its question. */
  readonly id: string;
  /** What is asked, without a question mark where it is a label: `index into the pgd`. */
  readonly ask: string;
  readonly answer: AnswerForm;
  /** As it would be written; what is read as the same is right too. Empty `numbers` are `none`. */
  readonly expected: string;
  /** Why that is so. */
  readonly why: string;
}

export interface Question {
  /** `translate 1.3`: kind, seed and number. */
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  /** `ostep with 4.0 KiB of RAM`. */
  readonly machine: string;
  readonly given: readonly Given[];
  readonly parts: readonly Part[];
  /** A step to begin with, without the answer. */
  readonly hint: string;
  /** How one comes to the answers, step by step. */
  readonly steps: readonly string[];
  /** The texts whose students meet such questions. */
  readonly source: string;
}

/** What a kind makes of a machine and chance. */
export type Asked = Pick<Question, 'given' | 'parts' | 'hint' | 'steps'>;

/** Written where nothing is the answer: no frame, no pages. */
export const NONE = 'none';
