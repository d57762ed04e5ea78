/**
 * The vmalloc window: virtually contiguous areas whose pages may lie anywhere in RAM (mm/vmalloc.c, v6.1).
 *
 * An area takes the lowest hole in which it fits, with a guard page behind it; its pages come one by one, from
 * high memory if there is any. Running out of holes is running out of address space, and says nothing about memory.
 */
import { COUNTER } from '../counters.ts';
import { __GFP_HIGHMEM, GFP_KERNEL } from '../event/gfp.ts';
import type { Handler } from '../fold-event.ts';
import { ADDRESS_VIRTUAL, EXISTS, NO_OBJECT, OK, OUT_OF_MEMORY, VMALLOC_SPACE } from '../outcome.ts';
import { KERNEL_FLAGS, makePte } from '../paging/pte.ts';
import { mapPages } from '../paging/tables.ts';
import { USE_VMALLOC } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import type { Draft } from '../state/draft.ts';
import { NO_CLASS, OBJECT, VMALLOC } from '../state/objects.ts';
import { dropArea, nameArea, removeArea, takeArea } from './areas.ts';

export const vmalloc: Handler = (draft, { object, a: sizeBytes }, result) => {
  const { costs, layout, mmu } = draft.platform;
  draft.spend(costs.vmapAreaNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  const nrPages = Math.max(1, Math.ceil(sizeBytes / 2 ** mmu.pageShift));
  if (nrPages > Number(layout.ramBytes >> BigInt(mmu.pageShift))) return OUT_OF_MEMORY;
  const vpn = takeArea(draft, nrPages, 1);
  if (vpn === undefined) return VMALLOC_SPACE;
  const failure = fillArea(draft, vpn, nrPages, object);
  if (failure < 0) {
    dropArea(draft, vpn, nrPages);
    return -failure;
  }
  nameArea(draft, object, VMALLOC, vpn, nrPages, sizeBytes);
  countPages(draft, nrPages);
  result.vpn = vpn;
  result.address = ADDRESS_VIRTUAL;
  return OK;
};

export const vfree: Handler = (draft, { cpu, object }) => {
  draft.spend(draft.platform.costs.vmapAreaNs);
  if (draft.objects.get(object, OBJECT.class) !== VMALLOC) return NO_OBJECT;
  countPages(draft, -draft.objects.get(object, OBJECT.detail));
  removeArea(draft, cpu, object);
  return OK;
};

function fillArea(draft: Draft, vpn: number, nrPages: number, object: number): number {
  const { costs, kernelRoot } = draft.platform;
  let pfn = -1;
  const failure = mapPages(draft, kernelRoot, vpn, nrPages, () => {
    pfn = allocPages(draft, 0, GFP_KERNEL | __GFP_HIGHMEM, USE_VMALLOC, object);
    return pfn < 0 ? pfn : makePte(pfn, KERNEL_FLAGS);
  });
  if (failure < 0 && pfn >= 0) freePages(draft, pfn); // the page for which no table could be had
  if (failure === 0) draft.spend(nrPages * (costs.pageAllocNs + costs.pteNs));
  return failure;
}

function countPages(draft: Draft, nrPages: number): void {
  const { counters } = draft;
  counters[COUNTER.vmallocPages]! += nrPages;
  counters[COUNTER.vmallocPagesPeak] = Math.max(
    counters[COUNTER.vmallocPagesPeak]!,
    counters[COUNTER.vmallocPages]!,
  );
}
