/** Streams of allocations and frees for a page allocator, whatever blocks it gives. */
import { MAX_ORDER } from '../../core/phys/zones.ts';
import { xorshift32 } from './streams.ts';

/** Of so many pages, at most 90 % are in use: those of 1 GiB, whatever else there is. */
const NR_PAGES = 2 ** 18;
const MOST_USED_PAGES = Math.floor(NR_PAGES / 100) * 90;

/** A draw allocates if its bits under the mask are below the threshold; else it frees any live block. */
const DRAWS = {
  /** As many allocations as frees: what is in use walks at random. */
  WALK: { mask: 1, threshold: 1 },
  /** Nine allocations to seven frees: 90 % are in use after a while, and stay so. */
  FULL90: { mask: 15, threshold: 9 },
} as const;
export type BlockStream = keyof typeof DRAWS;

export interface BlockOperations {
  /** An order to allocate, or ~i to free the i-th live block, whose place the last one takes. */
  readonly operations: Int32Array;
  /** At the end. */
  readonly live: number;
  readonly usedPages: number;
}

/** Order k in one of 2^(k+1) cases. */
export function blockOperations(stream: BlockStream, count: number): BlockOperations {
  const { mask, threshold } = DRAWS[stream];
  const random = xorshift32(0xc0ffee11);
  const orders: number[] = [];
  let usedPages = 0;
  const operations = Int32Array.from({ length: count }, () => {
    const draw = random();
    const order = trailingZeros((draw >>> 8) | (1 << (MAX_ORDER - 1)));
    if (orders.length === 0 || ((draw & mask) < threshold && usedPages + 2 ** order <= MOST_USED_PAGES)) {
      usedPages += 2 ** order;
      orders.push(order);
      return order;
    }
    const victim = random() % orders.length;
    usedPages -= 2 ** orders[victim]!;
    orders[victim] = orders.at(-1)!;
    orders.pop();
    return ~victim;
  });
  return { operations, live: orders.length, usedPages };
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}
