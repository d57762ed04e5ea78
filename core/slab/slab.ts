/**
 * The slab allocator: slabs of 2^order pages cut into equal objects (SLUB, mm/slub.c, v6.1).
 *
 * A cpu allocates from its current slab, whose free objects it keeps on a list of its own; then from what other cpus
 * gave back to that slab; then from the slabs of its partial list, of the node's, and last from a new one. It frees
 * to its own list when the object belongs to its current slab, else to the slab's list: kfree and kmalloc of one size
 * is LIFO, and new slabs are given out in the order of addresses. See lists.ts for where slabs wait.
 *
 * Left out: debugging, the random order of new slabs (CONFIG_SLAB_FREELIST_RANDOM), nodes other than the one, slabs of
 * emergency reserves (pfmemalloc).
 */
import type { Draft } from '../machine/draft.ts';
import { addPartial, deactivate, isSurplus, popCpuPartial, putCpuPartial, removePartial } from './lists.ts';
import { discardSlab, newSlab } from './pages.ts';
import { CACHE, SLAB, SLAB_CPU, slabCpuRow } from './tables.ts';

export interface SlabObject {
  slab: number;
  index: number;
}

/** Takes an object of a cache; the negated reason when no page can be had. Fills `into`. */
export function slabAlloc(draft: Draft, cache: number, gfp: number, into: SlabObject): number {
  const { slabCpus } = draft;
  const row = slabCpuRow(cache, draft.cpu);
  const index = takeObject(draft, row);
  if (index < 0) {
    const failure = refill(draft, cache, row, gfp);
    if (failure < 0) return failure;
    into.index = takeObject(draft, row);
  } else into.index = index;
  into.slab = slabCpus.get(row, SLAB_CPU.slab);
  return 0;
}

/** Gives an object back (do_slab_free). */
export function slabFree(draft: Draft, slab: number, index: number): void {
  const { slabs, slabCpus, slabLinks } = draft;
  const cache = slabs.get(slab, SLAB.cache) - 1;
  const row = slabCpuRow(cache, draft.cpu);
  const link = slab * draft.platform.slabLinkRoom + index;
  if (slabCpus.get(row, SLAB_CPU.slab) === slab) {
    const cpu = slabCpus.toWrite(row);
    const at = slabCpus.cellOf(row);
    slabLinks.set(link, 0, cpu[at + SLAB_CPU.free]!);
    cpu[at + SLAB_CPU.free] = index + 1;
    return;
  }
  const freed = slabs.toWrite(slab);
  const at = slabs.cellOf(slab);
  const prior = freed[at + SLAB.free]!;
  slabLinks.set(link, 0, prior);
  freed[at + SLAB.free] = index + 1;
  freed[at + SLAB.inUse]!--;
  if (freed[at + SLAB.frozen] === 0) placeFreed(draft, cache, row, slab, prior);
}

/** The first object of the cpu's free list, or one that was never given out; -1 when there is none. */
function takeObject(draft: Draft, row: number): number {
  const { slabCpus, slabLinks } = draft;
  const cpu = slabCpus.toWrite(row);
  const at = slabCpus.cellOf(row);
  const slab = cpu[at + SLAB_CPU.slab]!;
  const free = cpu[at + SLAB_CPU.free]!;
  if (free !== 0) {
    const link = slab * draft.platform.slabLinkRoom + free - 1;
    cpu[at + SLAB_CPU.free] = slabLinks.get(link, 0);
    slabLinks.set(link, 0, 0);
    return free - 1;
  }
  const fresh = cpu[at + SLAB_CPU.fresh]!;
  if (fresh === 0) return -1;
  cpu[at + SLAB_CPU.fresh] = fresh - 1;
  return draft.slabs.get(slab, SLAB.objects) - fresh;
}

/** Gets free objects for a cpu that has none left; the negated reason when no page can be had (___slab_alloc). */
function refill(draft: Draft, cache: number, row: number, gfp: number): number {
  const { slabs, slabCpus } = draft;
  const current = slabCpus.get(row, SLAB_CPU.slab);
  if (current !== 0) {
    if (slabs.get(current, SLAB.free) !== 0) {
      hold(draft, row, current);
      return 0;
    }
    // Full: it is on no list until the first of its objects comes back.
    slabs.set(current, SLAB.frozen, 0);
    slabCpus.set(row, SLAB_CPU.slab, 0);
  }
  const partial = popCpuPartial(draft, row) || takePartial(draft, cache, row);
  if (partial !== 0) {
    hold(draft, row, partial);
    return 0;
  }
  const slab = newSlab(draft, cache, gfp);
  if (slab < 0) return slab;
  // Reclaim for its pages may have wanted objects of this cache itself.
  if (slabCpus.get(row, SLAB_CPU.slab) !== 0) deactivate(draft, cache, row);
  hold(draft, row, slab);
  slabCpus.set(row, SLAB_CPU.fresh, slabs.get(slab, SLAB.objects));
  return 0;
}

/** Makes a slab the current one of a cpu, which takes over its free list (get_freelist, acquire_slab). */
function hold(draft: Draft, row: number, slab: number): void {
  const { slabs, slabCpus } = draft;
  const held = slabs.toWrite(slab);
  const at = slabs.cellOf(slab);
  slabCpus.set(row, SLAB_CPU.slab, slab);
  slabCpus.set(row, SLAB_CPU.free, held[at + SLAB.free]!);
  held[at + SLAB.free] = 0;
  held[at + SLAB.inUse] = held[at + SLAB.objects]!;
  held[at + SLAB.frozen] = 1;
}

/** The first slab of the node's list, or 0; the cpu takes half a list of its own along (get_partial_node). */
function takePartial(draft: Draft, cache: number, row: number): number {
  const { slabs, slabCaches } = draft;
  const first = slabCaches.get(cache, CACHE.partial);
  if (first === 0) return 0;
  removePartial(draft, cache, first);
  const limit = slabCaches.get(cache, CACHE.cpuPartialSlabs);
  for (let taken = 0; limit !== 0 && taken <= limit >> 1; taken++) {
    const next = slabCaches.get(cache, CACHE.partial);
    if (next === 0) break;
    removePartial(draft, cache, next);
    slabs.set(next, SLAB.frozen, 1);
    putCpuPartial(draft, cache, row, next, false);
  }
  return first;
}

/** Where a slab that no cpu holds goes when an object comes back to it (__slab_free). */
function placeFreed(draft: Draft, cache: number, row: number, slab: number, prior: number): void {
  const { slabs, slabCaches } = draft;
  const wasFull = prior === 0;
  if (wasFull && slabCaches.get(cache, CACHE.cpuPartialSlabs) !== 0) {
    slabs.set(slab, SLAB.frozen, 1);
    putCpuPartial(draft, cache, row, slab, true);
  } else if (isSurplus(draft, cache, slab)) {
    if (!wasFull) removePartial(draft, cache, slab);
    discardSlab(draft, cache, slab);
  } else if (wasFull) addPartial(draft, cache, slab, true);
}
