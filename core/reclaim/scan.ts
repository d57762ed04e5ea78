/**
 * Scanning the LRU lists: active pages made inactive when those are few, inactive ones reclaimed (mm/vmscan.c, v6.1: shrink_lruvec, shrink_active_list, shrink_inactive_list).
 *
 * Simplified: there is one node and no cgroup; evicted pages leave no shadows behind, so a page that comes back too
 * soon is not known as such (mm/workingset.c); and slabs are not shrunk.
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
  lruBack,
  lruFlags,
  lruSize,
  lruSizeUpTo,
  moveToFront,
  passOverHigherZones,
} from '../pages/lru.ts';
import { PAGES_VAR } from '../pages/state.ts';
import { zoneOfPfn } from '../phys/page-alloc.ts';
import { KEPT, type PageoutControl, reclaimPage, WRITTEN } from './pageout.ts';
import { testAndClearAccessed } from './rmap.ts';
import { inactiveIsLow, scanCounts } from './scan-count.ts';
import { RECLAIM_VAR } from './state.ts';

/** SWAP_CLUSTER_MAX of include/linux/swap.h, DEF_PRIORITY of include/linux/mmzone.h, v6.1. */
export const SWAP_CLUSTER_MAX = 32;
export const DEF_PRIORITY = 12;

/** struct scan_control. */
export interface ScanControl extends PageoutControl {
  readonly isKswapd: boolean;
  /** Index of the highest zone that helps (reclaim_idx): pages of higher ones are not counted, and passed over. */
  readonly highestZone: number;
  readonly nrToReclaim: number;
  /** Lists are scanned by 1/2^priority. */
  priority: number;
  nrScanned: number;
  nrReclaimed: number;
}

/**
 * shrink_node(): one round at the priority of `sc`. It ends when this round, whatever those before it did, has freed
 * what is wanted (nr_reclaimed of shrink_lruvec, which begins at 0).
 */
export function shrinkNode(draft: Draft, sc: ScanControl): void {
  const before = sc.nrReclaimed;
  const targets = scanCounts(draft, sc.priority, sc.highestZone);
  while (targets[INACTIVE_ANON]! + targets[ACTIVE_FILE]! + targets[INACTIVE_FILE]! > 0) {
    for (const list of LRU_LISTS) {
      const nrToScan = Math.min(targets[list]!, SWAP_CLUSTER_MAX);
      targets[list]! -= nrToScan;
      if (nrToScan > 0) shrinkList(draft, sc, list, nrToScan);
    }
    if (sc.nrReclaimed - before >= sc.nrToReclaim) break;
  }
  const hasSwap = draft.platform.reclaim!.swapSlots > 0;
  if (hasSwap && inactiveIsLow(draft, INACTIVE_ANON)) shrinkActive(draft, sc, ACTIVE_ANON, SWAP_CLUSTER_MAX);
  if (sc.nrReclaimed > before) draft.vars[RECLAIM_VAR.kswapdFailures] = 0;
}

function shrinkList(draft: Draft, sc: ScanControl, list: number, nrToScan: number): void {
  if (isInactive(list)) shrinkInactive(draft, sc, list, nrToScan);
  else if (inactiveIsLow(draft, list & ~1)) shrinkActive(draft, sc, list, nrToScan);
}

function shrinkInactive(draft: Draft, sc: ScanControl, list: number, nrToScan: number): void {
  let scanned = 0;
  let freed = 0;
  let written = 0;
  forBack(draft, sc, list, nrToScan, (pfn) => {
    scanned++;
    const outcome = reclaimPage(draft, sc, pfn);
    if (outcome !== KEPT) freed++;
    if (outcome === WRITTEN) written++;
  });
  sc.nrScanned += scanned;
  sc.nrReclaimed += freed;
  draft.counters[sc.isKswapd ? COUNTER.pgscanKswapd : COUNTER.pgscanDirect]! += scanned;
  draft.counters[sc.isKswapd ? COUNTER.pgstealKswapd : COUNTER.pgstealDirect]! += freed;
  noteCost(draft, isFileList(list), written);
}

/** From the back of an active list to the front of the inactive one; code that is in use stays. */
function shrinkActive(draft: Draft, sc: ScanControl, list: number, nrToScan: number): void {
  forBack(draft, sc, list, nrToScan, (pfn) => {
    const { count, isExecutable } = testAndClearAccessed(draft, sc.rmap.mappersOf(pfn));
    const stays = count > 0 && isExecutable && isFileList(list);
    moveToFront(draft, pfn, stays ? list : list & ~1, lruFlags(draft, pfn));
    if (!stays) draft.counters[COUNTER.pgdeactivate]!++;
  });
}

/**
 * isolate_lru_folios(): the pages at the back, of zones that help. Those passed over are not counted, neither among the
 * pages that are to be looked at nor as scanned.
 */
function forBack(
  draft: Draft,
  sc: ScanControl,
  list: number,
  nrToScan: number,
  visit: (pfn: number) => void,
): void {
  const { zones, costs } = draft.platform;
  const eligible = lruSizeUpTo(draft, list, sc.highestZone);
  let left = Math.min(nrToScan, eligible);
  if (eligible < lruSize(draft, list)) passOverHigherZones(draft, list, sc.highestZone, left);
  for (; left > 0; left--) {
    const pfn = lruBack(draft, list);
    // Fewer entries than pages: some are huge.
    if (pfn < 0 || zoneOfPfn(zones, pfn).index > sc.highestZone) return;
    draft.spend(costs.scanPageNs);
    visit(pfn);
  }
}

/** lru_note_cost(): remembered until it is more than a quarter of all pages, and then halved. */
function noteCost({ vars }: Draft, isFile: boolean, nrPages: number): void {
  vars[isFile ? PAGES_VAR.fileCost : PAGES_VAR.anonCost]! += nrPages;
  const lruPages = LRU_LISTS.reduce((sum, list) => sum + lruSize({ vars }, list), 0);
  if (vars[PAGES_VAR.anonCost]! + vars[PAGES_VAR.fileCost]! <= Math.floor(lruPages / 4)) return;
  vars[PAGES_VAR.anonCost] = Math.floor(vars[PAGES_VAR.anonCost]! / 2);
  vars[PAGES_VAR.fileCost] = Math.floor(vars[PAGES_VAR.fileCost]! / 2);
}
