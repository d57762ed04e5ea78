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
export { type Ground, groundNamed } from './machine/machines.ts';
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
  readonly questions: Iterable<Question>;
  readonly leftOut: readonly { readonly kind: string; readonly reason: string }[];
}

/**
 * Questions are made as they are asked for. @throws UsageError for a kind that there is not, and for a machine that suits
 * no kind asked for
 */
export function quizOf({ seed, kinds: names, questions, ground }: QuizOptions): Quiz {
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
  return { questions: ask(asked, seed, questions ?? asked.length, ground), leftOut };
}

function* ask(
  kinds: readonly QuestionKind[],
  seed: number,
  count: number,
  ground: Ground | undefined,
): Generator<Question> {
  const seeds = Prng.fromSeed(seed);
  for (let number = 1; number <= count; number++)
    yield questionOf(kinds[(number - 1) % kinds.length]!, `${seed}.${number}`, seeds.uint32(), ground);
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
