/**
 * Who makes room: the process that needs it (direct reclaim), kswapd beside it (kswapd.ts), and in the end the OOM killer
 * (mm/vmscan.c, v6.1: do_try_to_free_pages; mm/page_alloc.c: should_reclaim_retry, __alloc_pages_may_oom).
 *
 * A process that is killed dies while the one that asks goes on trying (dying.ts), unless it is the one that asks: that
 * one's event fails first.
 */

import { __GFP_DMA, __GFP_DMA32, __GFP_FS, __GFP_IO, __GFP_RETRY_MAYFAIL } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { OOM_KILLED } from '../outcome/outcome.ts';
import {
  ACTIVE_ANON,
  ACTIVE_FILE,
  INACTIVE_ANON,
  INACTIVE_FILE,
  lruFlags,
  lruListOf,
  lruSizeOfZone,
  PG_WRITEBACK,
} from '../pages/lru.ts';
import { freeSwapSlots } from '../pages/swap.ts';
import { endWriteback, nextWrittenNs, writtenNs } from '../pages/writeback.ts';
import { FRAME } from '../phys/frames.ts';
import { boostCell, freePagesOf } from '../phys/free-lists.ts';
import type { Compacted, CompactMode, Mover, Reclaimer } from '../phys/reclaimer.ts';
import { markFor } from '../phys/zones.ts';
import { CPU } from '../state/cpus.ts';
import { compactZones } from './compaction.ts';
import { Dying } from './dying.ts';
import { isKswapdAwake, KswapdTurn, wakeKswapd, wakesItself } from './kswapd.ts';
import { KSWAPD } from './kswapd-state.ts';
import { isMovable, vacate } from './migrate.ts';
import { killProcess, selectBadProcess } from './oom.ts';
import { reclaimPage } from './pageout.ts';
import { KSWAPD_PLUG, Plug, TASK_PLUG } from './plug.ts';
import { notePressure, notePriority } from './pressure.ts';
import { ReverseMap } from './rmap.ts';
import { DEF_PRIORITY, rememberRefaults, type ScanControl, SWAP_CLUSTER_MAX, shrinkNode } from './scan.ts';
import type { Shrinker } from './shrinkers.ts';
import {
  endOfKswapdsTurn,
  endsTasksTurn,
  isTasksTurnNext,
  resumeTask,
  taskSleeps,
  taskWakes,
  wakeBesideTask,
  yieldsToKswapd,
} from './turns.ts';
import type { ReclaimWatch } from './watch.ts';

/** One for each fold: between two events it has nothing to remember. */
export class PageReclaimer implements Reclaimer {
  /** The process that asked, and is to be killed when its event is over; 0: none. */
  private doomed = 0;
  /** Another one that was killed, until it is gone. */
  private dying: Dying | undefined;
  /** What the event has taken up to now, while kswapd runs; and whether it does. */
  private eventNs = 0;
  private isKswapdsTurn = false;
  readonly watch: ReclaimWatch | undefined;
  readonly shrinkers: readonly Shrinker[];

  constructor(watch?: ReclaimWatch, shrinkers: readonly Shrinker[] = []) {
    this.watch = watch;
    this.shrinkers = shrinkers;
  }

  mover(draft: Draft): Mover {
    const rmap = new ReverseMap(draft);
    return {
      isMovable: (pfn) => isMovable(draft, rmap, pfn),
      vacate: (pfn) => {
        this.waitUntilWritten(draft, pfn);
        return vacate(draft, rmap, pfn);
      },
    };
  }

  compact(draft: Draft, highestZone: number, order: number, mode: CompactMode): Compacted {
    draft.reclaims++;
    return compactZones(draft, highestZone, order, mode);
  }

  /** folio_wait_writeback(). */
  private waitUntilWritten(draft: Draft, pfn: number): void {
    if ((lruFlags(draft, pfn) & PG_WRITEBACK) === 0) return;
    // kswapd comes to its turn while somebody waits for what it has not handed over yet.
    if (writtenNs(draft, pfn) === 0) new Plug(draft, KSWAPD_PLUG, () => this.nowNs(draft)).flush();
    const doneNs = writtenNs(draft, pfn);
    draft.spend(Math.max(0, doneNs - this.nowNs(draft)));
    endWriteback(draft, doneNs);
  }

