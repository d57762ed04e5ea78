/**
 * Pages of the direct map that an x86 kernel counts and does not have: the two quirks of the counters of
 * arch/x86/mm/pat/set_memory.c, v6.1. The map is made from the top of RAM downwards in ever larger steps
 * (memory_map_top_down, arch/x86/mm/init.c), and a 1 GiB page counts once for every step that touches it. On 64 bits
 * the kernel image is mapped a second time, and its pages that are split there count as split pages of the direct map.
 */
import { pfnOf } from '../../base/units.ts';
import type { PageRun } from '../booted.ts';
import { directMap, mappedAtBoot, pageSizes } from '../dump/direct-map.ts';
import type { Layout } from '../layout.ts';
import { countFrames, type PfnRange, usableFrames } from '../page-frames.ts';
import { ISA_END_PFN } from './sections.ts';

/** Pages of the image that the direct map has split are split in the image's own mapping too. */
export function splitImagePages(layout: Layout): ReadonlyMap<number, number> {
  const [large, small] = pageSizes(layout).slice(-2) as [number, number];
  const start = pfnOf(layout.kernelImage.start);
  const end = pfnOf(layout.kernelImage.end);
  const split = directMap(layout)
    .filter(({ pageFrames, startPfn, endPfn }) => pageFrames === small && startPfn < end && endPfn > start)
    .reduce((frames, { startPfn, endPfn }) => frames + Math.min(endPfn, end) - Math.max(startPfn, start), 0);
  return new Map([
    [large, -split / large],
    [small, split],
  ]);
}

/** How often large pages of each size are met again by later steps of the mapping. */
export function pagesVisitedAgain(layout: Layout): ReadonlyMap<number, number> {
  const large = pageSizes(layout).slice(0, -1);
  return new Map(large.map((pageFrames) => [pageFrames, visitedAgain(layout, pageFrames)]));
}

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
  const frames = usableFrames(layout, layout.maxLowPfn);
  const steps: PfnRange[] = [];
  let size = large;
  let mapped = 0;
  for (let end = highestLargeBlock(frames, large); end > ISA_END_PFN; ) {
    const start = Math.max(ISA_END_PFN, end > size ? Math.floor((end - 1) / size) * size : 0);
    steps.push({ start, end });
    mapped += countFrames(frames, start, end);
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
