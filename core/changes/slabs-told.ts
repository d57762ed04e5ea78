/** Slabs in words: which were made and given back, and how many of their objects are taken from them. */

import type { Machine } from '../machine/machine.ts';
import { cacheName } from '../slab/info.ts';
import { SLAB } from '../slab/tables.ts';
import { tableChanges } from '../state/table-diff.ts';

/** A sentence for each slab that came, went, or has other objects out. The lists between slabs are not told. */
export function tellSlabs(before: Machine, after: Machine): string[] {
  const slabs = new Set(tableChanges(before.slabs, after.slabs).map(({ row }) => row));
  return [...slabs].flatMap((slab) => {
    const [was, is] = [before, after].map((machine) => slabAt(machine, slab));
    if (was === undefined && is === undefined) return [];
    if (was === undefined) return [`slab ${slab} of ${is!.cache} is made: ${is!.objects} objects`];
    if (is === undefined) return [`slab ${slab} of ${was.cache} is given back`];
    const isSame = was.inUse === is.inUse;
    return isSame ? [] : [`slab ${slab} of ${is.cache}: ${was.inUse} objects out → ${is.inUse}`];
  });
}

function slabAt(
  machine: Machine,
  slab: number,
): { cache: string; objects: number; inUse: number } | undefined {
  const cache = machine.slabs.get(slab, SLAB.cache);
  if (cache === 0) return undefined;
  return {
    cache: cacheName(machine, cache - 1),
    objects: machine.slabs.get(slab, SLAB.objects),
    inUse: machine.slabs.get(slab, SLAB.inUse),
  };
}
