/**
 * What /sys/kernel/debug/page_tables/kernel shows of a kernel that is up: its address space in named parts, and in
 * each the ranges that are mapped alike, with the level of table where the entry is or where the walk ends.
 *
 * Source: arch/x86/mm/dump_pagetables.c, v6.1 (address_markers, note_page). An entry passes one marker at most, so
 * where two markers begin at one entry the second one comes an entry late, as in the kernel's own listing. Of the
 * vmalloc area and of the ESPfix area only the edges are meaningful: see kernel-map.ts.
 */

import { addressOf, alignDown, MIB, PAGE_SIZE } from '../../base/units.ts';
import type { AddressRange, Layout, RegionKind } from '../layout.ts';
import { regionOfKind } from '../regions.ts';
import { pageSizes } from './direct-map.ts';
import { type KernelMapping, kernelMappings } from './kernel-map.ts';

export interface DumpRange extends AddressRange {
  /** Level whose entry maps the range, or at which there is none: pgd, p4d, pud, pmd, pte. */
  readonly level: string;
  /** In the kernel's words, `RW PSE GLB NX`; empty where nothing is mapped. */
  readonly attributes: string;
}

export interface DumpPart {
  /** `Kernel Mapping`, `vmalloc() Area`, ... */
  readonly name: string;
  readonly ranges: readonly DumpRange[];
}

/** Where a part begins. */
export interface DumpMarker {
  readonly name: string;
  readonly start: bigint;
}

/** An entry of some table that maps memory or is empty, or several of one kind. */
export interface DumpEntry {
  readonly start: bigint;
  readonly level: string;
  readonly attributes: string;
}

/** The parts of the dump, ascending. */
export function pageTableDump(layout: Layout): DumpPart[] {
  return foldEntries(layout, entriesOf(layout));
}

/** Entries folded into ranges under markers; they come ascending and leave nothing out. */
export function foldEntries(layout: Layout, entries: Iterable<DumpEntry>): DumpPart[] {
  const markers = dumpMarkers(layout);
  const parts: { name: string; ranges: DumpRange[] }[] = [{ name: markers[0]!.name, ranges: [] }];
  let open: DumpEntry | undefined;
  const close = (at: bigint): void => {
    if (open === undefined) return;
    parts.at(-1)!.ranges.push({ ...open, end: at });
    const next = markers[parts.length];
    if (next && at >= next.start) parts.push({ name: next.name, ranges: [] });
  };
  for (const entry of entries) {
    const next = markers[parts.length];
    const isNew = open?.level !== entry.level || open.attributes !== entry.attributes;
    if (!isNew && !(next && entry.start >= next.start)) continue;
    close(entry.start);
    open = entry;
  }
  close(1n << BigInt(layout.wordBits));
  return parts;
}

type MarkedRegion = readonly [name: string, kind: RegionKind, edge: 'start' | 'end'];

const MARKERS_32: readonly MarkedRegion[] = [
  ['Kernel Mapping', 'direct', 'start'],
  ['vmalloc() Area', 'vmalloc', 'start'],
  ['vmalloc() End', 'vmalloc', 'end'],
  ['Persistent kmap() Area', 'pkmap', 'start'],
  ['LDT remap', 'ldt', 'start'],
  ['CPU entry area', 'cpu_entry_area', 'start'],
  ['Fixmap area', 'fixmap', 'start'],
];
const MARKERS_64: readonly MarkedRegion[] = [
  ['LDT remap', 'ldt', 'start'],
  ['Low Kernel Mapping', 'direct', 'start'],
  ['vmalloc() Area', 'vmalloc', 'start'],
  ['Vmemmap', 'vmemmap', 'start'],
  ['CPU entry Area', 'cpu_entry_area', 'start'],
  ['High Kernel Mapping', 'kernel_image', 'start'],
  ['Modules', 'modules', 'start'],
  ['End Modules', 'modules', 'end'],
  ['Fixmap Area', 'fixmap', 'start'],
];
/** ESPFIX_BASE_ADDR. */
export const ESPFIX_BASE = 0xffffff0000000000n;

/** address_markers: a region that the layout lacks has none. */
export function dumpMarkers(layout: Layout): DumpMarker[] {
  const { wordBits } = layout;
  const marked = (wordBits === 64 ? MARKERS_64 : MARKERS_32).flatMap(([name, kind, edge]) => {
    const region = regionOfKind(layout, kind);
    return region === undefined ? [] : [{ name, start: region[edge] }];
  });
  const user = { name: 'User Space', start: 0n };
  if (wordBits === 32) return [user, ...marked];
  const espfix = { name: 'ESPfix Area', start: ESPFIX_BASE };
  const above = marked.findIndex(({ start }) => start > espfix.start);
  return [
    user,
    { name: 'Kernel Space', start: 1n << 63n },
    ...marked.slice(0, above),
    espfix,
    ...marked.slice(above),
  ];
}

