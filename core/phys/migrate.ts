/**
 * Migrate types: pageblocks group pages by whether they can be moved, so that the immovable ones do not end up
 * scattered over memory and large blocks stay possible (include/linux/mmzone.h, include/linux/gfp.h, v6.1).
 *
 * Left out: MIGRATE_HIGHATOMIC, whose pageblocks the kernel sets aside for atomic requests of order > 0.
 */
import { __GFP_MOVABLE, __GFP_RECLAIMABLE } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';

export const MIGRATE_UNMOVABLE = 0;
export const MIGRATE_MOVABLE = 1;
export const MIGRATE_RECLAIMABLE = 2;
/** Types that have lists, in the buddy allocator and on every cpu. */
export const MIGRATE_PCPTYPES = 3;
/** Pageblocks that are kept for contiguous buffers and lent to movable pages; 3 is MIGRATE_HIGHATOMIC. */
export const MIGRATE_CMA = 4;
/** Numbers of types, the one without pageblocks included. */
export const MIGRATE_TYPES = 5;
/** Of the types that every kernel has lists of, as /proc/pagetypeinfo names them. */
export const MIGRATE_NAMES = ['Unmovable', 'Movable', 'Reclaimable'] as const;

/** GFP_MOVABLE_SHIFT: the two flags are the type. */
const GFP_MOVABLE_SHIFT = 3;

/** MIGRATE_TYPES: those with lists, and MIGRATE_HIGHATOMIC; with CMA two more, its own and MIGRATE_ISOLATE. */
const migrateTypes = (hasCma: boolean): number => (hasCma ? 6 : 4);

/**
 * Bits of a gfp mask that tell its type. With fewer pageblocks than types whatever is asked for counts as unmovable
 * (page_group_by_mobility_disabled, build_all_zonelists() of mm/page_alloc.c, v6.1). `managed`: by zone, in pages.
 */
export function mobilityGfp(managed: readonly number[], pageblockOrder: number, hasCma: boolean): number {
  const pages = managed.reduce((sum, zone) => sum + zone, 0);
  const isEnough = pages >= migrateTypes(hasCma) * 2 ** pageblockOrder;
  return isEnough ? __GFP_MOVABLE | __GFP_RECLAIMABLE : 0;
}

/** gfp_migratetype(): the lists that a request is served from. Both flags at once are a mistake: reclaimable. */
export function migrateTypeOf(gfp: number): number {
  const type = (gfp & (__GFP_MOVABLE | __GFP_RECLAIMABLE)) >>> GFP_MOVABLE_SHIFT;
  return type < MIGRATE_PCPTYPES ? type : MIGRATE_RECLAIMABLE;
}

/** Pages of CMA wait on a cpu's lists of movable ones (free_unref_page). */
export function pcpTypeOf(migrateType: number): number {
  return migrateType < MIGRATE_PCPTYPES ? migrateType : MIGRATE_MOVABLE;
}

/** get_pageblock_migratetype(): the lists that a page goes back to. */
export function pageblockType(draft: Draft, pfn: number): number {
  return draft.pageblocks.get(pfn >>> draft.platform.pageblockOrder, 0);
}

export function setPageblockType(draft: Draft, pfn: number, migrateType: number): void {
  draft.pageblocks.set(pfn >>> draft.platform.pageblockOrder, 0, migrateType);
}
