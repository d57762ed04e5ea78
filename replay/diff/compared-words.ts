/** Outcomes of lanes side by side: whole columns at once, then a word, that is four events, at a time. */
import { fourOf, wordsOf } from '../../core/base/columns.ts';
import { TLB_MASK } from '../../core/outcome/outcome.ts';
import type { Made } from './difference.ts';
import { sameBytes } from './same-bytes.ts';

/** Flag bits that make a difference, in each of four events. */
const TELLING_FLAGS = ~fourOf(TLB_MASK);
const TLB_FLAGS = fourOf(TLB_MASK);
const LOW_BITS = fourOf(1);

type Compared = Made['outcomes'];

/** Whether all columns are byte for byte those of the first lane. */
export function allAlike([first, ...others]: readonly Compared[]): boolean {
  return others.every(
    ({ status, flags }) => sameBytes(status, first!.status) && sameBytes(flags, first!.flags),
  );
}

/** A word for every four events: not zero where some lane tells another story than the first, or another TLB level. */
export interface ComparedWords {
  readonly differs: Int32Array;
  readonly levels: Int32Array;
}

export function compareWords([first, ...others]: readonly Compared[], count: number): ComparedWords {
  const status = wordsOf(first!.status, count);
  const flags = wordsOf(first!.flags, count);
  const differs = new Int32Array(status.length);
  const levels = new Int32Array(status.length);
  for (const other of others) {
    const otherStatus = wordsOf(other.status, count);
    const otherFlags = wordsOf(other.flags, count);
    for (let word = 0; word < differs.length; word++) {
      const flagBits = flags[word]! ^ otherFlags[word]!;
      const statusBits = status[word]! ^ otherStatus[word]!;
      if ((flagBits | statusBits) === 0) continue;
      differs[word]! |= (flagBits & TELLING_FLAGS) | statusBits;
      levels[word]! |= flagBits & TLB_FLAGS;
    }
  }
  return { differs, levels };
}

/** Events that TLBs of different levels translated. */
export function levelsIn({ levels }: ComparedWords): number {
  let count = 0;
  for (let word = 0; word < levels.length; word++)
    if (levels[word] !== 0) count += bytesWithBits(levels[word]!);
  return count;
}

/** Number of bytes of a word in which one of the two low bits is set. */
function bytesWithBits(word: number): number {
  return Math.imul((word | (word >>> 1)) & LOW_BITS, LOW_BITS) >>> 24;
}
