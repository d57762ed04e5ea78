/** State of the page allocator: frames, free lists, pageblocks, per-cpu lists. */
import { int32Cells, int32CellsByCpu, table } from '../state/parts.ts';
import { FREE_LIST_CELLS } from './free-lists.ts';
import { PCP_CELLS_PER_CPU } from './pcp-lists.ts';

export const physState = {
  /** By PFN; see frames.ts. */
  frames: table(0, { cells: 'int32', stride: 5, leafBits: 8 }),
  /** By zone: free pages and the ends of the free lists; see free-lists.ts. */
  freeLists: int32Cells(98, FREE_LIST_CELLS),
  /** By PFN >>> pageblockOrder: migrate type; see migrate.ts. */
  pageblocks: table(12, { cells: 'int32', stride: 1, leafBits: 6 }),
  /** By cpu and zone: the ends of the per-cpu lists, and what stands on them; see pcp.ts. */
  pcps: int32CellsByCpu(99, PCP_CELLS_PER_CPU),
  pcpPages: table(13, { cells: 'int32', stride: 1, leafBits: 6 }),
};

/** Its single numbers: indexes of `vars`. */
export const PHYS_VAR = {
  /** Bit n: the marks of zone n were boosted, and nobody has told kswapd (ZONE_BOOSTED_WATERMARK). */
  boostedZones: 46,
  /** Zones that kswapd is at, from the lowest on (ZONE_RECLAIM_ACTIVE). */
  reclaimedZones: 47,
  /** 1: kswapd runs, or sleeps so lightly that it may go on by itself: it has to be asked after each event. */
  kswapdBusy: 51,
} as const;
