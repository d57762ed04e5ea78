/** Who looks on while memory is reclaimed: told of each step, and changes nothing. */
import type { Draft } from '../machine/draft.ts';

export interface ReclaimWatch {
  /** kswapd begins a run for the zones up to `highestZone` (mm_vmscan_kswapd_wake). */
  kswapd?(draft: Draft, highestZone: number): void;
  /** Whoever asks for a page begins to reclaim himself (mm_vmscan_direct_reclaim_begin). */
  direct?(draft: Draft, highestZone: number): void;
  /** A page is given up: to the swap area, of an object (mm_vmscan_write_folio), or out of the cache, of a file. */
  victim?(of: number, page: number, isFile: boolean): void;
  /** The OOM killer has chosen (mark_victim). */
  killed?(pid: number): void;
}
