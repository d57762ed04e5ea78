/** Looking at byte columns four events at a time: nearly all events are uneventful accesses, and stay unlooked at. */
import type { ReadonlyColumn } from '../../core/base/columns.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';

/** Four accesses in a row, as they stand in a kind column. */
export const FOUR_ACCESSES = EVENT_KINDS.access.code * 0x01010101;

/** The first `count` bytes as words. What the last word holds beyond `count` has no meaning. */
export function wordsOf(column: ReadonlyColumn<Uint8Array>, count: number): Int32Array {
  const words = (count + 3) >> 2;
  const aligned = column.byteOffset % 4 === 0 && column.byteOffset + 4 * words <= column.buffer.byteLength;
  if (aligned) return new Int32Array(column.buffer, column.byteOffset, words);
  const copy = new Uint8Array(4 * words);
  for (let at = 0; at < count; at++) copy[at] = column[at]!;
  return new Int32Array(copy.buffer);
}
