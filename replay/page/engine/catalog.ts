/** What a page can show without a file, and what it can be told of a machine. */
import { allKinds } from '../../../core/event/vocabulary.ts';
import { layoutNames } from '../../../core/layout/catalog/catalog.ts';
import { IMPORTERS } from '../../../traces/index.ts';
import { type OptionRow, WORKLOADS, type Workload } from '../../../workloads/index.ts';
import { DEFAULT_SEED } from '../../spec/index.ts';
import { KERNEL_FILES } from '../models/kernel-file.ts';
import { type OptionFacts, optionFacts } from './lane-drafts.ts';
import type { Named, QuizFacts, Tour } from './protocol.ts';
import { quizFacts } from './questions.ts';
import { toursOf } from './tours.ts';

export interface Catalog {
  readonly workloads: readonly WorkloadFacts[];
  readonly examples: readonly Tour[];
  readonly layouts: readonly Named[];
  /** That importers read. */
  readonly formats: readonly Named[];
  /** Of a machine. */
  readonly options: readonly OptionFacts[];
  /** Kinds of events. */
  readonly kinds: readonly string[];
  /** Of /proc, of a machine or of one process. */
  readonly kernelFiles: readonly (Named & { readonly ofProcess: boolean })[];
  readonly quiz: QuizFacts;
}

export interface WorkloadFacts extends Named {
  readonly doc: string;
  readonly defaultSeed: number;
  readonly defaultEvents: number;
  readonly options: readonly OptionRow[];
}

export function catalogOfPage(): Catalog {
  return {
    workloads: WORKLOADS.map(workloadFacts),
    examples: toursOf(),
    layouts: layoutNames().map(({ name, title }) => ({ name, title })),
    formats: IMPORTERS.map(({ name, describe }) => ({ name, title: describe })),
    options: optionFacts(),
    kinds: allKinds().map(({ name }) => name),
    kernelFiles: KERNEL_FILES,
    quiz: quizFacts(),
  };
}

function workloadFacts({ name, title, doc, defaultEvents, options }: Workload): WorkloadFacts {
  return { name, title, doc, defaultSeed: DEFAULT_SEED, defaultEvents, options };
}
