/**
 * Areas of the vmalloc window that a kernel had when a trace began (/proc/vmallocinfo): nobody's in the trace, so they stay
 * for good. Under the kernel's own layout they lie where they lay; in another window the same areas take the lowest holes.
 * Simplified: nothing is mapped in them.
 */
import { UsageError } from '../base/errors.ts';
import { formatSize } from '../base/units.ts';
import type { Layout } from '../layout/layout.ts';
import { pageNumber } from '../layout/regions.ts';
import { RangeSet } from '../state/ranges.ts';

export interface KernelArea {
  readonly kind: 'vmalloc' | 'vmap' | 'ioremap' | 'vm_area';
  /** Addresses [start, end), the guard page included. */
  readonly start: bigint;
  readonly end: bigint;
  /** Page frames of RAM mapped in it. */
  readonly nrPages: number;
  /** Physical address behind an ioremap. */
  readonly physical?: bigint;
  /** Who asked for it, as the kernel names it. */
  readonly caller?: string;
}

/** An area in the window of a layout, in page numbers. */
export interface PlacedArea extends Omit<KernelArea, 'start' | 'end'> {
  readonly vpn: number;
  readonly endVpn: number;
}

/** What of the window no area takes. */
export function windowOf(layout: Layout): { start: number; end: number } {
  const { vmalloc } = layout;
  return { start: pageNumber(layout, vmalloc.start), end: pageNumber(layout, vmalloc.end - 1n) + 1 };
}

/** @throws UsageError when the window has no room for all of them */
export function placeAreas(layout: Layout, areas: readonly KernelArea[]): PlacedArea[] {
  const { vmalloc, modules, pageShift } = layout;
  const { start: first, end: last } = windowOf(layout);
  const holes = RangeSet.of(first, last).edit();
  const isIn = ({ start, end }: KernelArea, window: { start: bigint; end: bigint }): boolean =>
    start >= window.start && end <= window.end;
  // Where modules have a window of their own, their areas take nothing from this one.
  const ours = areas.filter((area) => isIn(area, vmalloc) || !isIn(area, modules));
  const ascending = ours.toSorted((a, b) => (a.start < b.start ? -1 : 1));
  const fixed = ascending.filter((area) => isIn(area, vmalloc));
  const others = ascending.filter((area) => !isIn(area, vmalloc));
  return [...fixed, ...others].map(({ start, end, ...rest }) => {
    const size = Number((end - start) >> BigInt(pageShift));
    const at = start >= vmalloc.start && end <= vmalloc.end ? pageNumber(layout, start) : undefined;
    const own = at === undefined ? undefined : holes.takeHighest(size, 1, at, at + size);
    const vpn = own ?? holes.takeLowest(size);
    if (vpn === undefined) throw noRoom(layout, end - start);
    return { ...rest, vpn, endVpn: vpn + size };
  });
}

/** Holes of the window that these areas leave. */
export function holesBetween(
  { start, end }: { start: number; end: number },
  areas: readonly PlacedArea[],
): RangeSet {
  const holes = RangeSet.of(start, end).edit();
  for (const { vpn, endVpn } of areas) holes.takeHighest(endVpn - vpn, 1, vpn, endVpn);
  return holes.seal();
}

function noRoom({ name, vmalloc }: Layout, bytes: bigint): UsageError {
  return new UsageError(
    `${name}: the vmalloc window of ${formatSize(vmalloc.end - vmalloc.start)} has no room for an area of ${formatSize(bytes)} ` +
      'that the snapshot has; expected room for all: give it more (vmalloc=), or leave out --from-snapshot',
  );
}
