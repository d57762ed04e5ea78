/**
 * Who has the cpu that kswapd shares with the task that runs there: the one that had less of it (kernel/sched/fair.c, v6.1:
 * place_entity, check_preempt_wakeup, check_preempt_tick, pick_next_entity).
 *
 * Simplified: there are these two, of the same weight; whoever waits for the disk keeps its turn.
 */
import { KSWAPD } from './kswapd-state.ts';

/** CONFIG_HZ=250 of the captured kernels; sysctl_sched_latency, _min_granularity and _wakeup_granularity of one cpu. */
const TICK_NS = 4_000_000;
const LATENCY_NS = 6_000_000;
const LEAST_SLICE_NS = 750_000;
const WAKEUP_GRANULARITY_NS = 1_000_000;
/** sched_slice() of two. */
const SLICE_NS = LATENCY_NS / 2;

/** What is known of them, in kswapd's cells; another thread that shares the cpu has such cells too. */
export interface Turns {
  readonly kswapd: Float64Array;
}

/** kswapd wakes: it has credit for half a period at most, and the cpu at once if the task is far enough ahead. */
export function wakeBesideTask({ kswapd }: Turns, nowNs: number): void {
  countTask(kswapd, nowNs);
  kswapd[KSWAPD.leadNs] = Math.min(kswapd[KSWAPD.leadNs]!, LATENCY_NS / 2);
  if (kswapd[KSWAPD.leadNs]! > WAKEUP_GRANULARITY_NS) kswapd[KSWAPD.preempts] = 1;
}

/** Whether the task, at work up to now, has to give the cpu to kswapd, which waits for it. */
export function endsTasksTurn({ kswapd }: Turns, nowNs: number): boolean {
  const lastTickNs = Math.floor(nowNs / TICK_NS) * TICK_NS;
  const hasTicked = lastTickNs > kswapd[KSWAPD.leadAtNs]!;
  countTask(kswapd, nowNs);
  if (kswapd[KSWAPD.preempts] === 1) return true;
  const leadThenNs = kswapd[KSWAPD.leadNs]! - (nowNs - lastTickNs);
  return hasTicked && isOver(lastTickNs - kswapd[KSWAPD.pickedNs]!, leadThenNs);
}

/**
 * kswapd has the cpu from `beganNs` on. The end of its turn comes with a tick: the first one after `nowNs`, since when the task
 * wants it too, that is late enough.
 */
export function endOfKswapdsTurn({ kswapd }: Turns, beganNs: number, nowNs = beganNs): number {
  let tickNs = (Math.floor(nowNs / TICK_NS) + 1) * TICK_NS;
  while (!isOver(tickNs - beganNs, tickNs - nowNs - kswapd[KSWAPD.leadNs]!)) tickNs += TICK_NS;
  return tickNs;
}

/** Whether kswapd, on since `beganNs`, has had more than the task when somebody else takes the cpu for a moment: then it is the task's. */
export function isTasksTurnNext({ kswapd }: Turns, beganNs: number, nowNs: number): boolean {
  return nowNs - beganNs > kswapd[KSWAPD.leadNs]!;
}

/** The same while the task is on: then it is kswapd's. */
export function yieldsToKswapd({ kswapd }: Turns, nowNs: number): void {
  countTask(kswapd, nowNs);
  if (kswapd[KSWAPD.leadNs]! > 0) kswapd[KSWAPD.preempts] = 1;
}

/** The task waits for something, and gives the cpu up. */
export function taskSleeps({ kswapd }: Turns, nowNs: number): void {
  countTask(kswapd, nowNs);
  kswapd[KSWAPD.preempts] = 0;
}

/**
 * What it waited for is there, after kswapd had the cpu for so long: it has credit for half a period at most. True when that is
 * enough to have the cpu at once, from a kswapd that is on.
 */
export function taskWakes({ kswapd }: Turns, kswapdNs: number, nowNs: number): boolean {
  kswapd[KSWAPD.leadNs] = Math.max(kswapd[KSWAPD.leadNs]! - kswapdNs, -LATENCY_NS / 2);
  kswapd[KSWAPD.leadAtNs] = nowNs;
  kswapd[KSWAPD.pickedNs] = nowNs;
  return kswapd[KSWAPD.leadNs]! < -WAKEUP_GRANULARITY_NS;
}

/** The task has the cpu again. */
export function resumeTask({ kswapd }: Turns, beganNs: number, nowNs: number): void {
  kswapd[KSWAPD.leadNs]! -= nowNs - beganNs;
  kswapd[KSWAPD.leadAtNs] = nowNs;
  kswapd[KSWAPD.pickedNs] = nowNs;
  kswapd[KSWAPD.preempts] = 0;
}

/** check_preempt_tick(): had for so long, and so far ahead of the other; who is behind would be picked again (pick_next_entity). */
function isOver(hadNs: number, aheadNs: number): boolean {
  return aheadNs > 0 && (hadNs > SLICE_NS || (hadNs >= LEAST_SLICE_NS && aheadNs > SLICE_NS));
}

function countTask(kswapd: Turns['kswapd'], nowNs: number): void {
  kswapd[KSWAPD.leadNs]! += nowNs - kswapd[KSWAPD.leadAtNs]!;
  kswapd[KSWAPD.leadAtNs] = nowNs;
}
