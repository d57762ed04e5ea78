/** A candidate tried: its machine is booted, brought to the state of the board and asked for what failed there. */
import {
  __GFP_HIGHMEM,
  type Batch,
  EVENT_KINDS,
  fold,
  type Layout,
  UsageError,
  usedRamBytes,
  userSpaceBytes,
} from '../../../core/index.ts';
import { OK, STATUSES } from '../../../core/outcome/outcome.ts';
import { memoryOf, vmallocOf } from '../../figures/figures.ts';
import { type FirstFailure, type Lane, newLane, stepLane } from '../../lane/lane.ts';
import type { Pause } from '../../source/breath.ts';
import { type LaneSpec, lanesOf, type RunFiles } from '../../spec/index.ts';
import { type BoardState, EVENTS_OF_REQUEST } from '../state/board-state.ts';

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

/** Events of the state that failed: of the vmalloc window, of memory that only low memory can be, of any memory. */
export interface Unfit {
  readonly window: number;
  readonly memory: number;
  readonly user: number;
}

const ALL_FIT: Unfit = { window: 0, memory: 0, user: 0 };

export interface Trial {
  readonly layout: Layout;
  readonly figures: LaneFigures;
  /** The first request that was refused: how, in words, and the figures that show it; undefined: all were served. */
  readonly refused: Refused | undefined;
  readonly unfit: Unfit;
}

/** A machine that cannot be is told with the reason. */
export async function tryLane(
  lane: LaneSpec,
  state: BoardState | undefined,
  files: Pick<RunFiles, 'text'>,
  pause: Pause,
): Promise<Trial | { readonly impossible: string }> {
  try {
    const [prepared] = await lanesOf({ machine: {}, lanes: [lane] }, files);
    const booted = newLane(prepared!.layout, prepared!.options);
    await pause();
    return state === undefined ? unfilled(booted) : await filled(booted, state, pause);
  } catch (error) {
    if (error instanceof UsageError) return { impossible: error.message };
    throw error;
  }
}

function unfilled(lane: Lane): Trial {
  return { layout: lane.layout, figures: figuresOf(lane), refused: undefined, unfit: ALL_FIT };
}

/** Of the recorded machine, which stands filled already. */
export function trialOf(booted: Lane, state: BoardState | undefined): Trial {
  if (state === undefined) return unfilled(booted);
  return asked({ ...booted, machine: state.machine }, state, ALL_FIT);
}

async function filled(booted: Lane, state: BoardState, pause: Pause): Promise<Trial> {
  let { machine } = booted;
  const unfit = { ...ALL_FIT };
  for (const batch of state.filling) {
    const folded = fold(machine, batch);
    machine = folded.machine;
    addUnfit(unfit, folded.outcomes.status, batch);
    await pause();
  }
  return asked({ ...booted, machine }, state, unfit);
}

function asked(lane: Lane, { requests }: BoardState, unfit: Unfit): Trial {
  const { outcomes, lane: after } = stepLane(lane, requests);
  return {
    layout: lane.layout,
    figures: figuresOf(lane),
    refused: refusal(after, requests, outcomes.status),
    unfit,
  };
}

const PAGE_ALLOC = EVENT_KINDS.page_alloc.code;
const VM_AREA = EVENT_KINDS.vm_area.code;

function addUnfit(unfit: Writable<Unfit>, status: ArrayLike<number>, { count, kind, b: gfp }: Batch): void {
  for (let at = 0; at < count; at++) {
    if (status[at] === OK) continue;
    if (kind[at] === VM_AREA) unfit.window++;
    else if (kind[at] === PAGE_ALLOC) unfit[gfp[at]! & __GFP_HIGHMEM ? 'user' : 'memory']++;
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

function refusal(lane: Lane, { count }: Batch, status: ArrayLike<number>): Trial['refused'] {
  for (let at = 0; at < count; at += EVENTS_OF_REQUEST) {
    if (status[at] === OK) continue;
    const { name } = STATUSES[status[at]!]!;
    const { reason, detail } = lane.firstFailures.find((one) => one.status === name)!;
    return { status: name, reason, detail };
  }
  return undefined;
}

export function figuresOf({ machine, layout }: Lane): LaneFigures {
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
