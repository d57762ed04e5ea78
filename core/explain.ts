/**
 * What an address is: its type, its region, what __pa and __va make of it, the way of the MMU through the page
 * tables, and the frame at its end.
 *
 * Types are those of Corbet, Rubini, Kroah-Hartman, "Linux Device Drivers" (3rd ed., ch. 15): user virtual, kernel
 * logical (the direct map), kernel virtual (the kernel's other addresses), physical, bus. Any number gets an
 * answer: what is no address, or is mapped by nobody, is told as such. Simplified: of the kernel's regions the machine fills the direct map, vmalloc and kmap.
 */
import { va as logicalOf, pa as physicalOf } from './convert.ts';
import { type Answer, answersOf } from './explain-answers.ts';
import { type BusFacts, busAddressesOf, bytesAtBus, routeOf } from './explain-bus.ts';
import { type CacheFacts, explainCaches } from './explain-caches.ts';
import { explainFrame, type FrameFacts } from './explain-frame.ts';
import { type AddressType, type Use, usesOf } from './explain-uses.ts';
import { type WalkStep, walkOf } from './explain-walk.ts';
import { vmallocAreas } from './kmap/list-areas.ts';
import type { Layout, PageWindow, Region } from './layout/layout.ts';
import { pageAddress, pageNumber, regionOf, toHex } from './layout/regions.ts';
import { type SegmentStep, segmentSteps } from './paging/segments.ts';
import { processOf } from './processes.ts';
import type { Machine, Process } from './state/machine.ts';
import type { Vma } from './vm/vma.ts';
import { vmaAt } from './vm/vma-list.ts';

export type AddressSpaceName = 'virtual' | 'physical' | 'bus';

export interface ExplainOptions {
  /** Whose user space; by default that of the process on cpu 0, else of the only process. */
  readonly pid?: number | undefined;
  /** Also what TLBs and walk caches know of the page. */
  readonly caches?: boolean | undefined;
  /** Whose bus address; by default that of a device which has something mapped there. */
  readonly device?: number | undefined;
}

/** What the macros __pa and __va compute, and whether the result means anything. */
export interface Conversion {
  readonly address: bigint;
  readonly legal: boolean;
  readonly reason: string;
}

/** The mapping that a user address lies in. */
export interface MappingFacts {
  readonly object: number;
  /** Of the address in the object. */
  readonly offset: bigint;
  readonly prot: number;
  readonly shared: boolean;
  /** 0: anonymous memory. */
  readonly file: number;
}

export interface Explanation {
  readonly layout: string;
  readonly space: AddressSpaceName;
  readonly address: bigint;
  readonly type: AddressType;
  readonly meaning: string;
  readonly region: Region | undefined;
  /** The process whose tables were read. */
  readonly pid: number | undefined;
  readonly mapping: MappingFacts | undefined;
  /** __pa of a virtual address. */
  readonly pa: Conversion | undefined;
  /** __va of the physical address. */
  readonly va: Conversion | undefined;
  /** Logical to linear, by descriptor; empty when segments are flat. */
  readonly segmentation: readonly SegmentStep[];
  readonly walk: readonly WalkStep[];
  /** When asked for, of a mapped page: by cpu that has translated anything. */
  readonly caches?: readonly CacheFacts[];
  /** Where it leads; undefined when nothing is mapped there, and then `unmapped` says why. */
  readonly physical: bigint | undefined;
  readonly unmapped: string | undefined;
  readonly frame: FrameFacts | undefined;
  readonly uses: readonly Use[];
  /** By which bus addresses devices reach this byte now. */
  readonly buses: readonly BusFacts[];
  /** What the kernel's functions say of a kernel virtual address. */
  readonly answers: readonly Answer[];
}

/** Explains a virtual address (as a program or the kernel uses it), or a physical or bus address. */
export function explainAddress(
  machine: Machine,
  space: AddressSpaceName,
  address: bigint,
  options: ExplainOptions = {},
): Explanation {
  return space === 'virtual'
    ? explainVirtual(machine, address, processOf(machine, options.pid), options.caches === true)
    : explainPhysical(machine, space, address, options.device);
}

