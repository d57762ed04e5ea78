/** How much a layout makes of its RAM, and of its user space. */
import { addressOf, formatSize } from '../base/units.ts';
import type { AddressRange, Layout } from './layout.ts';

/** RAM that the kernel of a layout does not use. */
export interface UnusedRam {
  readonly bytes: number;
  /** Where it begins, in physical memory. */
  readonly start: bigint;
  /** What keeps the kernel from it, and what would not. */
  readonly reason: string;
}

/**
 * What lies above the last frame that the kernel takes (max_pfn); undefined when it takes all. Kernels warn of it at
 * boot: "Warning only 4GB will be used" (highmem_pfn_init and lowmem_pfn_init, arch/x86/mm/init_32.c, v6.1). What
 * firmware keeps for itself inside RAM is no part of it.
 */
export function unusedRam(layout: Layout): UnusedRam | undefined {
  const end = addressOf(layout.maxPfn, layout.pageShift);
  const above = layout.ram
    .map((range) => ({ ...range, start: range.start > end ? range.start : end }))
    .filter((range) => range.end - range.start >= 1n << BigInt(layout.pageShift));
  const [lowest] = above;
  if (lowest === undefined) return undefined;
  return { bytes: total(above), start: lowest.start, reason: reasonFor(layout, lowest.start) };
}

function reasonFor({ arch, highstartPfn, pageShift }: Layout, start: bigint): string {
  if (highstartPfn === undefined) {
    const room = `its direct map ends at physical 0x${start.toString(16)}`;
    return arch.wordBits === 64
      ? `${room}: a layout with more address bits has more`
      : `${room}, and it has no high memory: take a layout that has`;
  }
  const reach = 1n << BigInt(arch.port.memoryBits);
  // A kernel whose phys_addr_t cannot hold the end of the last page uses one page less.
  if (start >= reach - (1n << BigInt(pageShift))) {
    const more = arch.widerTables === undefined ? 'of 64 bits' : `with ${arch.widerTables} or of 64 bits`;
    return `its page-table entries reach ${formatSize(reach)}: a layout ${more} reaches more`;
  }
  return 'it was told to use no more: give highmem= more, or memoryEnd in a layout file';
}

/** RAM that it does use, in bytes: whole page frames, without what firmware keeps. */
export function usedRamBytes({ zones, pageShift }: Layout): number {
  return zones.reduce((pages, { presentPages }) => pages + presentPages, 0) * 2 ** pageShift;
}

/** Bytes that a process has addresses for: all parts of its space together. */
export function userSpaceBytes({ regions }: Layout): number {
  return total(regions.filter(({ kind }) => kind === 'user'));
}

function total(ranges: readonly AddressRange[]): number {
  return Number(ranges.reduce((sum, { start, end }) => sum + end - start, 0n));
}
