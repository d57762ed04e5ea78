/**
 * Moving a page out of a frame that is wanted for a contiguous buffer (alloc_contig_range: isolate_migratepages_range,
 * reclaim_clean_pages_from_list and migrate_pages of mm/{page_alloc,compaction,vmscan,migrate}.c, v6.1): a clean page of a file
 * is dropped, any other one copied to a frame elsewhere.
 *
 * Simplified: huge pages stay, where a kernel moves them whole or splits them; entries keep their accessed bit, which 32-bit
 * kernels forget (migration_entry_supports_ad).
 */
import { __GFP_MOVABLE, __GFP_RETRY_MAYFAIL, GFP_HIGHUSER, GFP_USER } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { VM_LOCKED } from '../mm/vma.ts';
import { isFileList, lruFlags, lruListOf, moveLru, PG_DIRTY, PG_LAZYFREE } from '../pages/lru.ts';
import { moveInSwapCache, slotOfPage } from '../pages/swap.ts';
import { flushUser } from '../paging/flush.ts';
import { makePte, pteFlags } from '../paging/pte.ts';
import { writePte } from '../paging/tables.ts';
import { FRAME, frameOwner, USE_PAGE_CACHE } from '../phys/frames.ts';
import { allocPages, zoneOfPfn } from '../phys/page-alloc.ts';
import { VACATE } from '../phys/reclaimer.ts';
import { dropPage, isPinned } from './pageout.ts';
import { isMappedDirty, type Mapper, type ReverseMap } from './rmap.ts';

/** Whether a page lies on a list, alone, and nobody works on it but those who map it, and perhaps the disk. */
export function isMovable(draft: Draft, rmap: ReverseMap, pfn: number): boolean {
  const { frames } = draft;
  if (lruListOf(draft, pfn) < 0 || frames.get(pfn, FRAME.order) > 0) return false;
  return frames.get(pfn, FRAME.next) === 0 && !isPinned(draft, pfn, rmap.mappersOf(pfn));
}

/** What became of the page in a frame; see VACATE. */
export function vacate(draft: Draft, rmap: ReverseMap, pfn: number): number {
  if (!isMovable(draft, rmap, pfn)) return VACATE.busy;
  const mappers = rmap.mappersOf(pfn);
  if (isClean(draft, pfn, mappers)) {
    dropPage(draft, pfn, mappers);
    return VACATE.done;
  }
  // Making room for the copy must not take the page itself, nor hand it to the disk (isolate_migratepages_range).
  draft.frames.add(pfn, FRAME.refs, 1);
  const to = allocPages(draft, 0, gfpLike(draft, pfn), draft.frames.get(pfn, FRAME.use), 0);
  draft.frames.add(pfn, FRAME.refs, -1);
  if (to < 0) return VACATE.noMemory;
  movePage(draft, pfn, to, rmap.mappersOf(pfn));
  return VACATE.done;
}

/** Of a file, as it is on disk, and not locked (reclaim_clean_pages_from_list). */
function isClean(draft: Draft, pfn: number, mappers: readonly Mapper[]): boolean {
  const isDirty = (lruFlags(draft, pfn) & (PG_DIRTY | PG_LAZYFREE)) !== 0 || isMappedDirty(draft, mappers);
  return (
    isFileList(lruListOf(draft, pfn)) && !isDirty && mappers.every(({ vma }) => (vma.flags & VM_LOCKED) === 0)
  );
}

/** alloc_migration_target(): high memory only for what lies there. */
function gfpLike({ platform }: Draft, pfn: number): number {
  const isHigh = zoneOfPfn(platform.zones, pfn).name === 'HighMem';
  return (isHigh ? GFP_HIGHUSER : GFP_USER) | __GFP_MOVABLE | __GFP_RETRY_MAYFAIL;
}

/** The copy has all that the page had: who owns it, who maps it, its place among those of its list. */
export function movePage(draft: Draft, from: number, to: number, mappers: readonly Mapper[]): void {
  const { frames, ptes, pageCache } = draft;
  frames.set(to, FRAME.refs, frames.get(from, FRAME.refs));
  frames.set(to, FRAME.owner, frames.get(from, FRAME.owner));
  if (frames.get(from, FRAME.use) === USE_PAGE_CACHE) pageCache.set(frameOwner(frames, from), 0, to + 1);
  for (const { mm, vpn, row } of mappers) {
    writePte(draft, row, makePte(to, pteFlags(ptes.get(row, 0))));
    flushUser(draft, draft.cpu, mm.id, vpn, 1);
  }
  const slot = slotOfPage(draft, from);
  if (slot !== 0) moveInSwapCache(draft, from, to);
  moveLru(draft, from, to);
  draft.spend(draft.platform.costs.copyPageNs);
}
