/** `vmsplit quiz`: questions for students, computed by the machine; on a terminal asked, else printed. */
import { Command, InvalidArgumentError, Option } from 'commander';
import { toyLayoutNames, UsageError } from '../../../core/index.ts';
import { groundOf, QUESTION_KINDS, type Quiz, quizOf, usualRam } from '../../quiz/index.ts';
import { questionText, solutionText } from '../../quiz/text.ts';
import { machineArguments, parseLanes, reproduceLine, SIZE } from '../../spec/index.ts';
import { runFiles } from '../files/run-files.ts';
import { type LayoutArguments, type Machines, oneMachineOf } from '../options/machine-options.ts';
import { collect, parserOf, wholeNumber } from '../options/values.ts';
import { sit } from '../session/quiz-sitting.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { emphasisOf, questionJson } from '../text/quiz.ts';

interface QuizArguments extends Pick<LayoutArguments, 'layouts' | 'ram'> {
  readonly kind?: readonly string[];
  readonly questions?: number;
  readonly seed: number;
  readonly solutions?: true;
  readonly json?: true;
}

const MOST_QUESTIONS = 1000;
const LARGEST_SEED = 2 ** 32 - 1;

const KINDS = QUESTION_KINDS.map(({ name }) => name);

const HELP = `
Layouts: those of \`vmsplit layouts\`, and ${toyLayoutNames().join(', ')}: machines of 4 KiB that fit on a sheet of paper. Without
--layout, each question is about a machine that suits it. The same seed asks the same questions, everywhere.`;

export function quizCommand(terminal: Terminal): Command {
  return new Command('quiz')
    .description(
      'questions on address types, page tables, __pa and __va, allocators, TLBs and kmap, each answered by the machine; on a terminal you answer',
    )
    .addOption(
      new Option('--layout, --layouts <lane>', 'about this layout only, see below').argParser(collect),
    )
    .option('--ram <size>', 'its amount of RAM', parserOf(SIZE))
    .addOption(kindOption())
    .option('--questions <n>', 'how many (default: one of each kind)', wholeNumber(1, MOST_QUESTIONS))
    .option('--seed <n>', 'other questions', wholeNumber(0, LARGEST_SEED), 1)
    .option('-c, --solutions', 'also the answers, and how one comes to them')
    .option('--json', 'the result as JSON')
    .addHelpText('after', HELP)
    .action((given: QuizArguments) => quiz(terminal, given));
}

/** One of several words that may be given again. */
function kindOption(): Option {
  const option = new Option('--kind <name>', 'only this kind; may be repeated').choices(KINDS);
  return option.argParser((text, before: string[] | undefined) => {
    if (KINDS.includes(text)) return collect(text, before);
    throw new InvalidArgumentError(`Allowed choices are ${KINDS.join(', ')}.`);
  });
}

async function quiz(terminal: Terminal, given: QuizArguments): Promise<void> {
  const machines = machinesAsked(given);
  const ground = machines && (await groundOf(machines, runFiles(terminal)));
  const asked = quizOf({ ...given, kinds: given.kind, ground });
  const reproduce = reproduceLine('quiz', lineOf(given, machines));
  for (const { kind, reason } of asked.leftOut) terminal.note(`${kind} is left out: ${reason}`);
  if (given.json) return printJson(terminal, given, asked, reproduce);
  const keyboard = given.solutions ? undefined : terminal.takeKeyboard();
  if (keyboard === undefined) printQuestions(terminal, given, asked);
  else {
    const { right, asked: parts } = await sit(asked.questions, keyboard, terminal);
    terminal.print(`\n${right} of ${parts} right at the first try`);
  }
  const solutions = given.solutions ? '' : ' (with -c: the solutions)';
  terminal.print(`\nseed ${given.seed}; reproduce: ${reproduce}${solutions}`);
}

/** A toy has all the RAM that it has room for. */
function machinesAsked({ layouts, ram }: QuizArguments): Machines | undefined {
  if (layouts === undefined && ram !== undefined)
    throw new UsageError(
      'quiz: found --ram without a layout, expected --layout with it: RAM of which machine?',
    );
  if (layouts === undefined) return undefined;
  const [first] = layouts.flatMap((text) => parseLanes(text, '--layouts'));
  const isToy = toyLayoutNames().includes(first!.layout) && first!.ram === undefined;
  const amount = ram ?? (isToy ? Number(usualRam(first!.layout)) : undefined);
  return oneMachineOf('quiz', { layouts, ...(amount !== undefined && { ram: amount }) }, first!.layout);
}

function lineOf(
  { kind = [], questions, seed, solutions }: QuizArguments,
  machines: Machines | undefined,
): string[] {
  return [
    ...kind.flatMap((name) => ['--kind', name]),
    ...(machines === undefined ? [] : machineArguments(machines)),
    ...(questions === undefined ? [] : ['--questions', String(questions)]),
    ...['--seed', String(seed)],
    ...(solutions ? ['-c'] : []),
  ];
}

function printJson(
  terminal: Terminal,
  given: QuizArguments,
  { questions, leftOut }: Quiz,
  reproduce: string,
): void {
  const told = [...questions].map((question) => questionJson(question, given.solutions === true));
  terminal.printJson({ seed: given.seed, questions: told, leftOut, reproduce });
}

function printQuestions(terminal: Terminal, { solutions }: QuizArguments, { questions }: Quiz): void {
  const { width, colors } = terminal;
  const style = emphasisOf(colors);
  let number = 0;
  for (const question of questions) {
    terminal.print(`${number === 0 ? '' : '\n'}${questionText(question, ++number, width, style)}`);
    if (solutions) terminal.print(`\n${solutionText(question, width, style)}`);
  }
}