  wakeKswapd(draft: Draft, highestZone: number): void {
    if (wakeKswapd(draft, highestZone)) this.beginTurns(draft);
  }

  giveWay(draft: Draft): boolean {
    if (!isKswapdAwake(draft) || draft.kswapd[KSWAPD.preempts] === 0) return false;
    draft.reclaims++;
    this.letKswapdRun(draft);
    return true;
  }

  waitForIo(draft: Draft, ns: number): void {
    if (!isKswapdAwake(draft) || this.isKswapdsTurn || !isAlone(draft)) {
      draft.spend(ns);
      return;
    }
    const { kswapd, counters } = draft;
    const doneNs = this.nowNs(draft) + ns;
    // Both sleep.
    draft.spend(Math.min(ns, Math.max(0, kswapd[KSWAPD.sleepsUntilNs]! - this.nowNs(draft))));
    const now = this.nowNs(draft);
    if (now >= doneNs) return;
    taskSleeps(draft, now);
    kswapd[KSWAPD.clockNs] = now;
    const before = counters[COUNTER.kswapdNs]!;
    this.runKswapd(draft, doneNs, true);
    const usedNs = counters[COUNTER.kswapdNs]! - before;
    draft.spend(Math.max(0, doneNs - now - usedNs));
    const wokenNs = this.nowNs(draft);
    if (taskWakes(draft, usedNs, wokenNs) || !isKswapdAwake(draft)) return;
    this.runKswapd(draft, endOfKswapdsTurn(draft, now, wokenNs));
    resumeTask(draft, wokenNs, this.nowNs(draft));
  }

  reclaim(draft: Draft, highestZone: number, gfp: number): number {
    draft.reclaims++;
    this.letVictimRun(draft);
    this.watch?.direct?.(draft, highestZone);
    const sc: ScanControl = {
      rmap: new ReverseMap(draft),
      mayEnterFs: (gfp & __GFP_FS) !== 0,
      mayDoIo: (gfp & __GFP_IO) !== 0,
      nowNs: () => this.nowNs(draft),
      watch: this.watch,
      plug: new Plug(draft, TASK_PLUG, () => this.nowNs(draft)),
      giveWay: () => this.letKswapdRun(draft),
      shrinkers: this.shrinkers,
      sleepUntil: (ns) => this.waitForIo(draft, Math.max(0, ns - this.nowNs(draft))),
      isKswapd: false,
      highestZone,
      nrToReclaim: SWAP_CLUSTER_MAX,
      priority: DEF_PRIORITY,
      ...{ nrScanned: 0, nrReclaimed: 0 },
      ...{ maySwap: true, forceDeactivate: false, skippedDeactivate: false },
    };
    this.tryToFree(draft, sc);
    if (sc.nrReclaimed > 0 || !sc.skippedDeactivate) return sc.nrReclaimed;
    // Active pages that were left alone may be all there is in these zones.
    sc.forceDeactivate = true;
    this.tryToFree(draft, sc);
    return sc.nrReclaimed;
  }

