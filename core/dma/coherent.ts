/**
 * Coherent mappings: memory made for a device and the cpu to use at the same time, such as descriptor rings
 * (dma_direct_alloc, kernel/dma/direct.c, v6.1). It is taken from a zone that the device's mask covers.
 *
 * Where there is CMA it comes from there first: of requests that may wait, all on ARM (arch/arm/mm/dma-mapping.c), those of
 * more than a page elsewhere (dma_alloc_contiguous, kernel/dma/contiguous.c).
 *
 * Simplified: behind an IOMMU the memory is physically contiguous too (a kernel may gather pages and map them in the
 * vmalloc window), and a coherent mask is the streaming one.
 */

import type { Port } from '../arch/port.ts';
import { __GFP_DIRECT_RECLAIM, __GFP_DMA, __GFP_DMA32, __GFP_HIGHMEM } from '../event/gfp.ts';
import { nameFrames, pageBytes } from '../kmem/name-frames.ts';
import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import {
  BEYOND_DMA_MASK,
  CMA_SPACE,
  DMA_MAPPED,
  EXISTS,
  INVALID,
  NO_DEVICE,
  NO_OBJECT,
  OK,
  TOO_LARGE,
} from '../outcome/outcome.ts';
import { freeContiguous, takeContiguous } from '../phys/contiguous.ts';
import { USE_PAGES } from '../phys/frames.ts';
import { allocPages, freePages } from '../phys/page-alloc.ts';
import { orderFor } from '../slab/geometry.ts';
import { COHERENT, NO_CLASS, OBJECT } from '../state/objects.ts';
import type { Buffer } from './buffer.ts';
import { COHERENT_MAPPING, DEVICE, MAPPING } from './dma-tables.ts';
import type { IovaRange } from './iommu.ts';
import { addMapping, removeMapping } from './mappings.ts';
import { isCapable, reachRuns } from './reach.ts';
import { RunList } from './runs.ts';

const ZONE_FLAGS = __GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM;

const runs = new RunList();
const range: IovaRange = { iova: 0, pages: 0 };
const buffer: Buffer = {
  object: 0,
  offset: 0,
  lengthBytes: 0,
  kind: COHERENT_MAPPING,
  direction: 0,
  maxRunBytes: 0,
};

export const dmaAllocCoherent: Handler<'dma_alloc_coherent'> = (
  draft,
  { object, device, size: sizeBytes, gfp },
  result,
) => {
  const { costs } = draft.platform;
  draft.spend(costs.pageAllocNs);
  if (draft.devices.get(device, DEVICE.maskBits) === 0) return NO_DEVICE;
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  if (sizeBytes === 0) return INVALID;
  const order = orderFor(sizeBytes, pageBytes(draft));
  const nrPages = Math.ceil(sizeBytes / pageBytes(draft));
  const rule = cmaRule(draft, nrPages, gfp);
  const cmaPfn = rule === 'no' ? -1 : takeFromCma(draft, device, nrPages, object);
  if (cmaPfn < 0 && rule === 'only') return CMA_SPACE;
  if (cmaPfn < 0 && order >= draft.platform.maxOrder) return TOO_LARGE;
  const pfn = cmaPfn < 0 ? takePages(draft, device, nrPages, gfp & ~ZONE_FLAGS, object) : cmaPfn;
  if (pfn < 0) return -pfn;
  const cmaPages = cmaPfn < 0 ? 0 : nrPages;
  runs.clear();
  runs.push(pfn, 0, nrPages * pageBytes(draft));
  const status = reachRuns(draft, device, buffer.direction, runs, range);
  if (status !== OK) {
    giveBack(draft, pfn, cmaPages);
    return status;
  }
  draft.spend(costs.clearPageNs * 2 ** order);
  nameFrames(draft, object, COHERENT, pfn, runs.lengthBytes[0]!, result);
  draft.objects.set(object, OBJECT.extra, cmaPages);
  buffer.object = object;
  buffer.lengthBytes = runs.lengthBytes[0]!;
  addMapping(draft, device, buffer, runs, range);
  return OK;
};

export const dmaFreeCoherent: Handler<'dma_free_coherent'> = (draft, { object }) => {
  const { costs } = draft.platform;
  draft.spend(costs.pageFreeNs);
  const { objects, dmaMappings } = draft;
  if (objects.get(object, OBJECT.class) !== COHERENT) return NO_OBJECT;
  const mapping = objects.get(object, OBJECT.dma);
  if (dmaMappings.get(mapping, MAPPING.next) !== 0) return DMA_MAPPED;
  removeMapping(draft, mapping);
  giveBack(draft, objects.get(object, OBJECT.pfn), objects.get(object, OBJECT.extra));
  objects.clear(object);
  return OK;
};

function giveBack(draft: Draft, pfn: number, cmaPages: number): void {
  if (cmaPages > 0) freeContiguous(draft, pfn, cmaPages);
  else freePages(draft, pfn);
}

/** Whether a request has pages of CMA first, or nothing else, as the processor's code decides. */
function cmaRule({ platform }: Draft, nrPages: number, gfp: number): 'no' | 'first' | 'only' {
  const { cma, layout } = platform;
  if (cma === undefined || cma.areas.length === 0 || (gfp & __GFP_DIRECT_RECLAIM) === 0) return 'no';
  if (layout.arch.port.cma!.coherent === 'always') return 'only';
  return nrPages > 1 ? 'first' : 'no';
}

/** The first frame, or -1: no room, or the device does not reach it. */
function takeFromCma(draft: Draft, device: number, nrPages: number, object: number): number {
  const { devices } = draft;
  const pfn = takeContiguous(draft, nrPages, USE_PAGES, object);
  const maskBits = devices.get(device, DEVICE.root) === 0 ? devices.get(device, DEVICE.maskBits) : 64;
  if (pfn < 0 || isCapable(maskBits, (pfn + nrPages) * pageBytes(draft))) return pfn;
  freeContiguous(draft, pfn, nrPages);
  return -1;
}

/**
 * Pages that the device reaches: from the zone that its mask suggests (dma_direct_optimal_gfp_mask) and, if they
 * turn out to lie too high there, from the next lower one. Behind an IOMMU any will do.
 */
function takePages(draft: Draft, device: number, nrPages: number, gfp: number, object: number): number {
  const { devices, platform } = draft;
  const order = Math.ceil(Math.log2(nrPages));
  const maskBits = devices.get(device, DEVICE.root) === 0 ? devices.get(device, DEVICE.maskBits) : 64;
  for (const zone of zonesToTry(maskBits, platform.layout.arch.port)) {
    const pfn = allocPages(draft, order, gfp | zone, USE_PAGES, object);
    if (pfn < 0) return pfn;
    if (isCapable(maskBits, (pfn + nrPages) * pageBytes(draft))) return pfn;
    freePages(draft, pfn);
  }
  return -BEYOND_DMA_MASK;
}

function zonesToTry(maskBits: number, { zoneDmaBits, zoneNames }: Port): readonly number[] {
  if (maskBits <= zoneDmaBits) return [__GFP_DMA];
  if (maskBits <= 32) return [__GFP_DMA32, __GFP_DMA];
  if (maskBits >= 64) return [0];
  return zoneNames.includes('DMA32') ? [0, __GFP_DMA32, __GFP_DMA] : [0, __GFP_DMA];
}
