/** Regions: the lists that the families fill in, and questions about them. */
import { alignUp } from '../base/units.ts';
import type { AddressRange, Layout, Region, RegionKind } from './layout.ts';

/** What people call each kind of region. */
export const REGION_NAMES: Record<RegionKind, string> = {
  user: 'user space',
  direct: 'direct map',
  vmalloc: 'vmalloc area',
  pkmap: 'kmap area',
  fixmap: 'fixmap',
  cpu_entry_area: 'cpu entry area',
  ldt: 'LDT remap',
  modules: 'modules',
  vmemmap: 'memory map',
  kernel_image: 'kernel image',
  vectors: 'vector page',
  device_tree: 'device tree',
  pci_io: 'PCI I/O ports',
  uncached: 'uncached window',
};

/** A region with the name that people see. */
export function region(kind: RegionKind, { start, end }: AddressRange): Region {
  return { kind, name: REGION_NAMES[kind], start, end };
}

/** Sorted by start; the list given is left as it is. */
export function ascending(regions: readonly Region[]): Region[] {
  return [...regions].sort((a, b) => (a.start < b.start ? -1 : 1));
}

/** The region of a kind, if the layout has one. */
export function regionOfKind({ regions }: Layout, wanted: RegionKind): Region | undefined {
  return regions.find(({ kind }) => kind === wanted);
}

/** The region that an address lies in, if any. */
export function regionOf(layout: Layout, address: bigint): Region | undefined {
  return layout.regions.find(({ start, end }) => start <= address && address < end);
}

/** Digits of an address in hexadecimal. */
export function hexDigits({ arch }: Layout): number {
  return Math.ceil(arch.wordBits / 4);
}

/** Where mmap areas start upwards, without a limit on the stack (TASK_UNMAPPED_BASE): a third of user space. */
export function mmapLegacyBase({ mmapLegacyBase, stackTop, pageShift }: Layout): bigint {
  return mmapLegacyBase ?? alignUp(stackTop / 3n, 1n << BigInt(pageShift));
}

/** An address in the width of the layout's registers: `0xc0000000`, `0x00007ffff7fff000`. */
export function toHex(layout: Layout, address: bigint): string {
  return `0x${address.toString(16).padStart(hexDigits(layout), '0')}`;
}

/** Page number of an address, as the MMU sees it: without the sign extension. */
export function pageNumber({ arch }: Layout, address: bigint): number {
  const { pageShift, virtualBits, pageWindows } = arch;
  const pages = (bytes: bigint): number => Number(bytes >> BigInt(pageShift));
  if (pageWindows === undefined) return pages(address & ((1n << BigInt(virtualBits)) - 1n));
  const window = pageWindows.findLast(({ start }) => start <= address)!;
  return window.vpn + pages(address - window.start);
}

/** Address of a virtual page number, sign-extended where the layout does so: the inverse of `pageNumber`. */
export function pageAddress(layout: Layout, vpn: number): bigint {
  const { pageShift, wordBits, virtualBits, pageWindows } = layout.arch;
  const window = pageWindows?.findLast((window) => window.vpn <= vpn);
  if (window !== undefined) return window.start + (BigInt(vpn - window.vpn) << BigInt(pageShift));
  const address = BigInt(vpn) << BigInt(pageShift);
  const isNegative = wordBits > virtualBits && address >> BigInt(virtualBits - 1) === 1n;
  return isNegative ? BigInt.asUintN(wordBits, address - (1n << BigInt(virtualBits))) : address;
}
