/**
 * Scanning the LRU lists: active pages made inactive when those are few, inactive ones reclaimed (mm/vmscan.c, v6.1:
 * shrink_node, shrink_lruvec, shrink_active_list, shrink_inactive_list).
 *
 * Simplified: there is one node and no cgroup.
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import {
  ACTIVE_ANON,
  ACTIVE_FILE,
  INACTIVE_ANON,
  INACTIVE_FILE,
  isFileList,
  isInactive,
  LRU_LISTS,
  lruFlags,
  lruListOf,
  moveToFront,
  PG_WORKINGSET,
} from '../pages/lru.ts';
import { lruBack, lruSize, lruSizeUpTo } from '../pages/lru-links.ts';
import { passOverHigherZones } from '../pages/lru-runs.ts';
import { PAGES_VAR } from '../pages/state.ts';
import { noteCost } from '../pages/workingset.ts';
import { endWriteback } from '../pages/writeback.ts';
import { FRAME } from '../phys/frames.ts';
import { zoneOfPfn } from '../phys/page-alloc.ts';
import { shrinkSplitQueue } from './deferred-split.ts';
import { FREED, type PageoutControl, QUEUED, reclaimPage, WRITTEN } from './pageout.ts';
import type { Batch, Plug } from './plug.ts';
import { testAndClearAccessed } from './rmap.ts';
import { type Deactivation, deactivation, inactiveIsLow, scanCounts } from './scan-count.ts';
import { type Shrinker, shrinkSlabs } from './shrinkers.ts';
import { RECLAIM_VAR } from './state.ts';

/** SWAP_CLUSTER_MAX of include/linux/swap.h, DEF_PRIORITY of include/linux/mmzone.h, v6.1. */
export const SWAP_CLUSTER_MAX = 32;
export const DEF_PRIORITY = 12;

/** struct scan_control. */
export interface ScanControl extends PageoutControl {
  readonly isKswapd: boolean;
  /** Index of the highest zone that helps (reclaim_idx): pages of higher ones are not counted, and passed over. */
  readonly highestZone: number;
  nrToReclaim: number;
  /** Lists are scanned by 1/2^priority. */
  priority: number;
  nrScanned: number;
  nrReclaimed: number;
  /** Anonymous pages may go (may_swap): not for the sake of a boosted mark. */
  maySwap: boolean;
  /** Active pages are made inactive whatever the lists are like (force_deactivate). */
  forceDeactivate: boolean;
  /** Some were not. */
  skippedDeactivate: boolean;
  /** Lets whoever else wants the cpu have it (cond_resched); or tells kswapd that it is somebody else's turn. */
  readonly giveWay?: () => void;
  readonly isTurnOver?: () => boolean;
  readonly shrinkers?: readonly Shrinker[];
  /** Sleeps until then; undefined: who called does, and the batch is left for that long. */
  readonly sleepUntil?: (ns: number) => void;
  /** When kswapd goes on that sleeps. */
  sleepsUntilNs?: number;
}

/** How far a round is: shrink_lruvec() with its targets. */
export interface Round {
  readonly targets: readonly number[];
  /** By list: pages that are still to be looked at. */
  readonly left: number[];
  readonly may: Deactivation;
  nrReclaimed: number;
}

/** shrink_node(): one round at the priority of `sc`. */
export function shrinkNode(draft: Draft, sc: ScanControl): void {
  const round = beginRound(draft, sc);
  while (stepRound(draft, sc, round)) sc.giveWay?.();
  endRound(draft, sc, round);
}

export function beginRound(draft: Draft, sc: ScanControl): Round {
  const may = sc.forceDeactivate ? { anon: true, file: true } : deactivation(draft);
  draft.spend(draft.platform.costs.scanRoundNs);
  const targets = scanCounts(draft, sc.priority, sc.highestZone, may, sc.maySwap);
  return { targets, left: [...targets], may, nrReclaimed: 0 };
}

