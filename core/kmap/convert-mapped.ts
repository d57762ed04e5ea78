/**
 * Conversions that look at what is mapped (v6.1: mm/highmem.c, arch/x86/mm/pat/set_memory.c): page_address,
 * kmap_to_page, slow_virt_to_phys. Like convert.ts they answer as the kernel does, wrongly where it does.
 */

import { va, virtToPfn } from '../layout/convert.ts';
import { KMAP_LOCAL_SLOTS } from '../layout/fixmap.ts';
import { pageAddress, pageNumber } from '../layout/regions.ts';
import type { Machine } from '../machine/machine.ts';
import { pteFrame } from '../paging/pte.ts';
import { findLeaf, pageSpan } from '../paging/table-walk.ts';
import { FRAME, FRAME_KMAP, USE_FREE } from '../phys/frames.ts';
import { KMAP } from './kmap.ts';
import { kmapLocalDepth, kmapLocalVpn } from './kmap-local.ts';

/** page_address(): the logical address of a low frame, the kmap slot of a high one, or undefined (NULL). */
export function pageAddressOf({ platform, frames }: Machine, pfn: number): bigint | undefined {
  const { layout, pkmapVpn } = platform;
  if (layout.highstartPfn === undefined || pfn < layout.highstartPfn)
    return va(layout, BigInt(pfn) << BigInt(layout.pageShift));
  // A block on a free list keeps the next one in that cell.
  const slot = frames.get(pfn, FRAME.use) === USE_FREE ? 0 : frames.get(pfn, FRAME_KMAP);
  return slot === 0 ? undefined : pageAddress(layout, pkmapVpn + slot - 1);
}

/**
 * kmap_to_page(), as a PFN; undefined for a slot without a page. For a kmap_local address on `cpu` too, but not for
 * that of the cpu's first slot (6.1 leaves it out of the range that it compares with), which it takes as a logical one.
 */
export function kmapToPfn(machine: Machine, address: bigint, cpu = 0): bigint | undefined {
  const { layout, pkmapVpn } = machine.platform;
  const vpn = pageNumber(layout, address);
  if (layout.pkmap !== undefined && vpn >= pkmapVpn && vpn < pkmapVpn + layout.pkmap.slots) {
    const held = machine.kmapSlots.get(vpn - pkmapVpn, KMAP.pfn);
    return held === 0 ? undefined : BigInt(held - 1);
  }
  for (let slot = kmapLocalDepth(machine, cpu) - 1; slot >= 0; slot--) {
    const slotVpn = kmapLocalVpn(machine, cpu, slot);
    if (slotVpn === vpn && slotVpn !== kmapLocalVpn(machine, 0, 0))
      return BigInt(machine.kmapLocal.get(cpu * KMAP_LOCAL_SLOTS + slot, 0) - 1);
  }
  return virtToPfn(layout, address);
}

/** slow_virt_to_phys(): what the page tables say; undefined where nothing is mapped (a BUG in the kernel). */
export function slowVirtToPhys(machine: Machine, address: bigint): bigint | undefined {
  const { layout, kernelRoot, mmu } = machine.platform;
  const vpn = pageNumber(layout, address);
  const { pte, level } = findLeaf(machine, kernelRoot, vpn);
  if (pte === 0) return undefined;
  const pfn = pteFrame(pte) + (vpn % pageSpan(mmu, level));
  const shift = BigInt(layout.pageShift);
  return (BigInt(pfn) << shift) + (address & ((1n << shift) - 1n));
}
