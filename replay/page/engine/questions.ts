/** Questions of the quiz, made on machines of the worker: of the run's lanes, or of any layout. */
import { toyLayoutNames } from '../../../core/layout/catalog/catalog.ts';
import { groundOf, QUESTION_KINDS, type Question, quizOf, usualRam } from '../../quiz/index.ts';
import { parseLanes, type RunFiles, type RunSpec } from '../../spec/index.ts';
import type { QuestionRequest, QuizFacts } from './protocol.ts';

export function quizFacts(): QuizFacts {
  const kinds = QUESTION_KINDS.map(({ name, title }) => ({ name, title }));
  return { kinds, toys: toyLayoutNames() };
}

/** Errors are those of the command line: a machine that suits no question, a layout that there is not. */
export async function questionOf(
  { seed, number, kind, lane }: QuestionRequest,
  files: Pick<RunFiles, 'text'>,
): Promise<Question> {
  const ground = lane === undefined ? undefined : await groundOf(runOf(lane), files);
  return quizOf({ seed, kinds: kind === undefined ? undefined : [kind], ground }).question(number);
}

function runOf(text: string): Pick<RunSpec, 'machine' | 'lanes'> {
  const lanes = parseLanes(text, 'the machine asked about');
  const { layout, ram, memoryMap } = lanes[0]!;
  const isSaid = ram !== undefined || memoryMap !== undefined;
  return { lanes, machine: isSaid ? {} : { ram: Number(usualRam(layout)) } };
}
