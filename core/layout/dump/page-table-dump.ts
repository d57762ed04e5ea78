/**
 * What /sys/kernel/debug/page_tables/kernel shows of a kernel that is up: its address space in named parts, and in
 * each the ranges that are mapped alike, with the level of table where the entry is or where the walk ends.
 *
 * Source: arch/x86/mm/dump_pagetables.c, v6.1 (address_markers, note_page). An entry passes one marker at most, so
 * where two markers begin at one entry the second one comes an entry late, as in the kernel's own listing. Of the
 * vmalloc area and of the ESPfix area only the edges are meaningful: see kernel-map.ts.
 */

import { entrySpans } from '../../arch/translation.ts';
import { UsageError } from '../../base/errors.ts';
import { addressOf } from '../../base/units.ts';
import type { BootedKernel, DumpMarker, KernelMapping } from '../booted.ts';
import type { AddressRange, Layout, RegionKind } from '../layout.ts';
import { pageAddress, regionOfKind } from '../regions.ts';
import { kernelMappings } from './kernel-map.ts';

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
  close(1n << BigInt(layout.arch.wordBits));
  return parts;
}

/** A part of the listing by the region that it begins or ends with. */
type MarkedRegion = readonly [name: string, kind: RegionKind, edge: 'start' | 'end'];

/** Where the parts of these regions begin; a region that the layout lacks has none. */
export function markersOf(layout: Layout, marked: readonly MarkedRegion[]): DumpMarker[] {
  return marked.flatMap(([name, kind, edge]) => {
    const region = regionOfKind(layout, kind);
    return region === undefined ? [] : [{ name, start: region[edge] }];
  });
}

/** address_markers. @throws UsageError when the layout's kernel has no such listing */
export function dumpMarkers(layout: Layout): readonly DumpMarker[] {
  return bootedOf(layout).markers(layout);
}

function bootedOf({ name, booted }: Layout): BootedKernel {
  if (booted !== undefined && booted.hasOtherListing !== true) return booted;
  const why = booted === undefined ? 'has no such file' : 'lists its tables in another form';
  throw new UsageError(
    `kernel_page_tables: found ${name}, whose kernel ${why}, expected a layout of x86: explain tells the walk of ` +
      'any address',
  );
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
  const tables = bootedOf(layout).emptyTables(layout);
  const root = { start: 0n, level: 0, mappings: kernelMappings(layout), tables };
  yield* entriesBelow(layout, root);
}

function* entriesBelow(
  layout: Layout,
  { start: base, level, mappings, tables }: TableView,
): Generator<DumpEntry> {
  const { levels } = layout.arch.translation;
  const span = entrySpan(layout, level);
  for (let index = 0n; index < 1n << BigInt(levels[level]!.bits); index++) {
    const start = level === 0 ? rootAddress(layout, index * span) : base + index * span;
    if (start === undefined) continue;
    const isInside = (range: AddressRange): boolean => range.start < start + span && range.end > start;
    const here = mappings.filter(isInside);
    const leaf = here[0];
    const below = { start, level: level + 1, mappings: here, tables: tables.filter(isInside) };
    if (leaf !== undefined && addressOf(leaf.pageFrames, layout.pageShift) >= span) {
      yield { start, level: leafLevel(layout, level), attributes: attributesOf(leaf, layout) };
    } else if (level < levels.length - 1 && (leaf !== undefined || below.tables.length > 0)) {
      yield* entriesBelow(layout, below);
    } else yield { start, level: levels[level]!.name, attributes: '' };
  }
}

/** Bytes that an entry of a level stands for. */
function entrySpan({ arch }: Layout, level: number): bigint {
  return BigInt(entrySpans(arch.translation)[level]!) << BigInt(arch.pageShift);
}

/** What a root entry stands for; undefined in those that the listing leaves out. */
function rootAddress(layout: Layout, offset: bigint): bigint | undefined {
  const { arch } = layout;
  const index = Number(offset / entrySpan(layout, 0));
  if (isUnlisted(layout, index)) return undefined;
  return pageAddress(layout, Number(offset >> BigInt(arch.pageShift)));
}

/** Whether the listing leaves out an entry of the root: the sixteen that 64-bit kernels leave to hypervisors. */
export function isUnlisted(layout: Layout, index: number): boolean {
  const half = 2 ** (layout.arch.translation.levels[0]!.bits - 1);
  return index >= half && index < half + bootedOf(layout).unlistedRootEntries;
}

const LEVELS_FROM_BELOW = ['pte', 'pmd', 'pud', 'p4d', 'pgd'];

/** With two levels of tables the top one is the middle directory too: a large page is found there. */
export function leafLevel({ arch }: Layout, level: number): string {
  return LEVELS_FROM_BELOW[arch.translation.levels.length - 1 - level]!;
}

function attributesOf(
  { pageFrames, writable, executable, uncached }: KernelMapping,
  { withoutGlobalPages }: Layout,
): string {
  const words = [
    writable ? 'RW' : 'ro',
    uncached ? 'PWT PCD' : '',
    pageFrames > 1 ? 'PSE' : '',
    withoutGlobalPages ? '' : 'GLB',
    executable ? 'x' : 'NX',
  ];
  return words.filter((word) => word !== '').join(' ');
}
