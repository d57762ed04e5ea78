/** What /proc/meminfo says of the direct map: how much is mapped by pages of which size (DirectMap4k, ...). */

import { GIB, KIB, MIB } from '../../base/units.ts';
import type { Layout } from '../layout.ts';
import { directMap, pageSizes } from './direct-map.ts';

export interface DirectMapPages {
  /** As meminfo has it: `DirectMap4k`, `DirectMap2M`, `DirectMap4M`, `DirectMap1G`. */
  readonly name: string;
  readonly pageBytes: number;
  /** How many pages of this size the kernel has counted. */
  readonly pages: number;
}

/** Smallest pages first; sizes that the processor can map are listed even if none is used. */
export function directMapPages(layout: Layout): DirectMapPages[] {
  const sizes = pageSizes(layout);
  const counts = new Map(sizes.map((size) => [size, 0]));
  const add = (size: number, pages: number): unknown => counts.set(size, counts.get(size)! + pages);
  for (const { startPfn, endPfn, pageFrames } of directMap(layout)) {
    add(pageFrames, (endPfn - startPfn) / pageFrames);
  }
  for (const [pageFrames, pages] of layout.booted?.miscounted(layout) ?? []) add(pageFrames, pages);
  return sizes.toReversed().map((size) => described(layout, size, counts.get(size)!));
}

function described({ pageShift }: Layout, pageFrames: number, pages: number): DirectMapPages {
  const bytes = BigInt(pageFrames) << BigInt(pageShift);
  const text = bytes >= GIB ? `${bytes / GIB}G` : bytes >= MIB ? `${bytes / MIB}M` : `${bytes / KIB}k`;
  return { name: `DirectMap${text}`, pageBytes: Number(bytes), pages };
}
