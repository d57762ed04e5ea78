/**
 * What an address is: its type, its region, what __pa and __va make of it, the way of the MMU through the page
 * tables, and the frame at its end.
 *
 * Types are those of Corbet, Rubini, Kroah-Hartman, "Linux Device Drivers" (3rd ed., ch. 15): user virtual, kernel
 * logical (the direct map), kernel virtual (the kernel's other addresses), physical, bus. Any number gets an
 * answer: what is no address, or is mapped by nobody, is told as such.
 */
import type { RootChoice } from '../arch/architecture.ts';
import type { Layout, Region } from '../layout/layout.ts';
import { pageAddress, pageNumber, regionOf } from '../layout/regions.ts';
import type { Machine, Mm, Process } from '../machine/machine.ts';
import type { Vma } from '../mm/vma.ts';
import { lacksKernelEntry } from '../paging/kernel-entries.ts';
import { type SegmentStep, segmentSteps } from '../paging/segments.ts';
import { leafTable } from '../paging/table-walk.ts';
import { processOf } from '../vm/processes.ts';
import { type Answer, answersOf } from './answers.ts';
import { type BusFacts, busAddressesOf, bytesAtBus, routeOf } from './bus.ts';
import { type CacheFacts, explainCaches } from './caches.ts';
import { explainFrame, type FrameFacts } from './frame.ts';
import { type Conversion, logicalByMacro, physicalByMacro } from './macros.ts';
import { meaningOf, notAnAddress, typeOf } from './meaning.ts';
import { type OwnerFacts, ownerOf } from './owner.ts';
import { type AddressField, splitOf } from './split.ts';
import { translationOf } from './translation.ts';
import { whyUnmapped } from './unmapped.ts';
import { type UserRootFacts, userRootOf } from './user-root.ts';
import { type AddressType, type Use, usesOf } from './uses.ts';
import type { WalkStep } from './walk.ts';

export type AddressSpaceName = 'virtual' | 'physical' | 'bus';

/** From where an address is looked at, and how closely. */
export interface ExplainOptions {
  /** Whose user space; by default that of the process on cpu 0, else of the only process. */
  readonly pid?: number | undefined;
  /** Also what TLBs and walk caches know of the page. */
  readonly caches?: boolean | undefined;
  /** Whose bus address; by default that of a device which has something mapped there. */
  readonly device?: number | undefined;
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

/** Whether the page tables of a process have the kernel's entry for an address, or a fault has yet to bring it. */
export interface KernelEntryFacts {
  readonly pid: number;
  readonly isCopied: boolean;
}

/** What an address is, and where it leads. */
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
  /** Of a kernel address that somebody asked for. */
  readonly owner?: OwnerFacts;
  /** __pa of a virtual address. */
  readonly pa: Conversion | undefined;
  /** __va of the physical address. */
  readonly va: Conversion | undefined;
  /** A virtual address cut into indexes and offset, as the MMU does; empty for other numbers. */
  readonly split: readonly AddressField[];
  /** Logical to linear, by descriptor; empty when segments are flat. */
  readonly segmentation: readonly SegmentStep[];
  /** Where the processor has more than one root: the register that it takes for this address, and why. */
  readonly root?: RootChoice;
  readonly walk: readonly WalkStep[];
  /** With page-table isolation, of the process: what user mode has there. */
  readonly userRoot: UserRootFacts | undefined;
  /** Of an address in the vmalloc window, where processes have copies of the kernel's entries: whether this one has. */
  readonly kernelEntry: KernelEntryFacts | undefined;
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
    ? explainVirtual(machine, address, options)
    : explainPhysical(machine, space, address, options.device);
}

/** All that may be said of an address, before anything is known of it. */
const NOTHING = {
  type: 'none' as const,
  region: undefined,
  pid: undefined,
  mapping: undefined,
  pa: undefined,
  va: undefined,
  split: [],
  segmentation: [],
  walk: [],
  kernelEntry: undefined,
  userRoot: undefined,
  physical: undefined,
  unmapped: undefined,
  frame: undefined,
  uses: [],
  buses: [],
  answers: [],
};

