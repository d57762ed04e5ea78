/**
 * The lists of pages that each cpu has of each zone: one for each order and migrate type (struct per_cpu_pages in
 * include/linux/mmzone.h, v6.1; with two lists for huge pages, as since v6.11).
 *
 * A list is a ring in `pcpPages`: the entries at positions [first, end), of which `first` is the one that was freed
 * last. Unlike a list through the frames, it is pushed and popped without touching any other frame.
 */
import type { ReadonlyColumn } from '../base/columns.ts';
import type { Draft } from '../machine/draft.ts';
import { MIGRATE_MOVABLE, MIGRATE_PCPTYPES } from './migrate.ts';
import { MAX_ZONES, type Zone } from './zones.ts';

/** PAGE_ALLOC_COSTLY_ORDER: larger blocks go straight to the buddy allocator, but for huge pages where they have lists. */
export const PCP_MAX_ORDER = 3;
/** Lists of one cpu in one zone for the small orders: by order, then by migrate type. */
export const NR_PCP_LISTS = (PCP_MAX_ORDER + 1) * MIGRATE_PCPTYPES;
/** Lists behind those, for huge pages: not movable, movable. The simulated kernel leaves them empty. */
export const NR_PCP_HUGE_LISTS = 2;

/** Cells of `pcps` for each cpu and zone: pages on all lists; log2 by which the next batch given back grows. */
export const PCP_COUNT = 0;
export const PCP_FREE_FACTOR = 1;
/** Then two of each list: the positions of its first entry and behind its last one. */
const LISTS = 2;
export const LIST_FIRST = 0;
export const LIST_END = 1;
const LIST_CELLS = 2;
const PCP_CELLS = LISTS + LIST_CELLS * (NR_PCP_LISTS + NR_PCP_HUGE_LISTS);
/** Cells of one cpu. */
export const PCP_CELLS_PER_CPU = PCP_CELLS * MAX_ZONES;

/** log2 of the rows of a list, which holds as many pages as a cpu may have, and what a refill or a freed block puts on top. */
export function pcpListBits(zones: readonly Zone[]): number {
  return Math.ceil(Math.log2(Math.max(...zones.map((zone) => zone.pcpHigh + zone.pcpBatch + 1))));
}

/** First cell of what a cpu has of a zone. */
export function pcpCell(cpu: number, zone: number): number {
  return cpu * PCP_CELLS_PER_CPU + zone * PCP_CELLS;
}

/** order_to_pindex(): the lists in the order in which they are drained. */
export function listIndex(order: number, migrateType: number): number {
  if (order > PCP_MAX_ORDER) return NR_PCP_LISTS + (migrateType === MIGRATE_MOVABLE ? 1 : 0);
  return order * MIGRATE_PCPTYPES + migrateType;
}

/** First cell of a list. */
export function listCell(pcp: number, index: number): number {
  return pcp + LISTS + LIST_CELLS * index;
}

/** Row of `pcpPages` of a position of a list. */
export function entryRow({ platform }: ReadsPlatform, list: number, position: number): number {
  const { pcpListBits } = platform;
  return ((list >>> 1) << pcpListBits) | (position & ((1 << pcpListBits) - 1));
}

/** Makes a page the next one to be given. The caller counts it. */
export function pushFirst(draft: Draft, list: number, pfn: number): void {
  const first = (draft.pcps[list + LIST_FIRST]! - 1) | 0;
  draft.pcps[list + LIST_FIRST] = first;
  draft.pcpPages.set(entryRow(draft, list, first), 0, pfn + 1);
}

/** Takes the first page off a list that is not empty. */
export function takeFirst(draft: Draft, list: number): number {
  const first = draft.pcps[list + LIST_FIRST]!;
  draft.pcps[list + LIST_FIRST] = (first + 1) | 0;
  return takeEntry(draft, entryRow(draft, list, first));
}

/** Takes the last page off a list that is not empty. */
export function takeLast(draft: Draft, list: number): number {
  const last = (draft.pcps[list + LIST_END]! - 1) | 0;
  draft.pcps[list + LIST_END] = last;
  return takeEntry(draft, entryRow(draft, list, last));
}

function takeEntry({ pcpPages }: Draft, entry: number): number {
  const pfn = pcpPages.get(entry, 0) - 1;
  pcpPages.set(entry, 0, 0);
  return pfn;
}

interface ReadsPlatform {
  readonly platform: Draft['platform'];
}

/** What the lists are read from: a machine or a draft. */
interface ReadsPcps extends ReadsPlatform {
  readonly pcps: ReadonlyColumn<Int32Array>;
  readonly pcpPages: { get(row: number, field: number): number };
}

/** Pages on all lists of a cpu in a zone: `count` of /proc/zoneinfo's pagesets. */
export function pcpCount(of: ReadsPcps, cpu: number, zone: number): number {
  return of.pcps[pcpCell(cpu, zone) + PCP_COUNT] ?? 0;
}

/** The first frames of the blocks on one list, the one that is given next first. */
export function pcpList(
  of: ReadsPcps,
  cpu: number,
  zone: number,
  order: number,
  migrateType: number,
): number[] {
  const list = listCell(pcpCell(cpu, zone), listIndex(order, migrateType));
  return Array.from({ length: entriesOf(of, list) }, (_, i) => entryAt(of, list, i));
}

/** Entries of a list. */
export function entriesOf({ pcps }: ReadsPcps, list: number): number {
  return ((pcps[list + LIST_END] ?? 0) - (pcps[list + LIST_FIRST] ?? 0)) | 0;
}

/** First frame of an entry; 0 is the one that is given next. */
export function entryAt(of: ReadsPcps, list: number, i: number): number {
  return of.pcpPages.get(entryRow(of, list, of.pcps[list + LIST_FIRST]! + i), 0) - 1;
}
