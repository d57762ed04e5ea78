/**
 * A scale for addresses that shows 128 TiB and 4 KiB side by side: the address space is cut where something begins or ends,
 * and each part gets a share of the drawing by its weight; within a part addresses lie evenly.
 *
 * By `log` a page weighs 1 and each doubling adds 1, so that 128 TiB takes 36 times the room of a page; where nothing
 * is, that is a quarter. Regions are given their shares first, and what lies in a region divides the share of
 * the region, so that a window with a thousand areas does not push its neighbours away. By `size` a byte is a byte.
 */
import type { AddressRange } from '../../../core/layout/layout.ts';

export type ScaleRule = 'log' | 'size';

/** A range that gets a share, and the ranges in it, ascending and apart, that divide it. */
export interface ScaledRange extends AddressRange {
  /** Nothing can lie there. */
  readonly isHole?: boolean;
  readonly pieces?: readonly AddressRange[];
}

/** Plain data: `cuts` ascend, and `positions` (from 0 to 1) with them. Between two cuts both go evenly. */
export interface Scale {
  readonly cuts: readonly bigint[];
  readonly positions: readonly number[];
}

export interface ScaleOptions {
  readonly rule?: ScaleRule;
  /** What is shown; all of the ranges, if not given. Shares are those of what is left inside. */
  readonly view?: AddressRange;
  /** The unit that weighs 1 by `log`. */
  readonly pageBytes?: number;
}

const EMPTY_WEIGHT = 1 / 4;

/** `ranges` ascend, each begins where the last one ends; at least one of them is in view. */
export function scaleOf(ranges: readonly ScaledRange[], options: ScaleOptions = {}): Scale {
  const { rule = 'log', pageBytes = 4096 } = options;
  const view = options.view ?? { start: ranges[0]!.start, end: ranges.at(-1)!.end };
  const weigh = rule === 'size' ? bytesOf : (range: ScaledRange) => logWeight(range, pageBytes);
  const shown = ranges.flatMap((range) => clipped(range, view));
  const scale = { cuts: [shown[0]!.start], positions: [0] };
  const weights = shown.map(weigh);
  const total = sum(weights);
  shown.forEach((range, i) => {
    divide(scale, partsOf(range, view), weights[i]! / total, weigh);
  });
  // What rounding left.
  scale.positions[scale.positions.length - 1] = 1;
  return scale;
}

/** Where an address lies, from 0 to 1; what lies outside of the scale is at its end. */
export function positionOf({ cuts, positions }: Scale, address: bigint): number {
  const last = cuts.length - 1;
  if (address <= cuts[0]!) return 0;
  if (address >= cuts[last]!) return 1;
  const part = lastNotAbove(cuts, address);
  const [start, end] = [cuts[part]!, cuts[part + 1]!];
  const [from, to] = [positions[part]!, positions[part + 1]!];
  return from + (to - from) * (Number(address - start) / Number(end - start));
}

/** The inverse, as near as a double tells; the end of the scale is its last address. */
export function addressAt({ cuts, positions }: Scale, position: number): bigint {
  const last = cuts.length - 1;
  if (position <= 0) return cuts[0]!;
  if (position >= 1) return cuts[last]! - 1n;
  const part = Math.min(lastNotAbove(positions, position), last - 1);
  const [start, end] = [cuts[part]!, cuts[part + 1]!];
  const [from, to] = [positions[part]!, positions[part + 1]!];
  const inPart = to === from ? 0 : (position - from) / (to - from);
  const address = start + BigInt(Math.floor(Number(end - start) * inPart));
  return address < end ? address : end - 1n;
}

function bytesOf({ start, end }: AddressRange): number {
  return Number(end - start);
}

function logWeight(range: ScaledRange, pageBytes: number): number {
  const weight = 1 + Math.max(0, Math.log2(bytesOf(range) / pageBytes));
  return range.isHole === true ? weight * EMPTY_WEIGHT : weight;
}

/** Appends the parts of a range, which share `share` by their weights. */
function divide(
  { cuts, positions }: { readonly cuts: bigint[]; readonly positions: number[] },
  parts: readonly ScaledRange[],
  share: number,
  weigh: (range: ScaledRange) => number,
): void {
  const weights = parts.map(weigh);
  const total = sum(weights);
  const from = positions.at(-1)!;
  let before = 0;
  parts.forEach(({ end }, i) => {
    before += weights[i]!;
    cuts.push(end);
    positions.push(from + (share * before) / total);
  });
}

/** The pieces of a range that are in view, and what is between them; a range without pieces is one part. */
function partsOf(range: ScaledRange, view: AddressRange): ScaledRange[] {
  const pieces = (range.pieces ?? []).flatMap((piece) => clipped(piece, view));
  if (pieces.length === 0) return [range];
  const parts: ScaledRange[] = [];
  let next = range.start;
  for (const piece of [...pieces, { start: range.end, end: range.end }]) {
    if (next < piece.start) parts.push({ start: next, end: piece.start, isHole: true });
    if (piece.start < piece.end) parts.push(piece);
    next = piece.end;
  }
  return parts;
}

function clipped<R extends AddressRange>(range: R, view: AddressRange): R[] {
  const start = range.start < view.start ? view.start : range.start;
  const end = range.end > view.end ? view.end : range.end;
  return start < end ? [{ ...range, start, end }] : [];
}

/** Index of the last value that is not above `wanted`; the first one is not. */
function lastNotAbove<T extends bigint | number>(values: readonly T[], wanted: T): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (values[middle]! <= wanted) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
