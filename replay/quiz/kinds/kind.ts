/** What a kind of question is. A new one is a file with such a record, and a row of the table (index.ts). */
import type { Layout } from '../../../core/layout/layout.ts';
import type { Prng } from '../../../workloads/engine/prng.ts';
import type { Ground } from '../machine/machines.ts';
import type { Asked } from '../question/question.ts';

export interface QuestionKind {
  readonly name: string;
  readonly title: string;
  readonly source: string;
  /** The machines that it is asked of where none is named: layouts, with their RAM where it is not the usual. */
  readonly usual: readonly { readonly layout: string; readonly ramBytes?: bigint }[];
  /** Why it cannot be asked of a layout; undefined: it can. */
  unfit(layout: Layout): string | undefined;
  /** Always the same for the same machine and state of the generator. */
  ask(ground: Ground, random: Prng): Asked;
}
