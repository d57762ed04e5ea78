/**
 * What must hold of the slabs of every machine: each slab is in one place only (a cpu's current slab, a cpu's partial
 * list, the node's, or nowhere when it is full), every object is free once or belongs to one object of the workload,
 * and the counts of caches are those of their slabs.
 */

import type { Machine } from '../machine/machine.ts';
import { FRAME, frameOwner, USE_SLAB } from '../phys/frames.ts';
import { CACHE_OBJECT, KMALLOC, OBJECT } from '../state/objects.ts';
import { cacheName } from './info.ts';
import { SLAB_VAR } from './state.ts';
import { CACHE, cpuFreeList, freeListOf, ofSlabCpuRow, SLAB, SLAB_CPU, slabList } from './tables.ts';
import { NODE } from './tree-nodes.ts';

/** Where a slab waits, and the free objects that a cpu keeps of it. */
interface Place {
  readonly on: 'a cpu' | 'a cpu’s list' | 'the node’s list';
  readonly cache: number;
  readonly cpuFree: readonly number[];
}

export function checkSlabs(machine: Machine, faults: string[]): void {
  const places = new Map<number, Place>();
  const put = (slab: number, place: Place): void => {
    if (places.has(slab)) faults.push(`slab ${slab}: on ${places.get(slab)!.on} and on ${place.on}`);
    places.set(slab, place);
  };
  for (let cache = 0; cache < machine.vars[SLAB_VAR.cacheRows]!; cache++)
    checkNodeList(machine, cache, put, faults);
  forEachSlabCpu(machine, (row) => checkSlabCpu(machine, row, put, faults));
  const live = liveIndexes(machine, faults);
  const totals = new Map<number, { slabs: number; objects: number }>();
  for (let slab = 1; slab <= machine.vars[SLAB_VAR.slabRows]!; slab++) {
    const cache = machine.slabs.get(slab, SLAB.cache) - 1;
    if (cache < 0) continue;
    const { slabs, objects } = totals.get(cache) ?? { slabs: 0, objects: 0 };
    totals.set(cache, { slabs: slabs + 1, objects: objects + machine.slabs.get(slab, SLAB.objects) });
    checkSlab(machine, slab, places.get(slab), live.get(slab) ?? [], faults);
  }
  for (let cache = 0; cache < machine.vars[SLAB_VAR.cacheRows]!; cache++) {
    const { slabs, objects } = totals.get(cache) ?? { slabs: 0, objects: 0 };
    const counted = [CACHE.slabs, CACHE.objects].map((field) => machine.slabCaches.get(cache, field));
    if (slabs !== counted[0] || objects !== counted[1])
      faults.push(
        `${cacheName(machine, cache)}: ${slabs} slabs of ${objects} objects, ${counted.join(' of ')} counted`,
      );
  }
}

function checkNodeList(
  machine: Machine,
  cache: number,
  put: (slab: number, place: Place) => void,
  faults: string[],
): void {
  const list = slabList(machine, machine.slabCaches.get(cache, CACHE.partial));
  for (const slab of list) put(slab, { on: 'the node’s list', cache, cpuFree: [] });
  const backwards: number[] = [];
  for (let at = machine.slabCaches.get(cache, CACHE.partialTail); at !== 0; ) {
    backwards.push(at);
    at = machine.slabs.get(at, SLAB.prev);
  }
  const counted = machine.slabCaches.get(cache, CACHE.nrPartial);
  if (list.join() !== backwards.reverse().join() || list.length !== counted)
    faults.push(
      `${cacheName(machine, cache)}: partial slabs ${list.join()} forwards, ${backwards.join()} backwards, ${counted} counted`,
    );
}

