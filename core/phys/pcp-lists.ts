/**
 * The lists of pages that each cpu has of each zone: one for each order and migrate type (struct per_cpu_pages in
 * include/linux/mmzone.h, v6.1), and where a kernel is built with transparent huge pages lists of those too.
 *
 * A list is a ring in `pcpPages`: the entries at positions [first, end), of which `first` is the one that was freed
 * last. Unlike a list through the frames, it is pushed and popped without touching any other frame.
 */
import type { ReadonlyColumn } from '../base/columns.ts';
import type { PcpRules } from '../kernel/pcp-rules.ts';
import type { Draft } from '../machine/draft.ts';
import { MIGRATE_MOVABLE, MIGRATE_PCPTYPES } from './migrate.ts';
import { MAX_ZONES, type Zone } from './zones.ts';

/** PAGE_ALLOC_COSTLY_ORDER: larger blocks go straight to the buddy allocator, but for huge pages where they have lists. */
export const PCP_MAX_ORDER = 3;
/** Lists of one cpu in one zone for the small orders: by order, then by migrate type. */
export const NR_PCP_LISTS = (PCP_MAX_ORDER + 1) * MIGRATE_PCPTYPES;
/**
 * NR_PCP_THP: lists behind those, for huge pages: not movable, movable. So in 6.1.176 and since 6.11; until a fix reached
 * their stable releases, 6.0 to 6.10 had one list for both, 5.14 to 5.19 one for each type.
 */
const NR_PCP_THP = 2;

/** Which blocks have lists. */
export interface PcpLists {
  /** Bit n: blocks of order n do (pcp_allowed_order). */
  readonly orders: number;
  /** Lists of a cpu in a zone, those of huge pages last. */
  readonly count: number;
  /** Order of the blocks in these (pindex_to_order). */
  readonly hugeOrder: number;
}

/** `hugeOrder`: pageblock_order of a kernel that is built with transparent huge pages. */
export function pcpListsOf({ maxOrder }: PcpRules, hugeOrder: number | undefined): PcpLists {
  const orders = 2 ** (maxOrder + 1) - 1;
  if (hugeOrder === undefined || maxOrder < PCP_MAX_ORDER)
    return { orders, count: NR_PCP_LISTS, hugeOrder: 0 };
  return { orders: orders | (1 << hugeOrder), count: NR_PCP_LISTS + NR_PCP_THP, hugeOrder };
}

/** Cells of `pcps` for each cpu and zone: pages on all lists; log2 by which the next batch given back grows. */
export const PCP_COUNT = 0;
export const PCP_FREE_FACTOR = 1;
/** Then two of each list: the positions of its first entry and behind its last one. */
const LISTS = 2;
export const LIST_FIRST = 0;
export const LIST_END = 1;
const LIST_CELLS = 2;
const PCP_CELLS = LISTS + LIST_CELLS * (NR_PCP_LISTS + NR_PCP_THP);
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

/** pindex_to_order(). */
export function listOrder({ hugeOrder }: PcpLists, index: number): number {
  return index >= NR_PCP_LISTS ? hugeOrder : Math.floor(index / MIGRATE_PCPTYPES);
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
  const entries = pcpPages.toWrite(entry);
  const at = pcpPages.cellOf(entry);
  const pfn = entries[at]! - 1;
  entries[at] = 0;
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
  return listEntries(of, listCell(pcpCell(cpu, zone), listIndex(order, migrateType)));
}

/** The same of the list at a cell. */
export function listEntries(of: ReadsPcps, list: number): number[] {
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
