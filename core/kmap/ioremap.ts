/**
 * ioremap(): device memory in the vmalloc window, aligned to its size (mm/ioremap.c and arch/x86/mm/ioremap.c, v6.1).
 * Device memory has no frames to count. Simplified: base pages only; the kernel uses large ones where they fit.
 */
import type { Handler } from '../fold-event.ts';
import { ADDRESS_VIRTUAL, EXISTS, IS_RAM, NO_OBJECT, OK, VMALLOC_SPACE } from '../outcome.ts';
import { KERNEL_FLAGS, makePte, PTE_SPECIAL } from '../paging/pte.ts';
import { mapPages } from '../paging/tables.ts';
import type { Draft } from '../state/draft.ts';
import { IOREMAP, NO_CLASS, OBJECT } from '../state/objects.ts';
import { dropArea, nameArea, removeArea, takeArea } from './areas.ts';

/** IOREMAP_MAX_ORDER, in pages: the alignment grows with the size up to here. */
const IOREMAP_MAX_ALIGN_PAGES = 128;
const DEVICE_FLAGS = KERNEL_FLAGS | PTE_SPECIAL;
/** Event fields count device memory in units of 4 KiB, whatever the page size. */
const DEVICE_UNIT_BYTES = 4096;

export const ioremap: Handler = (draft, { object, a: sizeBytes, b: devicePfn }, result) => {
  const { costs, kernelRoot, mmu } = draft.platform;
  draft.spend(costs.vmapAreaNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  const nrPages = Math.max(1, Math.ceil(sizeBytes / 2 ** mmu.pageShift));
  const firstPfn = Math.floor((devicePfn * DEVICE_UNIT_BYTES) / 2 ** mmu.pageShift);
  if (overlapsRam(draft, firstPfn, nrPages)) return IS_RAM;
  const align = Math.min(2 ** Math.ceil(Math.log2(nrPages)), IOREMAP_MAX_ALIGN_PAGES);
  const vpn = takeArea(draft, nrPages, align);
  if (vpn === undefined) return VMALLOC_SPACE;
  let pfn = firstPfn;
  const failure = mapPages(draft, kernelRoot, vpn, nrPages, () => makePte(pfn++, DEVICE_FLAGS));
  if (failure < 0) {
    dropArea(draft, vpn, nrPages);
    return -failure;
  }
  draft.spend(nrPages * costs.pteNs);
  nameArea(draft, object, IOREMAP, vpn, nrPages, sizeBytes);
  draft.objects.set(object, OBJECT.pfn, firstPfn);
  result.vpn = vpn;
  result.address = ADDRESS_VIRTUAL;
  return OK;
};

export const iounmap: Handler = (draft, { cpu, object }) => {
  draft.spend(draft.platform.costs.vmapAreaNs);
  if (draft.objects.get(object, OBJECT.class) !== IOREMAP) return NO_OBJECT;
  removeArea(draft, cpu, object);
  return OK;
};

function overlapsRam(draft: Draft, pfn: number, nrPages: number): boolean {
  const { layout, mmu } = draft.platform;
  const start = BigInt(pfn) << BigInt(mmu.pageShift);
  const end = start + (BigInt(nrPages) << BigInt(mmu.pageShift));
  return layout.ram.some((range) => range.start < end && range.end > start);
}
