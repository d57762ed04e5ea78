/**
 * Who makes room: the process that needs it (direct reclaim), kswapd beside it (kswapd.ts), and in the end the OOM killer
 * (mm/vmscan.c, v6.1: do_try_to_free_pages, reclaim_pages; mm/page_alloc.c: should_reclaim_retry).
 */

import { __GFP_FS, __GFP_IO } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { ACTIVE_ANON, ACTIVE_FILE, INACTIVE_ANON, INACTIVE_FILE, lruListOf } from '../pages/lru.ts';
import { lruSizeOfZone } from '../pages/lru-links.ts';
import { freeSwapSlots } from '../pages/swap.ts';
import { FRAME } from '../phys/frames.ts';
import { boostCell, freePagesOf } from '../phys/free-lists.ts';
import type { Compacted, CompactMode, Mover, Reclaimer } from '../phys/reclaimer.ts';
import { markFor } from '../phys/zones.ts';
import { wallNs } from '../state/cpus.ts';
import { compactZones } from './compaction.ts';
import { throttleReclaim, waitForIo, waitForIoUntil, waitForWriteback } from './io-wait.ts';
import { isKswapdAwake } from './kswapd.ts';
import { KSWAPD } from './kswapd-state.ts';
import { KswapdThread } from './kswapd-thread.ts';
import { isMovable, vacate } from './migrate.ts';
import { OutOfMemory } from './out-of-memory.ts';
import { reclaimPage } from './pageout.ts';
import { Plug, TASK_PLUG } from './plug.ts';
import { notePressure, notePriority } from './pressure.ts';
import { ReverseMap } from './rmap.ts';
import { DEF_PRIORITY, rememberRefaults, type ScanControl, SWAP_CLUSTER_MAX, shrinkNode } from './scan.ts';
import type { Shrinker } from './shrinkers.ts';
import type { ReclaimWatch } from './watch.ts';

/** One for each fold: between two events it has nothing to remember. */
export class PageReclaimer implements Reclaimer {
  private readonly watch: ReclaimWatch | undefined;
  private readonly shrinkers: readonly Shrinker[];
  private readonly kswapd: KswapdThread;
  private readonly oom: OutOfMemory;

  constructor(watch?: ReclaimWatch, shrinkers: readonly Shrinker[] = []) {
    this.watch = watch;
    this.shrinkers = shrinkers;
    this.kswapd = new KswapdThread({ watch, shrinkers });
    this.oom = new OutOfMemory(watch);
  }

  mover(draft: Draft): Mover {
    const rmap = new ReverseMap(draft);
    return {
      isMovable: (pfn) => isMovable(draft, rmap, pfn),
      vacate: (pfn) => {
        waitForWriteback(draft, pfn);
        return vacate(draft, rmap, pfn);
      },
    };
  }

  compact(draft: Draft, highestZone: number, order: number, mode: CompactMode): Compacted {
    draft.reclaims++;
    return compactZones(draft, highestZone, order, mode);
  }

  wakeKswapd(draft: Draft, highestZone: number): void {
    this.kswapd.wake(draft, highestZone);
  }

  giveWay(draft: Draft): boolean {
    if (!isKswapdAwake(draft) || draft.kswapd[KSWAPD.preempts] === 0) return false;
    draft.reclaims++;
    this.kswapd.condResched(draft);
    return true;
  }

  waitForIo(draft: Draft, ns: number): void {
    waitForIo(draft, this.kswapd, ns);
  }

  reclaim(draft: Draft, highestZone: number, gfp: number): number {
    draft.reclaims++;
    this.oom.letVictimRun(draft);
    this.watch?.direct?.(draft, highestZone);
    const sc = this.directControl(draft, highestZone, gfp);
    this.tryToFree(draft, sc);
    if (sc.nrReclaimed > 0 || !sc.skippedDeactivate) return sc.nrReclaimed;
    // Active pages that were left alone may be all there is in these zones.
    sc.forceDeactivate = true;
    this.tryToFree(draft, sc);
    return sc.nrReclaimed;
  }

