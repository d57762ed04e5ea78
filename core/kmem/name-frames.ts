/** Rows of `objects` for memory that is physically contiguous: at __va of its frames, or nowhere if they are high. */

import type { Draft } from '../machine/draft.ts';
import type { FoldResult } from '../machine/handler.ts';
import { ADDRESS_LOGICAL, ADDRESS_PHYSICAL } from '../outcome/outcome.ts';
import type { SlabObject } from '../slab/slab.ts';
import { CACHE, SLAB } from '../slab/tables.ts';
import { OBJECT } from '../state/objects.ts';

/**
 * Notes where a physically contiguous object lies: at __va of its frame, or nowhere if that is high memory. Its row is
 * all zeros before, so that it starts with its first page.
 */
export function nameFrames(
  draft: Draft,
  object: number,
  cls: number,
  pfn: number,
  sizeBytes: number,
  result: FoldResult,
): void {
  const { objects, platform } = draft;
  const isHigh = platform.layout.highstartPfn !== undefined && pfn >= platform.layout.highstartPfn;
  const vpn = isHigh ? -1 : platform.linearVpn + pfn;
  const row = objects.toWrite(object);
  const at = objects.cellOf(object);
  row[at + OBJECT.class] = cls;
  row[at + OBJECT.vpn] = vpn;
  row[at + OBJECT.sizeBytes] = sizeBytes;
  row[at + OBJECT.pfn] = pfn;
  result.pfn = pfn;
  result.vpn = isHigh ? 0 : vpn;
  result.address = isHigh ? ADDRESS_PHYSICAL : ADDRESS_LOGICAL;
}

/** Notes where an object of a slab lies. */
export function nameSlabObject(
  draft: Draft,
  object: number,
  cls: number,
  cache: number,
  { slab, index }: SlabObject,
  usableBytes: number,
  result: FoldResult,
): void {
  const { objects, platform } = draft;
  const offset = index * draft.slabCaches.get(cache, CACHE.sizeBytes);
  const pfn = draft.slabs.get(slab, SLAB.pfn) + (offset >>> platform.mmu.pageShift);
  nameFrames(draft, object, cls, pfn, usableBytes, result);
  const row = objects.toWrite(object);
  const at = objects.cellOf(object);
  row[at + OBJECT.start] = offset & (pageBytes(draft) - 1);
  row[at + OBJECT.extra] = slab;
  row[at + OBJECT.detail] = index;
}

export function pageBytes(draft: Draft): number {
  return 1 << draft.platform.mmu.pageShift;
}
