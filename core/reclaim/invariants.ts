/** What must hold of a machine that reclaims: who is on which LRU list, and which slots of the swap area are in use. */

import type { Machine } from '../machine/machine.ts';
import { LRU_LISTS, lruList, lruListOf } from '../pages/lru.ts';
import { LRU, lruSize, lruSizeOfZone } from '../pages/lru-links.ts';
import { PAGES_VAR } from '../pages/state.ts';
import { SWAP, SWAP_PAGE } from '../pages/swap.ts';
import { FRAME, USE_ANON, USE_NAMES, USE_PAGE_CACHE } from '../phys/frames.ts';
import { zoneOfPfn } from '../phys/page-alloc.ts';

/** `slots`: by slot of the swap area, the entries that refer to it. */
export function checkReclaim(machine: Machine, slots: ReadonlyMap<number, number>, faults: string[]): void {
  checkLists(machine, faults);
  if (machine.platform.reclaim !== undefined) checkMembers(machine, faults);
  checkSlots(machine, slots, faults);
}

function checkLists(machine: Machine, faults: string[]): void {
  for (const list of LRU_LISTS) {
    const pfns = lruList(machine, list);
    const counted = lruSize(machine, list);
    const linked = pfns.reduce((pages, pfn) => pages + 2 ** machine.frames.get(pfn, FRAME.order), 0);
    if (linked !== counted) faults.push(`LRU list ${list}: ${linked} pages linked, ${counted} counted`);
    pfns.forEach((pfn, i) => {
      const before = machine.lru.get(pfn, LRU.prev) - 1;
      if (lruListOf(machine, pfn) !== list || before !== (pfns[i - 1] ?? -1))
        faults.push(`PFN ${pfn}: linked in LRU list ${list}, but not of it`);
      const use = machine.frames.get(pfn, FRAME.use);
      if (use !== USE_ANON && use !== USE_PAGE_CACHE)
        faults.push(`PFN ${pfn}: ${USE_NAMES[use]}, on an LRU list`);
    });
    checkZones(machine, list, pfns, faults);
  }
}

/** Pages are counted by zone, and neighbours of one zone are a run, whose ends know each other. */
function checkZones(machine: Machine, list: number, pfns: readonly number[], faults: string[]): void {
  const { zones } = machine.platform;
  const zoneOf = (pfn: number): number => zoneOfPfn(zones, pfn).index;
  for (const { index, name } of zones) {
    const here = pfns.filter((pfn) => zoneOf(pfn) === index);
    const linked = here.reduce((pages, pfn) => pages + 2 ** machine.frames.get(pfn, FRAME.order), 0);
    const counted = lruSizeOfZone(machine, list, index);
    if (linked !== counted)
      faults.push(`LRU list ${list}: ${linked} pages of ${name} linked, ${counted} counted`);
  }
  let first = 0;
  pfns.forEach((pfn, i) => {
    const isFirst = i === 0 || zoneOf(pfns[i - 1]!) !== zoneOf(pfn);
    const isLast = i === pfns.length - 1 || zoneOf(pfns[i + 1]!) !== zoneOf(pfn);
    if (isFirst) first = i;
    if (isLast) checkRun(machine, pfns.slice(first, i + 1), faults);
  });
}

function checkRun({ lru }: Machine, run: readonly number[], faults: string[]): void {
  run.forEach((pfn, i) => {
    const isEnd = i === 0 || i === run.length - 1;
    const otherEnd = isEnd ? run[run.length - 1 - i]! : -1;
    const found = lru.get(pfn, LRU.otherEnd) - 1;
    if (found !== otherEnd)
      faults.push(`PFN ${pfn}: the other end of its run is ${otherEnd}, found ${found}`);
  });
}

/** As many pages are listed as there are to list: with the above, each is on one list. */
function checkMembers(machine: Machine, faults: string[]): void {
  const { stride } = machine.frames.shape;
  let pages = 0;
  machine.frames.forEachLeaf((leaf) => {
    for (let at = 0; at < leaf.length; at += stride) {
      const use = leaf[at + FRAME.use];
      if (use === USE_ANON || use === USE_PAGE_CACHE) pages += 2 ** leaf[at + FRAME.order]!;
    }
  });
  const listed = LRU_LISTS.reduce((sum, list) => sum + lruSize(machine, list), 0);
  if (pages !== listed) faults.push(`${pages} pages could be reclaimed, ${listed} are on LRU lists`);
}

function checkSlots(
  { swapMap, swapPages, vars, platform }: Machine,
  slots: ReadonlyMap<number, number>,
  faults: string[],
): void {
  let used = 0;
  let cachedPages = 0;
  for (let slot = 1; slot <= vars[PAGES_VAR.swapSlots]!; slot++) {
    const counted = swapMap.get(slot, SWAP.count);
    const found = slots.get(slot) ?? 0;
    if (counted !== found) faults.push(`swap slot ${slot}: ${counted} references counted, ${found} found`);
    const cached = swapMap.get(slot, SWAP.cache) - 1;
    if (found > 0 || cached >= 0) used++;
    if (cached < 0) continue;
    cachedPages++;
    const own = swapPages.get(cached, SWAP_PAGE.slot);
    if (own !== slot) faults.push(`PFN ${cached}: in the swap cache for slot ${slot}, knows of slot ${own}`);
  }
  if (used !== vars[PAGES_VAR.swapUsed])
    faults.push(`${used} swap slots are in use, ${vars[PAGES_VAR.swapUsed]} counted`);
  if (cachedPages !== vars[PAGES_VAR.swapCached])
    faults.push(`${cachedPages} pages are in the swap cache, ${vars[PAGES_VAR.swapCached]} counted`);
  if (vars[PAGES_VAR.swapSlots]! > (platform.reclaim?.swapSlots ?? 0))
    faults.push(
      `swap slot ${vars[PAGES_VAR.swapSlots]} was used, there are ${platform.reclaim?.swapSlots ?? 0}`,
    );
  if (used > (platform.reclaim?.swapSlots ?? 0))
    faults.push(`${used} swap slots in use, more than there are`);
}
