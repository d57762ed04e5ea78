/** A sitting of the quiz: which questions, what was answered, what of that was right at the first try. */
import { batch, computed, signal } from '@preact/signals';
import { check, type Judgement } from '../../../quiz/question/judge.ts';
import type { AskedQuestion } from '../../engine/protocol.ts';
import { engine } from './engine.ts';

/** Shown in the place of the start, where there is no run that it could be a pane of. */
export const quizOpen = signal(false);

/** Undefined: one kind after the other; a machine that suits each question. */
export const kind = signal<string | undefined>(undefined);
export const lane = signal<string | undefined>(undefined);
export const seed = signal(1);
export const number = signal(1);

export const asked = signal<AskedQuestion | undefined>(undefined);
/** Why there is no question, in words. */
export const problem = signal<string | undefined>(undefined);
/** By part: what stands in its field, and what was found of it when it was checked. */
export const answers = signal<Readonly<Record<string, string>>>({});
export const judged = signal<Readonly<Record<string, Judgement>>>({});
export const hinted = signal(false);
export const solved = signal(false);
/** Of the sitting: parts that were right at the first try, and parts that were answered or told. */
export const score = signal({ right: 0, of: 0 });

export const isDone = computed(() => {
  const parts = asked.value?.question.parts ?? [];
  return solved.value || (parts.length > 0 && parts.every(({ id }) => judged.value[id]?.right));
});

let requests = 0;

/** Asks for the question of the present number; answers to earlier requests are dropped. */
export async function ask(): Promise<void> {
  const request = ++requests;
  const wanted = { seed: seed.value, number: number.value, kind: kind.value, lane: lane.value };
  try {
    const found = await engine.question(wanted);
    if (request === requests) show(found, undefined);
  } catch (error) {
    if (request === requests) show(undefined, (error as Error).message);
  }
}

function show(found: AskedQuestion | undefined, message: string | undefined): void {
  batch(() => {
    asked.value = found;
    problem.value = message;
    answers.value = {};
    judged.value = {};
    tried.clear();
    hinted.value = false;
    solved.value = false;
  });
}

/** Other questions from the first one on. */
export function choose(change: () => void): void {
  batch(() => {
    change();
    number.value = 1;
  });
  void ask();
}

export function nextQuestion(): void {
  number.value += 1;
  void ask();
}

export function answer(part: string, text: string): void {
  answers.value = { ...answers.value, [part]: text };
}

/** Parts whose first try is counted. */
const tried = new Set<string>();

/** Judges all fields that something stands in; what is no answer at all is no try. */
export function checkAnswers(): void {
  const question = asked.value?.question;
  if (question === undefined) return;
  const found = { ...judged.value };
  for (const part of question.parts) {
    const text = answers.value[part.id]?.trim() ?? '';
    if (text === '' || found[part.id]?.right) continue;
    const judgement = check(question, part.id, text);
    found[part.id] = judgement;
    if (judgement.misread === undefined) count(part.id, judgement.right);
  }
  judged.value = found;
}

function count(part: string, right: boolean): void {
  if (tried.has(part)) return;
  tried.add(part);
  score.value = { right: score.value.right + (right ? 1 : 0), of: score.value.of + 1 };
}

/** What was not answered before it was told counts as not right. */
export function tellSolution(): void {
  batch(() => {
    checkAnswers();
    for (const { id } of asked.value?.question.parts ?? []) count(id, false);
    solved.value = true;
  });
}