  /** What try_to_free_pages() begins with. */
  private directControl(draft: Draft, highestZone: number, gfp: number): ScanControl {
    const { watch, shrinkers, kswapd } = this;
    const nowNs = (): number => wallNs(draft);
    return {
      rmap: new ReverseMap(draft),
      nowNs,
      watch,
      shrinkers,
      mayEnterFs: (gfp & __GFP_FS) !== 0,
      mayDoIo: (gfp & __GFP_IO) !== 0,
      plug: new Plug(draft, TASK_PLUG, nowNs),
      giveWay: () => kswapd.condResched(draft),
      sleepUntil: (ns) => waitForIoUntil(draft, kswapd, ns),
      isKswapd: false,
      highestZone,
      priority: DEF_PRIORITY,
      nrToReclaim: SWAP_CLUSTER_MAX,
      nrScanned: 0,
      nrReclaimed: 0,
      maySwap: true,
      forceDeactivate: false,
      skippedDeactivate: false,
    };
  }

  /** do_try_to_free_pages(). */
  private tryToFree(draft: Draft, sc: ScanControl): void {
    const { kswapd } = this;
    draft.counters[COUNTER.directReclaims]!++;
    for (sc.priority = DEF_PRIORITY; sc.priority >= 0; sc.priority--) {
      if (notePriority(draft, sc.priority)) kswapd.condReschedAfterWorker(draft);
      sc.nrScanned = 0;
      shrinkNode(draft, sc);
      if (notePressure(draft, sc.nrScanned)) kswapd.condReschedAfterWorker(draft);
      if (sc.nrReclaimed >= sc.nrToReclaim) break;
      if (sc.priority === 1 && sc.nrReclaimed === 0) throttleReclaim(draft, kswapd);
    }
    rememberRefaults(draft);
  }

  pageOut(draft: Draft, pfns: readonly number[]): void {
    const control = {
      rmap: new ReverseMap(draft),
      nowNs: () => wallNs(draft),
      watch: this.watch,
      mayEnterFs: true,
      mayDoIo: true,
      ignoresReferences: true,
    };
    for (const head of pfns) {
      const nrPages = 2 ** draft.frames.get(head, FRAME.order);
      reclaimPage(draft, control, head);
      // a huge page that was split for that
      for (let i = 0; nrPages > 1 && i < nrPages; i++)
        if (draft.frames.get(head, FRAME.order) === 0 && lruListOf(draft, head + i) >= 0)
          reclaimPage(draft, control, head + i);
    }
  }

  mayRetry(draft: Draft, highestZone: number, order: number, gfp: number): boolean {
    return draft.platform.zones.slice(0, highestZone + 1).some((zone) => {
      const free = freePagesOf(draft, zone.index);
      const pages = evictablePages(draft, zone.index);
      // zone_reclaimable_pages() since 6.1.123: a zone of which nothing can go has its free pages counted for that.
      const reclaimable = pages === 0 ? free : pages;
      const available = reclaimable + free - ((1 << order) - 1);
      const boost = draft.freeLists[boostCell(zone.index)]!;
      return available > markFor(zone, gfp, 'min', boost) + zone.lowmemReserve[highestZone]!;
    });
  }

  killForMemory(draft: Draft, gfp: number): boolean {
    return this.oom.kill(draft, gfp);
  }

  settle(draft: Draft, status: number): number {
    const after = this.oom.settle(draft, status);
    this.kswapd.wakeFromLightSleep(draft);
    if (!draft.isAtomic) this.kswapd.condResched(draft);
    draft.isAtomic = false;
    return after;
  }
}

/** Pages of a zone that can go, once all of them have been looked at: anonymous ones as long as there is room for them in swap. */
function evictablePages(draft: Draft, zone: number): number {
  const anon = freeSwapSlots(draft) > 0 ? [INACTIVE_ANON, ACTIVE_ANON] : [];
  return [INACTIVE_FILE, ACTIVE_FILE, ...anon].reduce(
    (sum, list) => sum + lruSizeOfZone(draft, list, zone),
    0,
  );
}
