/** Taking a cache's slabs from the cpus, and giving the empty ones back (flush_all, free_partial; mm/slub.c, v6.1). */

import type { Draft } from '../machine/draft.ts';
import { CPUS_VAR } from '../state/cpus.ts';

import { addPartial, isSurplus, removePartial, unfreeze } from './lists.ts';
import { discardSlab } from './pages.ts';
import { CACHE, cpuFreeList, SLAB, SLAB_CPU, slabCpuRow, slabList } from './tables.ts';

/** Leaves a cache with no empty slab, and the cpus with nothing of it. */
export function shrinkCache(draft: Draft, cache: number): void {
  const { slabs, slabCaches, slabCpus } = draft;
  for (let cpu = 0; cpu < draft.vars[CPUS_VAR.busyCpus]!; cpu++) {
    const row = slabCpuRow(cache, cpu);
    if (slabCpus.get(row, SLAB_CPU.slab) !== 0) deactivate(draft, cache, row);
    const partial = slabCpus.get(row, SLAB_CPU.partial);
    if (partial === 0) continue;
    slabCpus.set(row, SLAB_CPU.partial, 0);
    slabCpus.set(row, SLAB_CPU.partialSlabs, 0);
    unfreeze(draft, cache, partial);
  }
  const partial = slabList(draft, slabCaches.get(cache, CACHE.partial));
  for (const slab of partial.reverse()) {
    if (slabs.get(slab, SLAB.inUse) !== 0) continue;
    removePartial(draft, cache, slab);
    discardSlab(draft, cache, slab);
  }
}

/** Gives the free objects of a cpu's current slab back to the slab, and that to the node (deactivate_slab). */
function deactivate(draft: Draft, cache: number, row: number): void {
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
