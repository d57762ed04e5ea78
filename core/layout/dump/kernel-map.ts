/**
 * What the kernel's page tables map once it is up, as far as the layout decides it: the direct map, on 64 bits the
 * kernel image and the memory map, the cpu entry areas, the APICs' registers in the fixmap.
 *
 * Not decided here: what boot puts into the vmalloc area, and ESPfix stacks, whose place is random. Where physical
 * pages are taken from early memory (memory map, cpu entry areas), their frames are not known.
 * Sources, all v6.1: as direct-map.ts; mm/sparse-vmemmap.c; arch/x86/kernel/apic/{apic,io_apic}.c.
 */

import { addressOf } from '../../base/units.ts';
import type { KernelMapping } from '../booted.ts';
import { firstPfn } from '../convert.ts';
import type { Layout } from '../layout.ts';
import { type DirectMapPiece, directMap } from './direct-map.ts';

/** All mappings, ascending by address. The books have the direct map only. */
export function kernelMappings(layout: Layout): KernelMapping[] {
  const { pageOffset, booted } = layout;
  const direct = mappedFrom(layout, pageOffset, firstPfn(layout), directMap(layout));
  const others = booted?.otherMappings(layout) ?? [];
  return [...direct, ...others].sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** The mapping that an address lies in, if any. */
export function kernelMappingOf(layout: Layout, address: bigint): KernelMapping | undefined {
  return kernelMappings(layout).find(({ start, end }) => start <= address && address < end);
}

/** Frames at a constant distance: the first of all, `basePfn`, lies at `base`. */
export function mappedFrom(
  { pageShift }: Layout,
  base: bigint,
  basePfn: number,
  pieces: readonly DirectMapPiece[],
): KernelMapping[] {
  return pieces.map(({ startPfn, endPfn, pageFrames, writable, executable }) => ({
    start: base + addressOf(startPfn - basePfn, pageShift),
    end: base + addressOf(endPfn - basePfn, pageShift),
    pfn: startPfn,
    pageFrames,
    writable,
    executable,
    uncached: false,
  }));
}
