/** The candidates, each tried: what cures, in the order of what it takes, and what does not help and why. */
import type { FailureReport } from '../../../traces/index.ts';
import { type LaneSpec, lanesText, type RunFiles } from '../../spec/index.ts';
import { formatBytes } from '../../text/units.ts';
import type { BoardState } from '../state/board-state.ts';
import type { Verdict } from '../verdict/kinds.ts';
import { type Base, type Candidate, candidates, MEANS, type Means } from './candidates.ts';
import { type LaneFigures, type Trial, tryLane } from './trial.ts';

export interface TriedCandidate {
  readonly name: string;
  readonly means: Means;
  /** As `--layouts` takes it. */
  readonly lane: string;
  readonly cures: boolean;
  /** Why it does not; with a cure, what it costs. */
  readonly why: string;
  /** Undefined: no such machine can be. */
  readonly figures: LaneFigures | undefined;
}

export interface Tried {
  /** The recorded machine. Whether it refuses here too: then what is said of the others holds. */
  readonly base: Trial;
  readonly reproduces: boolean;
  readonly candidates: readonly TriedCandidate[];
}

export interface TrialRequest {
  readonly base: Base;
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
  const need = verdict.kind === 'vmalloc-space' ? (verdict.requestBytes ?? 0) : 0;
  const list = candidates(base, need);
  onProgress?.(0, list.length + 1);
  const own = await tryLane(base.lane, state, files);
  if ('impossible' in own) throw new Error(own.impossible);
  const tried: { readonly candidate: Candidate; readonly trial: Awaited<ReturnType<typeof tryLane>> }[] = [];
  for (const candidate of list) {
    onProgress?.(tried.length + 1, list.length + 1);
    tried.push({ candidate, trial: await tryLane(candidate.lane, state, files) });
  }
  const judged = tried.map(({ candidate, trial }) => judge(candidate, trial, own, request));
  return {
    base: own,
    reproduces: own.refused !== undefined || isUnusedRam(verdict),
    candidates: judged.toSorted((a, b) => rankOf(a) - rankOf(b) || costOf(a, own) - costOf(b, own)),
  };
}

function isUnusedRam({ kind }: Verdict): boolean {
  return kind === 'no-highmem' || kind === 'no-pae';
}

function judge(
  { name, means, lane }: Candidate,
  trial: Trial | { readonly impossible: string },
  base: Trial,
  request: TrialRequest,
): TriedCandidate {
  const told = { name, means, lane: laneText(lane) };
  if ('impossible' in trial) return { ...told, cures: false, why: trial.impossible, figures: undefined };
  const obstacle = obstacleOf(trial, base, request);
  const why = obstacle ?? costText(trial.figures, base.figures) + doubtOf(trial, base, request);
  return { ...told, cures: obstacle === undefined, why, figures: trial.figures };
}

/** A window that gets smaller has to hold what is in it, which only /proc/vmallocinfo tells. */
function doubtOf({ figures }: Trial, { figures: base }: Trial, { windowIsKnown }: TrialRequest): string {
  const isSmaller = figures.vmallocBytes < base.vmallocBytes;
  return isSmaller && !windowIsKnown ? '; whether that window is enough /proc/vmallocinfo tells' : '';
}

export function laneText(lane: LaneSpec): string {
  return lanesText([lane]);
}

/** Firmware keeps some of what there is. */
const ALL_RAM = 0.97;

/** Undefined: it cures. */
function obstacleOf(trial: Trial, base: Trial, { verdict, largest }: TrialRequest): string | undefined {
  const { refused, unfit, figures } = trial;
  if (isUnusedRam(verdict) && figures.usedBytes < ALL_RAM * Number(base.layout.ramBytes))
    return `uses ${formatBytes(figures.usedBytes)} of ${formatBytes(base.layout.ramBytes)} of RAM`;
  if (unfit > 0)
    return `what was in use does not fit: ${figures.lowBytes < base.figures.lowBytes ? `low memory is ${formatBytes(figures.lowBytes)}, not ${formatBytes(base.figures.lowBytes)}` : 'the window is smaller'}`;
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

function costText(now: LaneFigures, before: LaneFigures): string {
  const parts = [
    change('RAM', before.usedBytes, now.usedBytes),
    change('low memory', before.lowBytes, now.lowBytes),
    change('user space', before.userBytes, now.userBytes),
    change('vmalloc', before.vmallocBytes, now.vmallocBytes),
  ];
  return parts.filter((part) => part !== '').join('; ') || 'costs no memory';
}

function change(what: string, before: number, now: number): string {
  return Math.abs(now - before) < 2 ** 20 ? '' : `${what} ${formatBytes(before)} → ${formatBytes(now)}`;
}

function rankOf({ cures, means }: TriedCandidate): number {
  return (cures ? 0 : MEANS.length) + MEANS.indexOf(means);
}

/** Bytes lost: of RAM, of user space and of low memory alike. */
function costOf({ figures }: TriedCandidate, { figures: base }: Trial): number {
  if (figures === undefined) return Number.POSITIVE_INFINITY;
  const lost = (key: 'usedBytes' | 'userBytes' | 'lowBytes'): number => Math.max(0, base[key] - figures[key]);
  return lost('usedBytes') + lost('userBytes') + lost('lowBytes');
}
