/**
 * kmap(): kernel addresses for high memory pages, from a window of LAST_PKMAP slots (mm/highmem.c, v6.1).
 *
 * A slot's count is the kernel's pkmap_count: 0 free, 1 mapped but unused, n + 1 used n times. kunmap leaves the
 * entry in place, so a page mapped again soon gets its old address; unused entries are flushed when the search
 * for a slot wraps. A low memory page needs no slot: it has its kernel logical address.
 */

import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import { COUNTER } from '../outcome/counters.ts';
import {
  ADDRESS_LOGICAL,
  ADDRESS_VIRTUAL,
  KMAP_SLOTS,
  NO_MAPPING,
  NO_OBJECT,
  OK,
} from '../outcome/outcome.ts';
import { flushKernel } from '../paging/flush.ts';
import { makePte } from '../paging/pte.ts';
import { entryRow, leafTable } from '../paging/table-walk.ts';
import { writePte } from '../paging/tables.ts';
import { FRAME_KMAP } from '../phys/frames.ts';
import { OBJECT, PAGES } from '../state/objects.ts';
import { KMAP_VAR } from './state.ts';

/** Fields of a row of `kmapSlots`. */
export const KMAP = { pfn: 0, count: 1 } as const;

export const kmap: Handler<'kmap'> = (draft, { cpu, object, page }, result) => {
  draft.spend(draft.platform.costs.kmapNs);
  const { objects, platform, kmapSlots } = draft;
  if (objects.get(object, OBJECT.class) !== PAGES) return NO_OBJECT;
  if (page >= 1 << objects.get(object, OBJECT.extra)) return NO_MAPPING;
  const pfn = objects.get(object, OBJECT.pfn) + page;
  result.pfn = pfn;
  const vpn = objects.get(object, OBJECT.vpn);
  if (vpn >= 0) {
    result.vpn = vpn + page;
    result.address = ADDRESS_LOGICAL;
    return OK;
  }
  let slot = draft.frames.get(pfn, FRAME_KMAP) - 1;
  if (slot < 0) slot = mapNew(draft, cpu, pfn);
  if (slot < 0) return KMAP_SLOTS;
  if (kmapSlots.add(slot, KMAP.count, 1) === 2) countSlot(draft, 1);
  result.vpn = platform.pkmapVpn + slot;
  result.address = ADDRESS_VIRTUAL;
  return OK;
};

export const kunmap: Handler<'kunmap'> = (draft, { object, page }) => {
  draft.spend(draft.platform.costs.kmapNs);
  const { objects, kmapSlots } = draft;
  if (objects.get(object, OBJECT.class) !== PAGES) return NO_OBJECT;
  if (page >= 1 << objects.get(object, OBJECT.extra)) return NO_MAPPING;
  if (objects.get(object, OBJECT.vpn) >= 0) return OK;
  const slot = draft.frames.get(objects.get(object, OBJECT.pfn) + page, FRAME_KMAP) - 1;
  if (slot < 0 || kmapSlots.get(slot, KMAP.count) < 2) return NO_MAPPING;
  if (kmapSlots.add(slot, KMAP.count, -1) === 1) countSlot(draft, -1);
  return OK;
};

/** kmap_high_get(): one more user of the slot that a page has, if it has one; its page, or -1. */
export function shareSlot(draft: Draft, pfn: number): number {
  const slot = draft.frames.get(pfn, FRAME_KMAP) - 1;
  if (slot < 0) return -1;
  if (draft.kmapSlots.add(slot, KMAP.count, 1) === 2) countSlot(draft, 1);
  return draft.platform.pkmapVpn + slot;
}

/** The inverse (kunmap_high()); false when nobody uses a slot of the page. */
export function unshareSlot(draft: Draft, pfn: number): boolean {
  const slot = draft.frames.get(pfn, FRAME_KMAP) - 1;
  if (slot < 0 || draft.kmapSlots.get(slot, KMAP.count) < 2) return false;
  if (draft.kmapSlots.add(slot, KMAP.count, -1) === 1) countSlot(draft, -1);
  return true;
}

/** Pages that are freed lose their slots. */
export function forgetKmaps(draft: Draft, cpu: number, pfn: number, nrPages: number): void {
  for (let page = pfn; page < pfn + nrPages; page++) {
    const slot = draft.frames.get(page, FRAME_KMAP) - 1;
    if (slot < 0) continue;
    if (draft.kmapSlots.get(slot, KMAP.count) > 1) countSlot(draft, -1);
    clearSlot(draft, slot);
    flushKernel(draft, cpu, draft.platform.pkmapVpn + slot, 1);
  }
}

/** map_new_virtual(): the next free slot after the last one taken, or -1 when all are in use. */
function mapNew(draft: Draft, cpu: number, pfn: number): number {
  const { vars, kmapSlots, platform } = draft;
  const slots = platform.layout.pkmap?.slots ?? 0;
  let slot = vars[KMAP_VAR.lastKmap]!;
  for (let tries = slots; tries > 0; tries--) {
    slot = (slot + 1) % slots;
    if (slot === 0) {
      flushUnused(draft, cpu, slots);
      tries = slots; // every slot gets another look
    }
    if (kmapSlots.get(slot, KMAP.count) !== 0) continue;
    vars[KMAP_VAR.lastKmap] = slot;
    kmapSlots.set(slot, KMAP.pfn, pfn + 1);
    kmapSlots.set(slot, KMAP.count, 1);
    draft.frames.set(pfn, FRAME_KMAP, slot + 1);
    writePte(draft, slotEntry(draft, slot), makePte(pfn, draft.platform.mmu.kernelFlags));
    return slot;
  }
  vars[KMAP_VAR.lastKmap] = slot;
  return -1;
}

/** flush_all_zero_pkmaps(). */
function flushUnused(draft: Draft, cpu: number, slots: number): void {
  let flushed = 0;
  for (let slot = 0; slot < slots; slot++) {
    if (draft.kmapSlots.get(slot, KMAP.count) !== 1) continue;
    clearSlot(draft, slot);
    flushed++;
  }
  if (flushed > 0) flushKernel(draft, cpu, draft.platform.pkmapVpn, slots);
}

function clearSlot(draft: Draft, slot: number): void {
  const pfn = draft.kmapSlots.get(slot, KMAP.pfn) - 1;
  draft.frames.set(pfn, FRAME_KMAP, 0);
  draft.kmapSlots.clear(slot);
  writePte(draft, slotEntry(draft, slot), 0);
}

/** The window's tables are made at boot and stay (permanent_kmaps_init). */
function slotEntry(draft: Draft, slot: number): number {
  const { mmu, kernelRoot, pkmapVpn } = draft.platform;
  const vpn = pkmapVpn + slot;
  return entryRow(mmu, leafTable(draft, kernelRoot, vpn), vpn, mmu.levels.length - 1);
}

function countSlot(draft: Draft, delta: number): void {
  const { counters } = draft;
  counters[COUNTER.kmapSlots]! += delta;
  counters[COUNTER.kmapSlotsPeak] = Math.max(counters[COUNTER.kmapSlotsPeak]!, counters[COUNTER.kmapSlots]!);
}