function explainVirtual(
  machine: Machine,
  address: bigint,
  process: Process | undefined,
  wantsCaches: boolean,
): Explanation {
  const { layout } = machine.platform;
  const none = {
    space: 'virtual' as const,
    address,
    layout: layout.name,
    segmentation: [],
    walk: [],
    uses: [],
    buses: [],
    answers: [],
  };
  const bad = notAnAddress(layout, address);
  if (bad !== undefined) return { ...none, ...NOTHING, meaning: bad, unmapped: 'it is no virtual address' };
  const region = regionOf(layout, address);
  const type = typeOf(region);
  const isUser = type === 'user-virtual';
  const mm = isUser && process !== undefined ? machine.records.mms[process.mm] : undefined;
  const vma = mm && vmaAt(mm.vmas, pageNumber(layout, address));
  const pa = physicalByMacro(layout, address, region);
  const linear = linearPhysical(layout, address, region);
  const { walk, physical } =
    linear === undefined
      ? walked(machine, address, isUser ? mm?.root : kernelRootFor(machine, region))
      : { walk: [], physical: linear };
  const reached = physical ?? (region?.kind === 'kernel_image' ? pa.address : undefined);
  const frame = reached === undefined ? undefined : explainFrame(machine, pfnOf(layout, reached));
  return {
    ...none,
    type,
    meaning: meaningOf(layout, region, address),
    region,
    pid: isUser ? process?.pid : undefined,
    mapping: vma && mappingFacts(layout, vma, address),
    pa,
    va: reached === undefined ? undefined : logicalByMacro(layout, reached),
    segmentation: segmentSteps(layout, address),
    walk,
    ...(wantsCaches &&
      walk.at(-1)?.page !== undefined && {
        caches: explainCaches(machine, pageNumber(layout, address), walk.length - 1, mm?.id),
      }),
    physical: reached,
    unmapped: reached === undefined ? whyUnmapped(machine, address, region, process, vma) : undefined,
    frame,
    uses: frame === undefined ? [] : usesOf({ type, region, frame, vma, pageShift: layout.pageShift }),
    buses: reached === undefined ? [] : busAddressesOf(machine, reached),
    answers: isUser ? [] : answersOf(machine, address, region, frame),
  };
}

function explainPhysical(
  machine: Machine,
  space: 'physical' | 'bus',
  address: bigint,
  device: number | undefined,
): Explanation {
  const { layout } = machine.platform;
  const isBus = space === 'bus';
  const { physical, meaning, walk, unmapped } = isBus
    ? routeOf(machine, address, device)
    : { ...NOTHING, physical: address, meaning: ON_MEMORY_BUS, walk: [] };
  const frame = physical === undefined ? undefined : explainFrame(machine, pfnOf(layout, physical));
  return {
    ...NOTHING,
    layout: layout.name,
    space,
    address,
    type: space,
    meaning,
    va: physical === undefined ? undefined : logicalByMacro(layout, physical),
    segmentation: [],
    walk,
    physical,
    unmapped,
    frame,
    uses:
      frame === undefined
        ? []
        : usesOf({ type: space, region: undefined, frame, vma: undefined, pageShift: layout.pageShift }),
    buses: isBus ? bytesAtBus(machine, address, device) : busAddressesOf(machine, address),
    answers: [],
  };
}

const ON_MEMORY_BUS = 'what the memory controller sees; the cpu needs a virtual address to reach it';

const NOTHING = {
  type: 'none' as const,
  region: undefined,
  pid: undefined,
  mapping: undefined,
  pa: undefined,
  va: undefined,
  physical: undefined,
  unmapped: undefined,
  frame: undefined,
};

/** Why a number cannot be a virtual address of this machine at all. */
function notAnAddress({ wordBits, virtualBits, pageWindows }: Layout, address: bigint): string | undefined {
  if (address >= 1n << BigInt(wordBits))
    return `more than ${wordBits} bits: no register of this machine holds it`;
  if (pageWindows !== undefined) return notInWindow(pageWindows, address);
  const signBits = address >> BigInt(virtualBits - 1);
  if (
    wordBits === virtualBits ||
    signBits === 0n ||
    signBits === (1n << BigInt(wordBits - virtualBits + 1)) - 1n
  )
    return undefined;
  return (
    `not canonical: bits ${virtualBits - 1} to ${wordBits - 1} have to be all equal, since the MMU translates ` +
    `${virtualBits} bits; an access raises a general protection fault before any page table is read`
  );
}

/** The upper bits of an address choose a region, which is not filled up to its end. */
function notInWindow(windows: readonly PageWindow[], address: bigint): string | undefined {
  if (windows.some(({ start, end }) => start <= address && address < end)) return undefined;
  return 'beyond what the tables of its region can map: the MMU does not translate these bits of an address';
}

function typeOf(region: Region | undefined): AddressType {
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
  fixmap: 'addresses fixed when the kernel was built, each for one purpose (local APIC, kmap_local slots)',
  cpu_entry_area: 'what a cpu needs to enter the kernel: GDT, TSS, entry stacks',
  ldt: 'the local descriptor table of the running process',
  modules: 'code and data of loaded modules',
  vmemmap: 'the struct pages, one for every frame, as one array',
  kernel_image: 'code and data of the kernel itself: a second mapping of the RAM that holds it',
  uncached:
    'all physical addresses once more, a constant away, past the caches: for the registers of devices',
};

function meaningOf(layout: Layout, region: Region | undefined, address: bigint): string {
  if (region !== undefined) return MEANINGS[region.kind];
  const below = layout.regions.filter(({ end }) => end <= address).at(-1);
  const above = layout.regions.find(({ start }) => start > address);
  const from = below === undefined ? 'the bottom' : `the end of ${below.name} (${toHex(layout, below.end)})`;
  const to = above === undefined ? 'the top' : `the start of ${above.name} (${toHex(layout, above.start)})`;
  return `in no region: a hole from ${from} to ${to}; the kernel never maps anything there`;
}

