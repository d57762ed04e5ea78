/** The candidates, each tried: what cures, in the order of what it takes, and what does not help and why. */
import type { FailureReport } from '../../../traces/index.ts';
import type { Lane } from '../../lane/lane.ts';
import type { Pause } from '../../source/breath.ts';
import type { RunFiles } from '../../spec/index.ts';
import { formatBytes } from '../../text/units.ts';
import type { BoardState } from '../state/board-state.ts';
import { isOfUnusedRam, type Verdict, type VerdictKind } from '../verdict/kinds.ts';
import { type Base, type Candidate, candidates, type Need } from './candidates.ts';
import { costText, laneText, ranked, type Tried, type TriedCandidate } from './judging.ts';
import { type LaneFigures, type Trial, trialOf, tryLane } from './trial.ts';

export interface TrialRequest {
  /** With its machine as it booted. */
  readonly base: Base & { readonly booted: Lane };
  readonly verdict: Verdict;
  readonly state: BoardState | undefined;
  readonly largest: LargestProcess | undefined;
  /** What the vmalloc window held is part of the state. */
  readonly windowIsKnown: boolean;
  readonly files: Pick<RunFiles, 'text'>;
  readonly pause: Pause;
  /** Called before each machine. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** The process with most address space in use. */
export interface LargestProcess {
  readonly name: string;
  readonly bytes: number;
}

export function largestProcess(reports: readonly FailureReport[]): LargestProcess | undefined {
  const sized = reports.flatMap(({ tasks, pageKb }) =>
    tasks.map(({ name, totalVm }) => ({ name, bytes: totalVm * pageKb * 1024 })),
  );
  return sized.toSorted((a, b) => b.bytes - a.bytes)[0];
}

export async function tryCandidates(request: TrialRequest): Promise<Tried> {
  const { base, verdict, state, files, pause, onProgress } = request;
  const list = candidates(base, needOf(request));
  onProgress?.(0, list.length + 1);
  const own = trialOf(base.booted, state);
  const tried: { readonly candidate: Candidate; readonly trial: Awaited<ReturnType<typeof tryLane>> }[] = [];
  for (const candidate of list) {
    onProgress?.(tried.length + 1, list.length + 1);
    tried.push({ candidate, trial: await tryLane(candidate.lane, state, files, pause) });
  }
  const judged = tried.map(({ candidate, trial }) => judge(candidate, trial, own, request));
  return {
    figures: own.figures,
    reproduces: own.refused !== undefined || isOfUnusedRam(verdict.kind),
    candidates: ranked(judged, own.figures),
  };
}

function needOf({ verdict, base }: TrialRequest): Need {
  const { kind, requestBytes = 0, cmaPages = 0, freeCmaKb = 0 } = verdict;
  const { bouncePool } = base.booted.machine.platform;
  const allBytes = cmaPages * 4096;
  const hasCma = cmaPages > 0 && freeCmaKb > 0 && base.layout.arch.port.cma !== undefined;
  return {
    windowBytes: kind === 'vmalloc-space' ? requestBytes : 0,
    kmap: kind === 'kmap-slots',
    swiotlbSlots: kind === 'swiotlb-full' ? bouncePool?.slots : undefined,
    cma: hasCma ? { usedBytes: Math.max(0, allBytes - freeCmaKb * 1024), allBytes } : undefined,
  };
}

function judge(
  { name, means, lane, note }: Candidate,
  trial: Trial | { readonly impossible: string },
  base: Trial,
  request: TrialRequest,
): TriedCandidate {
  const told = { name, means, lane: laneText(lane) };
  if ('impossible' in trial) return { ...told, cures: false, why: trial.impossible, figures: undefined };
  const obstacle = obstacleOf(trial, base, request);
  const why =
    obstacle ??
    [costText(trial.figures, base.figures), ...doubtsOf(trial, base, request), note ?? []].flat().join('; ');
  return { ...told, cures: obstacle === undefined, why, figures: trial.figures };
}

/** What gets smaller has to hold what is in it, which only other files tell; what is whole does not stay so. */
function doubtsOf(
  { figures, layout }: Trial,
  { figures: base }: Trial,
  { windowIsKnown, state, verdict: { kind } }: TrialRequest,
): string[] {
  const hasLessWindow = figures.vmallocBytes < base.vmallocBytes;
  const hasLessRam = figures.usedBytes < base.usedBytes * SAME_RAM;
  return [
    ...(hasLessWindow && !windowIsKnown ? ['whether that window is enough /proc/vmallocinfo tells'] : []),
    ...(hasLessRam && state?.memoryIsKnown === false
      ? ['whether that RAM is enough /proc/zoneinfo tells']
      : []),
    ...(kind === 'kmap-slots' && layout.pkmap !== undefined
      ? [`the kmap window has ${layout.pkmap.slots} slots`]
      : []),
    ...(OF_BLOCKS.has(kind) ? ['until that is in pieces too'] : []),
  ];
}

const OF_BLOCKS: ReadonlySet<Verdict['kind']> = new Set(['fragmented', 'lowmem-fragmented']);
/** What counts as more memory than before. */
const MORE = 1.02;

/** Firmware keeps some of what there is. */
const ALL_RAM = 0.97;
const SAME_RAM = 0.98;

/** Undefined: it cures. */
function obstacleOf(trial: Trial, base: Trial, { verdict, largest }: TrialRequest): string | undefined {
  const { refused, unfit, figures } = trial;
  const ramBytes = Math.max(Number(base.layout.ramBytes), Number(trial.layout.ramBytes));
  if (isOfUnusedRam(verdict.kind) && figures.usedBytes < ALL_RAM * ramBytes)
    return `uses ${formatBytes(figures.usedBytes)} of ${formatBytes(ramBytes)} of RAM`;
  if (unfit.window > 0)
    return `what the vmalloc window held does not fit into ${formatBytes(figures.vmallocBytes)}`;
  if (unfit.memory > 0)
    return `what was in use does not fit${insteadText('low memory', figures.lowBytes, base.figures.lowBytes)}`;
  // Where there is as much RAM, pages of processes and of the page cache give way, as they would to reclaim.
  if (unfit.user > 0 && figures.usedBytes < base.figures.usedBytes * SAME_RAM)
    return `what was in use does not fit${insteadText('RAM', figures.usedBytes, base.figures.usedBytes)}`;
  if (refused !== undefined) return refusalText(trial, base, verdict);
  const chance = chanceText(figures, base.figures, verdict.kind);
  if (chance !== undefined) return chance;
  if (largest !== undefined && largest.bytes > figures.userBytes)
    return `${largest.name} has ${formatBytes(largest.bytes)} mapped, user space is ${formatBytes(figures.userBytes)}`;
  return undefined;
}

function insteadText(what: string, now: number, before: number): string {
  const [is, was] = [formatBytes(now), formatBytes(before)];
  return is === was ? '' : `: ${what} is ${is}, not ${was}`;
}

/** What is served where there is no more than before is chance: a hole elsewhere, a smaller kernel. */
function chanceText(figures: LaneFigures, base: LaneFigures, kind: VerdictKind): string | undefined {
  if (OF_BLOCKS.has(kind) && figures.lowBytes < base.lowBytes * MORE)
    return `low memory is ${formatBytes(figures.lowBytes)}, no larger than before, and would be as much in pieces`;
  if (kind === 'out-of-memory' && figures.usedBytes < base.usedBytes * MORE)
    return `RAM is ${formatBytes(figures.usedBytes)}, no more than before`;
  return undefined;
}

function refusalText({ figures, layout, refused }: Trial, base: Trial, { kind }: Verdict): string {
  if (kind === 'vmalloc-space') {
    const window = formatBytes(figures.vmallocBytes);
    return figures.vmallocBytes === base.figures.vmallocBytes
      ? `leaves the vmalloc window at ${window}: RAM fills what the split gives`
      : `its vmalloc window of ${window} has no hole either, the largest is ${formatBytes(figures.vmallocHoleBytes)}`;
  }
  if (kind === 'kmap-slots') return `its kmap window has ${layout.pkmap?.slots ?? 0} slots, all taken`;
  const low = formatBytes(figures.lowBytes);
  const than =
    figures.lowBytes < base.figures.lowBytes
      ? `, less than before (${formatBytes(base.figures.lowBytes)})`
      : '';
  return `refused too (${refused!.status}): low memory is ${low}${than}`;
}