/** At most SWAP_CLUSTER_MAX pages of each list. False when the round is over. */
export function stepRound(draft: Draft, sc: ScanControl, round: Round): boolean {
  const rest = sc.plug?.resumeBatch();
  if (rest !== undefined) {
    round.nrReclaimed += lookAt(draft, sc, rest);
    return true;
  }
  const { left } = round;
  if (left[INACTIVE_ANON]! + left[ACTIVE_FILE]! + left[INACTIVE_FILE]! === 0) return false;
  for (const list of LRU_LISTS) {
    const nrToScan = Math.min(left[list]!, SWAP_CLUSTER_MAX);
    left[list]! -= nrToScan;
    if (nrToScan > 0) round.nrReclaimed += shrinkList(draft, sc, round.may, list, nrToScan);
    if (sc.plug?.isBatchBroken) return true;
  }
  const isProportional = !sc.isKswapd && sc.priority === DEF_PRIORITY;
  if (round.nrReclaimed < sc.nrToReclaim || isProportional) return true;
  return adjust(round);
}

/**
 * What was wanted is there: the kind with less left is done, of the other one only so large a part is looked at as of
 * that. False when only one kind is left, and so nothing.
 */
function adjust({ targets, left }: Round): boolean {
  const anon = left[INACTIVE_ANON]! + left[ACTIVE_ANON]!;
  const file = left[INACTIVE_FILE]! + left[ACTIVE_FILE]!;
  if (anon === 0 || file === 0) return false;
  const [smaller, larger] = file > anon ? [INACTIVE_ANON, INACTIVE_FILE] : [INACTIVE_FILE, INACTIVE_ANON];
  const target = targets[smaller]! + targets[smaller + 1]! + 1;
  const percentLeft = Math.floor((Math.min(anon, file) * 100) / target);
  left[smaller] = 0;
  left[smaller + 1] = 0;
  for (const list of [larger, larger + 1]) {
    const done = targets[list]! - left[list]!;
    left[list] = Math.max(0, Math.floor((targets[list]! * (100 - percentLeft)) / 100) - done);
  }
  return true;
}

/** Anonymous pages age in any case. A round that freed something wakes kswapd's hopes. */
export function endRound(draft: Draft, sc: ScanControl, { nrReclaimed }: Round): void {
  sc.plug?.flush();
  ageAnon(draft, sc);
  shrinkSplitQueue(draft, sc.rmap, sc.priority);
  const freed = nrReclaimed + shrinkSlabs(draft, sc.shrinkers ?? [], sc.priority);
  sc.nrReclaimed += freed;
  if (freed > 0) draft.vars[RECLAIM_VAR.kswapdFailures] = 0;
}

/** Also of zones that do not help (kswapd_age_node; the end of shrink_lruvec). */
export function ageAnon(draft: Draft, sc: ScanControl): void {
  const hasSwap = draft.platform.reclaim!.swapSlots > 0;
  if (hasSwap && inactiveIsLow(draft, INACTIVE_ANON)) shrinkActive(draft, sc, ACTIVE_ANON, SWAP_CLUSTER_MAX);
}

/** snapshot_refaults(). */
export function rememberRefaults({ vars }: Draft): void {
  vars[RECLAIM_VAR.seenAnon] = vars[PAGES_VAR.activatedAnon]!;
  vars[RECLAIM_VAR.seenFile] = vars[PAGES_VAR.activatedFile]!;
}

function shrinkList(
  draft: Draft,
  sc: ScanControl,
  may: Deactivation,
  list: number,
  nrToScan: number,
): number {
  if (isInactive(list)) return shrinkInactive(draft, sc, list, nrToScan);
  if (isFileList(list) ? may.file : may.anon) shrinkActive(draft, sc, list, nrToScan);
  else sc.skippedDeactivate = true;
  return 0;
}

/** Returns how many pages are free. */
function shrinkInactive(draft: Draft, sc: ScanControl, list: number, nrToScan: number): number {
  let left = Math.min(nrToScan, lruSizeUpTo(draft, list, sc.highestZone));
  let freed = 0;
  endWriteback(draft, sc.nowNs());
  while (left > 0) {
    const pfns = isolate(draft, sc, list, left);
    if (pfns.length === 0) break;
    left -= pfns.length;
    sc.plug?.beginBatch();
    freed += lookAt(draft, sc, { list, pfns });
    if (sc.plug?.isBatchBroken) break;
  }
  return freed;
}

