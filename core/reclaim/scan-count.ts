/**
 * How much of which list a round of reclaim looks at (mm/vmscan.c, v6.1: prepare_scan_count, get_scan_count,
 * inactive_is_low). A request for a low zone counts the pages of that zone and those below; what decides between
 * anonymous and file pages, and whether enough are inactive, are the whole lists, for every request.
 */

import type { Machine } from '../machine/machine.ts';
import { ACTIVE_FILE, INACTIVE_ANON, INACTIVE_FILE, isFileList, LRU_LISTS } from '../pages/lru.ts';
import { lruSize, lruSizeUpTo } from '../pages/lru-links.ts';
import { PAGES_VAR } from '../pages/state.ts';
import { freeSwapSlots } from '../pages/swap.ts';
import { boostCell, freePagesOf } from '../phys/free-lists.ts';
import { MOST_SWAPPINESS } from './settings.ts';
import { RECLAIM_VAR } from './state.ts';

/** What is counted: of a machine or a draft. */
export type Counted = Pick<Machine, 'platform' | 'vars' | 'lruZonePages' | 'freeLists'>;

/** By kind: whether active pages are made inactive (may_deactivate of struct scan_control). */
export interface Deactivation {
  readonly anon: boolean;
  readonly file: boolean;
}

/**
 * Where too few are inactive, and where pages came back to be active since reclaim looked last: then others may no longer
 * be in use (prepare_scan_count).
 */
export function deactivation(of: Counted): Deactivation {
  const { vars } = of;
  return {
    anon: vars[PAGES_VAR.activatedAnon] !== vars[RECLAIM_VAR.seenAnon] || inactiveIsLow(of, INACTIVE_ANON),
    file: vars[PAGES_VAR.activatedFile] !== vars[RECLAIM_VAR.seenFile] || inactiveIsLow(of, INACTIVE_FILE),
  };
}

/**
 * Pages to look at by list: 1/2^priority of those up to `highestZone`, shared between anonymous and file pages.
 * @param maySwap kswapd does not for the sake of a boost (may_swap)
 */
export function scanCounts(
  of: Counted,
  priority: number,
  highestZone: number,
  may: Deactivation = deactivation(of),
  maySwap = true,
): number[] {
  const { swappiness } = of.platform.reclaim!;
  const all = LRU_LISTS.map((list) => lruSizeUpTo(of, list, highestZone));
  const share = (anon: number, file: number): number[] =>
    LRU_LISTS.map((list) => {
      const pages = Math.floor(all[list]! / 2 ** priority);
      return Math.floor((pages * (isFileList(list) ? file : anon)) / (anon + file));
    });
  if (!maySwap || freeSwapSlots(of) === 0) return share(0, 1);
  if (priority === 0 && swappiness > 0) return all;
  if (fileIsTiny(of, priority, may)) return share(1, 0);
  if (trimsCache(of, priority, may)) return share(0, 1);
  const { anon, file } = shares(of, swappiness);
  return share(anon, file);
}

/** What has cost much is left alone more, but neither kind below a third of what the other gets. */
function shares({ vars }: Counted, swappiness: number): { anon: number; file: number } {
  const both = vars[PAGES_VAR.anonCost]! + vars[PAGES_VAR.fileCost]!;
  const anonCost = both + vars[PAGES_VAR.anonCost]!;
  const fileCost = both + vars[PAGES_VAR.fileCost]!;
  const total = anonCost + fileCost;
  return {
    anon: Math.floor((swappiness * (total + 1)) / (anonCost + 1)),
    file: Math.floor(((MOST_SWAPPINESS - swappiness) * (total + 1)) / (fileCost + 1)),
  };
}

/** So little page cache is left that taking more of it would only make it thrash. */
function fileIsTiny(of: Counted, priority: number, may: Deactivation): boolean {
  const { zones } = of.platform;
  const file = lruSize(of, INACTIVE_FILE) + lruSize(of, ACTIVE_FILE);
  const free = zones.reduce((sum, zone) => sum + freePagesOf(of, zone.index), 0);
  const high = zones.reduce((sum, zone) => sum + zone.high + of.freeLists[boostCell(zone.index)]!, 0);
  const anon = Math.floor(lruSize(of, INACTIVE_ANON) / 2 ** priority);
  return file + free <= high && !may.anon && anon > 0;
}

/** So much page cache is inactive that nothing else need go. */
function trimsCache(of: Counted, priority: number, may: Deactivation): boolean {
  return Math.floor(lruSize(of, INACTIVE_FILE) / 2 ** priority) > 0 && !may.file;
}

/** The larger the memory, the smaller the part of its pages that need be inactive. */
export function inactiveIsLow(of: Counted, inactive: number): boolean {
  const inactivePages = lruSize(of, inactive);
  const activePages = lruSize(of, inactive | 1);
  const gib = Math.floor((inactivePages + activePages) / 2 ** (30 - of.platform.mmu.pageShift));
  const ratio = gib === 0 ? 1 : Math.floor(Math.sqrt(10 * gib));
  return inactivePages * ratio < activePages;
}
