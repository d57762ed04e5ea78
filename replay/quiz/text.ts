/** A question, and its solution, as text: for a terminal, a sheet of paper, the clipboard. */
import { plainTable } from '../text/plain-table.ts';
import { hanging } from '../text/wrap.ts';
import type { Given, Part, Question } from './question/question.ts';

/** How words are set off where that can be seen; as they are, if not. */
export interface Emphasis {
  heading(text: string): string;
  label(text: string): string;
}

export const PLAIN: Emphasis = { heading: (text) => text, label: (text) => text };

const INDENT = 4;

/** The machine, what is given, and what is asked. `width`: of a line; undefined: prose is not broken. */
export function questionText(question: Question, number: number, width?: number, style = PLAIN): string {
  const { title, machine, given, parts } = question;
  return [
    hanging(style.heading(`${number}. ${title}`), ` (${question.id})`, 3, width),
    indented(`On ${machine}.`, width),
    ...given.flatMap((one) => [...(one.form === 'table' ? [''] : []), givenText(one, width)]),
    '',
    ...parts.flatMap((part, i) => [
      partText(part, i + 1, width, style),
      ...(sameChoices(part, parts[i + 1]) ? [] : choicesText(part, width)),
    ]),
  ].join('\n');
}

/** What is right, and how one comes to it. */
export function solutionText({ parts, steps, source }: Question, width?: number, style = PLAIN): string {
  const answers = parts.map(({ ask, expected }, i) =>
    hanging(`   ${style.label(letterOf(i + 1))}) `, `${ask}: ${expected}`, INDENT + 2, width),
  );
  const told = steps.map((step) => hanging('    - ', step, INDENT + 2, width));
  return [style.heading('   Solution'), ...answers, ...told, indented(`See ${source}.`, width)].join('\n');
}

/** `a) index into the pde table`. */
function partText({ ask }: Part, number: number, width: number | undefined, style: Emphasis): string {
  return hanging(`   ${style.label(letterOf(number))}) `, ask, INDENT + 2, width);
}

/** Parts that are answered with the same words are told them once, behind the last of them. */
function choicesText({ answer }: Part, width: number | undefined): string[] {
  return 'choices' in answer ? [hanging('      ', answer.choices.join(' | '), INDENT + 2, width)] : [];
}

function sameChoices({ answer }: Part, next: Part | undefined): boolean {
  if (next === undefined || !('choices' in answer) || !('choices' in next.answer)) return false;
  return answer.choices.join() === next.answer.choices.join();
}

/** Parts have letters, questions and calls have numbers. */
export function letterOf(number: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + number - 1);
}

function givenText(given: Given, width: number | undefined): string {
  if (given.form === 'text') return indented(given.text, width);
  const columns = given.head.map(() => 'left' as const);
  const lines = plainTable(
    columns,
    [given.head, ...given.rows],
    width === undefined ? undefined : width - INDENT,
  );
  return lines.replace(/^/gm, ' '.repeat(INDENT));
}

function indented(text: string, width: number | undefined): string {
  return hanging(' '.repeat(INDENT), text, INDENT, width);
}