  pageOut(draft: Draft, pfns: readonly number[]): void {
    const control = {
      rmap: new ReverseMap(draft),
      mayEnterFs: true,
      mayDoIo: true,
      nowNs: () => this.nowNs(draft),
      watch: this.watch,
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

  /** do_try_to_free_pages(). */
  private tryToFree(draft: Draft, sc: ScanControl): void {
    draft.counters[COUNTER.directReclaims]!++;
    for (sc.priority = DEF_PRIORITY; sc.priority >= 0; sc.priority--) {
      if (notePriority(draft, sc.priority)) this.standBack(draft);
      sc.nrScanned = 0;
      shrinkNode(draft, sc);
      if (notePressure(draft, sc.nrScanned)) this.standBack(draft);
      if (sc.nrReclaimed >= sc.nrToReclaim) break;
      if (sc.priority === 1 && sc.nrReclaimed === 0) this.waitForDisk(draft);
    }
    rememberRefaults(draft);
  }

  /** A worker thread has had the cpu for a moment: of the task and kswapd the one goes on that had less of it. */
  private standBack(draft: Draft): void {
    if (!isKswapdAwake(draft) || !isAlone(draft)) return;
    yieldsToKswapd(draft, this.nowNs(draft));
    this.letKswapdRun(draft);
  }

  /** reclaim_throttle(VMSCAN_THROTTLE_NOPROGRESS): what is being written will be free soon. */
  private waitForDisk(draft: Draft): void {
    const wait = nextWrittenNs(draft) - this.nowNs(draft);
    if (Number.isFinite(wait)) draft.spend(Math.max(0, wait));
    draft.kswapd[KSWAPD.preempts] = 1;
    this.letKswapdRun(draft);
  }

  mayRetry(draft: Draft, highestZone: number, order: number, gfp: number): boolean {
    const hasSwap = freeSwapSlots(draft) > 0;
    const lists = [INACTIVE_FILE, ACTIVE_FILE, ...(hasSwap ? [INACTIVE_ANON, ACTIVE_ANON] : [])];
    return draft.platform.zones.slice(0, highestZone + 1).some((zone) => {
      const free = freePagesOf(draft, zone.index);
      const pages = lists.reduce((sum, list) => sum + lruSizeOfZone(draft, list, zone.index), 0);
      // zone_reclaimable_pages() since 6.1.123: a zone of which nothing can go has its free pages counted for that.
      const reclaimable = pages === 0 ? free : pages;
      const available = reclaimable + free - ((1 << order) - 1);
      const boost = draft.freeLists[boostCell(zone.index)]!;
      return available > markFor(zone, gfp, 'min', boost) + zone.lowmemReserve[highestZone]!;
    });
  }

  killForMemory(draft: Draft, gfp: number): boolean {
    const hasDma32 = draft.platform.zones.some(({ name }) => name === 'DMA32');
    const isLowmem = (gfp & (hasDma32 ? __GFP_DMA | __GFP_DMA32 : __GFP_DMA)) !== 0;
    const givesUp = (gfp & __GFP_RETRY_MAYFAIL) !== 0;
    if ((gfp & __GFP_FS) === 0 || isLowmem || givesUp || this.doomed !== 0) return false;
    if (this.dying !== undefined) return this.waitForVictim(draft, this.dying);
    const victim = selectBadProcess(draft);
    if (victim === 0) return false;
    this.watch?.killed?.(victim);
    const asking = draft.records.process(draft.cpus.get(draft.cpu, CPU.pid));
    if (asking?.mm !== draft.records.process(victim)!.mm) {
      this.dying = new Dying(draft, victim, this.nowNs(draft));
      this.letVictimRun(draft);
      return true;
    }
    this.doomed = asking.pid;
    return false;
  }

  /** There is hope as long as somebody dies, who does so at the latest while nothing else takes time. */
  private waitForVictim(draft: Draft, dying: Dying): boolean {
    const nowNs = this.nowNs(draft);
    if (dying.askedAtNs === nowNs) this.finishVictim(draft);
    dying.askedAtNs = nowNs;
    return true;
  }

  /** The victim's turn on the cpu that it shares, or what it has done meanwhile on another one. */
  private letVictimRun(draft: Draft): void {
    const { dying } = this;
    if (dying === undefined) return;
    const now = this.nowNs(draft);
    if (!isAlone(draft)) dying.run(draft, now);
    else if (endsTasksTurn(dying.turns, now)) {
      dying.clockNs = now;
      dying.run(draft, endOfKswapdsTurn(dying.turns, now));
      draft.spend(dying.clockNs - now);
      resumeTask(dying.turns, now, dying.clockNs);
    }
    if (dying.isGone) this.dying = undefined;
  }

  private finishVictim(draft: Draft): void {
    this.dying?.run(draft, Number.POSITIVE_INFINITY);
    this.dying = undefined;
  }

  settle(draft: Draft, status: number): number {
    let after = status;
    if (this.dying !== undefined) this.finishVictim(draft);
    if (this.doomed !== 0) {
      if (draft.records.process(this.doomed) !== undefined) killProcess(draft, this.doomed);
      this.doomed = 0;
      after = OOM_KILLED;
    }
    if (wakesItself(draft, this.nowNs(draft))) this.beginTurns(draft);
    if (!draft.isAtomic) this.letKswapdRun(draft);
    draft.isAtomic = false;
    return after;
  }

  private beginTurns(draft: Draft): void {
    const now = this.nowNs(draft);
    draft.kswapd[KSWAPD.clockNs] = now;
    if (isAlone(draft)) wakeBesideTask(draft, now);
  }

  /** kswapd's turn on the cpu that it shares, or what it has done meanwhile on one of its own. */
  private letKswapdRun(draft: Draft): void {
    if (!isKswapdAwake(draft) || this.isKswapdsTurn) return;
    const now = this.nowNs(draft);
    if (this.isKswapdAsleep(draft, now)) return;
    if (!isAlone(draft)) this.runKswapd(draft, now);
    else if (endsTasksTurn(draft, now)) {
      draft.kswapd[KSWAPD.clockNs] = now;
      this.runKswapd(draft, endOfKswapdsTurn(draft, now));
      resumeTask(draft, now, this.nowNs(draft));
    }
  }

  /** In the middle of a batch, until the disk is done. Then it wakes as others do. */
  private isKswapdAsleep(draft: Draft, nowNs: number): boolean {
    const { kswapd } = draft;
    const untilNs = kswapd[KSWAPD.sleepsUntilNs]!;
    if (untilNs === 0) return false;
    if (nowNs < untilNs) return true;
    kswapd[KSWAPD.sleepsUntilNs] = 0;
    kswapd[KSWAPD.clockNs] = Math.max(kswapd[KSWAPD.clockNs]!, untilNs);
    if (isAlone(draft)) wakeBesideTask(draft, nowNs);
    return false;
  }

  /** @param isTaskAsleep nobody else wants the cpu */
  private runKswapd(draft: Draft, untilNs: number, isTaskAsleep = false): void {
    const { kswapd, counters } = draft;
    this.eventNs = draft.extraNs;
    this.isKswapdsTurn = true;
    const began = kswapd[KSWAPD.clockNs]!;
    const clock = (): number => kswapd[KSWAPD.clockNs]! + draft.extraNs;
    // On a cpu of its own nobody interrupts it; it is only looked at what it has done up to now.
    const turn = new KswapdTurn(draft, clock, this, isAlone(draft) ? untilNs : Number.POSITIVE_INFINITY);
    while (isKswapdAwake(draft) && kswapd[KSWAPD.clockNs]! < untilNs) {
      draft.extraNs = 0;
      const standsBack = turn.step() && isAlone(draft) && !isTaskAsleep;
      kswapd[KSWAPD.clockNs]! += Math.max(1, draft.extraNs);
      const sleepsUntilNs = turn.takeSleepNs();
      if (sleepsUntilNs > kswapd[KSWAPD.clockNs]!) {
        kswapd[KSWAPD.sleepsUntilNs] = sleepsUntilNs;
        break;
      }
      if (standsBack && isTasksTurnNext(draft, began, kswapd[KSWAPD.clockNs]!)) break;
    }
    turn.save();
    counters[COUNTER.kswapdNs]! += kswapd[KSWAPD.clockNs]! - began;
    draft.extraNs = this.eventNs;
    this.isKswapdsTurn = false;
  }

  /** The time on the wall, which the disk goes by. A cpu's clock stands still while kswapd is on it. */
  private nowNs(draft: Draft): number {
    const ownNs = draft.cpus.get(draft.cpu, CPU.clockNs) + draft.extraNs;
    return isAlone(draft) ? ownNs + draft.counters[COUNTER.kswapdNs]! : ownNs;
  }
}

/** Whether kswapd has to share the only cpu. */
function isAlone({ platform }: Draft): boolean {
  return platform.layout.onlineCpus === 1;
}
