/**
 * Where things are in the address spaces of a machine: every address at which a frame is mapped, and the ranges and the
 * frames of an object. An address space is told by one of the processes that run in it: threads share one.
 */

import { isRam } from '../../../core/explain/frame.ts';
import { KMAP } from '../../../core/kmap/kmap.ts';
import { kmapLocalDepth, kmapLocalVpn } from '../../../core/kmap/kmap-local.ts';
import { type VmallocArea, vmallocAreas } from '../../../core/kmap/list-areas.ts';
import { va } from '../../../core/layout/convert.ts';
import { KMAP_LOCAL_SLOTS } from '../../../core/layout/fixmap.ts';
import type { AddressRange } from '../../../core/layout/layout.ts';
import type { PfnRange } from '../../../core/layout/page-frames.ts';
import { pageAddress, pageNumber, regionOfKind } from '../../../core/layout/regions.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { endVpn, type Vma } from '../../../core/mm/vma.ts';
import { PTE_SPECIAL, pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf, pageSpan } from '../../../core/paging/table-walk.ts';
import { blockWith, FRAME, USE_ANON, USE_PAGE_CACHE, USE_RESERVED } from '../../../core/phys/frames.ts';
import { isArea, isContiguous, NO_CLASS, OBJECT, USER } from '../../../core/state/objects.ts';
import { forEachAddressSpace, forEachPage } from './owners.ts';

/** A range of virtual addresses, and what makes it lead where it leads. */
export interface Place extends AddressRange {
  readonly by:
    | 'mapping'
    | 'direct map'
    | 'kernel image'
    | 'uncached window'
    | 'vmalloc'
    | 'vmap'
    | 'ioremap'
    | 'vm_area'
    | 'kmap'
    | 'kmap_local';
  /** Of a mapping: a process that has it. */
  readonly pid?: number;
  readonly object?: number;
}

/** The page at every address that leads to a frame. */
export function placesOfFrame(machine: Machine, pfn: number): Place[] {
  return [
    ...linearPlaces(machine, pfn),
    ...areaPlaces(machine, pfn),
    ...slotPlaces(machine, pfn),
    ...mappingPlaces(machine, pfn),
  ];
}

/** Where a constant leads to it. */
function linearPlaces({ platform: { layout } }: Machine, pfn: number): Place[] {
  const physical = BigInt(pfn) << BigInt(layout.pageShift);
  const places: Place[] = [];
  const at = (address: bigint, by: Place['by']): void => {
    places.push({ ...pageAt(layout.pageShift, address), by });
  };
  const { kernelImage, maxLowPfn, physicalBase } = layout;
  if (physical >= physicalBase && pfn < maxLowPfn && isRam(layout, pfn))
    at(va(layout, physical), 'direct map');
  const image = regionOfKind(layout, 'kernel_image');
  if (image !== undefined && kernelImage.start <= physical && physical < kernelImage.end)
    at(image.start + physical, 'kernel image');
  const uncached = regionOfKind(layout, 'uncached');
  if (uncached !== undefined) at(uncached.start + physical, 'uncached window');
  return places;
}

/** Pages of the vmalloc window; those of devices too. */
function areaPlaces(machine: Machine, pfn: number): Place[] {
  const { layout } = machine.platform;
  return vmallocAreas(machine).flatMap((area) => {
    const { kind, object } = area;
    if (kind === 'unpurged' || kind === 'vm_area') return [];
    return pagesOf(machine, area)
      .filter((page) => page.pfn === pfn)
      .map(
        ({ vpn }): Place => ({
          ...pageAt(layout.pageShift, pageAddress(layout, vpn)),
          by: kind,
          ...(object !== undefined && { object }),
        }),
      );
  });
}

/** Pages of an area that are mapped; of one that the kernel had before the first event, none. */
function pagesOf(machine: Machine, { start, end }: VmallocArea): { vpn: number; pfn: number }[] {
  const { layout, kernelRoot, mmu } = machine.platform;
  const first = pageNumber(layout, start);
  const nrPages = Number((end - start) >> BigInt(layout.pageShift));
  const pages: { vpn: number; pfn: number }[] = [];
  for (let vpn = first; vpn < first + nrPages; vpn++) {
    const { pte, level } = findLeaf(machine, kernelRoot, vpn);
    if (pte !== 0) pages.push({ vpn, pfn: pteFrame(pte) + (vpn % pageSpan(mmu, level)) });
  }
  return pages;
}

/** Slots of kmap() and kmap_local(). */
function slotPlaces(machine: Machine, pfn: number): Place[] {
  const { platform, kmapSlots, kmapLocal } = machine;
  const { layout, pkmapVpn } = platform;
  const places: Place[] = [];
  const at = (vpn: number, by: Place['by']): void => {
    places.push({ ...pageAt(layout.pageShift, pageAddress(layout, vpn)), by });
  };
  for (let slot = 0; slot < (layout.pkmap?.slots ?? 0); slot++)
    if (kmapSlots.get(slot, KMAP.count) > 0 && kmapSlots.get(slot, KMAP.pfn) === pfn + 1)
      at(pkmapVpn + slot, 'kmap');
  for (let cpu = 0; cpu < layout.nrCpus; cpu++)
    for (let slot = 0; slot < kmapLocalDepth(machine, cpu); slot++)
      if (kmapLocal.get(cpu * KMAP_LOCAL_SLOTS + slot, 0) === pfn + 1)
        at(kmapLocalVpn(machine, cpu, slot), 'kmap_local');
  return places;
}

