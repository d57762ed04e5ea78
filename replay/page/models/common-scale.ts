/** Several address spaces on one scale: the same address lies at the same height in all of them. */
import type { AddressRange } from '../../../core/layout/layout.ts';
import type { ScaledRange } from './scale.ts';

/** What is on the scale: regions and holes that cover the same addresses in every space. */
export type ScaledSpace = readonly ScaledRange[];

/** Cut wherever something begins or ends in any of the spaces; nothing is where there is nothing in all of them. */
export function commonRanges(spaces: readonly ScaledSpace[]): ScaledRange[] {
  const regions = spaces.flat();
  const pieces = segments(regions.flatMap((region) => region.pieces ?? []));
  const kept = segments(regions.filter(({ isHole }) => isHole !== true));
  let nextPiece = 0;
  let nextKept = 0;
  return segments(regions).map(({ start, end }) => {
    while (nextKept < kept.length && kept[nextKept]!.end <= start) nextKept++;
    const isHole = nextKept === kept.length || kept[nextKept]!.start > start;
    const first = nextPiece;
    while (nextPiece < pieces.length && pieces[nextPiece]!.end <= end) nextPiece++;
    return { start, end, isHole, pieces: pieces.slice(first, nextPiece) };
  });
}

/** What is covered by any of the ranges, cut at every edge: ascending and apart. */
function segments(ranges: readonly AddressRange[]): AddressRange[] {
  const depths = new Map<bigint, number>();
  const add = (edge: bigint, by: number): void => {
    depths.set(edge, (depths.get(edge) ?? 0) + by);
  };
  for (const { start, end } of ranges) {
    add(start, 1);
    add(end, -1);
  }
  const edges = [...depths.keys()].sort((a, b) => (a < b ? -1 : 1));
  const found: AddressRange[] = [];
  let depth = 0;
  edges.slice(0, -1).forEach((start, i) => {
    depth += depths.get(start)!;
    if (depth > 0) found.push({ start, end: edges[i + 1]! });
  });
  return found;
}
