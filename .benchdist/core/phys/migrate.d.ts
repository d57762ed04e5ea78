import type { Draft } from '../state/draft.ts';
export declare const MIGRATE_UNMOVABLE = 0;
export declare const MIGRATE_MOVABLE = 1;
export declare const MIGRATE_RECLAIMABLE = 2;
/** Types that have lists, in the buddy allocator and on every cpu. */
export declare const MIGRATE_PCPTYPES = 3;
/** As /proc/pagetypeinfo names them. */
export declare const MIGRATE_NAMES: readonly ['Unmovable', 'Movable', 'Reclaimable'];
/** gfp_migratetype(): the lists that a request is served from. Both flags at once are a mistake: reclaimable. */
export declare function migrateTypeOf(gfp: number): number;
/** get_pageblock_migratetype(): the lists that a page goes back to. */
export declare function pageblockType(draft: Draft, pfn: number): number;
export declare function setPageblockType(draft: Draft, pfn: number, migrateType: number): void;
