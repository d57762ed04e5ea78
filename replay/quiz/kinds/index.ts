/** The kinds of questions, in the order in which a quiz asks them. */
import { buddy } from './buddy.ts';
import { classify } from './classify.ts';
import type { QuestionKind } from './kind.ts';
import { kmap } from './kmap.ts';
import { macros } from './macros.ts';
import { requests } from './requests.ts';
import { tlb } from './tlb.ts';
import { translate } from './translate.ts';

export const QUESTION_KINDS: readonly QuestionKind[] = [
  classify,
  translate,
  macros,
  requests,
  buddy,
  tlb,
  kmap,
];
