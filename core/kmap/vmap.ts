/**
 * vmap() and get_vm_area(): areas of the vmalloc window for pages that someone else owns, and for none at all
 * (mm/vmalloc.c, v6.1). The pages are not held: freeing them first leaves the mapping to whoever gets them next.
 */

import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import { EXISTS, INVALID, NO_OBJECT, OUT_OF_MEMORY, VMALLOC_SPACE } from '../outcome/outcome.ts';
import { makePte } from '../paging/pte.ts';
import { mapPages } from '../paging/tables.ts';
import { NO_CLASS, OBJECT, PAGES, VM_AREA, VMAP } from '../state/objects.ts';
import { freeArea, freesAreas, giveArea, nameArea, purgeIfDue, takeArea, unmapArea } from './areas.ts';
import { ramPages } from './vmalloc.ts';

export const vmap: Handler<'vmap'> = (draft, { cpu, object, pages, count }, result) => {
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
  const nrPages = 1 << objects.get(pages, OBJECT.extra);
  let page = 0;
  const failure = mapPages(draft, kernelRoot, vpn, count, () =>
    makePte(pfn + (page++ % nrPages), mmu.kernelFlags),
  );
  if (failure < 0) {
    dropMapping(draft, vpn, count);
    return -failure;
  }
  draft.spend(count * costs.pteNs);
  nameArea(draft, object, VMAP, vpn, count, count * mmu.pageBytes);
  return giveArea(draft, result, object);
};

export const vunmap = freesAreas(VMAP, (draft, cpu, vpn, nrPages) => {
  purgeIfDue(draft, cpu);
  dropMapping(draft, vpn, nrPages);
});

function dropMapping(draft: Draft, vpn: number, nrPages: number): void {
  unmapArea(draft, vpn, nrPages);
  freeArea(draft, vpn, nrPages);
}

export const vmArea: Handler<'vm_area'> = (
  draft,
  { cpu, object, size: sizeBytes, align: alignBytes },
  result,
) => {
  const { costs, mmu } = draft.platform;
  draft.spend(costs.vmapAreaNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  if (sizeBytes === 0 || (alignBytes & (alignBytes - 1)) !== 0) return INVALID;
  const pageBytes = mmu.pageBytes;
  const nrPages = Math.ceil(sizeBytes / pageBytes);
  const vpn = takeArea(draft, cpu, nrPages, Math.max(1, alignBytes / pageBytes));
  if (vpn === undefined) return VMALLOC_SPACE;
  nameArea(draft, object, VM_AREA, vpn, nrPages, sizeBytes);
  return giveArea(draft, result, object);
};

export const freeVmArea = freesAreas(VM_AREA, (draft, _cpu, vpn, nrPages) => freeArea(draft, vpn, nrPages));
