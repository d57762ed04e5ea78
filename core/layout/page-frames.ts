/**
 * From a memory map to page frames: which PFNs exist, where low memory ends, what the zones span.
 *
 * Sources, all v6.1: arch/x86/kernel/e820.c (e820_end_pfn), arch/x86/kernel/setup.c (trim_bios_range),
 * arch/x86/mm/init_32.c (find_low_pfn_range), arch/x86/mm/init.c (zone_sizes_init), mm/page_alloc.c
 * (zone_spanned_pages_in_node, zone_absent_pages_in_node). Simplified: RAM that straddles what the kernel can
 * address is cut there, and 640 KiB..1 MiB is RAM if the memory map says so (no PC's does).
 */

import type { Architecture } from '../arch/architecture.ts';
import { MIB, pfnOf, pfnUp, TIB } from '../base/units.ts';
import type { Kernel } from '../kernel/kernel.ts';
import type { RamRange, ZoneName, ZoneSpan } from './layout.ts';

/** PFNs [start, end). */
export interface PfnRange {
  readonly start: number;
  readonly end: number;
}

/** Physical addresses that the simulator knows, as frame numbers of 28 bits with the usual pages. */
export const PHYSICAL_LIMIT = TIB;
/** Tables of frames keep small indexes. */
const MOST_FRAMES = 2 ** 28;

/** First frame number that neither the port's kernel nor the simulator uses. */
export function frameLimit({ port, pageShift }: Pick<Architecture, 'port' | 'pageShift'>): number {
  const reach = 1n << BigInt(port.memoryBits);
  return Math.min(pfnOf(reach < PHYSICAL_LIMIT ? reach : PHYSICAL_LIMIT, pageShift), MOST_FRAMES);
}

/** RAM, and whose it is. */
interface KernelRam {
  readonly ram: readonly RamRange[];
  readonly kernel: Pick<Kernel, 'reservesFirstPage'>;
  readonly arch?: Pick<Architecture, 'port'>;
  readonly pageShift: number;
}

/** Whether frame 0 is left out. */
export function reservesFirstPage({ kernel, arch }: Omit<KernelRam, 'ram' | 'pageShift'>): boolean {
  return kernel.reservesFirstPage && arch?.port.firstPageIsRam !== true;
}

/** Whole page frames of RAM below `limitPfn`. */
export function usableFrames(of: KernelRam, limitPfn: number): PfnRange[] {
  const { ram, pageShift } = of;
  const first = reservesFirstPage(of) ? 1 : 0;
  return joined(ram)
    .map(({ start, end }) => ({
      start: Math.max(first, pfnUp(start, pageShift)),
      end: Math.min(limitPfn, pfnOf(end, pageShift)),
    }))
    .filter(({ start, end }) => start < end);
}

/** RAM that goes on where another range ends is one range (e820__update_table). */
function joined(ram: readonly RamRange[]): RamRange[] {
  const out: RamRange[] = [];
  for (const range of ram) {
    const last = out.at(-1);
    if (last?.end === range.start) out[out.length - 1] = { start: last.start, end: range.end };
    else out.push(range);
  }
  return out;
}

/** Ranges without the frames of a hole. */
export function subtract(ranges: readonly PfnRange[], hole: PfnRange): PfnRange[] {
  return ranges
    .flatMap(({ start, end }) => [
      { start, end: Math.min(end, hole.start) },
      { start: Math.max(start, hole.end), end },
    ])
    .filter(({ start, end }) => start < end);
}

/** How many of the frames lie in [from, to). */
export function countFrames(ranges: readonly PfnRange[], from: number, to: number): number {
  return ranges.reduce(
    (sum, { start, end }) => sum + Math.max(0, Math.min(end, to) - Math.max(start, from)),
    0,
  );
}

/** First PFN above the last frame. */
export function endPfn(frames: readonly PfnRange[]): number {
  return frames.at(-1)?.end ?? 0;
}

interface LowmemRequest {
  /** First PFN above RAM. */
  readonly maxPfn: number;
  /** MAXMEM_PFN: how much RAM the direct map has room for. */
  readonly directMapPages: number;
  /** CONFIG_HIGHMEM. */
  readonly highmem: boolean;
  /** Boot option highmem=, in pages. */
  readonly highmemPages: number | undefined;
}

export interface LowmemSplit {
  readonly maxLowPfn: number;
  readonly maxPfn: number;
}

/** Where low memory ends, and how much of RAM is used at all (find_low_pfn_range). */
export function splitLowmem(request: LowmemRequest): LowmemSplit {
  return request.maxPfn <= request.directMapPages ? allInLowmem(request) : lowmemAndHighmem(request);
}

/** highmem= may not leave less low memory than this. */
const MINIMUM_LOWMEM_PAGES = pfnOf(64n * MIB);

/** All of RAM fits (lowmem_pfn_init): highmem= can still turn a part of it into high memory. */
function allInLowmem({ maxPfn, highmem, highmemPages }: LowmemRequest): LowmemSplit {
  const wanted = highmem ? (highmemPages ?? 0) : 0;
  const possible = maxPfn - wanted >= MINIMUM_LOWMEM_PAGES;
  return { maxLowPfn: possible ? maxPfn - wanted : maxPfn, maxPfn };
}

/** More RAM than fits (highmem_pfn_init): highmem= can only make the kernel use less of it. */
function lowmemAndHighmem({ maxPfn, directMapPages, highmem, highmemPages }: LowmemRequest): LowmemSplit {
  if (!highmem) return { maxLowPfn: directMapPages, maxPfn: directMapPages };
  const wanted = highmemPages ?? maxPfn - directMapPages;
  return { maxLowPfn: directMapPages, maxPfn: Math.min(maxPfn, directMapPages + wanted) };
}

/** A zone reaches from the end of the one below it to `endPfn`. */
export interface ZoneLimit {
  readonly name: ZoneName;
  readonly endPfn: number;
}

/** What each zone spans and how much of that exists; zones without a page are left out. */
export function zoneSpans(frames: readonly PfnRange[], limits: readonly ZoneLimit[]): ZoneSpan[] {
  const first = frames[0]?.start ?? 0;
  const last = endPfn(frames);
  return limits
    .map(({ name, endPfn }, index) => {
      const start = Math.max(first, limits[index - 1]?.endPfn ?? 0);
      const end = Math.min(last, endPfn);
      return {
        name,
        startPfn: start,
        spannedPages: end - start,
        presentPages: countFrames(frames, start, end),
      };
    })
    .filter((zone) => zone.presentPages > 0);
}
