/**
 * Every kind of question over many seeds and layouts: what the machine says is what a student finds from the question
 * alone, and what is wrong is judged so.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { toyLayoutNames } from '../../../core/index.ts';
import { groundNamed, judge, QUESTION_KINDS, type Question, quizOf } from '../../../replay/quiz/index.ts';
import { atDepth } from '../../support/depth.ts';
import { DISTINCT_LAYOUTS } from '../../support/distinct-layouts.ts';
import type { Student } from './students.ts';
import * as students from './students.ts';

const SOLVED: Readonly<Record<string, Student>> = students;

function questions(kind: string, seed: number, count: number, layout?: string): Question[] {
  const ground = layout === undefined ? undefined : groundNamed(layout, ramOf(layout));
  return [...quizOf({ seed, kinds: [kind], questions: count, ground }).questions];
}

/** Enough for high memory where a layout has any; what a toy and a VAX have room for. */
function ramOf(layout: string): bigint | undefined {
  if (toyLayoutNames().includes(layout)) return undefined;
  return layout === 'vax-vms' ? 128n << 20n : 2n << 30n;
}

/** Parts that a student, or a wrong answer, gets wrong. */
function wrongParts(question: Question): string[] {
  const found = SOLVED[question.kind]!(question);
  return question.parts
    .filter((part) => !judge(part, found[part.id] ?? '').right)
    .map((part) => `${question.id} ${part.id}: ${part.expected}, the student finds ${found[part.id]}`);
}

describe.each(QUESTION_KINDS.map(({ name }) => name))('%s', (kind) => {
  let drawn: Question[];
  beforeAll(() => {
    drawn = questions(kind, 1, atDepth({ quick: 4, full: 10 }));
  });

  test('is solved by a student, who knows the question only', () => {
    expect(drawn.flatMap(wrongParts)).toEqual([]);
  });

  test('does not take its own answers to other parts', () => {
    for (const { parts } of drawn)
      for (const part of parts) {
        expect(judge(part, part.expected)).toEqual({ right: true });
        const others = parts.filter(
          ({ answer, expected }) => answer.form === part.answer.form && expected !== part.expected,
        );
        for (const { expected } of others) expect(judge(part, expected).right).toBe(false);
      }
  });

  test('tells nothing of what is not there', () => {
    for (const question of drawn) {
      expect(JSON.stringify(question)).not.toMatch(/NaN|undefined|\[object/);
      expect(new Set(question.parts.map(({ id }) => id)).size).toBe(question.parts.length);
      expect(question.steps.length).toBeGreaterThan(0);
    }
  });

  test('counts what is done from 1 on, in the question and in the solution', () => {
    for (const { given, steps } of drawn) {
      const told = steps.flatMap((step) => /^\d+(?=: )/.exec(step) ?? []);
      const done = given.filter((one) => one.form === 'table' && one.head[0] === 'step');
      const counted = done.map((one) => (one.form === 'table' ? one.rows.map(([number]) => number) : []));
      for (const numbers of [told, ...counted]) expect(numbers).toEqual(numbers.map((_, i) => String(i + 1)));
      if (counted.length === 1) expect(told).toEqual(counted[0]);
    }
  });
});

const EACH = atDepth({ quick: 8, full: 1 });
const LAYOUTS = [...toyLayoutNames(), ...DISTINCT_LAYOUTS.map(({ name }) => name)].filter(
  (_, i) => i % EACH === 0,
);

test.each(LAYOUTS)('all that suits %s is solved there too', (layout) => {
  const ground = groundNamed(layout, ramOf(layout));
  const suits = QUESTION_KINDS.filter((kind) => kind.unfit(ground.layout) === undefined);
  expect(suits.length).toBeGreaterThanOrEqual(4);
  for (const { name } of suits) expect(questions(name, 4, 1, layout).flatMap(wrongParts)).toEqual([]);
});
