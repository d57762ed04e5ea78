/**
 * Who is told how hard it has become to find pages (mm/vmpressure.c, v6.1: vmpressure, vmpressure_prio). Nobody here listens,
 * but telling is done by a worker thread, and when that has run for a moment the scheduler asks anew whose turn it is:
 * it is how kswapd and a task that share a cpu take turns at the end of a round of reclaim, long before a tick.
 */

import type { Draft } from '../machine/draft.ts';
import { SWAP_CLUSTER_MAX } from './scan.ts';
import { RECLAIM_VAR } from './state.ts';

/** vmpressure_win: pages looked at. */
const WINDOW = 16 * SWAP_CLUSTER_MAX;
/** vmpressure_level_critical_prio: ilog2(100 / 10). */
const CRITICAL_PRIORITY = 3;

/** A round is over, in which so many pages were looked at. True when that makes the worker run. */
export function notePressure({ vars }: Pick<Draft, 'vars'>, nrScanned: number): boolean {
  vars[RECLAIM_VAR.pressureScanned]! += nrScanned;
  if (nrScanned === 0 || vars[RECLAIM_VAR.pressureScanned]! < WINDOW) return false;
  vars[RECLAIM_VAR.pressureScanned] = 0;
  return true;
}

/** Who asks for memory begins a round at this priority: where that is a bad sign, it is told at once. */
export function notePriority(draft: Pick<Draft, 'vars'>, priority: number): boolean {
  return priority <= CRITICAL_PRIORITY && notePressure(draft, WINDOW);
}
