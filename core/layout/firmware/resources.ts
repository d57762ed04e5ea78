/**
 * Physical addresses and who has them: the resource tree that /proc/iomem shows.
 *
 * Sources, all v6.1: arch/x86/kernel/e820.c (e820__reserve_resources, e820__reserve_resources_late, ram_alignment),
 * setup.c (trim_bios_range, the sections of the kernel), resource.c and setup.c (video_ram_resource on 32 bits),
 * kernel/resource.c (ranges nest by what contains what).
 */

import { alignUp, KIB, MIB, PAGE_SIZE } from '../../base/units.ts';
import type { AddressRange, Layout, PhysicalRange } from '../layout.ts';
import { reservesFirstPage } from '../page-frames.ts';
import { SYSTEM_RAM, without } from './memory-map.ts';

/** A line of /proc/iomem. */
export interface PhysicalResource {
  readonly startByte: bigint;
  /** First byte that no longer belongs; /proc/iomem prints the one before it. */
  readonly endByte: bigint;
  readonly name: string;
  /** 0 for a range of the top level, 1 for one inside it, and so on. */
  readonly depth: number;
}

/** The resource tree, in the order of /proc/iomem. */
export function physicalResources(layout: Layout): readonly PhysicalResource[] {
  const own = layout.booted?.resources?.(layout);
  if (own !== undefined) return own;
  const ranges = [...firmwareRanges(layout), ...kernelRanges(layout)];
  return nested(addressable(layout, [...ranges, ...ramBuffers(layout, ranges)]));
}

/** What firmware and devices have, less what the kernel does not believe: page 0 and the BIOS's window are no RAM. */
function firmwareRanges(layout: Layout): PhysicalRange[] {
  const { physical, ram } = layout;
  const others = physical.filter(({ name }) => name !== SYSTEM_RAM);
  const noRamBelow = reservesFirstPage(layout) ? PAGE_SIZE : 0n;
  const usable = ram.map(({ start, end }) => ({
    start: start < noRamBelow ? noRamBelow : start,
    end,
    name: SYSTEM_RAM,
  }));
  const firstPage =
    noRamBelow > 0n && ram[0]?.start === 0n ? [{ start: 0n, end: noRamBelow, name: 'Reserved' }] : [];
  return [...firstPage, ...usable, ...others];
}

function kernelRanges({ kernelImage, arch }: Layout): PhysicalRange[] {
  const { code, rodata, data, bss } = kernelImage;
  const sections = Object.entries({ code, rodata, data, bss });
  const kernel = sections.map(([name, range]) => ({ ...range, name: `Kernel ${name}` }));
  return [...kernel, ...arch.port.fixedResources];
}

/** Above RAM that ends in the middle of nowhere nothing may be placed: firmware may have kept the rest for itself. */
function ramBuffers({ ram }: Layout, taken: readonly PhysicalRange[]): PhysicalRange[] {
  return ram.flatMap(({ end }) => {
    const hole = { start: end, end: alignUp(end, ramAlignment(end)) };
    const free = taken.reduce<AddressRange[]>(without, [hole]).filter(({ start, end }) => start < end);
    return free.map((range) => ({ ...range, name: 'RAM buffer' }));
  });
}

function ramAlignment(address: bigint): bigint {
  if (address < MIB) return 64n * KIB;
  return address < 16n * MIB ? MIB : 64n * MIB;
}

/** What resource_size_t cannot hold (without PAE) is no resource. Simplified: a range that straddles it is cut. */
function addressable({ arch }: Layout, ranges: readonly PhysicalRange[]): PhysicalRange[] {
  const limit = 1n << BigInt(8 * arch.physAddrBytes);
  return ranges
    .filter(({ start }) => start < limit)
    .map((range) => ({ ...range, end: range.end < limit ? range.end : limit }));
}

/** A tree of ranges: each lies in the smallest one that holds it. */
export function nested(ranges: readonly PhysicalRange[]): PhysicalResource[] {
  const above: PhysicalRange[] = [];
  return ranges.toSorted(byPlace).map((range) => {
    while (above.length > 0 && above.at(-1)!.end < range.end) above.pop();
    while (above.length > 0 && above.at(-1)!.end <= range.start) above.pop();
    above.push(range);
    return { startByte: range.start, endByte: range.end, name: range.name, depth: above.length - 1 };
  });
}

/** Ascending, the larger of two that start together first. */
function byPlace(a: PhysicalRange, b: PhysicalRange): number {
  if (a.start !== b.start) return a.start < b.start ? -1 : 1;
  return a.end === b.end ? 0 : a.end > b.end ? -1 : 1;
}
