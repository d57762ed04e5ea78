/**
 * A task that waits for the disk: for a page that is read, for one that is written, or because nothing but pages that are
 * being written is left (io_schedule of kernel/sched/core.c; folio_wait_writeback of mm/page-writeback.c; reclaim_throttle of
 * mm/vmscan.c, v6.1). kswapd makes use of the cpu meanwhile, where they share it.
 */

import type { Draft } from '../machine/draft.ts';
import { lruFlags, PG_WRITEBACK } from '../pages/lru.ts';
import { endWriteback, nextWrittenNs, writtenNs } from '../pages/writeback.ts';
import { wallNs } from '../state/cpus.ts';
import { KSWAPD } from './kswapd-state.ts';
import type { KswapdThread } from './kswapd-thread.ts';
import { KSWAPD_PLUG, Plug } from './plug.ts';

/** io_schedule(). */
export function waitForIo(draft: Draft, thread: KswapdThread, ns: number): void {
  if (!thread.wantsCpuOfTask(draft)) {
    draft.spend(ns);
    return;
  }
  const doneNs = wallNs(draft) + ns;
  spendWhileBothSleep(draft, ns);
  if (wallNs(draft) < doneNs) thread.runWhileTaskSleeps(draft, doneNs);
}

/** kswapd may wait for the disk too, and then nobody has the cpu. */
function spendWhileBothSleep(draft: Draft, mostNs: number): void {
  const leftNs = draft.kswapd[KSWAPD.sleepsUntilNs]! - wallNs(draft);
  draft.spend(Math.min(mostNs, Math.max(0, leftNs)));
}

/** Until this time; not at all if it is past. */
export function waitForIoUntil(draft: Draft, thread: KswapdThread, ns: number): void {
  waitForIo(draft, thread, Math.max(0, ns - wallNs(draft)));
}

/** folio_wait_writeback(). */
export function waitForWriteback(draft: Draft, pfn: number): void {
  if ((lruFlags(draft, pfn) & PG_WRITEBACK) === 0) return;
  // kswapd comes to its turn while somebody waits for what it has not handed over yet.
  if (writtenNs(draft, pfn) === 0) new Plug(draft, KSWAPD_PLUG, () => wallNs(draft)).flush();
  const doneNs = writtenNs(draft, pfn);
  draft.spend(Math.max(0, doneNs - wallNs(draft)));
  endWriteback(draft, doneNs);
}

/** reclaim_throttle(VMSCAN_THROTTLE_NOPROGRESS): what is being written will be free soon. */
export function throttleReclaim(draft: Draft, thread: KswapdThread): void {
  const waitNs = nextWrittenNs(draft) - wallNs(draft);
  if (Number.isFinite(waitNs)) draft.spend(Math.max(0, waitNs));
  thread.yieldCpu(draft);
}
