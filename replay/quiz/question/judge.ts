/**
 * Whether an answer is right, however it is written: hexadecimal or decimal, with or without 0x, with blanks, underscores
 * and commas, in any case; a choice by its words, the beginning of them, or its number.
 */
import { type AnswerForm, NONE, type Part, type Question } from './question.ts';

export interface Judgement {
  readonly right: boolean;
  /** Set when the text is no answer of this form at all: what is expected. */
  readonly misread?: string;
}

/** Judges what somebody wrote. */
export function check(question: Question, part: string, answer: string): Judgement {
  const asked = question.parts.find(({ id }) => id === part);
  if (asked === undefined) return { right: false, misread: `no part ${part}` };
  return judge(asked, answer);
}

/** The same of a part. */
export function judge({ answer: form, expected }: Part, answer: string): Judgement {
  const wanted = readingsOf(form, expected)[0];
  const read = readingsOf(form, answer);
  if (read.length === 0) return { right: false, misread: expectedForm(form) };
  return { right: read.includes(wanted!) };
}

/** How an answer may be read, each way as a text that is the same for the same answer; none: it is no answer. */
function readingsOf(form: AnswerForm, answer: string): string[] {
  const typed = plain(answer);
  if (typed === '') return [];
  switch (form.form) {
    case 'hex':
    case 'number':
      return isNone(typed) ? [NONE] : numberReadings(typed, form.form).map(String);
    case 'numbers':
      return isNone(typed) ? [NONE] : listReadings(typed, form.of);
    case 'choice':
      return choiceReadings(typed, form.choices);
    case 'sequence':
      return sequenceReadings(typed, form.choices);
  }
}

/** Lower case, no blanks around, one between words. */
function plain(answer: string): string {
  return answer
    .trim()
    .toLowerCase()
    .replace(/[\s-]+/g, ' ');
}

function isNone(typed: string): boolean {
  return /^(none|no|nothing|n\/a|-|\{\}|\[\])$/.test(typed);
}

/** Digits that may be of either base are read in both, where hexadecimal is expected. */
const BASES = { hex: ['hex', 'decimal'], number: ['decimal'] } as const;

function numberReadings(typed: string, form: 'hex' | 'number'): bigint[] {
  const digits = typed.replace(/[\s_,'’]/g, '');
  return BASES[form].map((base) => numberIn(digits, base)).filter((value) => value !== undefined);
}

function numberIn(digits: string, base: 'hex' | 'decimal'): bigint | undefined {
  if (/^0x[0-9a-f]+$/.test(digits)) return BigInt(digits);
  const known = base === 'hex' ? /^[0-9a-f]+$/ : /^\d+$/;
  return known.test(digits) ? BigInt(base === 'hex' ? `0x${digits}` : digits) : undefined;
}

/** All in one base, in ascending order, none twice. */
function listReadings(typed: string, form: 'hex' | 'number'): string[] {
  const words = typed.split(/[\s,;{}[\]()]+/).filter((word) => word !== '');
  return BASES[form]
    .map((base) => words.map((word) => numberIn(word, base)))
    .filter((values) => values.length > 0 && values.every((value) => value !== undefined))
    .map((values) => [...new Set(values)].sort((a, b) => Number(a! - b!)).join(' '));
}

/** The words of one choice, a beginning that only one has, or its number from 1 on. */
function choiceReadings(typed: string, choices: readonly string[]): string[] {
  const written = choices.map(plain);
  const exact = written.indexOf(typed);
  if (exact >= 0) return [written[exact]!];
  const numbered = /^\(?(\d+)[.)]?$/.exec(typed);
  if (numbered !== null) return written.slice(Number(numbered[1]) - 1, Number(numbered[1]));
  const begun = written.filter((choice) => choice.startsWith(typed));
  return begun.length === 1 ? begun : [];
}

/** A word or a first letter each; letters may stand without blanks. */
function sequenceReadings(typed: string, choices: readonly string[]): string[] {
  const words = typed.split(/[\s,;]+/).filter((word) => word !== '');
  const read = words.map((word) => choiceReadings(word, choices)[0]);
  if (read.every((word) => word !== undefined)) return [read.join(' ')];
  const letters = [...typed.replace(/[\s,;]/g, '')].map((letter) => choiceReadings(letter, choices)[0]);
  return letters.every((word) => word !== undefined) ? [letters.join(' ')] : [];
}

/** What an answer of the form looks like. */
export function expectedForm(form: AnswerForm): string {
  switch (form.form) {
    case 'hex':
      return `a number in hexadecimal, or ${NONE}`;
    case 'number':
      return 'a number';
    case 'numbers':
      return `numbers${form.of === 'hex' ? ' in hexadecimal' : ''} with blanks between them, or ${NONE}`;
    case 'choice':
      return `one of ${form.choices.join(', ')}`;
    case 'sequence':
      return `${form.choices.join(' or ')} for each, of which the first letters are enough`;
  }
}
