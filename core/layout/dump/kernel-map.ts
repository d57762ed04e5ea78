/**
 * What the kernel's page tables map once it is up, as far as the layout decides it: the direct map, on 64 bits the
 * kernel image and the memory map, the cpu entry areas, the APICs' registers in the fixmap.
 *
 * Not decided here: what boot puts into the vmalloc area, and ESPfix stacks, whose place is random. Where physical
 * pages are taken from early memory (memory map, cpu entry areas), their frames are not known.
 * Sources, all v6.1: as direct-map.ts; mm/sparse-vmemmap.c; arch/x86/kernel/apic/{apic,io_apic}.c.
 */

import { addressOf, PAGE_SIZE, pfnOf } from '../../base/units.ts';
import type { AddressRange, Layout, RegionKind } from '../layout.ts';
import { type PfnRange, usableFrames } from '../page-frames.ts';
import { regionOfKind } from '../regions.ts';
import { entryAreaPages } from '../x86/cpu-entry-area.ts';
import { directMap, imageMap, pageSizes } from './direct-map.ts';

/** Virtual addresses [start, end) that are mapped alike. Kernel pages are global, accessed and dirty. */
export interface KernelMapping extends AddressRange {
  /** The frame at `start`; undefined where boot takes any frame. */
  readonly pfn: number | undefined;
  /** Frames of one page: 1, or those of a large page. */
  readonly pageFrames: number;
  readonly writable: boolean;
  readonly executable: boolean;
  /** Device registers: not cached. */
  readonly uncached: boolean;
}

/** All mappings, ascending by address. The books have the direct map only. */
export function kernelMappings(layout: Layout): KernelMapping[] {
  const direct = mapped(layout, layout.pageOffset, directMap(layout));
  if (layout.family !== 'linux-6.1') return direct;
  const image =
    layout.wordBits === 64 ? mapped(layout, regionStart(layout, 'kernel_image'), imageMap(layout)) : [];
  const others = [...image, ...memoryMap(layout), ...entryAreas(layout), ...apics(layout)];
  return [...direct, ...others].sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** The mapping that an address lies in, if any. */
export function kernelMappingOf(layout: Layout, address: bigint): KernelMapping | undefined {
  return kernelMappings(layout).find(({ start, end }) => start <= address && address < end);
}

function regionStart(layout: Layout, kind: RegionKind): bigint {
  return regionOfKind(layout, kind)!.start;
}

/** Frames at a constant distance. */
function mapped({ pageShift }: Layout, base: bigint, pieces: ReturnType<typeof directMap>): KernelMapping[] {
  return pieces.map(({ startPfn, endPfn, pageFrames, writable, executable }) => ({
    start: base + addressOf(startPfn, pageShift),
    end: base + addressOf(endPfn, pageShift),
    pfn: startPfn,
    pageFrames,
    writable,
    executable,
    uncached: false,
  }));
}

/** SECTION_SIZE_BITS: 64-bit kernels describe memory in sections of 128 MiB, those without RAM not at all. */
const SECTION_FRAMES = pfnOf(1n << 27n);

/** vmemmap: the struct pages of one section fill one large page. */
function memoryMap(layout: Layout): KernelMapping[] {
  if (layout.wordBits === 32) return [];
  const base = regionStart(layout, 'vmemmap');
  const pageFrames = pageSizes(layout).at(-2)!;
  const addressOfSection = (section: number): bigint =>
    base + BigInt(section * SECTION_FRAMES * layout.structPageBytes);
  return describedSections(layout).map(({ start, end }) => ({
    ...data(layout, addressOfSection(start), addressOfSection(end)),
    pageFrames,
  }));
}

/** Numbers of the sections with RAM, neighbours in one range. */
function describedSections({ ram, maxPfn }: Layout): PfnRange[] {
  const out: PfnRange[] = [];
  for (const { start, end } of usableFrames(ram, maxPfn)) {
    const range = { start: Math.floor(start / SECTION_FRAMES), end: Math.ceil(end / SECTION_FRAMES) };
    const last = out.at(-1);
    if (last !== undefined && range.start <= last.end) out[out.length - 1] = { ...last, end: range.end };
    else out.push(range);
  }
  return out;
}

/** Plain data in any frames. */
function data({ translation }: Layout, start: bigint, end: bigint): KernelMapping {
  const executable = !translation.nx;
  return { start, end, pfn: undefined, pageFrames: 1, writable: true, executable, uncached: false };
}

function entryAreas(layout: Layout): KernelMapping[] {
  const base = regionStart(layout, 'cpu_entry_area');
  const idtPfn = pfnOf(layout.kernelImage.idtTable);
  const areas = entryAreaPages(layout.wordBits, layout.cpus).map(({ page, writable }) => {
    const start = base + addressOf(page);
    return { ...data(layout, start, start + PAGE_SIZE), writable };
  });
  return [{ ...data(layout, base, base + PAGE_SIZE), pfn: idtPfn, writable: false }, ...areas];
}

/** Slots of the fixmap: FIX_APIC_BASE and the one IO-APIC below it. */
export function fixApicBase({ fixmap, wordBits }: Layout): bigint {
  return fixmap.end - BigInt(wordBits === 32 ? 3 : 2) * PAGE_SIZE;
}

/** APIC_DEFAULT_PHYS_BASE and IO_APIC_DEFAULT_PHYS_BASE (arch/x86/include/asm/apicdef.h, v6.1). */
const LOCAL_APIC_PFN = pfnOf(0xfee00000n);
const IO_APIC_PFN = pfnOf(0xfec00000n);

function apics(layout: Layout): KernelMapping[] {
  const local = fixApicBase(layout);
  return [
    { at: local - PAGE_SIZE, pfn: IO_APIC_PFN },
    { at: local, pfn: LOCAL_APIC_PFN },
  ].map(({ at, pfn }) => ({
    ...data(layout, at, at + PAGE_SIZE),
    pfn,
    uncached: true,
  }));
}
