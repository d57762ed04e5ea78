/**
 * swiotlb: bounce buffers for memory that a device cannot reach (kernel/dma/swiotlb.c, v6.1). A pool of 2 KiB slots
 * is set aside at boot, below 4 GiB. A buffer takes slots in a row, within one segment of 128 (so 256 KiB at most);
 * a buffer of a page or more begins on a page. Each cpu has an area of its own, and goes to the others when that
 * is full; within an area the search goes on where the last one ended.
 *
 * Simplified: nobody asks for more alignment (dma_set_min_align_mask), and slots cost no memory of their own.
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';

/** IO_TLB_SHIFT and IO_TLB_SEGSIZE (include/linux/swiotlb.h, v6.1). */
export const SLOT_BYTES = 2 ** 11;
export const SEGMENT_SLOTS = 128;
/** swiotlb_max_mapping_size(). */
export const MAX_BOUNCE_BYTES = SLOT_BYTES * SEGMENT_SLOTS;

/** What stays as it is from boot on. */
export interface BouncePool {
  readonly startPfn: number;
  readonly slots: number;
  /** A power of two: one for each cpu. */
  readonly areas: number;
}

/** Fields of a row of `bounceAreas`. */
export const AREA = {
  /** Where the next search begins, counted from the start of the area. */
  index: 0,
  used: 1,
} as const;

/** Slots that a buffer takes, the last one perhaps in part. */
export function slotsFor(lengthBytes: number): number {
  return Math.ceil(lengthBytes / SLOT_BYTES);
}

/** Physical address of a slot. */
export function slotAddress({ startPfn }: BouncePool, slot: number, pageBytes: number): number {
  return startPfn * pageBytes + slot * SLOT_BYTES;
}

/** Takes slots for a buffer: the first one, or -1 when nowhere enough of them are free in a row. */
export function takeSlots(draft: Draft, pool: BouncePool, lengthBytes: number): number {
  const slots = slotsFor(lengthBytes);
  if (slots > SEGMENT_SLOTS) return -1;
  const pageBytes = 1 << draft.platform.mmu.pageShift;
  const stride = lengthBytes >= pageBytes ? Math.max(1, pageBytes / SLOT_BYTES) : 1;
  for (let i = 0; i < pool.areas; i++) {
    const area = (draft.cpu + i) & (pool.areas - 1);
    const slot = searchArea(draft, pool, area, slots, stride);
    if (slot >= 0) return occupy(draft, pool, area, slot, slots);
  }
  return -1;
}

function searchArea(
  { bounceAreas, bounceSlots }: Draft,
  pool: BouncePool,
  area: number,
  slots: number,
  stride: number,
): number {
  const areaSlots = pool.slots / pool.areas;
  if (slots > areaSlots - bounceAreas.get(area, AREA.used)) return -1;
  const base = area * areaSlots;
  const first = Math.ceil(bounceAreas.get(area, AREA.index) / stride) * stride;
  const begin = first >= areaSlots ? 0 : first;
  let at = begin;
  do {
    if (fits(bounceSlots, base + at, slots)) return base + at;
    at += stride;
    if (at >= areaSlots) at = 0;
  } while (at !== begin);
  return -1;
}

/** Whether `slots` slots from `slot` on are free and in one segment. */
function fits(bounceSlots: Draft['bounceSlots'], slot: number, slots: number): boolean {
  if ((slot % SEGMENT_SLOTS) + slots > SEGMENT_SLOTS) return false;
  for (let at = slot; at < slot + slots; at++) if (bounceSlots.get(at, 0) !== 0) return false;
  return true;
}

function occupy(draft: Draft, pool: BouncePool, area: number, slot: number, slots: number): number {
  const { bounceSlots, bounceAreas, counters } = draft;
  for (let at = slot; at < slot + slots; at++) bounceSlots.set(at, 0, 1);
  const areaSlots = pool.slots / pool.areas;
  const behind = slot + slots - area * areaSlots;
  bounceAreas.set(area, AREA.index, behind < areaSlots ? behind : 0);
  bounceAreas.add(area, AREA.used, slots);
  counters[COUNTER.bounceSlots]! += slots;
  const live = counters[COUNTER.bounceSlots]!;
  counters[COUNTER.bounceSlotsPeak] = Math.max(counters[COUNTER.bounceSlotsPeak]!, live);
  return slot;
}

/** Gives the slots of a buffer back (swiotlb_release_slots). */
export function releaseSlots(draft: Draft, pool: BouncePool, slot: number, lengthBytes: number): void {
  const slots = slotsFor(lengthBytes);
  for (let at = slot; at < slot + slots; at++) draft.bounceSlots.set(at, 0, 0);
  const area = Math.floor(slot / (pool.slots / pool.areas));
  draft.bounceAreas.add(area, AREA.used, -slots);
  draft.counters[COUNTER.bounceSlots]! -= slots;
}

/** swiotlb_bounce(): copies a buffer to its slots, or back. */
export function bounce(draft: Draft, lengthBytes: number): void {
  const { costs, mmu } = draft.platform;
  draft.spend(Math.ceil((lengthBytes * costs.copyPageNs) / (1 << mmu.pageShift)));
  draft.counters[COUNTER.bouncedBytes]! += lengthBytes;
}
