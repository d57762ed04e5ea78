/** Questions of the quiz, made on machines of the worker: of the run's lanes, or of any layout. */
import { toyLayoutNames } from '../../../core/layout/catalog/catalog.ts';
import { groundOf, QUESTION_KINDS, quizOf, usualRam } from '../../quiz/index.ts';
import {
  machineArguments,
  parseLanes,
  type RunFiles,
  type RunSpec,
  reproduceLine,
} from '../../spec/index.ts';
import type { AskedQuestion, QuestionRequest, QuizFacts } from './protocol.ts';

export function quizFacts(): QuizFacts {
  const kinds = QUESTION_KINDS.map(({ name, title }) => ({ name, title }));
  return { kinds, toys: toyLayoutNames() };
}

/** Errors are those of the command line: a machine that suits no question, a layout that there is not. */
export async function questionOf(
  { seed, number, kind, lane }: QuestionRequest,
  files: Pick<RunFiles, 'text'>,
): Promise<AskedQuestion> {
  const run = lane === undefined ? undefined : runOf(lane);
  const ground = run && (await groundOf(run, files));
  const { question } = quizOf({ seed, kinds: kind === undefined ? undefined : [kind], ground });
  const command = reproduceLine('quiz', [
    ...(kind === undefined ? [] : ['--kind', kind]),
    ...(run === undefined ? [] : machineArguments(run)),
    ...['--questions', String(number), '--seed', String(seed), '-c'],
  ]);
  return { question: question(number), command };
}

function runOf(text: string): Pick<RunSpec, 'machine' | 'lanes'> {
  const lanes = parseLanes(text, 'the machine asked about');
  const { layout, ram, memoryMap } = lanes[0]!;
  const isSaid = ram !== undefined || memoryMap !== undefined;
  return { lanes, machine: isSaid ? {} : { ram: Number(usualRam(layout)) } };
}
