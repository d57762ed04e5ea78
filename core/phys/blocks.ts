/** The blocks that a range of frames is made of. */
import type { PfnRange } from '../layout/page-frames.ts';

/** The largest aligned ones, of less than `maxOrder`, ascending. */
export function* blocksOf(
  { start, end }: PfnRange,
  maxOrder: number,
): Generator<{ pfn: number; order: number }> {
  for (let pfn = start; pfn < end; ) {
    let order = 0;
    while (order + 1 < maxOrder && pfn % 2 ** (order + 1) === 0 && pfn + 2 ** (order + 1) <= end) order++;
    yield { pfn, order };
    pfn += 2 ** order;
  }
}
