/** What kind of address a number is, by the region that it lies in; or why it is none. */
import { isTranslated } from '../arch/architecture.ts';
import type { Layout, Region } from '../layout/layout.ts';
import { toHex } from '../layout/regions.ts';
import type { AddressType } from './uses.ts';

/** Why a number cannot be a virtual address of this machine at all. */
export function notAnAddress({ arch }: Layout, address: bigint): string | undefined {
  const { wordBits, virtualBits, pageWindows } = arch;
  if (isTranslated(arch, address)) return undefined;
  if (address >= 1n << BigInt(wordBits))
    return `more than ${wordBits} bits: no register of this machine holds it`;
  // The upper bits of an address choose a region, which is not filled up to its end.
  if (pageWindows !== undefined)
    return 'beyond what the tables of its region can map: the MMU does not translate these bits of an address';
  return (
    `not canonical: bits ${virtualBits - 1} to ${wordBits - 1} have to be all equal, since the MMU translates ` +
    `${virtualBits} bits; an access raises ${arch.nonCanonicalFault}`
  );
}

/** The type of LDD3 (ch. 15) that addresses of a region have; `none` outside of all regions. */
export function typeOf(region: Region | undefined): AddressType {
  if (region === undefined) return 'none';
  if (region.kind === 'user') return 'user-virtual';
  return region.kind === 'direct' ? 'kernel-logical' : 'kernel-virtual';
}

const MEANINGS: Record<Region['kind'], string> = {
  user: 'belongs to a process: each has its own page tables for it',
  direct: 'a constant away from its physical address: low memory, always mapped, the same in every process',
  vmalloc:
    'kernel memory mapped page by page: contiguous here, anywhere in RAM; also where ioremap() maps devices',
  pkmap: 'a slot of kmap(): lends an address to a page of high memory',
  fixmap: 'addresses fixed when the kernel was built, each for one purpose',
  cpu_entry_area: 'what a cpu needs to enter the kernel: GDT, TSS, entry stacks',
  ldt: 'the local descriptor table of the running process',
  modules: 'code and data of loaded modules',
  vmemmap: 'the struct pages, one for every frame, as one array',
  kernel_image: 'code and data of the kernel itself: a second mapping of the RAM that holds it',
  vectors:
    'the page that exceptions enter the kernel through, in every address space; user code may read helpers in it',
  device_tree: 'the device tree that the firmware handed over, mapped read only before there is an allocator',
  pci_io: 'the I/O ports of PCI devices, which this processor reaches as memory only',
  uncached:
    'all physical addresses once more, a constant away, past the caches: for the registers of devices',
};

/** What addresses of the region are for; of the window of modules also what it does not share with vmalloc. */
function meaningOfRegion({ arch }: Layout, { kind }: Region): string {
  const { moduleWindow, fixmapUses } = arch.port;
  if (kind === 'modules' && moduleWindow !== undefined) return `${MEANINGS.modules}: ${moduleWindow}`;
  return kind === 'fixmap' && fixmapUses !== undefined
    ? `${MEANINGS.fixmap} (${fixmapUses})`
    : MEANINGS[kind];
}

/** What addresses of the region are for; of a hole, what lies on either side of it. */
export function meaningOf(layout: Layout, region: Region | undefined, address: bigint): string {
  if (region !== undefined) return meaningOfRegion(layout, region);
  const below = layout.regions.filter(({ end }) => end <= address).at(-1);
  const above = layout.regions.find(({ start }) => start > address);
  const from = below === undefined ? 'the bottom' : `the end of ${below.name} (${toHex(layout, below.end)})`;
  const to = above === undefined ? 'the top' : `the start of ${above.name} (${toHex(layout, above.start)})`;
  return `in no region: a hole from ${from} to ${to}; the kernel never maps anything there`;
}
