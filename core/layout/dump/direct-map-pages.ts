/**
 * What /proc/meminfo says of the direct map: how much is mapped by pages of which size (DirectMap4k, ...).
 *
 * The counters are those of arch/x86/mm/pat/set_memory.c, v6.1, with their two quirks. The map is made from the top
 * of RAM downwards in ever larger steps (memory_map_top_down, arch/x86/mm/init.c), and a 1 GiB page counts once for
 * every step that touches it. On 64 bits the kernel image is mapped a second time, and its pages that are split
 * there count as split pages of the direct map.
 */

import { GIB, KIB, MIB, pfnOf } from '../../base/units.ts';
import type { Layout } from '../layout.ts';
import { type PfnRange, usableFrames } from '../page-frames.ts';
import { directMap, ISA_END_PFN, mappedAtBoot, type PageRun, pageSizes } from './direct-map.ts';

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
  if (layout.family === 'linux-6.1') {
    for (const pageFrames of sizes.slice(0, -1)) add(pageFrames, visitedAgain(layout, pageFrames));
    if (layout.wordBits === 64) countSplitImage(layout, add);
  }
  return sizes.toReversed().map((size) => described(layout, size, counts.get(size)!));
}

function described({ pageShift }: Layout, pageFrames: number, pages: number): DirectMapPages {
  const bytes = BigInt(pageFrames) << BigInt(pageShift);
  const text = bytes >= GIB ? `${bytes / GIB}G` : bytes >= MIB ? `${bytes / MIB}M` : `${bytes / KIB}k`;
  return { name: `DirectMap${text}`, pageBytes: Number(bytes), pages };
}

/** Pages of the image that the direct map has split are split in the image's own mapping too. */
function countSplitImage(layout: Layout, add: (size: number, pages: number) => unknown): void {
  const [large, small] = pageSizes(layout).slice(-2) as [number, number];
  const start = pfnOf(layout.kernelImage.start);
  const end = pfnOf(layout.kernelImage.end);
  const split = directMap(layout)
    .filter(({ pageFrames, startPfn, endPfn }) => pageFrames === small && startPfn < end && endPfn > start)
    .reduce((frames, { startPfn, endPfn }) => frames + Math.min(endPfn, end) - Math.max(startPfn, start), 0);
  add(large, -split / large);
  add(small, split);
}

/** How often pages of this size are met again by later steps of the mapping. */
function visitedAgain(layout: Layout, pageFrames: number): number {
  const steps = mappingSteps(layout);
  const touches = ({ start, end, pageFrames: size }: PageRun): number => {
    if (size !== pageFrames) return 0;
    const pagesIn = (step: PfnRange): number => {
      const first = Math.floor(Math.max(start, step.start) / size);
      const last = Math.ceil(Math.min(end, step.end) / size);
      return Math.max(0, last - first);
    };
    return steps.reduce((sum, step) => sum + pagesIn(step), 0) - (end - start) / size;
  };
  return mappedAtBoot(layout).reduce((sum, run) => sum + touches(run), 0);
}

/** memory_map_top_down: steps of one large page, then of 2^8 or 2^9 times as much, and so on. */
function mappingSteps(layout: Layout): PfnRange[] {
  const large = pageSizes(layout).at(-2)!;
  const frames = usableFrames(layout.ram, layout.maxLowPfn);
  const steps: PfnRange[] = [];
  let size = large;
  let mapped = 0;
  for (let end = highestLargeBlock(frames, large); end > ISA_END_PFN; ) {
    const start = Math.max(ISA_END_PFN, end > size ? Math.floor((end - 1) / size) * size : 0);
    steps.push({ start, end });
    mapped += framesWithin(frames, { start, end });
    if (mapped >= size) size *= large / 2;
    end = start;
  }
  // What lies above holds no large page, and is met once.
  return steps;
}

/** End of the highest aligned block of RAM of one large page: the mapping begins there. */
function highestLargeBlock(frames: readonly PfnRange[], large: number): number {
  const ends = frames.map(({ start, end }) => {
    const aligned = Math.floor(end / large) * large;
    return aligned - large >= start ? aligned : 0;
  });
  return Math.max(...ends, 0);
}

function framesWithin(frames: readonly PfnRange[], { start, end }: PfnRange): number {
  return frames.reduce(
    (sum, range) => sum + Math.max(0, Math.min(end, range.end) - Math.max(start, range.start)),
    0,
  );
}
