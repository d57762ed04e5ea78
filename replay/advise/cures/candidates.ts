/** What might be changed on a board: each as the lane that it would be, and what has to be done for it. */
import {
  type Layout,
  type LayoutFacts,
  layoutNames,
  SPLITS,
  type SplitName,
  versionText,
} from '../../../core/index.ts';
import { isSince, parseVersion } from '../../../core/kernel/version.ts';
import type { LaneSpec } from '../../spec/index.ts';
import { formatBytes } from '../../text/units.ts';
import { PROCESSORS, type ProcessorAdvice, processorOf } from '../processors/index.ts';

/** What it takes, cheapest first: a word on the command line, another build, another kind of kernel, other hardware. */
export const MEANS = ['boot option', 'other build', '64-bit kernel', 'hardware'] as const;
export type Means = (typeof MEANS)[number];

export interface Candidate {
  readonly name: string;
  readonly means: Means;
  readonly lane: LaneSpec;
  /** What it costs beside memory. */
  readonly note?: string;
}

/** The recorded machine. */
export interface Base {
  readonly lane: LaneSpec;
  readonly layout: Layout;
}

/** What the failure needs. */
export interface Need {
  /** Room that it lacks in the vmalloc window; 0: none. */
  readonly windowBytes: number;
  /** More slots of the kmap window. */
  readonly kmap?: boolean;
  /** Slots of the bounce buffers that were too few. */
  readonly swiotlbSlots?: number | undefined;
  /** Undefined: there is none, or it does not show. */
  readonly cma?: CmaUse | undefined;
}

/** What of the memory for CMA was in use, by devices and by pages that can be moved. */
export interface CmaUse {
  readonly usedBytes: number;
  readonly allBytes: number;
}

const MIB = 2 ** 20;
const KNOWN: ReadonlySet<string> = new Set(layoutNames().map(({ name }) => name));

/** A kernel of the table, of 32 bits: what it can be built as otherwise. */
interface Build {
  readonly processor: ProcessorAdvice;
  readonly facts: Required<Pick<LayoutFacts, 'split' | 'wideEntries' | 'highmem'>>;
}

/** Undefined for layouts of books and files, and of 64 bits. */
function buildOf(layout: Layout, processors: readonly ProcessorAdvice[]): Build | undefined {
  const processor = processorOf(layout, processors);
  if (processor === undefined || processor.dialect.wordBits === 64) return undefined;
  const facts = {
    split: SPLITS.find(({ pageOffset }) => pageOffset === layout.pageOffset)?.config,
    wideEntries: layout.arch.translation.entryBytes === 8,
    highmem: layout.pkmap !== undefined,
  };
  return processor.dialect.layoutOf(facts) === layout.name ? { processor, facts } : undefined;
}

export function candidates(
  base: Base,
  { windowBytes, kmap = false, swiotlbSlots, cma: use }: Need,
  processors = PROCESSORS,
): Candidate[] {
  if (swiotlbSlots !== undefined) return bounceCandidates(base, swiotlbSlots);
  const cma = use === undefined ? [] : [cmaCandidate(base, use)];
  const build = buildOf(base.layout, processors);
  if (build === undefined) return [...cma, ...ramCandidates(base)];
  return [
    ...cma,
    ...vmallocCandidates(base, windowBytes),
    ...otherBuilds(base, build, kmap),
    ...ramCandidates(base),
  ];
}

/** As little as holds what is in use, with as much again; half of what there is at most. */
function cmaCandidate({ lane }: Base, { usedBytes, allBytes }: CmaUse): Candidate {
  const half = 2 ** Math.floor(Math.log2(allBytes / 2 / MIB));
  const mib = Math.min(half, Math.max(16, 2 ** Math.ceil(Math.log2((2 * usedBytes) / MIB))));
  const note = `${formatBytes(usedBytes)} of it were in use, by devices or by pages that can be moved; a device that needs more than ${mib} MiB at once gets it no more`;
  const [place = ''] = /@.*$/.exec(lane.cma ?? '') ?? [];
  return { name: `cma=${mib}M`, means: 'boot option', lane: { ...lane, cma: `${mib}M${place}` }, note };
}

