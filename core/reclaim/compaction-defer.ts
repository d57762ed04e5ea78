/** Who asks for a block that could not be made is refused for a while, twice as long each time (mm/compaction.c, v6.1). */
import type { Draft } from '../machine/draft.ts';
import type { Zone } from '../phys/zones.ts';
import { COMPACTION, compactionCell } from './compaction-state.ts';

/** COMPACT_MAX_DEFER_SHIFT. */
const MOST_DEFER_SHIFT = 6;

/** compaction_deferred(): so many requests after it failed are not worth another try. */
export function isDeferred({ compaction }: Draft, { index }: Zone, order: number): boolean {
  const shift = compaction[compactionCell(index, COMPACTION.deferShift)]!;
  if (shift === 0 || order < compaction[compactionCell(index, COMPACTION.orderFailed)]!) return false;
  const considered = ++compaction[compactionCell(index, COMPACTION.considered)]!;
  return considered < 2 ** shift;
}

/** defer_compaction(). */
export function defer({ compaction }: Draft, { index }: Zone, order: number): void {
  const shift = compactionCell(index, COMPACTION.deferShift);
  const failed = compactionCell(index, COMPACTION.orderFailed);
  compaction[compactionCell(index, COMPACTION.considered)] = 0;
  if (order < compaction[failed]! || compaction[shift] === 0) compaction[failed] = order;
  compaction[shift] = Math.min(compaction[shift]! + 1, MOST_DEFER_SHIFT);
}

/** compaction_defer_reset(). */
export function allowUpTo({ compaction }: Draft, { index }: Zone, order: number): void {
  const failed = compactionCell(index, COMPACTION.orderFailed);
  if (order >= compaction[failed]!) compaction[failed] = order + 1;
  compaction[compactionCell(index, COMPACTION.considered)] = 0;
  compaction[compactionCell(index, COMPACTION.deferShift)] = 0;
}
