/** What may be varied, and which machine each value makes. */
import {
  architectureOf,
  buildLayout,
  type Layout,
  layoutNames,
  UsageError,
  userSpaceBytes,
} from '../../core/index.ts';
import type { LaneSpec } from '../spec/index.ts';

/** A size, in steps. */
export interface VariedSize {
  readonly key: 'ram' | 'vmalloc';
  /** Bytes between two values, unless somebody says otherwise. */
  readonly step: number;
  /** Nothing above is tried, unless the machine begins there. */
  readonly most: number;
  /** What the machine has if the lane does not say. */
  readonly of: (layout: Layout) => number;
}

/** Equal for two sizes that make the same machine. */
export function likenessOf({ ramBytes, maxMem, maxPfn, vmalloc }: Layout): string {
  return [ramBytes, maxMem, maxPfn, vmalloc.start, vmalloc.end].join(' ');
}

const MIB = 2 ** 20;
const GIB = 2 ** 30;

export const SIZES: readonly VariedSize[] = [
  {
    key: 'ram',
    step: 16 * MIB,
    most: 64 * GIB,
    of: ({ ramBytes }) => Number(ramBytes),
  },
  {
    key: 'vmalloc',
    step: 4 * MIB,
    most: 4 * GIB,
    of: ({ vmalloc }) => Number(vmalloc.end - vmalloc.start),
  },
];

/** `layout`: one of those with the same processor, the smallest kernel space first. */
export const VARIED = [...SIZES.map(({ key }) => key), 'layout'] as const;
export type Varied = (typeof VARIED)[number];

/** With or without high memory. */
const NO_HIGHMEM = '-nohighmem';

/** The lanes as they were given if there are several; else those that another split of this layout makes. */
export function layoutLanes(lanes: readonly LaneSpec[]): LaneSpec[] {
  const [lane] = lanes;
  if (lane === undefined || lanes.length > 1) return [...lanes];
  const names = layoutNames();
  const own = names.find(({ name }) => name === lane.layout);
  if (own === undefined)
    throw new UsageError(
      `fit: found only the layout ${lane.layout}, expected one with others like it: name those to try with --layouts A,B`,
    );
  const arch = architectureOf(own.name);
  const alike = names.filter(
    ({ name, family }) =>
      family === own.family &&
      architectureOf(name) === arch &&
      name.endsWith(NO_HIGHMEM) === own.name.endsWith(NO_HIGHMEM),
  );
  return alike
    .map(({ name }) => ({ name, user: userSpaceBytes(buildLayout(name)) }))
    .sort((a, b) => b.user - a.user)
    .map(({ name }) => ({ ...lane, layout: name }));
}
