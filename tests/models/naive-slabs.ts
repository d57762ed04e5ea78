/**
 * Slabs the slow way: every list is an array, the next one first, and where a slab is gets found by looking at all of
 * them. Written from the rules of SLUB, apart from the machine's tables.
 */
import {
  __GFP_ATOMIC,
  __GFP_DIRECT_RECLAIM,
  __GFP_DMA,
  __GFP_FS,
  __GFP_HARDWALL,
  __GFP_HIGH,
  __GFP_IO,
  __GFP_KSWAPD_RECLAIM,
  __GFP_RECLAIMABLE,
} from '../../core/event/gfp.ts';
import type { MemoryEvent } from '../../core/event/kinds.ts';
import type { StatusName } from '../../core/outcome/outcome.ts';
import type { NaivePageAllocator } from './naive-page-alloc.ts';

export interface NaiveCacheKind {
  readonly sizeBytes: number;
  readonly order: number;
  readonly objects: number;
  readonly minPartial: number;
  /** Partial slabs that a cpu keeps; 0 in a kernel for one cpu. */
  readonly cpuPartialSlabs: number;
}

interface Slab {
  readonly pfn: number;
  readonly order: number;
  readonly objects: number;
  /** Its own list of free objects. */
  free: number[];
}

interface Cpu {
  current: Slab | undefined;
  /** The cpu's list of free objects of its current slab. */
  free: number[];
  partial: Slab[];
}

interface Cache {
  readonly kind: NaiveCacheKind;
  readonly gfp: number;
  readonly cpus: Map<number, Cpu>;
  node: Slab[];
  slabs: number;
  live: number;
}

export interface NaiveOutcome {
  readonly status: StatusName;
  /** Physical byte address. */
  readonly address: number;
}

const NOWHERE = 0;
const TRY_MASK =
  __GFP_DIRECT_RECLAIM |
  __GFP_KSWAPD_RECLAIM |
  __GFP_HIGH |
  __GFP_ATOMIC |
  __GFP_IO |
  __GFP_FS |
  __GFP_HARDWALL;

export class NaiveSlabs {
  private readonly kmallocKinds: readonly NaiveCacheKind[];
  private readonly pages: NaivePageAllocator;
  private readonly kmallocCaches = new Map<string, Cache>();
  /** By number, each with its own slabs: what merges is not for this model. */
  private readonly caches = new Map<number, Cache>();
  private readonly live = new Map<number, (cpu: number) => void>();
  private readonly kindOfObject = new Map<number, string>();

  constructor(kmallocKinds: readonly NaiveCacheKind[], pages: NaivePageAllocator) {
    this.kmallocKinds = kmallocKinds;
    this.pages = pages;
  }

  addCache(number: number, kind: NaiveCacheKind): void {
    this.caches.set(number, newCache(kind, 0));
  }

  /** Slabs of the cache of a number. */
  slabsOf(number: number): number {
    return this.caches.get(number)!.slabs;
  }

  apply(event: MemoryEvent): NaiveOutcome {
    switch (event.kind) {
      case 'kmalloc':
        if (this.live.has(event.object)) return refused('exists');
        return this.kmalloc(event.cpu, event.object, event.size, event.gfp);
      case 'kmem_cache_alloc':
        if (this.live.has(event.object)) return refused('exists');
        return this.object(event.cpu, event.object, this.caches.get(event.cache)!, event.gfp, 'cache');
      case 'kfree':
        return this.free(event.cpu, event.object, 'kmalloc');
      case 'kmem_cache_free':
        return this.free(event.cpu, event.object, 'cache');
      default:
        throw new Error(`${event.kind}: not for slabs`);
    }
  }

  private kmalloc(cpu: number, object: number, sizeBytes: number, gfp: number): NaiveOutcome {
    if (sizeBytes === 0) {
      this.born(object, 'kmalloc', () => {});
      return { status: 'ok', address: NOWHERE };
    }
    const kind = this.kmallocKinds
      .filter((one) => one.sizeBytes >= sizeBytes)
      .sort((a, b) => a.sizeBytes - b.sizeBytes)[0];
    if (kind === undefined) return this.large(cpu, object, sizeBytes, gfp);
    const ofCache = (gfp & __GFP_DMA) !== 0 ? __GFP_DMA : gfp & __GFP_RECLAIMABLE;
    const name = `${ofCache} ${kind.sizeBytes}`;
    const cache = this.kmallocCaches.get(name) ?? newCache(kind, ofCache);
    this.kmallocCaches.set(name, cache);
    return this.object(cpu, object, cache, gfp, 'kmalloc');
  }

  private large(cpu: number, object: number, sizeBytes: number, anyGfp: number): NaiveOutcome {
    let order = 0;
    while (4096 * 2 ** order < sizeBytes) order++;
    // Neither high memory nor DMA32.
    const { status, pfn } = this.pages.alloc(cpu, order, anyGfp & ~0x06);
    if (status === 'ok') this.born(object, 'kmalloc', (on) => this.pages.free(on, pfn, order));
    return { status, address: pfn * 4096 };
  }

