/**
 * Pages on their way to the swap area: handed to the disk, which writes one after the other while the machine goes on
 * (swap_writepage of mm/page_io.c; folio_end_writeback, folio_rotate_reclaimable of mm/filemap.c and mm/swap.c, v6.1). A page that
 * is written goes to the back of its list: the next that is looked at there is free at once.
 *
 * Simplified: each page takes the disk as long (`diskWriteNs`, and `diskDelayNs` for the way of its request, in which others
 * follow it); nobody else's requests are in its way, neither are pages that are read.
 */

import type { Draft } from '../machine/draft.ts';
import { clearLruFlag, lruFlags, lruListOf, moveToBack, PG_WRITEBACK, setLruFlag } from './lru.ts';
import { PAGES_VAR } from './state.ts';
import { SWAP_PAGE } from './swap.ts';

/** Fields of an entry: PFN + 1, 0 if the page is gone meanwhile; and when it will be written. */
const ENTRY = { page: 0, doneNs: 1 } as const;
/** Entries are used in turn: more than there can be pages. */
const ENTRIES = 2 ** 16;
/**
 * Pages that the disk takes at once; whoever hands it more waits. Simplified: a request queue has room for 256 requests
 * (nr_requests of virtio and most others), of as many neighbouring pages as it happens; 4 on average here.
 */
const QUEUE_PAGES = 1024;

/** A page that is handed over alone. */
export function startWriteback(draft: Draft, pfn: number, clock: () => number): void {
  setLruFlag(draft, pfn, PG_WRITEBACK);
  handOver(draft, [pfn], clock);
}

/**
 * Hands pages, already marked as such (PG_WRITEBACK), to the disk as one request: they are written together.
 * @param clock the time, which goes on while the draft is charged
 */
export function handOver(draft: Draft, pfns: readonly number[], clock: () => number): void {
  const { vars, writeback } = draft;
  if (pfns.length === 0) return;
  const { diskDelayNs, diskWriteNs, diskRequestNs } = draft.platform.costs;
  draft.spend(diskRequestNs * pfns.length);
  if (vars[PAGES_VAR.writebackEnd]! - vars[PAGES_VAR.writebackFirst]! >= QUEUE_PAGES) {
    draft.spend(Math.max(0, nextWrittenNs(draft) - clock()));
    endWriteback(draft, clock());
  }
  const beginNs = Math.max(clock() + diskDelayNs, vars[PAGES_VAR.writebackDoneNs]!);
  const doneNs = beginNs + pfns.length * diskWriteNs;
  for (const pfn of pfns) {
    const entry = vars[PAGES_VAR.writebackEnd]!;
    writeback.set(entry % ENTRIES, ENTRY.page, pfn + 1);
    writeback.set(entry % ENTRIES, ENTRY.doneNs, doneNs);
    vars[PAGES_VAR.writebackEnd] = entry + 1;
    draft.swapPages.set(pfn, SWAP_PAGE.written, entry + 1);
  }
  vars[PAGES_VAR.writebackDoneNs] = doneNs;
}

/** What the disk has done up to now. */
export function endWriteback(draft: Draft, nowNs: number): void {
  const { vars, writeback } = draft;
  let entry = vars[PAGES_VAR.writebackFirst]!;
  const end = vars[PAGES_VAR.writebackEnd]!;
  for (; entry < end; entry++) {
    const row = entry % ENTRIES;
    if (writeback.get(row, ENTRY.doneNs) > nowNs) break;
    const pfn = writeback.get(row, ENTRY.page) - 1;
    writeback.clear(row);
    if (pfn >= 0) written(draft, pfn);
  }
  const isEmpty = entry === end;
  vars[PAGES_VAR.writebackFirst] = isEmpty ? 0 : entry;
  if (isEmpty) vars[PAGES_VAR.writebackEnd] = 0;
}

/** folio_rotate_reclaimable(): whatever list it is on, it goes to the back of the inactive one. */
function written(draft: Draft, pfn: number): void {
  draft.swapPages.set(pfn, SWAP_PAGE.written, 0);
  moveToBack(draft, pfn, lruListOf(draft, pfn) & ~1, lruFlags(draft, pfn) & ~PG_WRITEBACK);
}

/** It is written while it is on no list, where nobody moves it (folio_test_lru). */
export function endWritebackInPlace(draft: Draft, pfn: number): void {
  forgetWriteback(draft, pfn);
  clearLruFlag(draft, pfn, PG_WRITEBACK);
}

/** When the first page that is under way will be written; Infinity: none is. */
export function nextWrittenNs({ vars, writeback }: Draft): number {
  const first = vars[PAGES_VAR.writebackFirst]!;
  return first === vars[PAGES_VAR.writebackEnd]!
    ? Number.POSITIVE_INFINITY
    : writeback.get(first % ENTRIES, ENTRY.doneNs);
}

/** Pages that the disk will still be at then: looked for by halves, since it writes them in their order. */
export function underWayAt({ vars, writeback }: Draft, nowNs: number): number {
  const end = vars[PAGES_VAR.writebackEnd]!;
  let first = vars[PAGES_VAR.writebackFirst]!;
  for (let above = end; first < above; ) {
    const middle = Math.floor((first + above) / 2);
    if (writeback.get(middle % ENTRIES, ENTRY.doneNs) > nowNs) above = middle;
    else first = middle + 1;
  }
  return end - first;
}

/** When the first of them will be written; Infinity: there are none. */
export function nextWrittenAfterNs(draft: Draft, nowNs: number): number {
  const { vars, writeback } = draft;
  const underWay = underWayAt(draft, nowNs);
  if (underWay === 0) return Number.POSITIVE_INFINITY;
  return writeback.get((vars[PAGES_VAR.writebackEnd]! - underWay) % ENTRIES, ENTRY.doneNs);
}

/** When a page that the disk is at will be written; 0: it is not at it, or not yet. */
export function writtenNs({ swapPages, writeback }: Draft, pfn: number): number {
  const entry = swapPages.get(pfn, SWAP_PAGE.written) - 1;
  return entry < 0 ? 0 : writeback.get(entry % ENTRIES, ENTRY.doneNs);
}

/** The page is freed before it is written, or nobody waits for that any more. */
export function forgetWriteback(draft: Draft, pfn: number): void {
  const entry = draft.swapPages.get(pfn, SWAP_PAGE.written) - 1;
  if (entry < 0) return;
  draft.writeback.set(entry % ENTRIES, ENTRY.page, 0);
  draft.swapPages.set(pfn, SWAP_PAGE.written, 0);
}
