/** Candidates that were tried: in the order of what they take, with what each costs. */
import { type LaneSpec, lanesText } from '../../spec/index.ts';
import { formatBytes } from '../../text/units.ts';
import { MEANS, type Means } from './candidates.ts';
import type { LaneFigures } from './trial.ts';

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
  /** Of the recorded machine. Whether it refuses here too: then what is said of the others holds. */
  readonly figures: LaneFigures;
  readonly reproduces: boolean;
  readonly candidates: readonly TriedCandidate[];
}

export function laneText(lane: LaneSpec): string {
  return lanesText([lane]);
}

/** What changes against the recorded machine. */
export function costText(now: LaneFigures, before: LaneFigures): string {
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

/** Cures first, and of equal means what loses least. */
export function ranked(tried: readonly TriedCandidate[], base: LaneFigures): TriedCandidate[] {
  return tried.toSorted((a, b) => rankOf(a) - rankOf(b) || costOf(a, base) - costOf(b, base));
}

function rankOf({ cures, means }: TriedCandidate): number {
  return (cures ? 0 : MEANS.length) + MEANS.indexOf(means);
}

/** What differs by less is the same: of such the plainer candidate, which comes first, stays first. */
const SAME_COST = 16 * 2 ** 20;

/** Bytes lost: of RAM, of user space and of low memory alike. */
function costOf({ figures }: TriedCandidate, base: LaneFigures): number {
  if (figures === undefined) return Number.POSITIVE_INFINITY;
  const lost = (key: 'usedBytes' | 'userBytes' | 'lowBytes'): number => Math.max(0, base[key] - figures[key]);
  const bytes = lost('usedBytes') + lost('userBytes') + lost('lowBytes');
  return Math.round(bytes / SAME_COST);
}
