/**
 * The shrinker of huge pages of which a part is mapped no more (deferred_split_count, deferred_split_scan of
 * mm/huge_memory.c, v6.1): they are split, wherever they are on their list, and what nobody maps is free.
 */
import type { Draft } from '../machine/draft.ts';
import { dequeue, enqueue, firstQueued, queueLength } from '../pages/split-queue.ts';
import { PAGES_VAR } from '../pages/state.ts';
import { isPinned } from './pageout.ts';
import type { ReverseMap } from './rmap.ts';
import { askForShare } from './shrinkers.ts';
import { splitHugePage } from './split.ts';

/** One round's share of those that wait. */
export function shrinkSplitQueue(draft: Draft, rmap: ReverseMap, priority: number): void {
  const waiting = queueLength(draft);
  if (waiting === 0) return;
  const { vars } = draft;
  const scan = (nrToScan: number): boolean => splitFirst(draft, rmap, nrToScan);
  vars[PAGES_VAR.splitsAsked] = askForShare(waiting, vars[PAGES_VAR.splitsAsked]!, priority, scan);
}

/** At most so many. Those that somebody is at work on wait again. False if there are none. */
function splitFirst(draft: Draft, rmap: ReverseMap, nrToScan: number): boolean {
  const kept: number[] = [];
  let taken = 0;
  for (; taken < nrToScan && queueLength(draft) > 0; taken++) {
    const first = firstQueued(draft);
    const isKept = isPinned(draft, first, rmap.mappersOf(first));
    dequeue(draft, first);
    if (isKept) kept.push(first);
    else splitHugePage(draft, rmap, first);
  }
  for (const first of kept) enqueue(draft, first);
  return taken > 0;
}