/** shrink_folio_list(): before each page others may have the cpu. Who comes back to it goes on with the rest of the batch. */
function lookAt(draft: Draft, sc: ScanControl, { list, pfns }: Batch): number {
  const looked = { scanned: 0, freed: 0, written: 0 };
  let at = 0;
  for (; at < pfns.length && !(at > 0 && sc.isTurnOver?.()); at++) {
    sc.giveWay?.();
    if (list === INACTIVE_ANON && sc.plug?.allocBio() === false && !waitsForBios(sc, sc.plug)) break;
    // Somebody else may have taken it meanwhile, where there are few pages.
    if (lruListOf(draft, pfns[at]!) === list) lookAtPage(draft, sc, pfns[at]!, looked);
  }
  if (at < pfns.length) sc.plug?.breakBatch({ list, pfns: pfns.slice(at) });
  else sc.plug?.endBatch();
  noteScanned(draft, sc, looked.scanned);
  draft.counters[sc.isKswapd ? COUNTER.pgstealKswapd : COUNTER.pgstealDirect]! += looked.freed;
  noteCost(draft, isFileList(list), looked.written);
  return looked.freed;
}

/** What became of the pages of a batch. */
interface Looked {
  scanned: number;
  freed: number;
  written: number;
}

function lookAtPage(draft: Draft, sc: ScanControl, pfn: number, looked: Looked): void {
  draft.spend(draft.platform.costs.scanPageNs);
  looked.scanned++;
  const outcome = reclaimPage(draft, sc, pfn);
  if (outcome === FREED || outcome === WRITTEN) looked.freed++;
  if (outcome === WRITTEN || outcome === QUEUED) looked.written++;
}

function noteScanned(draft: Draft, sc: ScanControl, nrPages: number): void {
  sc.nrScanned += nrPages;
  draft.counters[sc.isKswapd ? COUNTER.pgscanKswapd : COUNTER.pgscanDirect]! += nrPages;
}

/** False if the batch has to be left for it. */
function waitsForBios(sc: ScanControl, plug: Plug): boolean {
  const doneNs = plug.flushForBios();
  if (!Number.isFinite(doneNs)) return true;
  if (sc.sleepUntil === undefined) {
    sc.sleepsUntilNs = doneNs;
    return false;
  }
  sc.sleepUntil(doneNs);
  plug.endWritten();
  return true;
}

/**
 * The pages at the back of a list, at most so many, out of the way of others: at its front, where they are put back to. A huge
 * page is taken alone, and from where it is: its parts are next when it is split.
 */
function isolate(draft: Draft, sc: ScanControl, list: number, nrToScan: number): number[] {
  const pfns: number[] = [];
  const passed = forBack(draft, sc, list, nrToScan, (pfn) => {
    const isHuge = draft.frames.get(pfn, FRAME.order) > 0;
    if (isHuge && pfns.length > 0) return false;
    pfns.push(pfn);
    if (!isHuge) moveToFront(draft, pfn, list, lruFlags(draft, pfn));
    return !isHuge;
  });
  noteScanned(draft, sc, passed);
  return pfns;
}

/** From the back of an active list to the front of the inactive one; code that is in use stays. */
function shrinkActive(draft: Draft, sc: ScanControl, list: number, nrToScan: number): void {
  endWriteback(draft, sc.nowNs());
  forBack(draft, sc, list, nrToScan, (pfn) => {
    draft.spend(draft.platform.costs.scanPageNs);
    const { count, isExecutable } = testAndClearAccessed(draft, sc.rmap.mappersOf(pfn));
    const stays = count > 0 && isExecutable && isFileList(list);
    const flags = lruFlags(draft, pfn) | (stays ? 0 : PG_WORKINGSET);
    moveToFront(draft, pfn, stays ? list : list & ~1, flags);
    if (!stays) draft.counters[COUNTER.pgdeactivate]!++;
    return true;
  });
}

/**
 * isolate_lru_folios(): the pages at the back, of zones that help. `visit` takes the page from the back, and returns whether
 * it wants another one. Returns how many pages of other zones were passed over: they are not among those that are to be looked at,
 * but count as scanned.
 */
function forBack(
  draft: Draft,
  sc: ScanControl,
  list: number,
  nrToScan: number,
  visit: (pfn: number) => boolean,
): number {
  const { zones, costs } = draft.platform;
  const eligible = lruSizeUpTo(draft, list, sc.highestZone);
  let left = Math.min(nrToScan, eligible);
  const passed = eligible < lruSize(draft, list) ? passOverHigherZones(draft, list, sc.highestZone, left) : 0;
  draft.spend(passed * costs.passPageNs);
  for (; left > 0; left--) {
    const pfn = lruBack(draft, list);
    // Fewer entries than pages: some are huge.
    if (pfn < 0 || zoneOfPfn(zones, pfn).index > sc.highestZone || !visit(pfn)) break;
  }
  return passed;
}