/** __pa(): a subtraction, which means something in the direct map and the kernel image only. */
function physicalByMacro(layout: Layout, address: bigint, region: Region | undefined): Conversion {
  const result = physicalOf(layout, address);
  if (region?.kind === 'direct') return { address: result, legal: true, reason: 'address - PAGE_OFFSET' };
  if (region?.kind === 'uncached')
    return { address: address - region.start, legal: true, reason: 'the address without its region' };
  if (region?.kind === 'kernel_image')
    return { address: result, legal: true, reason: 'address - __START_KERNEL_map, which __pa knows about' };
  const reason = `only kernel logical addresses lie at PAGE_OFFSET + physical, and this is no such address`;
  return { address: result, legal: false, reason };
}

/** __va(): an addition, which means something for what the direct map covers only. */
function logicalByMacro(layout: Layout, physical: bigint): Conversion {
  const address = logicalOf(layout, physical);
  const mapped = physical < BigInt(layout.maxLowPfn) << BigInt(layout.pageShift);
  if (mapped) return { address, legal: true, reason: 'physical + PAGE_OFFSET' };
  const inRam = physical < BigInt(layout.maxPfn) << BigInt(layout.pageShift);
  const reason = inRam
    ? 'high memory is not in the direct map: use kmap()'
    : 'above the direct map: devices are mapped with ioremap()';
  return { address, legal: false, reason };
}

/** The machine has page tables for these regions only; of the others it knows the place. */
const FILLED: readonly Region['kind'][] = ['direct', 'vmalloc', 'pkmap', 'fixmap'];

function kernelRootFor({ platform }: Machine, region: Region | undefined): number | undefined {
  return region === undefined || FILLED.includes(region.kind) ? platform.kernelRoot : undefined;
}

/** Windows that need no tables: a TLB miss there is served by arithmetic. */
function linearPhysical(
  { translation }: Layout,
  address: bigint,
  region: Region | undefined,
): bigint | undefined {
  if (translation.linearPageBytes === undefined) return undefined;
  return region?.kind === 'direct' || region?.kind === 'uncached' ? address - region.start : undefined;
}

function walked(
  machine: Machine,
  address: bigint,
  root: number | undefined,
): { walk: WalkStep[]; physical: bigint | undefined } {
  const { layout } = machine.platform;
  if (root === undefined) return { walk: [], physical: undefined };
  const walk = walkOf(machine, root, pageNumber(layout, address));
  const page = walk.at(-1)!.page;
  if (page === undefined) return { walk, physical: undefined };
  const inPage = address & (BigInt(page.bytes) - 1n);
  return { walk, physical: (BigInt(page.pfn) << BigInt(layout.pageShift)) + inPage };
}

function mappingFacts(layout: Layout, vma: Vma, address: bigint): MappingFacts {
  const shift = BigInt(layout.pageShift);
  const offset = address - pageAddress(layout, vma.startVpn) + (BigInt(vma.objectPage) << shift);
  return { object: vma.object, offset, prot: vma.prot, shared: vma.shared, file: vma.file };
}

function whyUnmapped(
  machine: Machine,
  address: bigint,
  region: Region | undefined,
  process: Process | undefined,
  vma: Vma | undefined,
): string {
  if (region === undefined) return 'no region';
  if (region.kind === 'user') return whyUserUnmapped(process, vma);
  if (region.kind === 'vmalloc') return whyNotInVmalloc(machine, address);
  if (region.kind === 'pkmap') return 'this kmap slot is free';
  if (region.kind === 'fixmap')
    return 'the machine fills the slots of kmap_local only, and this is none, or a free one';
  return 'the machine does not fill this region; a real kernel does';
}

function whyUserUnmapped(process: Process | undefined, vma: Vma | undefined): string {
  if (process === undefined) return 'no process is chosen, and a user address means something in one only';
  if (vma === undefined) return 'the process has no mapping here: an access ends in SIGSEGV';
  const source = vma.file === 0 ? 'a zeroed page' : 'the page from the page cache or the disk';
  return `mapped, but never touched: the first access takes a page fault, which brings ${source}`;
}

function whyNotInVmalloc(machine: Machine, address: bigint): string {
  const area = vmallocAreas(machine).find(({ start, end }) => start <= address && address < end);
  if (area === undefined) return 'free address space: nothing is allocated here';
  if (area.kind === 'unpurged')
    return 'freed, but some cpu may still have it in its TLB: nobody gets it before all such areas are purged';
  const pageBytes = 1n << BigInt(machine.platform.layout.pageShift);
  return area.kind === 'vm_area' && address < area.end - pageBytes
    ? 'address space that get_vm_area() has taken, with nothing mapped in it'
    : 'a guard page: it stays unmapped behind every area, to catch overruns';
}

function pfnOf({ pageShift }: Layout, physical: bigint): number {
  return Number(physical >> BigInt(pageShift));
}
