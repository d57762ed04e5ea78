/** alloc_pages and __free_pages: blocks of page frames, which have a kernel logical address if they are low memory. */

import { forgetKmaps } from '../kmap/kmap.ts';
import type { Handler } from '../machine/handler.ts';
import { DMA_MAPPED, EXISTS, NO_OBJECT, OK } from '../outcome/outcome.ts';
import { USE_PAGES } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import { NO_CLASS, OBJECT, PAGES } from '../state/objects.ts';
import { nameFrames, pageBytes } from './name-frames.ts';

export const pageAlloc: Handler<'page_alloc'> = (draft, { object, order, gfp }, result) => {
  draft.spend(draft.platform.costs.pageAllocNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  const pfn = allocPages(draft, order, gfp, USE_PAGES, object);
  if (pfn < 0) return -pfn;
  nameFrames(draft, object, PAGES, pfn, pageBytes(draft) << order, result);
  draft.objects.set(object, OBJECT.extra, order);
  return OK;
};

export const pageFree: Handler<'page_free'> = (draft, { cpu, object }) => {
  draft.spend(draft.platform.costs.pageFreeNs);
  const { objects } = draft;
  const row = objects.toRead(object);
  const at = objects.cellOf(object);
  if (row[at + OBJECT.class] !== PAGES) return NO_OBJECT;
  if (row[at + OBJECT.dma] !== 0) return DMA_MAPPED;
  const pfn = row[at + OBJECT.pfn]!;
  if (row[at + OBJECT.vpn]! < 0) forgetKmaps(draft, cpu, pfn, 1 << row[at + OBJECT.extra]!);
  freePages(draft, pfn);
  objects.clear(object);
  return OK;
};