/** Twice the pool, or only memory that needs none. */
function bounceCandidates({ lane, layout }: Base, slots: number): Candidate[] {
  const below = layout.ram.reduce((sum, { start, end }) => sum + bytesBelow4G(start, end), 0);
  return [
    { name: `swiotlb=${2 * slots}`, means: 'boot option', lane: { ...lane, swiotlb: 2 * slots } },
    {
      name: 'mem=4G',
      means: 'boot option',
      lane: { ...withoutMap(lane, layout), ram: below },
      note: 'what every device reaches is not bounced',
    },
  ];
}

function bytesBelow4G(start: bigint, end: bigint): number {
  const limit = 1n << 32n;
  return start >= limit ? 0 : Number((end < limit ? end : limit) - start);
}

/** More room for vmalloc, in steps as people type them; without a need for it half of it, which low memory gets. */
function vmallocCandidates({ lane, layout }: Base, needBytes: number): Candidate[] {
  const window = Number(layout.vmalloc.end - layout.vmalloc.start);
  const step = 64 * MIB;
  const first = Math.ceil((window + needBytes + 4 * MIB) / step) * step;
  const sizes = needBytes > 0 ? [first, 2 * first] : [Math.ceil(window / 2 / (32 * MIB)) * 32 * MIB];
  return sizes.map((vmalloc) => ({
    name: `vmalloc=${vmalloc / MIB}M`,
    means: 'boot option',
    lane: { ...lane, vmalloc },
  }));
}

/** Those that boards are built with. */
const USUAL_SPLITS: readonly SplitName[] = ['3G', '3G_OPT', '2G', '1G'];

function otherBuilds({ lane, layout }: Base, { processor, facts }: Build, kmap: boolean): Candidate[] {
  const { dialect, widerLayout } = processor;
  const others: LayoutFacts[] = [
    { ...facts, highmem: true },
    ...(!facts.highmem || layout.ramBytes > 2n ** 32n
      ? [{ ...facts, wideEntries: true, highmem: true }]
      : []),
    ...USUAL_SPLITS.map((split) => ({ ...facts, split })),
    ...(kmap && facts.wideEntries && processor.largerKmap ? [{ ...facts, wideEntries: false }] : []),
  ];
  const possible = others.filter(({ wideEntries }) => !wideEntries || hasWideEntries(processor, layout));
  const names = new Set(possible.map((one) => dialect.layoutOf(one)));
  const listed = [...names].filter((name) => name !== layout.name && KNOWN.has(name));
  const { vmalloc: _vmalloc, highmem: _highmem, ...rest } = lane;
  return [
    ...listed.map((name): Candidate => ({ name, means: 'other build', lane: { ...lane, layout: name } })),
    ...(widerLayout === undefined
      ? []
      : [{ name: widerLayout, means: '64-bit kernel' as const, lane: { ...rest, layout: widerLayout } }]),
  ];
}

/** Of its version. */
function hasWideEntries({ dialect }: ProcessorAdvice, { kernel }: Layout): boolean {
  const { until } = dialect.wideEntries ?? {};
  return until === undefined || !isSince(kernel.version, parseVersion(until)!);
}

/** Less RAM than there is by mem=, and twice as much. */
function ramCandidates({ lane, layout }: Base): Candidate[] {
  const bytes = Number(layout.ramBytes);
  const half = Math.floor(bytes / 2 / (64 * MIB)) * 64 * MIB;
  const double = Math.ceil((bytes * 2) / (64 * MIB)) * 64 * MIB;
  const rest = withoutMap(lane, layout);
  const more: Candidate = {
    name: `${formatBytes(double)} of RAM`,
    means: 'hardware',
    lane: { ...rest, ram: double },
  };
  if (half < 128 * MIB) return [more];
  return [{ name: `mem=${half / MIB}M`, means: 'boot option', lane: { ...rest, ram: half } }, more];
}

/** What else the map's log says has to be said of a lane without it. */
function withoutMap({ memoryMap, swiotlb: _, ...lane }: LaneSpec, layout: Layout): LaneSpec {
  if (memoryMap === undefined) return lane;
  const { cpus, onlineCpus, nrCpus, kernel } = layout;
  const started = onlineCpus === cpus ? {} : { onlineCpus };
  return { ...lane, cpus, ...started, nrCpus, kernel: versionText(kernel.version) };
}