const USER_MEMORY: ReadonlySet<number> = new Set([USE_ANON, USE_PAGE_CACHE, USE_RESERVED]);

/** The reverse mapping: all page tables of processes are looked through. Of reserved frames they map zero pages only. */
function mappingPlaces(machine: Machine, pfn: number): Place[] {
  const { frames, platform } = machine;
  const block = blockWith(frames, pfn);
  if (block === undefined || !USER_MEMORY.has(frames.get(block, FRAME.use))) return [];
  const places: Place[] = [];
  forEachAddressSpace(machine, (pid, mm) => {
    forEachPage(machine, mm, (vpn, first, nrPages) => {
      if (pfn < first || pfn >= first + nrPages) return;
      const page = vpn + pfn - first;
      const vma = mm.vmas.at(page);
      places.push({
        ...pageAt(platform.layout.pageShift, pageAddress(platform.layout, page)),
        ...{ by: 'mapping', pid },
        ...(vma !== undefined && { object: vma.object }),
      });
    });
  });
  return places;
}

function pageAt(pageShift: number, start: bigint): AddressRange {
  return { start, end: start + (1n << BigInt(pageShift)) };
}

/** The addresses of an object, to the byte; none of one that is not alive. */
export function placesOfObject(machine: Machine, object: number): Place[] {
  const { objects, platform } = machine;
  const cls = objects.get(object, OBJECT.class);
  if (cls === USER) return mappingsOfObject(machine, object);
  const vpn = objects.get(object, OBJECT.vpn);
  if (isContiguous(cls))
    return vpn < 0
      ? framesOfObject(machine, object).flatMap(({ start, end }) => slotsOf(machine, start, end, object))
      : [{ ...bytesOf(machine, object, vpn), by: 'direct map', object }];
  if (!isArea(cls)) return [];
  const guardBytes = BigInt(platform.vmallocGuardPages) << BigInt(platform.layout.pageShift);
  return areasOf(machine, object).flatMap(({ kind, start, end }) =>
    kind === 'unpurged' ? [] : [{ start, end: end - guardBytes, by: kind, object }],
  );
}

function slotsOf(machine: Machine, start: number, end: number, object: number): Place[] {
  const places: Place[] = [];
  for (let pfn = start; pfn < end; pfn++)
    places.push(...slotPlaces(machine, pfn).map((place) => ({ ...place, object })));
  return places;
}

function bytesOf({ objects, platform: { layout } }: Machine, object: number, vpn: number): AddressRange {
  const start = pageAddress(layout, vpn) + BigInt(objects.get(object, OBJECT.start));
  return { start, end: start + BigInt(Math.max(1, objects.get(object, OBJECT.sizeBytes))) };
}

function areasOf(machine: Machine, object: number): VmallocArea[] {
  return vmallocAreas(machine).filter((area) => area.object === object);
}

function mappingsOfObject(machine: Machine, object: number): Place[] {
  const places: Place[] = [];
  forEachAddressSpace(machine, (pid, mm) => {
    for (const vma of mm.vmas) if (vma.object === object) places.push(placeOfVma(machine, pid, vma));
  });
  return places;
}

/** A mapping of a process. */
export function placeOfVma(
  { platform: { layout } }: Machine,
  pid: number,
  { startVpn, nrPages, object }: Vma,
): Place {
  const start = pageAddress(layout, startVpn);
  return { start, end: start + (BigInt(nrPages) << BigInt(layout.pageShift)), by: 'mapping', pid, object };
}

/** The frames of an object, of device memory too, ascending and apart. Zero pages are nobody's. */
export function framesOfObject(machine: Machine, object: number): PfnRange[] {
  const { objects, platform } = machine;
  const cls = objects.get(object, OBJECT.class);
  if (cls === NO_CLASS) return [];
  if (isContiguous(cls)) {
    const pfn = objects.get(object, OBJECT.pfn);
    const bytes = objects.get(object, OBJECT.start) + objects.get(object, OBJECT.sizeBytes);
    return [{ start: pfn, end: pfn + Math.max(1, Math.ceil(bytes / 2 ** platform.layout.pageShift)) }];
  }
  const pfns: number[] = [];
  if (cls === USER)
    forEachAddressSpace(machine, (_pid, mm) => {
      const own = mm.vmas.toArray().filter((vma) => vma.object === object);
      if (own.length === 0) return;
      forEachPage(machine, mm, (vpn, pfn, nrPages, pte) => {
        if ((pte & PTE_SPECIAL) === 0 && own.some((vma) => vpn >= vma.startVpn && vpn < endVpn(vma)))
          for (let i = 0; i < nrPages; i++) pfns.push(pfn + i);
      });
    });
  else
    for (const area of areasOf(machine, object)) pfns.push(...pagesOf(machine, area).map(({ pfn }) => pfn));
  return rangesOf(pfns);
}

/** Frames in any order, some perhaps several times, as ranges: ascending and apart. */
export function rangesOf(pfns: readonly number[]): PfnRange[] {
  const ranges: { start: number; end: number }[] = [];
  for (const pfn of Uint32Array.from(pfns).sort()) {
    const last = ranges.at(-1);
    if (last !== undefined && pfn <= last.end) last.end = Math.max(last.end, pfn + 1);
    else ranges.push({ start: pfn, end: pfn + 1 });
  }
  return ranges;
}
