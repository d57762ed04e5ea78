/**
 * vmalloc(): virtually contiguous areas whose pages may lie anywhere in RAM (mm/vmalloc.c, v6.1).
 *
 * An area's pages come one by one, from high memory if there is any. Running out of holes is running out of address
 * space, and says nothing about memory. The kernel keeps pointers to the pages in an array; one of more than a page
 * is a vmalloc area itself (__vmalloc_area_node). Simplified: a smaller array, and the descriptors, cost nothing.
 */

import { __GFP_HIGHMEM, GFP_KERNEL } from '../event/gfp.ts';
import type { Layout } from '../layout/layout.ts';
import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import { COUNTER } from '../outcome/counters.ts';
import {
  DMA_MAPPED,
  EXISTS,
  INVALID,
  NO_OBJECT,
  OK,
  OUT_OF_MEMORY,
  VMALLOC_SPACE,
} from '../outcome/outcome.ts';
import { pteFrame } from '../paging/pte.ts';
import { clearEntries, mapFrames } from '../paging/tables.ts';
import { USE_VMALLOC } from '../phys/frames.ts';
import { allocPageRun, freePageRun } from '../phys/page-alloc.ts';
import { NO_CLASS, OBJECT, VMALLOC } from '../state/objects.ts';
import { freeArea, giveArea, nameArea, purgeIfDue, takeArea, unmapArea } from './areas.ts';

/** Where an object keeps its page array, and that array's own: beyond 4 GiB alone there would be a third. */
const PAGE_ARRAYS = [OBJECT.pfn, OBJECT.extra] as const;

export const vmalloc: Handler<'vmalloc'> = (draft, { cpu, object, size: sizeBytes }, result) => {
  const { costs, mmu } = draft.platform;
  draft.spend(costs.vmapAreaNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  if (sizeBytes === 0) return INVALID;
  const nrPages = Math.ceil(sizeBytes / mmu.pageBytes);
  if (nrPages > ramPages(draft)) return OUT_OF_MEMORY;
  const vpn = newArea(draft, cpu, object, nrPages, 0);
  if (vpn < 0) {
    draft.objects.clear(object);
    return -vpn;
  }
  nameArea(draft, object, VMALLOC, vpn, nrPages, sizeBytes);
  return giveArea(draft, result, object);
};

export const vfree: Handler<'vfree'> = (draft, { cpu, object }) => {
  draft.spend(draft.platform.costs.vmapAreaNs);
  const { objects } = draft;
  const row = objects.toRead(object);
  const at = objects.cellOf(object);
  if (row[at + OBJECT.class] !== VMALLOC) return NO_OBJECT;
  if (row[at + OBJECT.dma] !== 0) return DMA_MAPPED;
  dropArea(draft, cpu, object, row[at + OBJECT.vpn]!, row[at + OBJECT.detail]!, 0);
  objects.clear(object);
  return OK;
};

/** No request can be for more (totalram_pages). */
export function ramPages({ platform }: Draft): number {
  let pages = 0;
  for (const zone of platform.zones) pages += zone.managedPages;
  return pages;
}

/** Pages of the array of pointers to an area's pages; 0 when kmalloc gives it. */
function pageArrayPages({ arch, pageShift }: Layout, nrPages: number): number {
  const pointersPerPage = (1 << pageShift) / arch.pointerBytes;
  return nrPages > pointersPerPage ? Math.ceil(nrPages / pointersPerPage) : 0;
}

/** Areas of an object's page arrays, outermost first: first page and number of pages. */
export function pageArraysOf(
  objects: { get(row: number, field: number): number },
  layout: Layout,
  object: number,
): { vpn: number; nrPages: number }[] {
  const arrays: { vpn: number; nrPages: number }[] = [];
  let nrPages = pageArrayPages(layout, objects.get(object, OBJECT.detail));
  for (let depth = 0; nrPages > 0; depth++) {
    arrays.push({ vpn: objects.get(object, PAGE_ARRAYS[depth]!), nrPages });
    nrPages = pageArrayPages(layout, nrPages);
  }
  return arrays;
}

/** An area with its pages and their array; its first page, or a negated reason. */
function newArea(draft: Draft, cpu: number, object: number, nrPages: number, depth: number): number {
  const vpn = takeArea(draft, cpu, nrPages);
  if (vpn === undefined) return -VMALLOC_SPACE;
  const arrayPages = pageArrayPages(draft.platform.layout, nrPages);
  if (arrayPages > 0) {
    const array = newArea(draft, cpu, object, arrayPages, depth + 1);
    if (array < 0) {
      freeArea(draft, vpn, nrPages);
      return array;
    }
    draft.objects.set(object, PAGE_ARRAYS[depth]!, array);
  }
  purgeIfDue(draft, cpu);
  const failure = fillArea(draft, vpn, nrPages, object);
  if (failure < 0) dropArea(draft, cpu, object, vpn, nrPages, depth);
  return failure < 0 ? failure : vpn;
}

/** The kernel's array of pointers to an area's pages, of the one that is being filled or emptied. */
let pfns = new Int32Array(1024);

function reserve(nrPages: number): void {
  if (pfns.length < nrPages) pfns = new Int32Array(nrPages);
}

/**
 * Maps new pages in an area; 0 or a negated reason, and then none is. All pages are there before the first is mapped, and
 * before any table that is made for them (__vmalloc_area_node).
 */
function fillArea(draft: Draft, vpn: number, nrPages: number, object: number): number {
  const { costs, kernelRoot, mmu } = draft.platform;
  reserve(nrPages);
  let taken = 0;
  let failure = 0;
  while (taken < nrPages && failure === 0) {
    const run = allocPageRun(draft, GFP_KERNEL | __GFP_HIGHMEM, USE_VMALLOC, object, pfns, taken, nrPages);
    if (run < 0) failure = run;
    else taken += run;
  }
  countPages(draft, taken);
  if (failure === 0) failure = mapFrames(draft, kernelRoot, vpn, pfns, nrPages, mmu.kernelFlags);
  if (failure === 0) draft.spend(nrPages * (costs.pageAllocNs + costs.pteNs));
  else {
    clearEntries(draft, kernelRoot, vpn, vpn + nrPages);
    giveBack(draft, taken);
  }
  return failure;
}

/** Frees the first pages of the array. */
function giveBack(draft: Draft, count: number): void {
  freePageRun(draft, pfns, count);
  countPages(draft, -count);
}

/** Ends an area, its pages and their array, in the kernel's order. */
function dropArea(
  draft: Draft,
  cpu: number,
  object: number,
  vpn: number,
  nrPages: number,
  depth: number,
): void {
  reserve(nrPages);
  let count = 0;
  unmapArea(draft, vpn, nrPages, (entries, cleared) => {
    for (let i = 0; i < cleared; i++) pfns[count++] = pteFrame(entries[i]!);
  });
  freeArea(draft, vpn, nrPages);
  giveBack(draft, count);
  purgeIfDue(draft, cpu);
  const arrayPages = pageArrayPages(draft.platform.layout, nrPages);
  if (arrayPages === 0) return;
  const array = draft.objects.get(object, PAGE_ARRAYS[depth]!);
  dropArea(draft, cpu, object, array, arrayPages, depth + 1);
}

function countPages({ counters }: Draft, nrPages: number): void {
  const live = counters[COUNTER.vmallocPages]! + nrPages;
  counters[COUNTER.vmallocPages] = live;
  if (live > counters[COUNTER.vmallocPagesPeak]!) counters[COUNTER.vmallocPagesPeak] = live;
}
