/** The candidates, each tried: what cures, in the order of what it takes, and what does not help and why. */
import type { FailureReport } from '../../../traces/index.ts';
import type { Lane } from '../../lane/lane.ts';
import type { RunFiles } from '../../spec/index.ts';
import { formatBytes } from '../../text/units.ts';
import type { BoardState } from '../state/board-state.ts';
import type { Verdict } from '../verdict/kinds.ts';
import { type Base, type Candidate, candidates, type Need } from './candidates.ts';
import { costText, laneText, ranked, type Tried, type TriedCandidate } from './judging.ts';
import { type Trial, trialOf, tryLane } from './trial.ts';

export interface TrialRequest {
  /** With its machine as it booted. */
  readonly base: Base & { readonly booted: Lane };
  readonly verdict: Verdict;
  readonly state: BoardState | undefined;
  readonly largest: LargestProcess | undefined;
  /** What the vmalloc window held is part of the state. */
  readonly windowIsKnown: boolean;
  readonly files: Pick<RunFiles, 'text'>;
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
  const { base, verdict, state, files, onProgress } = request;
  const list = candidates(base, needOf(request));
  onProgress?.(0, list.length + 1);
  const own = trialOf(base.booted, state);
  const tried: { readonly candidate: Candidate; readonly trial: Awaited<ReturnType<typeof tryLane>> }[] = [];
  for (const candidate of list) {
    onProgress?.(tried.length + 1, list.length + 1);
    tried.push({ candidate, trial: await tryLane(candidate.lane, state, files) });
  }
  const judged = tried.map(({ candidate, trial }) => judge(candidate, trial, own, request));
  return {
    figures: own.figures,
    reproduces: own.refused !== undefined || isUnusedRam(verdict),
    candidates: ranked(judged, own.figures),
  };
}

function needOf({ verdict, base }: TrialRequest): Need {
  const { kind, requestBytes = 0, cmaPages = 0, freeCmaKb = 0 } = verdict;
  const used = cmaPages * 4096 - freeCmaKb * 1024;
  return {
    windowBytes: kind === 'vmalloc-space' ? requestBytes : 0,
    cmaUsedBytes: cmaPages > 0 && freeCmaKb > 0 && base.layout.arch.port.cma ? Math.max(0, used) : undefined,
  };
}

function isUnusedRam({ kind }: Verdict): boolean {
  return kind === 'no-highmem' || kind === 'no-pae';
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
  const doubt = doubtOf(trial, base, request) + (note === undefined ? '' : `; ${note}`);
  const why = obstacle ?? costText(trial.figures, base.figures) + doubt;
  return { ...told, cures: obstacle === undefined, why, figures: trial.figures };
}

/** A window that gets smaller has to hold what is in it, which only /proc/vmallocinfo tells. */
function doubtOf({ figures }: Trial, { figures: base }: Trial, { windowIsKnown }: TrialRequest): string {
  const isSmaller = figures.vmallocBytes < base.vmallocBytes;
  return isSmaller && !windowIsKnown ? '; whether that window is enough /proc/vmallocinfo tells' : '';
}

/** Firmware keeps some of what there is. */
const ALL_RAM = 0.97;
const SAME_RAM = 0.98;

/** Undefined: it cures. */
function obstacleOf(trial: Trial, base: Trial, { verdict, largest }: TrialRequest): string | undefined {
  const { refused, unfit, figures } = trial;
  if (isUnusedRam(verdict) && figures.usedBytes < ALL_RAM * Number(base.layout.ramBytes))
    return `uses ${formatBytes(figures.usedBytes)} of ${formatBytes(base.layout.ramBytes)} of RAM`;
  if (unfit.window > 0)
    return `what the vmalloc window held does not fit into ${formatBytes(figures.vmallocBytes)}`;
  if (unfit.memory > 0)
    return `what was in use does not fit: low memory is ${formatBytes(figures.lowBytes)}, not ${formatBytes(base.figures.lowBytes)}`;
  // Where there is as much RAM, pages of processes and of the page cache give way, as they would to reclaim.
  if (unfit.user > 0 && figures.usedBytes < base.figures.usedBytes * SAME_RAM)
    return `what was in use does not fit: RAM is ${formatBytes(figures.usedBytes)}, not ${formatBytes(base.figures.usedBytes)}`;
  if (refused !== undefined) return refusalText(trial, base, verdict);
  if (largest !== undefined && largest.bytes > figures.userBytes)
    return `${largest.name} has ${formatBytes(largest.bytes)} mapped, user space is ${formatBytes(figures.userBytes)}`;
  return undefined;
}

function refusalText({ figures, refused }: Trial, base: Trial, { kind }: Verdict): string {
  if (kind === 'vmalloc-space') {
    const window = formatBytes(figures.vmallocBytes);
    return figures.vmallocBytes === base.figures.vmallocBytes
      ? `leaves the vmalloc window at ${window}: RAM fills what the split gives`
      : `its vmalloc window of ${window} has no hole either, the largest is ${formatBytes(figures.vmallocHoleBytes)}`;
  }
  const low = formatBytes(figures.lowBytes);
  const than =
    figures.lowBytes < base.figures.lowBytes
      ? `, less than before (${formatBytes(base.figures.lowBytes)})`
      : '';
  return `refused too (${refused!.status}): low memory is ${low}${than}`;
}
