/**
 * Where slabs with free objects wait: a cpu's partial list, short and without a lock, and the node's (mm/slub.c, v6.1).
 *
 * A slab that was full goes, with the first object that comes back, to the partial list of the cpu that freed it. When
 * that list is long enough all of it moves to the end of the node's, and there empty slabs beyond `minPartial` are
 * given back. Kernels for one cpu have the node's list only.
 */
import type { Draft } from '../machine/draft.ts';
import { discardSlab } from './pages.ts';
import { CACHE, cpuFreeList, SLAB, SLAB_CPU } from './tables.ts';

/** Puts a slab on a cpu's list; `drain`: first empties that list if it is full (put_cpu_partial). */
export function putCpuPartial(draft: Draft, cache: number, row: number, slab: number, drain: boolean): void {
  const { slabs, slabCaches, slabCpus } = draft;
  const limit = slabCaches.get(cache, CACHE.cpuPartialSlabs);
  const old = slabCpus.get(row, SLAB_CPU.partial);
  const isFull = drain && slabCpus.get(row, SLAB_CPU.partialSlabs) >= limit;
  slabs.set(slab, SLAB.next, isFull ? 0 : old);
  slabCpus.set(row, SLAB_CPU.partial, slab);
  if (isFull) slabCpus.set(row, SLAB_CPU.partialSlabs, 0);
  slabCpus.add(row, SLAB_CPU.partialSlabs, 1);
  if (isFull) unfreeze(draft, cache, old);
}

/** Takes the first slab of a cpu's list; 0 when there is none. */
export function popCpuPartial(draft: Draft, row: number): number {
  const { slabs, slabCpus } = draft;
  const slab = slabCpus.get(row, SLAB_CPU.partial);
  if (slab === 0) return 0;
  slabCpus.set(row, SLAB_CPU.partial, slabs.get(slab, SLAB.next));
  slabCpus.add(row, SLAB_CPU.partialSlabs, -1);
  slabs.set(slab, SLAB.next, 0);
  return slab;
}

/** Moves a list of slabs, of which `first` is the first, from a cpu to the node (__unfreeze_partials). */
export function unfreeze(draft: Draft, cache: number, first: number): void {
  const { slabs } = draft;
  let surplus = 0;
  for (let slab = first; slab !== 0; ) {
    const next = slabs.get(slab, SLAB.next);
    slabs.set(slab, SLAB.frozen, 0);
    if (isSurplus(draft, cache, slab)) {
      slabs.set(slab, SLAB.next, surplus);
      surplus = slab;
    } else addPartial(draft, cache, slab, true);
    slab = next;
  }
  while (surplus !== 0) {
    const next = slabs.get(surplus, SLAB.next);
    discardSlab(draft, cache, surplus);
    surplus = next;
  }
}

/** An empty slab, of which the node keeps enough. */
export function isSurplus({ slabs, slabCaches }: Draft, cache: number, slab: number): boolean {
  if (slabs.get(slab, SLAB.inUse) !== 0) return false;
  return slabCaches.get(cache, CACHE.nrPartial) >= slabCaches.get(cache, CACHE.minPartial);
}

/** Puts a slab on the node's list: at its end, or in front. */
export function addPartial(draft: Draft, cache: number, slab: number, atEnd: boolean): void {
  const { slabs, slabCaches } = draft;
  const prev = atEnd ? slabCaches.get(cache, CACHE.partialTail) : 0;
  const next = atEnd ? 0 : slabCaches.get(cache, CACHE.partial);
  slabs.set(slab, SLAB.prev, prev);
  slabs.set(slab, SLAB.next, next);
  if (prev === 0) slabCaches.set(cache, CACHE.partial, slab);
  else slabs.set(prev, SLAB.next, slab);
  if (next === 0) slabCaches.set(cache, CACHE.partialTail, slab);
  else slabs.set(next, SLAB.prev, slab);
  slabCaches.add(cache, CACHE.nrPartial, 1);
}

export function removePartial(draft: Draft, cache: number, slab: number): void {
  const { slabs, slabCaches } = draft;
  const next = slabs.get(slab, SLAB.next);
  const prev = slabs.get(slab, SLAB.prev);
  if (prev === 0) slabCaches.set(cache, CACHE.partial, next);
  else slabs.set(prev, SLAB.next, next);
  if (next === 0) slabCaches.set(cache, CACHE.partialTail, prev);
  else slabs.set(next, SLAB.prev, prev);
  slabs.set(slab, SLAB.next, 0);
  slabs.set(slab, SLAB.prev, 0);
  slabCaches.add(cache, CACHE.nrPartial, -1);
}

/** Gives the free objects of a cpu's current slab back to the slab, and that to the node (deactivate_slab). */
export function deactivate(draft: Draft, cache: number, row: number): void {
  const { slabs, slabCpus, slabLinks, platform } = draft;
  const slab = slabCpus.get(row, SLAB_CPU.slab);
  const ours = cpuFreeList(draft, row);
  const theirs = slabs.get(slab, SLAB.free);
  slabs.set(slab, SLAB.frozen, 0);
  slabCpus.set(row, SLAB_CPU.slab, 0);
  slabCpus.set(row, SLAB_CPU.free, 0);
  slabCpus.set(row, SLAB_CPU.fresh, 0);
  const free = ours.reduceRight((next, index) => {
    slabLinks.set(slab * platform.slabLinkRoom + index, 0, next);
    return index + 1;
  }, theirs);
  slabs.set(slab, SLAB.free, free);
  slabs.add(slab, SLAB.inUse, -ours.length);
  if (isSurplus(draft, cache, slab)) discardSlab(draft, cache, slab);
  else if (free !== 0) addPartial(draft, cache, slab, theirs !== 0);
}
