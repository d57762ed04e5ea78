/**
 * Areas of the vmalloc window, whatever is mapped in them (vm_struct, vmap_area; mm/vmalloc.c, v6.1).
 *
 * An area takes the lowest hole where it fits with its guard page, which stays unmapped to catch overruns. A freed area is not a hole at once: cpus may
 * still hold TLB entries of it. It waits, with others, until they are worth a flush of all TLBs (lazy_max_pages),
 * or until an allocation finds no hole; then all that wait are purged together.
 */

import type { Draft } from '../machine/draft.ts';
import type { FoldResult, Handler } from '../machine/handler.ts';
import { ADDRESS_VIRTUAL, NO_OBJECT, OK } from '../outcome/outcome.ts';
import { flushKernel } from '../paging/flush.ts';
import { clearEntries, type GiveEntries } from '../paging/tables.ts';
import { OBJECT } from '../state/objects.ts';
import { KMAP_VAR } from './state.ts';

/** lazy_max_pages(): this much for each bit in the number of cpus. */
const LAZY_BYTES = 32 * 2 ** 20;

/**
 * The first page of a new area (alloc_vmap_area), or undefined when there is no hole even after a purge.
 * An aligned area is looked for in holes that hold it wherever they begin (find_vmap_lowest_match); the kernel sees
 * a tighter fit only if its search happens to pass it. Simplified: it is seen when there is no other.
 */
export function takeArea(draft: Draft, cpu: number, nrPages: number, alignPages = 1): number | undefined {
  const found = findHole(draft, nrPages, alignPages);
  if (found !== undefined || draft.vmallocLazy.count === 0) return found;
  purgeAreas(draft, cpu);
  return findHole(draft, nrPages, alignPages);
}

function findHole(
  { vmallocHoles, platform }: Draft,
  nrPages: number,
  alignPages: number,
): number | undefined {
  const size = nrPages + platform.vmallocGuardPages;
  const found = vmallocHoles.takeLowest(size, alignPages, size + alignPages - 1);
  return found === undefined && alignPages > 1 ? vmallocHoles.takeLowest(size, alignPages) : found;
}

/** Gives the addresses of an area back, of which nothing is mapped any more (free_vmap_area_noflush). */
export function freeArea({ vmallocLazy, vars, platform }: Draft, vpn: number, nrPages: number): void {
  const size = nrPages + platform.vmallocGuardPages;
  vmallocLazy.release(vpn, vpn + size);
  vars[KMAP_VAR.vmapLazyPages]! += size;
}

/**
 * Runs the purge if enough areas wait for it. The kernel leaves it to a worker (drain_vmap_area_work), which gets the
 * cpu when the task that freed the last area lets go of it: where pages are allocated or freed one by one.
 */
export function purgeIfDue(draft: Draft, cpu: number): void {
  if (draft.vars[KMAP_VAR.vmapLazyPages]! > lazyMaxPages(draft)) purgeAreas(draft, cpu);
}

function lazyMaxPages({ platform: { layout } }: Draft): number {
  const bitsOfCpus = 32 - Math.clz32(layout.onlineCpus);
  return bitsOfCpus * (LAZY_BYTES >>> layout.pageShift);
}

/**
 * Makes holes of all freed areas, after one flush for all of them (__purge_vmap_area_lazy). Page tables that are left
 * empty stay for the next area: the kernel never frees those of the window.
 */
export function purgeAreas(draft: Draft, cpu: number): void {
  const { vmallocLazy, vmallocHoles, vars } = draft;
  const freed = vmallocLazy.toArray();
  if (freed.length === 0) return;
  const first = freed[0]!.start;
  flushKernel(draft, cpu, first, freed.at(-1)!.end - first);
  vmallocHoles.absorb(vmallocLazy);
  vars[KMAP_VAR.vmapLazyPages] = 0;
}

/** Notes that an object is an area of the window. */
export function nameArea(
  { objects }: Draft,
  object: number,
  cls: number,
  vpn: number,
  nrPages: number,
  sizeBytes: number,
): void {
  const row = objects.toWrite(object);
  const at = objects.cellOf(object);
  row[at + OBJECT.class] = cls;
  row[at + OBJECT.vpn] = vpn;
  row[at + OBJECT.sizeBytes] = sizeBytes;
  row[at + OBJECT.detail] = nrPages;
}

/** Tells where the area of an object is. */
export function giveArea({ objects }: Draft, result: FoldResult, object: number): number {
  result.vpn = objects.get(object, OBJECT.vpn);
  result.address = ADDRESS_VIRTUAL;
  return OK;
}

/** Ends objects that are areas of one class; `drop` unmaps such an area and gives its addresses back. */
export function freesAreas(
  cls: number,
  drop: (draft: Draft, cpu: number, vpn: number, nrPages: number) => void,
): Handler<'iounmap' | 'vunmap' | 'free_vm_area'> {
  return (draft, { cpu, object }) => {
    draft.spend(draft.platform.costs.vmapAreaNs);
    const { objects } = draft;
    if (objects.get(object, OBJECT.class) !== cls) return NO_OBJECT;
    drop(draft, cpu, objects.get(object, OBJECT.vpn), objects.get(object, OBJECT.detail));
    objects.clear(object);
    return OK;
  };
}

/** Clears the base pages of an area, giving the entries to `give` (vunmap_range_noflush). */
export function unmapArea(draft: Draft, vpn: number, nrPages: number, give?: GiveEntries): void {
  const { costs, kernelRoot } = draft.platform;
  clearEntries(draft, kernelRoot, vpn, vpn + nrPages, give);
  draft.spend(nrPages * costs.pteNs);
}
