/**
 * Questions for students of LDD3, OSTEP and Gorman, each answered by the machine: a seed gives the same questions
 * everywhere, on the machine that is asked for, or on one that its kind is usually asked of.
 */
import { UsageError } from '../../core/base/errors.ts';
import { nearest } from '../../core/base/nearest.ts';
import { Prng } from '../../workloads/engine/prng.ts';
import { ramText } from '../text/ram-text.ts';
import { QUESTION_KINDS } from './kinds/index.ts';
import type { QuestionKind } from './kinds/kind.ts';
import { type Ground, groundNamed } from './machine/machines.ts';
import type { Question } from './question/question.ts';

export { QUESTION_KINDS } from './kinds/index.ts';
export type { QuestionKind } from './kinds/kind.ts';
export { type Ground, groundNamed, groundOf, usualRam } from './machine/machines.ts';
export { check, expectedForm, type Judgement, judge } from './question/judge.ts';
export { type AnswerForm, type Given, NONE, type Part, type Question } from './question/question.ts';

export interface QuizOptions {
  /** Counts modulo 2^32. */
  readonly seed: number;
  /** Names of kinds; all if not given. */
  readonly kinds?: readonly string[] | undefined;
  /** As many as there are kinds, if not given. */
  readonly questions?: number | undefined;
  /** The machine that all questions are about; without it, each is asked of one that suits it. */
  readonly ground?: Ground | undefined;
}

/** What a quiz asks, and kinds that its machine does not suit, with the reason. */
export interface Quiz {
  /** All of them, made as they are asked for. */
  readonly questions: Iterable<Question>;
  /** The one of this number, from 1 on; there is no last one. */
  question(number: number): Question;
  readonly leftOut: readonly { readonly kind: string; readonly reason: string }[];
}

/** @throws UsageError for a kind that there is not, and for a machine that suits no kind asked for */
export function quizOf({ seed, kinds: names, questions: count, ground }: QuizOptions): Quiz {
  const kinds = names === undefined ? QUESTION_KINDS : names.map(kindNamed);
  const judged = kinds.map((kind) => ({ kind, reason: ground && kind.unfit(ground.layout) }));
  const leftOut = judged.flatMap(({ kind, reason }) =>
    reason === undefined ? [] : [{ kind: kind.name, reason }],
  );
  const asked = judged.filter(({ reason }) => reason === undefined).map(({ kind }) => kind);
  if (asked.length === 0)
    throw new UsageError(
      `quiz: found no question for ${ground!.name}: ${leftOut.map(({ kind, reason }) => `${kind}: ${reason}`).join('; ')}`,
    );
  const question = (number: number): Question =>
    questionOf(asked[(number - 1) % asked.length]!, `${seed}.${number}`, seedOf(seed, number), ground);
  return { questions: firstOf(question, count ?? asked.length), question, leftOut };
}

function* firstOf(question: (number: number) => Question, count: number): Generator<Question> {
  for (let number = 1; number <= count; number++) yield question(number);
}

/** Each question has a generator of its own, so that it is the same whatever is asked before it. */
function seedOf(seed: number, number: number): number {
  const seeds = Prng.fromSeed(seed);
  for (let before = 1; before < number; before++) seeds.uint32();
  return seeds.uint32();
}

/** The question of a kind that a seed gives; `place` tells it from others. */
function questionOf(kind: QuestionKind, place: string, seed: number, ground: Ground | undefined): Question {
  const random = Prng.fromSeed(seed);
  const usual = random.pick(kind.usual);
  const own = ground ?? groundNamed(usual.layout, usual.ramBytes);
  const { name, title, source } = kind;
  const machine = `${own.name} with ${ramText(own.layout)}`;
  return { id: `${name} ${place}`, kind: name, title, source, machine, ...kind.ask(own, random) };
}

/** @throws UsageError when there is none of this name */
function kindNamed(name: string): QuestionKind {
  const found = QUESTION_KINDS.find((kind) => kind.name === name);
  if (found !== undefined) return found;
  const names = QUESTION_KINDS.map((kind) => kind.name);
  const near = nearest(name, names);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new UsageError(
    `quiz: found no kind of question '${name}', expected one of ${names.join(', ')}${hint}`,
  );
}
