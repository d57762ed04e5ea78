/** Parts of questions, each from what the machine says: short names for the forms that answers have. */
import { type Given, NONE, type Part } from './question.ts';

type Value = number | bigint;

/** A sentence that is given. */
export function text(sentence: string): Given {
  return { form: 'text', text: sentence };
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): Given {
  return { form: 'table', head, rows };
}

/** An address or entry; undefined: there is none. */
export function hexPart(id: string, ask: string, value: Value | undefined, why: string): Part {
  const expected = value === undefined ? NONE : `0x${value.toString(16)}`;
  return { id, ask, answer: { form: 'hex' }, expected, why };
}

export function numberPart(id: string, ask: string, value: Value, why: string): Part {
  return { id, ask, answer: { form: 'number' }, expected: String(value), why };
}

/** Several numbers, in any order. */
export function numbersPart(
  id: string,
  ask: string,
  values: readonly number[],
  of: 'hex' | 'number',
  why: string,
): Part {
  const written = values.map((value) => (of === 'hex' ? `0x${value.toString(16)}` : String(value)));
  return { id, ask, answer: { form: 'numbers', of }, expected: written.join(' ') || NONE, why };
}

/** One of some choices, which are all told. */
export function choicePart(
  id: string,
  ask: string,
  choices: readonly string[],
  expected: string,
  why: string,
): Part {
  return { id, ask, answer: { form: 'choice', choices }, expected, why };
}

export function yesNoPart(id: string, ask: string, isYes: boolean, why: string): Part {
  return choicePart(id, ask, ['yes', 'no'], isYes ? 'yes' : 'no', why);
}

/** A word for each of several things, in their order. */
export function sequencePart(
  id: string,
  ask: string,
  choices: readonly string[],
  expected: readonly string[],
  why: string,
): Part {
  return { id, ask, answer: { form: 'sequence', choices }, expected: expected.join(' '), why };
}