function explainVirtual(machine: Machine, address: bigint, options: ExplainOptions): Explanation {
  const { layout } = machine.platform;
  const process = processOf(machine, options.pid);
  const asked = { ...NOTHING, layout: layout.name, space: 'virtual' as const, address };
  const bad = notAnAddress(layout, address);
  if (bad !== undefined) return { ...asked, meaning: bad, unmapped: 'it is no virtual address' };
  const place = placeOf(machine, address, process);
  const { region, type, mm, vma } = place;
  const { walk, physical } = translationOf(machine, address, region, mm);
  const memory = physical === undefined ? undefined : memoryAt(machine, physical, place);
  return {
    ...asked,
    type,
    meaning: meaningOf(layout, region, address),
    region,
    pid: place.process?.pid,
    mapping: vma && mappingFacts(layout, vma, address),
    ...(type !== 'user-virtual' && ownedBy(machine, address)),
    pa: physicalByMacro(layout, address, region),
    split: splitOf(layout, address, region),
    segmentation: segmentSteps(layout, address),
    ...(layout.arch.rootOf !== undefined && { root: layout.arch.rootOf(layout, address) }),
    walk,
    userRoot: process && userRootOf(machine, machine.records.mms[process.mm]!, address),
    kernelEntry: region?.kind === 'vmalloc' ? kernelEntryOf(machine, process, address) : undefined,
    ...(options.caches === true && cachesOf(machine, address, walk, mm)),
    ...(memory ?? { unmapped: whyUnmapped(machine, address, region, process, vma) }),
    buses: physical === undefined ? [] : busAddressesOf(machine, physical),
    answers: type === 'user-virtual' ? [] : answersOf(machine, address, region, memory?.frame),
  };
}

function ownedBy(machine: Machine, address: bigint): Pick<Explanation, 'owner'> {
  const owner = ownerOf(machine, address);
  return owner === undefined ? {} : { owner };
}

const ON_MEMORY_BUS = 'what the memory controller sees; the cpu needs a virtual address to reach it';

function explainPhysical(
  machine: Machine,
  space: 'physical' | 'bus',
  address: bigint,
  device: number | undefined,
): Explanation {
  const isBus = space === 'bus';
  const { physical, meaning, walk, unmapped } = isBus
    ? routeOf(machine, address, device)
    : { ...NOTHING, physical: address, meaning: ON_MEMORY_BUS };
  return {
    ...NOTHING,
    layout: machine.platform.layout.name,
    space,
    address,
    type: space,
    meaning,
    walk,
    unmapped,
    ...(physical !== undefined && memoryAt(machine, physical, { type: space })),
    buses: isBus ? bytesAtBus(machine, address, device) : busAddressesOf(machine, address),
  };
}

/** What a virtual address belongs to; process, address space and VMA of user addresses only. */
interface Place {
  readonly type: AddressType;
  readonly region?: Region | undefined;
  readonly process?: Process | undefined;
  readonly mm?: Mm | undefined;
  readonly vma?: Vma | undefined;
}

function placeOf({ platform, records }: Machine, address: bigint, process: Process | undefined): Place {
  const { layout } = platform;
  const region = regionOf(layout, address);
  const type = typeOf(region);
  if (type !== 'user-virtual' || process === undefined) return { type, region };
  const mm = records.mms[process.mm];
  return { type, region, process, mm, vma: mm?.vmas.at(pageNumber(layout, address)) };
}

/** What lies at a physical address that something leads to. */
function memoryAt(
  machine: Machine,
  physical: bigint,
  { type, region, vma }: Place,
): Pick<Explanation, 'physical' | 'va' | 'frame' | 'uses'> {
  const { layout } = machine.platform;
  const frame = explainFrame(machine, Number(physical >> BigInt(layout.pageShift)));
  const uses = usesOf({ type, region, frame, vma, pageShift: layout.pageShift });
  return { physical, va: logicalByMacro(layout, physical), frame, uses };
}

/** Undefined where all have it, and where nothing is mapped. */
function kernelEntryOf(
  machine: Machine,
  process: Process | undefined,
  address: bigint,
): KernelEntryFacts | undefined {
  const { platform, records } = machine;
  if (process === undefined || platform.kernelEntries !== 'fault') return undefined;
  const vpn = pageNumber(platform.layout, address);
  if (leafTable(machine, platform.kernelRoot, vpn) === 0) return undefined;
  return { pid: process.pid, isCopied: !lacksKernelEntry(machine, records.mms[process.mm]!, vpn) };
}

function mappingFacts(layout: Layout, vma: Vma, address: bigint): MappingFacts {
  const shift = BigInt(layout.pageShift);
  const offset = address - pageAddress(layout, vma.startVpn) + (BigInt(vma.objectPage) << shift);
  return { object: vma.object, offset, prot: vma.prot, shared: vma.shared, file: vma.file };
}

/** Only of a page that the tables map. */
function cachesOf(
  machine: Machine,
  address: bigint,
  walk: readonly WalkStep[],
  mm: Mm | undefined,
): Pick<Explanation, 'caches'> {
  if (walk.at(-1)?.page === undefined) return {};
  const vpn = pageNumber(machine.platform.layout, address);
  return { caches: explainCaches(machine, vpn, walk.length - 1, mm?.id) };
}
