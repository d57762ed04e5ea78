/** A quiz: which questions a seed asks, what a machine does not suit, and questions as text. */
import { expect, test } from 'vitest';
import { groundNamed, QUESTION_KINDS, quizOf } from '../../../replay/quiz/index.ts';
import { questionText, solutionText } from '../../../replay/quiz/text.ts';

const asked = (options: Parameters<typeof quizOf>[0]) => [...quizOf(options).questions];

test('one of each kind, in the order of the table; a seed asks the same, another one others', () => {
  const first = asked({ seed: 1 });
  expect(first.map(({ kind }) => kind)).toEqual(QUESTION_KINDS.map(({ name }) => name));
  expect(asked({ seed: 1 })).toEqual(first);
  const given = (seed: number) => JSON.stringify(asked({ seed }).map(({ given }) => given));
  expect(given(2)).not.toEqual(given(1));
});

test('a kind is asked as often as wanted, never twice the same', () => {
  const questions = asked({ seed: 1, kinds: ['tlb', 'buddy'], questions: 6 });
  expect(questions.map(({ id }) => id)).toEqual([
    ...['tlb 1.1', 'buddy 1.2', 'tlb 1.3', 'buddy 1.4', 'tlb 1.5', 'buddy 1.6'],
  ]);
  expect(new Set(questions.map(({ given }) => JSON.stringify(given))).size).toBe(6);
});

test('questions are plain data', () => {
  const questions = asked({ seed: 3 });
  expect(structuredClone(questions)).toEqual(questions);
  expect(JSON.parse(JSON.stringify(questions))).toEqual(questions);
});

test('of a machine that does not suit all kinds the others are asked, with the reason', () => {
  const { questions, leftOut } = quizOf({ seed: 1, ground: groundNamed('ostep') });
  expect([...questions].map(({ machine }) => machine)).toEqual(Array(5).fill('ostep with 4.0 KiB of RAM'));
  expect(leftOut.map(({ kind }) => kind)).toEqual(['requests', 'kmap']);
});

test.each([
  [
    'a kind that is none',
    { seed: 1, kinds: ['tbl'] },
    "quiz: found no kind of question 'tbl', expected one of classify, translate",
  ],
  [
    'a machine that suits none',
    { seed: 1, kinds: ['kmap'], ground: groundNamed('linux-x86_64') },
    'quiz: found no question for linux-x86_64: kmap: it has no high memory',
  ],
])('refused: %s', (_what, options, message) => {
  expect(() => quizOf(options)).toThrow(message);
});

test('the text of a question tells nothing of the solution, which is another text', () => {
  const [question] = asked({ seed: 5, kinds: ['tlb'] });
  const text = questionText(question!, 1);
  expect(text).toMatch(/^1\. TLB hits of a short stream \(tlb 5\.1\)\n {4}On /);
  for (const step of question!.steps) expect(text).not.toContain(step);
  const solution = solutionText(question!);
  for (const step of question!.steps) expect(solution).toContain(step);
});

test('parts with the same choices are told them once', () => {
  const [question] = asked({ seed: 1, kinds: ['classify'] });
  expect(questionText(question!, 1).match(/user virtual \| kernel logical/g)).toHaveLength(1);
});
