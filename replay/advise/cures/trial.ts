/** A candidate tried: its machine is booted, brought to the state of the board and asked for what failed there. */
import {
  type Batch,
  fold,
  type Layout,
  UsageError,
  usedRamBytes,
  userSpaceBytes,
} from '../../../core/index.ts';
import { OK, STATUSES } from '../../../core/outcome/outcome.ts';
import { memoryOf, vmallocOf } from '../../figures/figures.ts';
import { type FirstFailure, type Lane, newLane, stepLane } from '../../lane/lane.ts';
import { type LaneSpec, lanesOf, type RunFiles } from '../../spec/index.ts';
import type { BoardState } from '../state/board-state.ts';

/** Sizes in bytes, after the state was filled in. */
export interface LaneFigures {
  readonly lowBytes: number;
  readonly lowFreeBytes: number;
  readonly vmallocBytes: number;
  readonly vmallocHoleBytes: number;
  readonly userBytes: number;
  /** RAM that the kernel uses. */
  readonly usedBytes: number;
}

export type Refused = Pick<FirstFailure, 'status' | 'reason' | 'detail'>;

export interface Trial {
  readonly layout: Layout;
  readonly figures: LaneFigures;
  /** The first request that was refused: how, in words, and the figures that show it; undefined: all were served. */
  readonly refused: Refused | undefined;
  /** Events of the state that failed here: it does not fit. */
  readonly unfit: number;
}

/** A machine that cannot be is told with the reason. */
export async function tryLane(
  lane: LaneSpec,
  state: BoardState | undefined,
  files: Pick<RunFiles, 'text'>,
): Promise<Trial | { readonly impossible: string }> {
  try {
    const [prepared] = await lanesOf({ machine: {}, lanes: [lane] }, files);
    const booted = newLane(prepared!.layout, prepared!.options);
    return state === undefined ? unfilled(booted) : filled(booted, state);
  } catch (error) {
    if (error instanceof UsageError) return { impossible: error.message };
    throw error;
  }
}

function unfilled(lane: Lane): Trial {
  return { layout: lane.layout, figures: figuresOf(lane), refused: undefined, unfit: 0 };
}

function filled(booted: Lane, { filling, requests }: BoardState): Trial {
  let { machine } = booted;
  let unfit = 0;
  for (const batch of filling) {
    const folded = fold(machine, batch);
    machine = folded.machine;
    unfit += failures(folded.outcomes.status, batch);
  }
  const lane = { ...booted, machine };
  const { outcomes, lane: after } = stepLane(lane, requests);
  return {
    layout: lane.layout,
    figures: figuresOf(lane),
    refused: refusal(after, requests, outcomes.status),
    unfit,
  };
}

function failures(status: ArrayLike<number>, { count }: Batch): number {
  let failed = 0;
  for (let at = 0; at < count; at++) if (status[at] !== OK) failed++;
  return failed;
}

/** Every second event is a request, the one behind it gives back what came of it. */
function refusal(lane: Lane, { count }: Batch, status: ArrayLike<number>): Trial['refused'] {
  for (let at = 0; at < count; at += 2) {
    if (status[at] === OK) continue;
    const { name } = STATUSES[status[at]!]!;
    const { reason, detail } = lane.firstFailures.find((one) => one.status === name)!;
    return { status: name, reason, detail };
  }
  return undefined;
}

function figuresOf({ machine, layout }: Lane): LaneFigures {
  const { low } = memoryOf(machine);
  const { totalBytes, largestHoleBytes } = vmallocOf(machine);
  return {
    lowBytes: low.totalBytes,
    lowFreeBytes: low.freeBytes,
    vmallocBytes: totalBytes,
    vmallocHoleBytes: largestHoleBytes,
    userBytes: userSpaceBytes(layout),
    usedBytes: usedRamBytes(layout),
  };
}
