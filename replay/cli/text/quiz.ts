/** Questions as a terminal and JSON have them. */
import type { Question } from '../../quiz/index.ts';
import type { Emphasis } from '../../quiz/text.ts';
import type { Terminal } from '../terminal/terminal.ts';

export function emphasisOf({ bold, cyan }: Terminal['colors']): Emphasis {
  return { heading: bold, label: cyan };
}

/** Without the solution, nothing that tells it. */
export function questionJson(question: Question, withSolution: boolean): object {
  if (withSolution) return question;
  const { steps: _, parts, ...asked } = question;
  return { ...asked, parts: parts.map(({ id, ask, answer }) => ({ id, ask, answer })) };
}
