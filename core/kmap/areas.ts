/**
 * Areas of the vmalloc window, whatever is mapped in them (vm_struct).
 * Simplified: a freed area can be used again at once; the kernel purges lazily, in large lots.
 */
import { flushKernel } from '../paging/flush.ts';
import { PTE_SPECIAL, pteFrame } from '../paging/pte.ts';
import { clearPtes } from '../paging/tables.ts';
import { freePages } from '../phys/page-alloc.ts';
import type { Draft } from '../state/draft.ts';
import { OBJECT } from '../state/objects.ts';

/** An unmapped page behind every area catches overruns. */
export const GUARD_PAGES = 1;

/** The lowest hole for an area and its guard page, aligned; undefined when none is large enough. */
export function takeArea(draft: Draft, nrPages: number, alignPages: number): number | undefined {
  return draft.vmallocHoles.takeLowest(nrPages + GUARD_PAGES, alignPages);
}

/** Unmaps an area, frees the frames behind it and gives its addresses back. */
export function dropArea(draft: Draft, vpn: number, nrPages: number): void {
  emptyArea(draft, vpn, nrPages);
  draft.vmallocHoles.release(vpn, vpn + nrPages + GUARD_PAGES);
}

/** The same for the area of an object, which ends; no cpu may remember it. */
export function removeArea(draft: Draft, cpu: number, object: number): void {
  const vpn = draft.objects.get(object, OBJECT.vpn);
  const nrPages = draft.objects.get(object, OBJECT.detail);
  dropArea(draft, vpn, nrPages);
  flushKernel(draft, cpu, vpn, nrPages);
  draft.objects.clear(object);
}

export function nameArea(
  draft: Draft,
  object: number,
  cls: number,
  vpn: number,
  nrPages: number,
  sizeBytes: number,
): void {
  const { objects } = draft;
  objects.set(object, OBJECT.class, cls);
  objects.set(object, OBJECT.vpn, vpn);
  objects.set(object, OBJECT.sizeBytes, Math.max(sizeBytes, 1));
  objects.set(object, OBJECT.detail, nrPages);
}

/** Clears the entries of an area and frees the frames behind them. */
function emptyArea(draft: Draft, vpn: number, nrPages: number): void {
  const { costs, kernelRoot } = draft.platform;
  clearPtes(draft, kernelRoot, vpn, vpn + nrPages, (pte) => {
    if ((pte & PTE_SPECIAL) === 0) freePages(draft, pteFrame(pte));
  });
  draft.spend(nrPages * costs.pteNs);
}
