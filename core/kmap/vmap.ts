/**
 * vmap() and get_vm_area(): areas of the vmalloc window for pages that someone else owns, and for none at all
 * (mm/vmalloc.c, v6.1). The pages are not held: freeing them first leaves the mapping to whoever gets them next.
 */
import type { Handler } from '../fold-event.ts';
import { ADDRESS_VIRTUAL, EXISTS, INVALID, NO_OBJECT, OK, OUT_OF_MEMORY, VMALLOC_SPACE } from '../outcome.ts';
import { makePte } from '../paging/pte.ts';
import { mapPages } from '../paging/tables.ts';
import type { Draft } from '../state/draft.ts';
import { NO_CLASS, OBJECT, PAGES, VM_AREA, VMAP } from '../state/objects.ts';
import { freeArea, nameArea, purgeIfDue, takeArea, unmapArea } from './areas.ts';
import { ramPages } from './vmalloc.ts';

export const vmap: Handler = (draft, { cpu, object, a: pages, b: count }, result) => {
  const { costs, kernelRoot, mmu } = draft.platform;
  const { objects } = draft;
  draft.spend(costs.vmapAreaNs);
  if (objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  if (objects.get(pages, OBJECT.class) !== PAGES) return NO_OBJECT;
  if (count === 0) return INVALID;
  if (count > ramPages(draft)) return OUT_OF_MEMORY;
  const vpn = takeArea(draft, cpu, count);
  if (vpn === undefined) return VMALLOC_SPACE;
  const pfn = objects.get(pages, OBJECT.pfn);
  const nrPages = 2 ** objects.get(pages, OBJECT.extra);
  let page = 0;
  const failure = mapPages(draft, kernelRoot, vpn, count, () =>
    makePte(pfn + (page++ % nrPages), mmu.kernelFlags),
  );
  if (failure < 0) {
    dropMapping(draft, vpn, count);
    return -failure;
  }
  draft.spend(count * costs.pteNs);
  nameArea(draft, object, VMAP, vpn, count, count * 2 ** mmu.pageShift);
  result.vpn = vpn;
  result.address = ADDRESS_VIRTUAL;
  return OK;
};

export const vunmap: Handler = (draft, { cpu, object }) => {
  draft.spend(draft.platform.costs.vmapAreaNs);
  const { objects } = draft;
  if (objects.get(object, OBJECT.class) !== VMAP) return NO_OBJECT;
  purgeIfDue(draft, cpu);
  dropMapping(draft, objects.get(object, OBJECT.vpn), objects.get(object, OBJECT.detail));
  objects.clear(object);
  return OK;
};

function dropMapping(draft: Draft, vpn: number, nrPages: number): void {
  unmapArea(draft, vpn, nrPages, () => {});
  freeArea(draft, vpn, nrPages);
}

export const vmArea: Handler = (draft, { cpu, object, a: sizeBytes, b: alignBytes }, result) => {
  const { costs, mmu } = draft.platform;
  draft.spend(costs.vmapAreaNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  if (sizeBytes === 0 || (alignBytes & (alignBytes - 1)) !== 0) return INVALID;
  const pageBytes = 2 ** mmu.pageShift;
  const nrPages = Math.ceil(sizeBytes / pageBytes);
  const vpn = takeArea(draft, cpu, nrPages, Math.max(1, alignBytes / pageBytes));
  if (vpn === undefined) return VMALLOC_SPACE;
  nameArea(draft, object, VM_AREA, vpn, nrPages, sizeBytes);
  result.vpn = vpn;
  result.address = ADDRESS_VIRTUAL;
  return OK;
};

export const freeVmArea: Handler = (draft, { object }) => {
  draft.spend(draft.platform.costs.vmapAreaNs);
  const { objects } = draft;
  if (objects.get(object, OBJECT.class) !== VM_AREA) return NO_OBJECT;
  freeArea(draft, objects.get(object, OBJECT.vpn), objects.get(object, OBJECT.detail));
  objects.clear(object);
  return OK;
};
