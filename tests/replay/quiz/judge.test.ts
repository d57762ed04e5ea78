/** Answers however they are written: what is read as right, as wrong, and as no answer. */
import { describe, expect, test } from 'vitest';
import { check, judge, type Part, type Question } from '../../../replay/quiz/index.ts';

const part = (answer: Part['answer'], expected: string): Part => ({
  id: 'p',
  ask: '',
  answer,
  expected,
  why: '',
});

const HEX = part({ form: 'hex' }, '0xc1234567');
const DIGITS = part({ form: 'hex' }, '0x10');
const NUMBER = part({ form: 'number' }, '1024');
const LIST = part({ form: 'numbers', of: 'hex' }, '0x10 0x2a 0xff');
const COUNTS = part({ form: 'numbers', of: 'number' }, '1, 3, 10');
const EMPTY = part({ form: 'numbers', of: 'hex' }, 'none');
const NO_ADDRESS = part({ form: 'hex' }, 'none');
const TYPE = part(
  { form: 'choice', choices: ['user virtual', 'kernel logical', 'kernel virtual'] },
  'kernel logical',
);
const CALL = part({ form: 'choice', choices: ['1', '2', '10', 'none'] }, '10');
const STREAM = part({ form: 'sequence', choices: ['hit', 'miss'] }, 'miss hit hit');

describe('right', () => {
  test.each([
    [HEX, '0xc1234567'],
    [HEX, ' 0xC123_4567 '],
    [HEX, 'c1234567'],
    [HEX, '0x0000c1234567'],
    [HEX, '3240314215'],
    [HEX, 'c123 4567'],
    // Digits alone may be of either base where an address is asked for.
    [DIGITS, '10'],
    [DIGITS, '16'],
    [NUMBER, '1024'],
    [NUMBER, '1,024'],
    [NUMBER, '0x400'],
    [NUMBER, '1 024'],
    [LIST, '0x10 0x2a 0xff'],
    [LIST, 'ff, 2a, 10'],
    [LIST, '{16; 42; 255}'],
    [LIST, '0xff 0x10 0x2a 0x10'],
    [COUNTS, '10 3 1'],
    [EMPTY, 'none'],
    [EMPTY, '{}'],
    [NO_ADDRESS, 'No'],
    [TYPE, 'kernel logical'],
    [TYPE, 'Kernel-Logical'],
    [TYPE, '2'],
    [TYPE, '2.'],
    [TYPE, 'kernel l'],
    [CALL, '10'],
    [STREAM, 'miss hit hit'],
    [STREAM, 'M,H,H'],
    [STREAM, 'mhh'],
    [STREAM, 'm hh'],
  ])('%j: %s', (asked, answer) => {
    expect(judge(asked, answer)).toEqual({ right: true });
  });
});

describe('wrong', () => {
  test.each([
    [HEX, '0xc1234568'],
    [HEX, 'none'],
    [DIGITS, '0x16'],
    [NUMBER, '1025'],
    [LIST, '0x10 0x2a'],
    [LIST, '0x10 0x2a 0xff 0x1'],
    // All in one base: 10 is sixteen only if 42 is not forty-two.
    [LIST, '10 42 255'],
    [EMPTY, '0x10'],
    [NO_ADDRESS, '0'],
    [TYPE, 'kernel virtual'],
    [TYPE, '1'],
    [CALL, '1'],
    [CALL, 'none'],
    [STREAM, 'miss hit'],
    [STREAM, 'hhh'],
  ])('%j: %s', (asked, answer) => {
    expect(judge(asked, answer)).toEqual({ right: false });
  });
});

describe('no answer at all: what is expected is told', () => {
  test.each([
    [HEX, 'low memory', 'a number in hexadecimal, or none'],
    [HEX, '', 'a number in hexadecimal, or none'],
    [NUMBER, '4ff', 'a number'],
    [LIST, '0x10 and 0x2a', 'numbers in hexadecimal with blanks between them, or none'],
    [TYPE, 'kernel', 'one of user virtual, kernel logical, kernel virtual'],
    [TYPE, '4', 'one of user virtual, kernel logical, kernel virtual'],
    [STREAM, 'miss hit perhaps', 'hit or miss for each, of which the first letters are enough'],
  ])('%j: %s', (asked, answer, misread) => {
    expect(judge(asked, answer)).toEqual({ right: false, misread });
  });
});

test('an answer is given to a part of a question by its id', () => {
  const question = { parts: [HEX] } as unknown as Question;
  expect(check(question, 'p', 'c1234567')).toEqual({ right: true });
  expect(check(question, 'q', 'c1234567')).toEqual({ right: false, misread: 'no part q' });
});
