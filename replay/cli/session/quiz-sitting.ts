/** Questions asked at a terminal, part by part: somebody types, and is told whether that is right, and why. */
import { createInterface } from 'node:readline';
import { expectedForm, judge, type Part, type Question } from '../../quiz/index.ts';
import { letterOf, questionText, solutionText } from '../../quiz/text.ts';
import { hanging } from '../../text/wrap.ts';
import type { Input, Terminal } from '../terminal/terminal.ts';
import { emphasisOf } from '../text/quiz.ts';

export interface Score {
  /** Parts that were right at the first try, and parts that were asked. */
  readonly right: number;
  readonly asked: number;
}

const HELP = 'Enter: the answer; ?: a hint; Ctrl-D: the end';

/** What somebody types line by line; undefined at the end. */
type NextLine = () => Promise<string | undefined>;

/** Asks until there is nothing more to ask, or nobody who answers. */
export async function sit(
  questions: Iterable<Question>,
  keyboard: Input,
  terminal: Terminal,
): Promise<Score> {
  const lines = createInterface({ input: keyboard, signal: terminal.signal })[Symbol.asyncIterator]();
  const next: NextLine = async () => {
    const { value, done } = await lines.next();
    terminal.signal.throwIfAborted();
    return done ? undefined : (value as string);
  };
  let score: Score = { right: 0, asked: 0 };
  let number = 0;
  terminal.print(HELP);
  for (const question of questions) {
    const asked = await askQuestion(question, ++number, next, terminal);
    score = { right: score.right + asked.right, asked: score.asked + asked.asked };
    if (asked.isOver) break;
  }
  return score;
}

async function askQuestion(
  question: Question,
  number: number,
  next: NextLine,
  terminal: Terminal,
): Promise<Score & { isOver: boolean }> {
  const style = emphasisOf(terminal.colors);
  terminal.print(`\n${questionText(question, number, terminal.width, style)}\n`);
  let right = 0;
  let asked = 0;
  for (const [i, part] of question.parts.entries()) {
    const result = await askPart(part, letterOf(i + 1), question.hint, next, terminal);
    if (result === undefined) return { right, asked, isOver: true };
    asked++;
    if (result) right++;
  }
  terminal.print(`\n${solutionText(question, terminal.width, style)}`);
  return { right, asked, isOver: false };
}

/** Whether it was right at the first try; undefined: nobody is there any more. */
async function askPart(
  part: Part,
  letter: string,
  hint: string,
  next: NextLine,
  terminal: Terminal,
): Promise<boolean | undefined> {
  const { green, red } = terminal.colors;
  const say = (text: string): void => terminal.print(hanging('      ', text, 6, terminal.width));
  for (let isFirst = true; ; ) {
    terminal.write(`   ${letter}) ${part.ask}: `);
    const typed = (await next())?.trim();
    if (typed === undefined) return undefined;
    const { right, misread } = judge(part, typed);
    if (typed === '?') say(`${hint}. Expected: ${expectedForm(part.answer)}`);
    else if (typed === '' || right) {
      say(right ? `${green('right')}: ${part.why}` : `${part.expected}: ${part.why}`);
      return right && isFirst;
    } else if (misread !== undefined) say(`expected ${misread}`);
    else {
      say(`${red('not so')}; try again, or press Enter for the answer`);
      isFirst = false;
    }
  }
}
