/** What a zone keeps of compaction (struct zone of include/linux/mmzone.h, v6.1). */

/** Cells of a zone. */
export const COMPACTION = {
  /** Where the scanners go on; 0: at the ends of the zone. */
  migratePfn: 0,
  freePfn: 1,
  /** Requests of this order and above wait until so many came, as a power of two; 0: none does. */
  orderFailed: 2,
  deferShift: 3,
  considered: 4,
} as const;
export const COMPACTION_CELLS = 5;

export function compactionCell(zone: number, field: number): number {
  return zone * COMPACTION_CELLS + field;
}
