/** Taking a cache's slabs from the cpus, and giving the empty ones back (flush_all, free_partial; mm/slub.c, v6.1). */

import type { Draft } from '../machine/draft.ts';
import { CPUS_VAR } from '../state/cpus.ts';

import { deactivate, removePartial, unfreeze } from './lists.ts';
import { discardSlab } from './pages.ts';
import { CACHE, SLAB, SLAB_CPU, slabCpuRow, slabList } from './tables.ts';

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
