/**
 * Rows of the slab tables: a slab (struct slab), a cache with its node (kmem_cache, kmem_cache_node), and what a cpu
 * holds of a cache (kmem_cache_cpu). Free objects are numbered from 1 in these fields; 0 means none.
 */
import type { ReadonlyColumn } from '../base/columns.ts';
import { CPUS_VAR } from '../state/cpus.ts';

/** Fields of a row of `slabs`. Rows are numbered from 1; 0 means none. */
export const SLAB = {
  pfn: 0,
  /** Row of `slabCaches` + 1; 0 when the row is free. */
  cache: 1,
  /** Objects that it is cut into: fewer than usual in a slab of the cache's minimum order. */
  objects: 2,
  /** Objects that are not on the slab's own free list: in use, or on the list of the cpu that holds the slab. */
  inUse: 3,
  /** First object of the slab's own free list, which other cpus put objects on; the rest is in `slabLinks`. */
  free: 4,
  /** 1 while some cpu holds it, as its current slab or in its partial list. */
  frozen: 5,
  /** Neighbours in the node's list of partial slabs; `next` also links a cpu's list, and the free rows. */
  next: 6,
  prev: 7,
} as const;

/** Fields of a row of `slabCaches`. */
export const CACHE = {
  /** The node's list of partial slabs: first, last, length. */
  partial: 0,
  partialTail: 1,
  nrPartial: 2,
  /** Slabs, and objects in all of them (nr_slabs, total_objects). */
  slabs: 3,
  objects: 4,
  /** Its geometry; see geometry.ts. */
  sizeBytes: 5,
  objectSizeBytes: 6,
  order: 7,
  objectsPerSlab: 8,
  minOrder: 9,
  minObjects: 10,
  minPartial: 11,
  cpuPartialSlabs: 12,
  /** SLAB_ flags. */
  flags: 13,
  /** Cache numbers that stand for it (refcount); 0 when the row is free. */
  users: 14,
  /** The number that it was made for; 0 for a kmalloc cache. */
  number: 15,
  /** How many caches were made before it, plus one: /proc/slabinfo begins with the newest. */
  born: 16,
} as const;

/** Fields of a row of `slabCpus`. */
export const SLAB_CPU = {
  /** The slab that this cpu allocates from. */
  slab: 0,
  /** First object of the cpu's own free list of that slab. */
  free: 1,
  /** Behind that list come so many objects that were never given out: the last ones of the slab. */
  fresh: 2,
  /** First slab of the cpu's partial list, and how many there are. */
  partial: 3,
  partialSlabs: 4,
} as const;

/** log2 of the caches whose rows of one cpu lie together, and of the cpus that an event can name. */
const GROUP_BITS = 6;
const CPU_BITS = 8;
const GROUP_MASK = (1 << GROUP_BITS) - 1;

/** Row of `slabCpus`: what a cpu holds of a cache. */
export function slabCpuRow(cache: number, cpu: number): number {
  return ((((cache >>> GROUP_BITS) << CPU_BITS) | cpu) << GROUP_BITS) | (cache & GROUP_MASK);
}

/** The cache and the cpu of a row of `slabCpus`. */
export function ofSlabCpuRow(row: number): { cache: number; cpu: number } {
  const group = row >>> (GROUP_BITS + CPU_BITS);
  return {
    cache: (group << GROUP_BITS) | (row & GROUP_MASK),
    cpu: (row >>> GROUP_BITS) & ((1 << CPU_BITS) - 1),
  };
}

/** A table, or one open for writing. */
interface Readable {
  get(row: number, field: number): number;
}

/** The slab tables of a machine or of a draft. */
interface SlabTables {
  readonly platform: { readonly slabLinkRoom: number };
  readonly slabs: Readable;
  readonly slabLinks: Readable;
  readonly slabCaches: Readable;
  readonly slabCpus: Readable;
  readonly vars: ReadonlyColumn<Float64Array>;
}

/** Indexes of the objects of a free list that begins with object `first`. */
export function freeListOf({ platform, slabLinks }: SlabTables, slab: number, first: number): number[] {
  const objects: number[] = [];
  for (let at = first; at !== 0; at = slabLinks.get(slab * platform.slabLinkRoom + at - 1, 0)) {
    if (objects.length > platform.slabLinkRoom) break; // a cycle: the invariants will tell
    objects.push(at - 1);
  }
  return objects;
}

/** Free objects of the slab that a cpu allocates from, in the order in which the cpu will give them out. */
export function cpuFreeList(tables: SlabTables, row: number): number[] {
  const { slabs, slabCpus } = tables;
  const slab = slabCpus.get(row, SLAB_CPU.slab);
  const objects = freeListOf(tables, slab, slabCpus.get(row, SLAB_CPU.free));
  const total = slabs.get(slab, SLAB.objects);
  for (let i = total - slabCpus.get(row, SLAB_CPU.fresh); i < total; i++) objects.push(i);
  return objects;
}

/** Slabs of a list, by `next`. */
export function slabList({ slabs }: SlabTables, first: number): number[] {
  const list: number[] = [];
  for (let at = first; at !== 0; at = slabs.get(at, SLAB.next)) list.push(at);
  return list;
}

/** Objects of a cache that somebody has: all of them, less those on free lists. */
export function liveObjects(tables: SlabTables, cache: number): number {
  const { slabs, slabCaches, slabCpus } = tables;
  const freeIn = (slab: number): number => slabs.get(slab, SLAB.objects) - slabs.get(slab, SLAB.inUse);
  let held = slabList(tables, slabCaches.get(cache, CACHE.partial));
  let onCpus = 0;
  for (let cpu = 0; cpu < tables.vars[CPUS_VAR.busyCpus]!; cpu++) {
    const row = slabCpuRow(cache, cpu);
    held = held.concat(slabList(tables, slabCpus.get(row, SLAB_CPU.partial)));
    const current = slabCpus.get(row, SLAB_CPU.slab);
    if (current === 0) continue;
    held.push(current);
    onCpus += cpuFreeList(tables, row).length;
  }
  const free = held.reduce((sum, slab) => sum + freeIn(slab), onCpus);
  return slabCaches.get(cache, CACHE.objects) - free;
}
