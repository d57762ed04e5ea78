/**
 * The free lists of a zone: one for each order and migrate type, doubly linked through the frames themselves
 * (struct free_area in include/linux/mmzone.h, v6.1).
 */
import type { ReadonlyColumn } from '../base/columns.ts';
import type { Draft } from '../machine/draft.ts';
import { FRAME, FRAME_MIGRATE_TYPE, FRAME_PREV, USE_FREE, USE_NONE } from './frames.ts';
import { MIGRATE_PCPTYPES, MIGRATE_TYPES } from './migrate.ts';
import { MAX_ORDER, MAX_ZONES, MOST_ORDERS, type Zone } from './zones.ts';

/** Cells of `freeLists`, ZONE_CELLS of them for each zone. Pages on free lists (NR_FREE_PAGES). */
const FREE_PAGES = 0;
/** Those of them that are CMA's (NR_FREE_CMA_PAGES). */
const FREE_CMA_PAGES = 1;
/** zone->watermark_boost, in pages; see fallback.ts. */
const WATERMARK_BOOST = 2;
/** By migrate type: bit n is set when the list of order n holds something. */
const ORDERS = 3;
const LISTS = ORDERS + MIGRATE_TYPES;
/** Of each list: PFN + 1 of its first and last block, and its length. */
const HEAD = 0;
const TAIL = 1;
const LENGTH = 2;
const LIST_FIELDS = 3;

const ZONE_CELLS = LISTS + LIST_FIELDS * MAX_ORDER * MIGRATE_TYPES;
/** Behind all zones: lists of larger blocks than the usual, of kernels that have them. */
const LARGE_LISTS = MAX_ZONES * ZONE_CELLS;
const LARGE_ORDERS = MOST_ORDERS - MAX_ORDER;

export const FREE_LIST_CELLS = LARGE_LISTS + LIST_FIELDS * LARGE_ORDERS * MIGRATE_TYPES * MAX_ZONES;

/** First cell of a list. */
function listCell(zone: number, order: number, migrateType: number): number {
  return order < MAX_ORDER
    ? zone * ZONE_CELLS + LISTS + LIST_FIELDS * (migrateType * MAX_ORDER + order)
    : LARGE_LISTS + LIST_FIELDS * ((zone * MIGRATE_TYPES + migrateType) * LARGE_ORDERS + order - MAX_ORDER);
}

/** Cell that counts the free pages of a zone. */
export function freePagesCell(zone: number): number {
  return zone * ZONE_CELLS + FREE_PAGES;
}

/** Cell that counts those of them that are CMA's. */
export function freeCmaCell(zone: number): number {
  return zone * ZONE_CELLS + FREE_CMA_PAGES;
}

export function boostCell(zone: number): number {
  return zone * ZONE_CELLS + WATERMARK_BOOST;
}

/** Cell whose bit n says that the list of order n holds something. */
export function ordersCell(zone: number, migrateType: number): number {
  return zone * ZONE_CELLS + ORDERS + migrateType;
}

/** What a list is read from: a machine or a draft. */
interface ReadsLists {
  readonly freeLists: ReadonlyColumn<Int32Array>;
}

/** Pages on the free lists of a zone. */
export function freePagesOf(of: ReadsLists, zone: number): number {
  return of.freeLists[freePagesCell(zone)]!;
}

/** Of those, pages of CMA. */
export function freeCmaPagesOf(of: ReadsLists, zone: number): number {
  return of.freeLists[freeCmaCell(zone)]!;
}

/** Pages on the free lists of low memory: all that has a kernel logical address. */
export function freeLowPages(zones: readonly Zone[], of: ReadsLists): number {
  let pages = 0;
  for (const { index, name } of zones) if (name !== 'HighMem') pages += freePagesOf(of, index);
  return pages;
}

/** PFN of the first block, or -1. */
export function headOf(of: ReadsLists, zone: number, order: number, migrateType: number): number {
  return of.freeLists[listCell(zone, order, migrateType) + HEAD]! - 1;
}

