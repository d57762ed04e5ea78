/** The machines of a run, ready to boot: each with its layout, its options and the name that tells it from the others. */

import { wantsPool } from '../../core/dma/bounce-pool.ts';
import { SLOT_BYTES } from '../../core/dma/swiotlb.ts';
import {
  architectureOf,
  buildCustomLayout,
  buildLayout,
  checkBoots,
  cmaOption,
  kernelNamed,
  type Layout,
  type LayoutOptions,
  parseLayoutFile,
  reportCma,
  UsageError,
} from '../../core/index.ts';
import { initialAreas, initialMemory, initialRam } from '../../traces/index.ts';
import type { LaneOptions } from '../lane/lane.ts';
import { checkEffects, withoutEffect } from './effects.ts';
import { placeOf, type RunFiles, readingOnce } from './files.ts';
import { laneNames, refuseTwins } from './lane-names.ts';
import { reclaims } from './machine-options.ts';
import { checkKindOfMachine, reportOf, toldBy } from './machine-report.ts';
import { mmuOf } from './mmu-settings.ts';
import { completeLane, type LaneSpec, type RunSpec } from './run-spec.ts';
import type { Events } from './source.ts';
import { thpOf } from './thp.ts';

/** CONFIG_NR_CPUS of the captured kernels. */
const DEFAULT_NR_CPUS = 8;

/** A lane before it is booted. */
export interface PreparedLane {
  /** The layout's name, and what no other lane has: `linux-3g1g vmalloc=256M`. */
  readonly name: string;
  readonly layout: Layout;
  /** For newLane and bootMachine. */
  readonly options: LaneOptions;
}

type Lanes = Pick<RunSpec, 'machine' | 'lanes'>;
/** What the events say of the machine: how many cpus, and how its memory began. */
export type Recorded = Pick<Events, 'name' | 'cpus' | 'snapshot'>;
type Beginning = Partial<Pick<Recorded, 'cpus' | 'snapshot'>>;

/**
 * Builds the layouts. Two lanes that are the same machine, unknown names, impossible machines and options without effect
 * are UsageErrors. Without events, a machine has one cpu unless its lane says otherwise.
 */
export async function lanesOf(
  run: Lanes,
  files: Pick<RunFiles, 'text'>,
  recorded?: Recorded,
): Promise<PreparedLane[]> {
  const once = readingOnce(files);
  const layouts = await layoutsOf(run, once, recorded);
  const names = laneNames(
    run.lanes,
    layouts.map(({ name }) => name),
  );
  return Promise.all(
    run.lanes.map(async (own, i) => {
      const lane = completeLane(run.machine, own);
      const layout = layouts[i]!;
      const options = await machineOptionsOf(lane, layout, once, recorded);
      return { name: names[i]!, layout, options };
    }),
  );
}

/** The layouts alone, for who boots nothing. */
export async function layoutsOf(
  { machine, lanes }: Lanes,
  files: Pick<RunFiles, 'text'>,
  recorded?: Pick<Recorded, 'cpus' | 'snapshot'>,
): Promise<Layout[]> {
  refuseTwins(machine, lanes);
  const once = readingOnce(files);
  const layouts: Layout[] = [];
  // One after the other: standard input can be named once, and the first fault is told.
  for (const lane of lanes) layouts.push(await layoutOf(completeLane(machine, lane), once, recorded));
  return layouts;
}

/** A layout by its name, or that of a JSON file, which is told by its ending. */
async function layoutOf(
  lane: LaneSpec,
  files: Pick<RunFiles, 'text'>,
  recorded: Beginning | undefined,
): Promise<Layout> {
  const options = await layoutOptionsOf(lane, files, recorded);
  const { arch, build } = await builderOf(lane.layout, files);
  checkKindOfMachine(arch, lane, await reportOf(lane, files));
  const layout = build(options);
  if (isFile(lane.layout)) checkBoots(layout, placeOf(lane.layout));
  const { vmallocBytes: _, ...others } = options;
  const withVmalloc = (vmallocBytes: bigint | undefined): Layout =>
    build(vmallocBytes === undefined ? others : { ...others, vmallocBytes });
  checkEffects({ lane, layout, hasMemoryMap: options.memoryMap !== undefined, withVmalloc });
  return layout;
}

function isFile(layout: string): boolean {
  return layout.endsWith('.json') || layout === '-';
}

/** The machine that a snapshot was taken on, unless the lane says how much RAM there is. */
function snapshotRam({ ram, fromSnapshot }: LaneSpec, snapshot: Beginning['snapshot']): LayoutOptions {
  if (!fromSnapshot || ram !== undefined || snapshot === undefined) return {};
  return { memoryMap: initialRam(snapshot) };
}

interface Builder {
  readonly arch: Layout['arch'];
  readonly build: (options: LayoutOptions) => Layout;
}

async function builderOf(name: string, files: Pick<RunFiles, 'text'>): Promise<Builder> {
  if (!isFile(name)) return { arch: architectureOf(name), build: (options) => buildLayout(name, options) };
  const custom = parseLayoutFile(await files.text(name, 'a layout as JSON'), placeOf(name));
  return { arch: custom.member.arch, build: (options) => buildCustomLayout(custom, options) };
}