  private object(cpuNumber: number, object: number, cache: Cache, gfp: number, kind: string): NaiveOutcome {
    const cpu = cache.cpus.get(cpuNumber) ?? { current: undefined, free: [], partial: [] };
    cache.cpus.set(cpuNumber, cpu);
    if (cpu.free.length === 0) {
      const status = this.refill(cpuNumber, cpu, cache, gfp);
      if (status !== 'ok') return refused(status);
    }
    const slab = cpu.current!;
    const index = cpu.free.shift()!;
    cache.live++;
    this.born(object, kind, (on) => {
      cache.live--;
      this.giveBack(on, cache, slab, index);
    });
    return { status: 'ok', address: slab.pfn * 4096 + index * cache.kind.sizeBytes };
  }

  private refill(cpuNumber: number, cpu: Cpu, cache: Cache, gfp: number): StatusName {
    const own = cpu.current !== undefined && cpu.current.free.length > 0;
    if (!own) cpu.current = cpu.partial.shift() ?? this.fromNode(cpu, cache);
    if (cpu.current === undefined) {
      const made = this.newSlab(cpuNumber, cache, gfp);
      if (typeof made === 'string') return made;
      cpu.current = made;
    }
    cpu.free = cpu.current.free;
    cpu.current.free = [];
    return 'ok';
  }

  /** The cpu takes one slab, and a little more than half a list for itself, the last of them in front. */
  private fromNode(cpu: Cpu, { kind, node }: Cache): Slab | undefined {
    const first = node.shift();
    if (first === undefined || kind.cpuPartialSlabs === 0) return first;
    const more = node.splice(0, Math.floor(kind.cpuPartialSlabs / 2) + 1);
    cpu.partial.unshift(...more.reverse());
    return first;
  }

  private newSlab(cpu: number, cache: Cache, anyGfp: number): Slab | StatusName {
    const { kind } = cache;
    const gfp = (anyGfp & TRY_MASK) | cache.gfp;
    let leastOrder = 0;
    while (4096 * 2 ** leastOrder < kind.sizeBytes) leastOrder++;
    const isEasy = leastOrder < kind.order && (gfp & __GFP_DIRECT_RECLAIM) !== 0;
    const easyGfp = isEasy ? gfp & ~(__GFP_DIRECT_RECLAIM | __GFP_KSWAPD_RECLAIM) : gfp;
    let order = kind.order;
    let { status, pfn } = this.pages.alloc(cpu, order, easyGfp);
    if (status !== 'ok') {
      order = leastOrder;
      ({ status, pfn } = this.pages.alloc(cpu, order, gfp));
    }
    if (status !== 'ok') return status;
    cache.slabs++;
    const objects = Math.floor((4096 * 2 ** order) / kind.sizeBytes);
    return { pfn, order, objects, free: Array.from({ length: objects }, (_, i) => i) };
  }

  private giveBack(cpuNumber: number, cache: Cache, slab: Slab, index: number): void {
    const cpu = cache.cpus.get(cpuNumber) ?? { current: undefined, free: [], partial: [] };
    cache.cpus.set(cpuNumber, cpu);
    if (cpu.current === slab) {
      cpu.free.unshift(index);
      return;
    }
    const wasFull = slab.free.length === 0;
    slab.free.unshift(index);
    const isHeld = [...cache.cpus.values()].some(
      ({ current, partial }) => current === slab || partial.includes(slab),
    );
    if (isHeld) return;
    if (wasFull && cache.kind.cpuPartialSlabs > 0) this.keepOnCpu(cpuNumber, cpu, cache, slab);
    else if (isEmpty(slab) && cache.node.length >= cache.kind.minPartial)
      this.discard(cpuNumber, cache, slab);
    else if (wasFull) cache.node.push(slab);
  }

  /** A full list goes to the node as a whole; of its empty slabs only as many as the node keeps. */
  private keepOnCpu(cpuNumber: number, cpu: Cpu, cache: Cache, slab: Slab): void {
    const moved = cpu.partial.length >= cache.kind.cpuPartialSlabs ? cpu.partial.splice(0) : [];
    cpu.partial.unshift(slab);
    const surplus: Slab[] = [];
    for (const one of moved) {
      if (isEmpty(one) && cache.node.length >= cache.kind.minPartial) surplus.unshift(one);
      else cache.node.push(one);
    }
    for (const one of surplus) this.discard(cpuNumber, cache, one);
  }

  private discard(cpu: number, cache: Cache, slab: Slab): void {
    cache.node = cache.node.filter((other) => other !== slab);
    cache.slabs--;
    this.pages.free(cpu, slab.pfn, slab.order);
  }

  private born(object: number, kind: string, gives: (cpu: number) => void): void {
    this.live.set(object, gives);
    this.kindOfObject.set(object, kind);
  }

  private free(cpu: number, object: number, kind: string): NaiveOutcome {
    const gives = this.live.get(object);
    if (gives === undefined || this.kindOfObject.get(object) !== kind) return refused('no-object');
    this.live.delete(object);
    gives(cpu);
    return { status: 'ok', address: NOWHERE };
  }
}

function newCache(kind: NaiveCacheKind, gfp: number): Cache {
  return { kind, gfp, cpus: new Map(), node: [], slabs: 0, live: 0 };
}

function isEmpty(slab: Slab): boolean {
  return slab.free.length === slab.objects;
}

function refused(status: StatusName): NaiveOutcome {
  return { status, address: NOWHERE };
}
