/**
 * kmap_local_page(): a kernel address for a high memory page on one cpu for a short while (mm/highmem.c, v6.1).
 *
 * Each cpu has KMAP_LOCAL_SLOTS fixmap slots, used as a stack, addresses descending; unmapping clears the entry and
 * flushes the one page on this cpu. A low memory page needs no slot. kmap_atomic() is the same with preemption off.
 * Simplified: the stack belongs to the cpu; the kernel moves it along with the task.
 */

import { KMAP_LOCAL_SLOTS } from '../layout/fixmap.ts';
import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import type { Machine } from '../machine/machine.ts';
import {
  ADDRESS_LOGICAL,
  ADDRESS_VIRTUAL,
  INVALID,
  KMAP_LOCAL_SLOTS_USED,
  NO_MAPPING,
  NO_OBJECT,
  OK,
  OUT_OF_ORDER,
} from '../outcome/outcome.ts';
import { flushOneKernelPage } from '../paging/flush.ts';
import { makePte } from '../paging/pte.ts';
import { entryRow, leafTable } from '../paging/table-walk.ts';
import { writePte } from '../paging/tables.ts';
import { OBJECT, PAGES } from '../state/objects.ts';
import { shareSlot, unshareSlot } from './kmap.ts';

type Readable = Pick<Machine, 'platform'> & {
  readonly kmapLocal: { get(row: number, field: number): number };
};

export const kmapLocal: Handler<'kmap_local'> = (draft, { cpu, object, page }, result) => {
  draft.spend(draft.platform.costs.kmapNs);
  const { objects, kmapLocal } = draft;
  if (objects.get(object, OBJECT.class) !== PAGES) return NO_OBJECT;
  if (page >= 1 << objects.get(object, OBJECT.extra)) return NO_MAPPING;
  const pfn = objects.get(object, OBJECT.pfn) + page;
  const vpn = objects.get(object, OBJECT.vpn);
  if (vpn >= 0) {
    result.pfn = pfn;
    result.vpn = vpn + page;
    result.address = ADDRESS_LOGICAL;
    return OK;
  }
  if (cpu >= draft.platform.layout.nrCpus) return INVALID;
  const shared = sharesKmap(draft) ? shareSlot(draft, pfn) : -1;
  if (shared >= 0) {
    result.pfn = pfn;
    result.vpn = shared;
    result.address = ADDRESS_VIRTUAL;
    return OK;
  }
  const depth = kmapLocalDepth(draft, cpu);
  if (depth === KMAP_LOCAL_SLOTS) return KMAP_LOCAL_SLOTS_USED;
  kmapLocal.set(cpu * KMAP_LOCAL_SLOTS + depth, 0, pfn + 1);
  const slotVpn = kmapLocalVpn(draft, cpu, depth);
  writeSlot(draft, slotVpn, makePte(pfn, draft.platform.mmu.kernelFlags));
  result.pfn = pfn;
  result.vpn = slotVpn;
  result.address = ADDRESS_VIRTUAL;
  return OK;
};

export const kunmapLocal: Handler<'kunmap_local'> = (draft, { cpu, object, page }) => {
  draft.spend(draft.platform.costs.kmapNs);
  const { objects, kmapLocal } = draft;
  if (objects.get(object, OBJECT.class) !== PAGES) return NO_OBJECT;
  if (page >= 1 << objects.get(object, OBJECT.extra)) return NO_MAPPING;
  if (objects.get(object, OBJECT.vpn) >= 0) return OK;
  const pfn = objects.get(object, OBJECT.pfn) + page;
  if (kmapLocalVpnOf(draft, cpu, pfn) === undefined && sharesKmap(draft) && unshareSlot(draft, pfn))
    return OK;
  const depth = kmapLocalDepth(draft, cpu);
  if (depth === 0) return NO_MAPPING;
  const row = cpu * KMAP_LOCAL_SLOTS + depth - 1;
  if (kmapLocal.get(row, 0) !== pfn + 1) return OUT_OF_ORDER;
  kmapLocal.set(row, 0, 0);
  const vpn = kmapLocalVpn(draft, cpu, depth - 1);
  writeSlot(draft, vpn, 0);
  flushOneKernelPage(draft, cpu, vpn);
  return OK;
};

/** arch_kmap_local_high_get(): a page that has an address from kmap() keeps it (32-bit ARM). */
function sharesKmap({ platform: { layout } }: Draft): boolean {
  return layout.arch.port.kmapLocalUsesKmap === true && layout.build?.kmapLocalKeepsApart !== true;
}

/** Page at which a cpu reaches a frame through one of its slots, the newest first; undefined when it has none. */
export function kmapLocalVpnOf(of: Readable, cpu: number, pfn: number): number | undefined {
  for (let slot = kmapLocalDepth(of, cpu) - 1; slot >= 0; slot--) {
    if (of.kmapLocal.get(cpu * KMAP_LOCAL_SLOTS + slot, 0) === pfn + 1) return kmapLocalVpn(of, cpu, slot);
  }
  return undefined;
}

/** Slots that a cpu has in use. */
export function kmapLocalDepth({ kmapLocal }: Readable, cpu: number): number {
  let depth = 0;
  while (depth < KMAP_LOCAL_SLOTS && kmapLocal.get(cpu * KMAP_LOCAL_SLOTS + depth, 0) !== 0) depth++;
  return depth;
}

/** __fix_to_virt(FIX_KMAP_BEGIN + slot + KM_MAX_IDX * cpu): addresses descend. */
export function kmapLocalVpn({ platform: { kmapLocalVpn } }: Readable, cpu: number, slot: number): number {
  return kmapLocalVpn - KMAP_LOCAL_SLOTS * cpu - slot;
}

/** The fixmap's tables are made at boot and stay (page_table_range_init). */
function writeSlot(draft: Draft, vpn: number, pte: number): void {
  const { mmu, kernelRoot } = draft.platform;
  writePte(draft, entryRow(mmu, leafTable(draft, kernelRoot, vpn), vpn, mmu.levels.length - 1), pte);
}
