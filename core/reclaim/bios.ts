/**
 * Whether there is a struct bio for another page that is to be written (bio_alloc_bioset of block/bio.c, mempool_alloc of
 * mm/mempool.c, v6.1). Those of a slab are soon used up, and where memory is short there is no page for another slab.
 *
 * Simplified: slabs of bios beyond the first one take no memory, and are gone when there is none.
 */

import { __GFP_KSWAPD_RECLAIM } from '../event/gfp.ts';
import type { Draft } from '../machine/draft.ts';
import { boostCell, freeCmaPagesOf, freePagesOf } from '../phys/free-lists.ts';
import { markFor } from '../phys/zones.ts';
import { KSWAPD } from './kswapd-state.ts';

/** Objects of a slab of fs_bio_set: struct bio with BIO_INLINE_VECS segments, 256 bytes. Two of them are its reserve. */
const BIOS = 16;
/** Slabs that a cache keeps beside: MIN_PARTIAL, and cpu_partial_slabs for 52 objects of that size (mm/slub.c, v6.1). */
const KEPT_SLABS = 5 + 7;

/**
 * bio_alloc_bioset(): from a further slab if need be. False when there is none.
 * @param nrInUse how many there are, one for each page that waits to be written or is being written
 */
export function allocBio(draft: Draft, nrInUse: number): boolean {
  const { kswapd } = draft;
  if (nrInUse < BIOS * (1 + kswapd[KSWAPD.bioSlabs]!)) return true;
  if (!hasPageForSlab(draft)) return false;
  kswapd[KSWAPD.bioSlabs] = Math.min(kswapd[KSWAPD.bioSlabs]! + 1, KEPT_SLABS);
  return true;
}

/** GFP_NOWAIT | __GFP_NOMEMALLOC of low memory: nobody reclaims for it, and reserves are closed to it. */
function hasPageForSlab(draft: Draft): boolean {
  const { zones, highestZones } = draft.platform;
  const asked = highestZones[0]!;
  return zones.slice(0, asked + 1).some((zone) => {
    const free = freePagesOf(draft, zone.index) - freeCmaPagesOf(draft, zone.index);
    const mark = markFor(zone, __GFP_KSWAPD_RECLAIM, 'min', draft.freeLists[boostCell(zone.index)]!);
    return free > mark + zone.lowmemReserve[asked]!;
  });
}
