/**
 * Fault-around: a read fault of a file maps the pages beside its own too, as far as they are in the page cache
 * (do_fault_around and filemap_map_pages of mm/memory.c and mm/filemap.c, v6.1; since 3.15). What the kernel's own pages
 * for user mode have instead of a file maps nothing around (special_mapping_vmops).
 */
import type { Draft } from '../machine/draft.ts';
import type { FileRecord, Mm } from '../machine/machine.ts';
import { countResident } from '../mm/usage.ts';
import { endVpn, VM_DONTEXPAND, type Vma } from '../mm/vma.ts';
import { lruFlags, PG_READAHEAD } from '../pages/lru.ts';
import { makePte } from '../paging/pte.ts';
import { entryRow, leafTable } from '../paging/table-walk.ts';
import { writePte } from '../paging/tables.ts';
import { FRAME } from '../phys/frames.ts';
import { cachedPage } from './page-cache.ts';
import { countHits, isUnderRead, readsAhead } from './readahead.ts';

/** fault_around_bytes_set(): rounded down to a power of two; what is no more than a page is nothing. */
export function faultAroundPages(bytes: number | undefined, pageShift: number): number {
  const pages = Math.floor((bytes ?? 0) / 2 ** pageShift);
  return pages < 2 ? 0 : 2 ** Math.floor(Math.log2(pages));
}

/** Maps what is cached around `vpn`, which is mapped already, with entries of these flags. */
export function faultAround(
  draft: Draft,
  { root }: Mm,
  vma: Vma,
  file: FileRecord,
  vpn: number,
  flags: number,
): void {
  if ((vma.flags & VM_DONTEXPAND) !== 0) return;
  const { mmu, costs } = draft.platform;
  const { start, end } = windowAround(draft, vma, vpn);
  const level = mmu.levels.length - 1;
  const row = entryRow(mmu, leafTable(draft, root, vpn), vpn, level) - vpn;
  let mapped = 0;
  for (let at = start; at < end; at++) {
    const page = vma.objectPage + at - vma.startVpn;
    if (page >= file.nrPages || draft.ptes.get(row + at, 0) !== 0) continue;
    const pfn = cachedPage(draft, file, page);
    if (pfn < 0 || isToBeRead(draft, file, page, pfn)) continue;
    draft.frames.add(pfn, FRAME.refs, 1);
    writePte(draft, row + at, makePte(pfn, flags));
    draft.spend(costs.pteNs);
    mapped++;
  }
  countResident(draft, root, mapped);
  if (readsAhead(draft, file)) countHits(draft, file, mapped);
}

/** next_uptodate_page(): left to a fault of its own, which goes on reading, or waits. */
function isToBeRead(draft: Draft, file: FileRecord, page: number, pfn: number): boolean {
  if (!readsAhead(draft, file)) return false;
  return (lruFlags(draft, pfn) & PG_READAHEAD) !== 0 || isUnderRead(draft, file, page);
}

/** From the window's beginning or the VMA's, as far as the window is long; within one table and the VMA. */
function windowAround(draft: Draft, vma: Vma, vpn: number): { start: number; end: number } {
  const { faultAroundPages: pages, mmu } = draft.platform;
  const table = vpn - (vpn % mmu.leafEntries);
  const start = Math.max(vpn - (vpn % pages), vma.startVpn, table);
  return { start, end: Math.min(start + pages, table + mmu.leafEntries, endVpn(vma)) };
}
