/**
 * Who makes room: the process that needs it (direct reclaim), kswapd, and in the end the OOM killer
 * (mm/vmscan.c, v6.1: do_try_to_free_pages, balance_pgdat; mm/page_alloc.c: __alloc_pages_may_oom).
 *
 * kswapd is a worker that is done at once: it runs when the event that woke it is over, and its time is no cpu's.
 * A process is killed on the spot, unless it is the one that asks: that one's event fails first.
 */

import { __GFP_DMA, __GFP_DMA32, __GFP_FS, __GFP_IO, __GFP_RETRY_MAYFAIL } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { OOM_KILLED } from '../outcome/outcome.ts';
import { ACTIVE_ANON, ACTIVE_FILE, INACTIVE_ANON, INACTIVE_FILE, lruSizeUpTo } from '../pages/lru.ts';
import { freeSwapSlots } from '../pages/swap.ts';
import { freeCmaPagesOf, freePagesOf } from '../phys/free-lists.ts';
import type { Mover, Reclaimer } from '../phys/reclaimer.ts';
import type { Zone } from '../phys/zones.ts';
import { CPU } from '../state/cpus.ts';
import { isMovable, vacate } from './migrate.ts';
import { killProcess, selectBadProcess } from './oom.ts';
import { ReverseMap } from './rmap.ts';
import { DEF_PRIORITY, type ScanControl, SWAP_CLUSTER_MAX, shrinkNode } from './scan.ts';
import { RECLAIM_VAR } from './state.ts';
import type { ReclaimWatch } from './watch.ts';

/** Runs without success after which kswapd is not woken any more (MAX_RECLAIM_RETRIES, mm/internal.h, v6.1). */
const MOST_KSWAPD_FAILURES = 16;
const NOBODY = -1;

/** One for each fold: between two events it has nothing to remember. */
export class PageReclaimer implements Reclaimer {
  /** Highest zone that kswapd was woken for; -1: asleep. */
  private wokenFor = NOBODY;
  /** The process that asked, and is to be killed when its event is over; 0: none. */
  private doomed = 0;
  private readonly watch: ReclaimWatch | undefined;

  constructor(watch?: ReclaimWatch) {
    this.watch = watch;
  }

  mover(draft: Draft): Mover {
    const rmap = new ReverseMap(draft);
    return {
      isMovable: (pfn) => isMovable(draft, rmap, pfn),
      vacate: (pfn) => vacate(draft, rmap, pfn),
    };
  }

  wakeKswapd(highestZone: number): void {
    this.wokenFor = Math.max(this.wokenFor, highestZone);
  }

  reclaim(draft: Draft, highestZone: number, gfp: number): number {
    draft.reclaims++;
    draft.counters[COUNTER.directReclaims]!++;
    this.watch?.direct?.(draft, highestZone);
    const sc: ScanControl = {
      ...begin(draft, highestZone, gfp, this.watch),
      isKswapd: false,
      nrToReclaim: SWAP_CLUSTER_MAX,
    };
    for (; sc.priority >= 0 && sc.nrReclaimed < sc.nrToReclaim; sc.priority--) shrinkNode(draft, sc);
    return sc.nrReclaimed;
  }

  hasReclaimable(draft: Draft, highestZone: number): boolean {
    const sizeOf = (list: number): number => lruSizeUpTo(draft, list, highestZone);
    const file = sizeOf(INACTIVE_FILE) + sizeOf(ACTIVE_FILE);
    const anon = sizeOf(INACTIVE_ANON) + sizeOf(ACTIVE_ANON);
    return file > 0 || (anon > 0 && freeSwapSlots(draft) > 0);
  }

  killForMemory(draft: Draft, gfp: number): boolean {
    const hasDma32 = draft.platform.zones.some(({ name }) => name === 'DMA32');
    const isLowmem = (gfp & (hasDma32 ? __GFP_DMA | __GFP_DMA32 : __GFP_DMA)) !== 0;
    const givesUp = (gfp & __GFP_RETRY_MAYFAIL) !== 0;
    if ((gfp & __GFP_FS) === 0 || isLowmem || givesUp || this.doomed !== 0) return false;
    const victim = selectBadProcess(draft);
    if (victim === 0) return false;
    this.watch?.killed?.(victim);
    const asking = draft.records.process(draft.cpus.get(draft.cpu, CPU.pid));
    if (asking?.mm !== draft.records.process(victim)!.mm) {
      killProcess(draft, victim);
      return true;
    }
    this.doomed = asking.pid;
    return false;
  }

  settle(draft: Draft, status: number): number {
    let after = status;
    if (this.doomed !== 0) {
      if (draft.records.process(this.doomed) !== undefined) killProcess(draft, this.doomed);
      this.doomed = 0;
      after = OOM_KILLED;
    }
    if (this.wokenFor !== NOBODY) this.runKswapd(draft);
    return after;
  }

  private runKswapd(draft: Draft): void {
    const { vars, counters } = draft;
    const highestZone = this.wokenFor;
    this.wokenFor = NOBODY;
    if (vars[RECLAIM_VAR.kswapdFailures]! >= MOST_KSWAPD_FAILURES) return;
    const eventNs = draft.extraNs;
    draft.extraNs = 0;
    counters[COUNTER.kswapdRuns]!++;
    this.watch?.kswapd?.(draft, highestZone);
    balance(draft, highestZone, this.watch);
    counters[COUNTER.kswapdNs]! += draft.extraNs;
    draft.extraNs = eventNs;
  }
}

function begin(draft: Draft, highestZone: number, gfp: number, watch: ReclaimWatch | undefined) {
  return {
    watch,
    rmap: new ReverseMap(draft),
    mayEnterFs: (gfp & __GFP_FS) !== 0,
    mayDoIo: (gfp & __GFP_IO) !== 0,
    highestZone,
    priority: DEF_PRIORITY,
    nrScanned: 0,
    nrReclaimed: 0,
  };
}

/** balance_pgdat(): reclaims until a zone that helps is above its high mark, or all has been tried. */
function balance(draft: Draft, highestZone: number, watch: ReclaimWatch | undefined): void {
  const zones = draft.platform.zones.slice(0, highestZone + 1);
  const nrToReclaim = zones.reduce((sum, { high }) => sum + Math.max(high, SWAP_CLUSTER_MAX), 0);
  const all = begin(draft, highestZone, __GFP_FS | __GFP_IO, watch);
  const isBalanced = (): boolean => zones.some((zone) => isAboveHigh(draft, zone, highestZone));
  let freed = 0;
  for (let priority = DEF_PRIORITY; priority >= 1 && !isBalanced(); ) {
    const sc: ScanControl = { ...all, isKswapd: true, nrToReclaim, priority };
    shrinkNode(draft, sc);
    freed += sc.nrReclaimed;
    if (sc.nrScanned < nrToReclaim || sc.nrReclaimed === 0) priority--;
  }
  if (freed === 0 && !isBalanced()) draft.vars[RECLAIM_VAR.kswapdFailures]!++;
}

function isAboveHigh(draft: Draft, zone: Zone, highestZone: number): boolean {
  const usable = freePagesOf(draft, zone.index) - freeCmaPagesOf(draft, zone.index);
  return usable > zone.high + zone.lowmemReserve[highestZone]!;
}