async function layoutOptionsOf(
  lane: LaneSpec,
  files: Pick<RunFiles, 'text'>,
  { cpus: defaultCpus = 1, snapshot }: Beginning = {},
): Promise<LayoutOptions> {
  const { ram, vmalloc, highmem, nopse, nopge, kernel } = lane;
  const report = await reportOf(lane, files);
  const asked = kernel === undefined ? undefined : kernelNamed(kernel);
  const told = report === undefined ? snapshotRam(lane, snapshot) : toldBy(lane, report, asked);
  return {
    // Without a word of it a file's own RAM counts, or else what layouts are built for.
    ...told,
    ...(told.memoryMap === undefined && ram !== undefined && { ramBytes: BigInt(ram) }),
    ...cpuOptions(lane, told, defaultCpus),
    ...(vmalloc !== undefined && { vmallocBytes: BigInt(vmalloc) }),
    ...(highmem !== undefined && { highmemBytes: BigInt(highmem) }),
    ...(nopse !== undefined && { nopse }),
    ...(nopge !== undefined && { nopge }),
    ...(asked !== undefined && { kernel: asked }),
  };
}

/** What the lane says; of what is told beside it as much as goes with that. */
function cpuOptions(
  { cpus, onlineCpus, nrCpus }: LaneSpec,
  told: LayoutOptions,
  defaultCpus: number,
): Pick<LayoutOptions, 'cpus' | 'onlineCpus' | 'possibleCpus' | 'nrCpus'> {
  const present = cpus ?? Math.max(defaultCpus, told.cpus ?? 1);
  const built = nrCpus ?? Math.max(told.nrCpus ?? DEFAULT_NR_CPUS, present);
  const online = onlineCpus ?? (told.onlineCpus && Math.min(told.onlineCpus, present));
  const possible = told.possibleCpus && Math.max(present, Math.min(told.possibleCpus, built));
  return {
    cpus: present,
    nrCpus: built,
    ...(online !== undefined && { onlineCpus: online }),
    ...(possible !== undefined && { possibleCpus: possible }),
  };
}

async function machineOptionsOf(
  lane: LaneSpec,
  layout: Layout,
  files: Pick<RunFiles, 'text'>,
  recorded: Recorded | undefined,
): Promise<LaneOptions> {
  const { swap = 0, faultAround, readahead, stackLimit, legacyVaLayout, mmu, fromSnapshot } = lane;
  const cma = layout.arch.port.cma && (await cmaOf(lane, files));
  const slots = await swiotlbOf(lane, files);
  return {
    ...(reclaims(lane) && { reclaim: swap === 0 ? {} : { swapBytes: BigInt(swap) } }),
    ...(lane.thp !== undefined && { thp: thpOf(lane) }),
    ...(faultAround !== undefined && { faultAroundBytes: faultAround }),
    ...(readahead !== undefined && { readaheadBytes: readahead }),
    ...(cma !== undefined && { cma }),
    ...(slots !== undefined && wantsPool(layout) && { swiotlb: { bytes: slots * SLOT_BYTES } }),
    ...(stackLimit !== undefined && {
      stackLimitBytes: stackLimit === 'unlimited' ? stackLimit : BigInt(stackLimit),
    }),
    ...(legacyVaLayout && { legacyMmap: true }),
    ...(mmu !== undefined && { mmu: await mmuOf(mmu, files) }),
    ...(fromSnapshot && initialMemoryOf(lane, recorded)),
    ...scaleOf(lane, recorded),
  };
}

/** What the lane says, or else the log that it names. */
async function cmaOf(lane: LaneSpec, files: Pick<RunFiles, 'text'>): Promise<LaneOptions['cma']> {
  if (lane.cma !== undefined) return cmaOption(lane.cma)!;
  const report = await reportOf(lane, files);
  return report && reportCma(report);
}

async function swiotlbOf(lane: LaneSpec, files: Pick<RunFiles, 'text'>): Promise<number | undefined> {
  return lane.swiotlb ?? (await reportOf(lane, files))?.options.swiotlbSlots;
}

function scaleOf(lane: LaneSpec, recorded: Recorded | undefined): Pick<LaneOptions, 'recordedWordBits'> {
  const { scaleKernelObjects } = lane;
  if (scaleKernelObjects === undefined) return {};
  if (recorded === undefined)
    throw withoutEffect(lane, 'scaleKernelObjects', 'there are no events whose objects could be scaled');
  return { recordedWordBits: scaleKernelObjects };
}

/** The free blocks that the recorded kernel had. */
function initialMemoryOf(lane: LaneSpec, recorded: Recorded | undefined): LaneOptions {
  if (recorded === undefined)
    throw withoutEffect(lane, 'fromSnapshot', 'there is no trace that could hold a snapshot');
  const { name, snapshot } = recorded;
  if (snapshot === undefined)
    throw new UsageError(
      `${name}: found no snapshot, expected one for --from-snapshot; import the trace with --snapshot`,
    );
  // A pool of bounce buffers would take room that may have been free there; the snapshot tells of none.
  return { memory: initialMemory(snapshot), vmallocAreas: initialAreas(snapshot), swiotlb: false };
}