function checkSlabCpu(
  machine: Machine,
  row: number,
  put: (slab: number, place: Place) => void,
  faults: string[],
): void {
  const { cache, cpu } = ofSlabCpuRow(row);
  const current = machine.slabCpus.get(row, SLAB_CPU.slab);
  if (current !== 0) put(current, { on: 'a cpu', cache, cpuFree: cpuFreeList(machine, row) });
  const list = slabList(machine, machine.slabCpus.get(row, SLAB_CPU.partial));
  for (const slab of list) put(slab, { on: 'a cpu’s list', cache, cpuFree: [] });
  const counted = machine.slabCpus.get(row, SLAB_CPU.partialSlabs);
  if (list.length !== counted)
    faults.push(`${cacheName(machine, cache)}, cpu ${cpu}: ${list.length} partial slabs, ${counted} counted`);
}

function checkSlab(
  machine: Machine,
  slab: number,
  place: Place | undefined,
  live: readonly number[],
  faults: string[],
): void {
  const { slabs, frames } = machine;
  const cache = slabs.get(slab, SLAB.cache) - 1;
  const objects = slabs.get(slab, SLAB.objects);
  const free = freeListOf(machine, slab, slabs.get(slab, SLAB.free));
  const name = `slab ${slab} of ${cacheName(machine, cache)}`;
  const inUse = slabs.get(slab, SLAB.inUse);
  if (inUse + free.length !== objects)
    faults.push(`${name}: ${inUse} in use and ${free.length} free of ${objects}`);
  const each = [...live, ...free, ...(place?.cpuFree ?? [])].sort((a, b) => a - b);
  if (each.length !== objects || each.some((index, i) => index !== i))
    faults.push(`${name}: its ${objects} objects are not each alive or free once: ${each.join()}`);
  const pfn = slabs.get(slab, SLAB.pfn);
  if (frames.get(pfn, FRAME.use) !== USE_SLAB || frameOwner(frames, pfn) !== slab)
    faults.push(`${name}: frame ${pfn} is not its own`);
  const isOnCpu = place !== undefined && place.on !== 'the node’s list';
  if ((slabs.get(slab, SLAB.frozen) === 1) !== isOnCpu)
    faults.push(`${name}: frozen is ${slabs.get(slab, SLAB.frozen)}, on ${place?.on ?? 'no list'}`);
  if (place !== undefined && place.cache !== cache)
    faults.push(`${name}: on ${place.on} of ${cacheName(machine, place.cache)}`);
  const shouldBeListed = free.length > 0;
  if (shouldBeListed !== (place !== undefined) && place?.on !== 'a cpu')
    faults.push(`${name}: ${free.length} free, on ${place?.on ?? 'no list'}`);
}

/** By slab: the indexes of the objects that the workload has, or trees. */
function liveIndexes(machine: Machine, faults: string[]): Map<number, number[]> {
  const { stride } = machine.objects.shape;
  const live = new Map<number, number[]>();
  machine.objects.forEachLeaf((leaf, firstRow) => {
    for (let at = 0; at < leaf.length; at += stride) {
      const cls = leaf[at + OBJECT.class]!;
      if (cls !== KMALLOC && cls !== CACHE_OBJECT) continue;
      const slab = leaf[at + OBJECT.extra]!;
      if (machine.slabs.get(slab, SLAB.cache) === 0)
        faults.push(`object ${firstRow + at / stride}: slab ${slab} is no more`);
      live.set(slab, [...(live.get(slab) ?? []), leaf[at + OBJECT.detail]!]);
    }
  });
  for (const nodes of [machine.fileNodes, machine.swapNodes])
    nodes.forEachLeaf((leaf) => {
      for (let at = 0; at < leaf.length; at += nodes.shape.stride) {
        const slab = leaf[at + NODE.slab]!;
        if (slab !== 0) live.set(slab, [...(live.get(slab) ?? []), leaf[at + NODE.index]!]);
      }
    });
  return live;
}

function forEachSlabCpu(machine: Machine, visit: (row: number) => void): void {
  const { stride } = machine.slabCpus.shape;
  machine.slabCpus.forEachLeaf((leaf, firstRow) => {
    for (let at = 0; at < leaf.length; at += stride) visit(firstRow + at / stride);
  });
}
