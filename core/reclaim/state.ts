/** State of reclaim: single numbers, and how far kswapd is; the lists are those of pages. */
import { MAX_ZONES } from '../phys/zones.ts';
import { float64Cells, int32Cells, table } from '../state/parts.ts';
import { COMPACTION_CELLS } from './compaction-state.ts';
import { KSWAPD_CELLS } from './kswapd-state.ts';

export const reclaimState = {
  /** See kswapd-state.ts. */
  kswapd: float64Cells(126, KSWAPD_CELLS),
  /** By zone; see compaction-state.ts. */
  compaction: int32Cells(119, MAX_ZONES * COMPACTION_CELLS),
  /** Pages that wait to be handed to the disk; see plug.ts. */
  plugged: table(132, { cells: 'int32', stride: 2, leafBits: 6 }),
};

/** Its single numbers: indexes of `vars`. */
export const RECLAIM_VAR = {
  /** Runs of kswapd in a row that freed too little (kswapd_failures of pg_data_t). */
  kswapdFailures: 32,
  /** The process that the OOM killer ended last. */
  oomVictim: 33,
  /** What activatedAnon and activatedFile (PAGES_VAR) were when reclaim looked last (refaults of struct lruvec). */
  seenAnon: 44,
  seenFile: 45,
  /** Pages looked at since somebody was told how hard that is (tree_scanned of struct vmpressure). */
  pressureScanned: 52,
} as const;