/** A table of the tree: where it begins, its level, and what is known of the addresses below it. */
interface TableView {
  readonly start: bigint;
  readonly level: number;
  readonly mappings: readonly KernelMapping[];
  readonly tables: readonly AddressRange[];
}

/** Every entry of every table, ascending, but for the guard hole of 64 bits, which the kernel does not walk. */
function* entriesOf(layout: Layout): Generator<DumpEntry> {
  const root = { start: 0n, level: 0, mappings: kernelMappings(layout), tables: emptyTables(layout) };
  yield* entriesBelow(layout, root);
}

function* entriesBelow(
  layout: Layout,
  { start: base, level, mappings, tables }: TableView,
): Generator<DumpEntry> {
  const { levels } = layout.translation;
  const span = entrySpan(layout, level);
  for (let index = 0n; index < 1n << BigInt(levels[level]!.bits); index++) {
    const start = level === 0 ? rootAddress(layout, index * span) : base + index * span;
    if (start === undefined) continue;
    const isInside = (range: AddressRange): boolean => range.start < start + span && range.end > start;
    const here = mappings.filter(isInside);
    const leaf = here[0];
    const below = { start, level: level + 1, mappings: here, tables: tables.filter(isInside) };
    if (leaf !== undefined && addressOf(leaf.pageFrames) >= span) {
      yield { start, level: leafLevel(layout, level), attributes: attributesOf(leaf) };
    } else if (level < levels.length - 1 && (leaf !== undefined || below.tables.length > 0)) {
      yield* entriesBelow(layout, below);
    } else yield { start, level: levels[level]!.name, attributes: '' };
  }
}

/** Bytes that an entry of a level stands for. */
function entrySpan({ translation }: Layout, level: number): bigint {
  const bits = translation.levels.slice(level + 1).reduce((sum, below) => sum + below.bits, 0);
  return PAGE_SIZE << BigInt(bits);
}

/** What a root entry stands for; undefined in the sixteen that 64-bit kernels leave to hypervisors. */
function rootAddress({ wordBits, virtualBits }: Layout, offset: bigint): bigint | undefined {
  const half = 1n << BigInt(virtualBits - 1);
  if (wordBits === 32 || offset < half) return offset;
  const guardHole = half / 16n;
  return offset < half + guardHole ? undefined : offset | ((-1n << BigInt(virtualBits)) & ((1n << 64n) - 1n));
}

const LEVELS_FROM_BELOW = ['pte', 'pmd', 'pud', 'p4d', 'pgd'];

/** With two levels of tables the top one is the middle directory too: a large page is found there. */
export function leafLevel({ translation }: Layout, level: number): string {
  return LEVELS_FROM_BELOW[translation.levels.length - 1 - level]!;
}

function attributesOf({ pageFrames, writable, executable, uncached }: KernelMapping): string {
  const words = [
    writable ? 'RW' : 'ro',
    uncached ? 'PWT PCD' : '',
    pageFrames > 1 ? 'PSE' : '',
    'GLB',
    executable ? 'x' : 'NX',
  ];
  return words.filter((word) => word !== '').join(' ');
}

/** Last-level tables that are there although they may be empty. */
function emptyTables(layout: Layout): AddressRange[] {
  if (layout.family !== 'linux-6.1') return [];
  return layout.wordBits === 32 ? emptyTables32(layout) : emptyTables64(layout);
}

/** The windows at the top have their tables from boot on (page_table_range_init); drivers map something at once. */
function emptyTables32(layout: Layout): AddressRange[] {
  const { vmalloc, pkmap, fixmapTotalStart } = layout;
  const tableBytes = addressOf(pageSizes(layout).at(-2)!);
  const entryArea = regionOfKind(layout, 'cpu_entry_area')!;
  const kmap = pkmap && { start: pkmap.base, end: pkmap.base + addressOf(pkmap.slots) };
  return [
    { start: vmalloc.start, end: vmalloc.start + PAGE_SIZE },
    ...(kmap ? [kmap] : []),
    entryArea,
    { start: alignDown(fixmapTotalStart, tableBytes), end: 1n << 32n },
  ];
}

/** FIXMAP_PMD_NUM: two tables for the fixmap; one for the ESPfix stacks, which begin somewhere behind. */
function emptyTables64({ fixmap }: Layout): AddressRange[] {
  const fixmapEnd = fixmap.end + PAGE_SIZE;
  return [
    { start: ESPFIX_BASE, end: ESPFIX_BASE + PAGE_SIZE },
    { start: fixmapEnd - 4n * MIB, end: fixmapEnd },
  ];
}
