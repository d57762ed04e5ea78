/**
 * The address space of a machine as one process sees it: every address belongs to a region or to a hole between two, and
 * each region tells the type of its addresses, how much of it is taken, and what lies there.
 */
import { meaningOf, typeOf } from '../../../core/explain/meaning.ts';
import type { AddressType } from '../../../core/explain/uses.ts';
import { KMAP_LOCAL_SLOTS } from '../../../core/layout/fixmap.ts';
import type { AddressRange, Layout, Region, RegionKind } from '../../../core/layout/layout.ts';
import type { Machine, Process } from '../../../core/machine/machine.ts';
import { processOf } from '../../../core/vm/processes.ts';
import { kmapOf, vmallocOf } from '../../figures/figures.ts';
import { type Piece, piecesOf } from './pieces.ts';

export interface SpaceRegion extends AddressRange {
  readonly kind: RegionKind | 'hole';
  /** What people call it. */
  readonly name: string;
  /** Of LDD3 (ch. 15); `none` of a hole. */
  readonly type: AddressType;
  /** A sentence on what its addresses are for. */
  readonly meaning: string;
  readonly isHole: boolean;
  /** Bytes of addresses that are taken: mapped, or given to somebody; undefined where the machine does not know. */
  readonly usedBytes: number | undefined;
  /** Of the rest: what can still be had, and the most of it in a row where that matters. */
  readonly freeBytes: number | undefined;
  readonly largestHoleBytes: number | undefined;
  /** What lies there, ascending and apart. */
  readonly pieces: readonly Piece[];
}

export interface AddressSpace {
  readonly layout: string;
  readonly title: string;
  readonly wordBits: number;
  readonly pageBytes: number;
  /** Whose user half it is; undefined when no process is chosen or runs on cpu 0. */
  readonly pid: number | undefined;
  /** All that run in that address space: threads share it. */
  readonly sharers: readonly number[];
  /** Those that could be chosen, ascending. */
  readonly pids: readonly number[];
  /** The limits that people know by name: PAGE_OFFSET, TASK_SIZE, high_memory. */
  readonly marks: readonly { readonly name: string; readonly address: bigint }[];
  /** Ascending, each begins where the last one ends: all that an address register can hold. */
  readonly regions: readonly SpaceRegion[];
}

/** @param pid whose user half; by default that of the process on cpu 0, else of the only one. Not alive: UsageError */
export function addressSpaceOf(machine: Machine, pid?: number): AddressSpace {
  const { layout } = machine.platform;
  const process = processOf(machine, pid);
  const pieces = piecesOf(machine, process);
  return {
    layout: layout.name,
    title: layout.title,
    wordBits: layout.arch.wordBits,
    pageBytes: 2 ** layout.pageShift,
    pid: process?.pid,
    sharers: sharersOf(machine, process),
    pids: Object.keys(machine.records.processes).map(Number),
    marks: [
      { name: 'TASK_SIZE', address: layout.taskSize },
      { name: 'PAGE_OFFSET', address: layout.pageOffset },
      { name: 'high_memory', address: layout.highMemory },
    ],
    regions: withHoles(layout).map((region) => filled(machine, region, pieces)),
  };
}

function sharersOf({ records }: Machine, process: Process | undefined): number[] {
  if (process === undefined) return [];
  return Object.values(records.processes)
    .filter(({ mm }) => mm === process.mm)
    .map(({ pid }) => pid);
}

interface BareRegion extends AddressRange {
  readonly kind: RegionKind | 'hole';
  readonly name: string;
  readonly region: Region | undefined;
}

/** All regions, and the holes around them. */
function withHoles(layout: Layout): BareRegion[] {
  const all: BareRegion[] = [];
  let next = 0n;
  const holeTo = (end: bigint): void => {
    if (next < end) all.push({ kind: 'hole', name: 'hole', start: next, end, region: undefined });
  };
  for (const region of layout.regions) {
    holeTo(region.start);
    all.push({ ...region, region });
    next = region.end;
  }
  holeTo(1n << BigInt(layout.arch.wordBits));
  return all;
}

function filled(machine: Machine, { region, ...bare }: BareRegion, pieces: readonly Piece[]): SpaceRegion {
  const inside = region === undefined ? [] : within(pieces, region);
  return {
    ...bare,
    type: typeOf(region),
    meaning: meaningOf(machine.platform.layout, region, bare.start),
    isHole: region === undefined,
    ...figuresOf(machine, region, inside),
    pieces: inside,
  };
}

function within(pieces: readonly Piece[], { start, end }: AddressRange): Piece[] {
  return pieces.filter((piece) => start <= piece.start && piece.end <= end);
}

type Figures = Pick<SpaceRegion, 'usedBytes' | 'freeBytes' | 'largestHoleBytes'>;

const NO_FIGURES: Figures = { usedBytes: undefined, freeBytes: undefined, largestHoleBytes: undefined };

function figuresOf(machine: Machine, region: Region | undefined, pieces: readonly Piece[]): Figures {
  if (region === undefined) return NO_FIGURES;
  const total = bytesOf(region);
  const taken = pieces.reduce((bytes, piece) => bytes + bytesOf(piece), 0);
  switch (region.kind) {
    case 'user':
    case 'direct':
    case 'kernel_image':
      return { ...NO_FIGURES, usedBytes: taken, freeBytes: total - taken };
    case 'vmalloc':
      return vmallocFigures(machine);
    case 'pkmap':
      return slotFigures(machine, kmapOf(machine).used, kmapOf(machine).slots);
    case 'fixmap':
      return fixmapFigures(machine, pieces);
    default:
      return { ...NO_FIGURES, usedBytes: pieces.length === 0 ? undefined : taken };
  }
}

/** What waits to be purged is neither taken nor to be had. */
function vmallocFigures(machine: Machine): Figures {
  const { usedBytes, largestHoleBytes } = vmallocOf(machine);
  const freeBytes = machine.vmallocHoles.total() * 2 ** machine.platform.layout.pageShift;
  return { usedBytes, freeBytes, largestHoleBytes };
}

function slotFigures({ platform }: Machine, used: number, slots: number): Figures {
  const pageBytes = 2 ** platform.layout.pageShift;
  return { ...NO_FIGURES, usedBytes: used * pageBytes, freeBytes: (slots - used) * pageBytes };
}

/** Slots of kmap_local(), which 32-bit kernels with high memory have. */
function fixmapFigures(machine: Machine, pieces: readonly Piece[]): Figures {
  const { highstartPfn, nrCpus } = machine.platform.layout;
  if (highstartPfn === undefined) return NO_FIGURES;
  const used = pieces.filter(({ kind }) => kind === 'kmap_local').length;
  return slotFigures(machine, used, nrCpus * KMAP_LOCAL_SLOTS);
}

function bytesOf({ start, end }: AddressRange): number {
  return Number(end - start);
}