/** Number of blocks on one list. */
export function listLength(of: ReadsLists, zone: number, order: number, migrateType: number): number {
  return of.freeLists[listCell(zone, order, migrateType) + LENGTH]!;
}

/** Free blocks of an order, of all types: a figure of /proc/buddyinfo (free_area.nr_free). */
export function nrFree(of: ReadsLists, zone: number, order: number): number {
  let blocks = 0;
  for (let type = 0; type < MIGRATE_TYPES; type++) blocks += listLength(of, zone, order, type);
  return blocks;
}

/** Bit n is set when some list of order n holds something that every request may have. */
export function ordersWithBlocks(of: ReadsLists, zone: number): number {
  let orders = 0;
  for (let type = 0; type < MIGRATE_PCPTYPES; type++) orders |= of.freeLists[ordersCell(zone, type)]!;
  return orders;
}

/** Makes a block free: the first of its list. The caller counts its pages. */
export function addToFreeList(
  draft: Draft,
  zone: number,
  pfn: number,
  order: number,
  migrateType: number,
): void {
  const head = draft.freeLists[listCell(zone, order, migrateType) + HEAD]!;
  linkFreeBlock(draft, zone, pfn, order, migrateType, head, 0);
}

/** The same, as the last of its list: what is wanted there is that it is not taken soon. */
export function addToFreeListTail(
  draft: Draft,
  zone: number,
  pfn: number,
  order: number,
  migrateType: number,
): void {
  const tail = draft.freeLists[listCell(zone, order, migrateType) + TAIL]!;
  linkFreeBlock(draft, zone, pfn, order, migrateType, 0, tail);
}

/** Between two blocks of a list, as PFN + 1; 0: there is none, and the block becomes an end of the list. */
function linkFreeBlock(
  { freeLists, frames }: Draft,
  zone: number,
  pfn: number,
  order: number,
  migrateType: number,
  next: number,
  prev: number,
): void {
  const list = listCell(zone, order, migrateType);
  const frame = frames.toWrite(pfn);
  const at = frames.cellOf(pfn);
  frame[at + FRAME.use] = USE_FREE;
  frame[at + FRAME.order] = order;
  frame[at + FRAME.next] = next;
  frame[at + FRAME_PREV] = prev;
  frame[at + FRAME_MIGRATE_TYPE] = migrateType;
  if (prev === 0) freeLists[list + HEAD] = pfn + 1;
  else frames.set(prev - 1, FRAME.next, pfn + 1);
  if (next === 0) freeLists[list + TAIL] = pfn + 1;
  else frames.set(next - 1, FRAME_PREV, pfn + 1);
  freeLists[list + LENGTH]!++;
  if ((prev | next) === 0) freeLists[ordersCell(zone, migrateType)]! += 1 << order;
}

/** Takes a free block off its list. Nobody's from here on. */
export function removeFromFreeList(draft: Draft, zone: number, pfn: number, order: number): void {
  const { freeLists, frames } = draft;
  const frame = frames.toWrite(pfn);
  const at = frames.cellOf(pfn);
  const migrateType = frame[at + FRAME_MIGRATE_TYPE]!;
  const list = listCell(zone, order, migrateType);
  const next = frame[at + FRAME.next]!;
  const prev = frame[at + FRAME_PREV]!;
  frame[at + FRAME.use] = USE_NONE;
  frame[at + FRAME.next] = 0;
  if (prev === 0) freeLists[list + HEAD] = next;
  else frames.set(prev - 1, FRAME.next, next);
  if (next === 0) freeLists[list + TAIL] = prev;
  else frames.set(next - 1, FRAME_PREV, prev);
  freeLists[list + LENGTH]!--;
  if ((prev | next) === 0) freeLists[ordersCell(zone, migrateType)]! -= 1 << order;
}
