/** Slabs the slow way: lists as plain arrays, head first. */
import { __GFP_DMA, __GFP_HIGHMEM, __GFP_MOVABLE } from '../../core/event/gfp.ts';
import type { StatusName } from '../../core/outcome.ts';
import type { NaivePageAllocator } from './naive-page-alloc.ts';

export interface NaiveCacheKind {
  readonly sizeBytes: number;
  readonly order: number;
  readonly objects: number;
}

interface NaiveSlab {
  readonly pfn: number;
  /** Indexes of free objects, the next one first. */
  readonly free: number[];
}

interface NaiveKmalloc {
  readonly status: StatusName;
  /** Physical byte address. */
  readonly address: number;
}

interface Live {
  readonly address: number;
  readonly gives: (cpu: number) => void;
}

/** kmalloc: a cache hands out objects of its current slab, then of the slab that last got a free one, then a new one. */
export class NaiveSlabs {
  private readonly kinds: readonly NaiveCacheKind[];
  private readonly pages: NaivePageAllocator;
  private readonly slabs = new Map<string, { current: NaiveSlab | undefined; partial: NaiveSlab[] }>();
  private readonly live = new Map<number, Live>();

  constructor(kinds: readonly NaiveCacheKind[], pages: NaivePageAllocator) {
    this.kinds = kinds;
    this.pages = pages;
  }

  kmalloc(cpu: number, object: number, sizeBytes: number, gfp: number): NaiveKmalloc {
    if (this.live.has(object)) return { status: 'exists', address: 0 };
    const kind = this.kinds
      .filter((one) => one.sizeBytes >= sizeBytes)
      .sort((a, b) => a.sizeBytes - b.sizeBytes)[0];
    return kind === undefined ? this.large(cpu, object, sizeBytes, gfp) : this.small(cpu, object, kind, gfp);
  }

  kfree(cpu: number, object: number): StatusName {
    const found = this.live.get(object);
    if (found === undefined) return 'no-object';
    this.live.delete(object);
    found.gives(cpu);
    return 'ok';
  }

  private large(cpu: number, object: number, sizeBytes: number, gfp: number): NaiveKmalloc {
    let order = 0;
    while (4096 * 2 ** order < sizeBytes) order++;
    const { status, pfn } = this.pages.alloc(cpu, order, gfp);
    if (status === 'ok')
      this.live.set(object, { address: pfn * 4096, gives: (on) => this.pages.free(on, pfn, order) });
    return { status, address: pfn * 4096 };
  }

  private small(cpu: number, object: number, kind: NaiveCacheKind, gfp: number): NaiveKmalloc {
    const dma = (gfp & __GFP_DMA) !== 0;
    const name = `${dma} ${kind.sizeBytes}`;
    const cache = this.slabs.get(name) ?? { current: undefined, partial: [] };
    this.slabs.set(name, cache);
    if (cache.current === undefined || cache.current.free.length === 0) {
      const found = cache.partial.shift() ?? this.newSlab(cpu, kind, gfp);
      if (typeof found === 'string') return { status: found, address: 0 };
      cache.current = found;
    }
    const slab = cache.current;
    const index = slab.free.shift()!;
    const address = slab.pfn * 4096 + index * kind.sizeBytes;
    const gives = (on: number): void => {
      slab.free.unshift(index);
      if (slab.free.length === kind.objects) {
        if (cache.current === slab) cache.current = undefined;
        cache.partial = cache.partial.filter((other) => other !== slab);
        this.pages.free(on, slab.pfn, kind.order);
      } else if (cache.current !== slab && slab.free.length === 1) cache.partial.unshift(slab);
    };
    this.live.set(object, { address, gives });
    return { status: 'ok', address };
  }

  private newSlab(cpu: number, { order, objects }: NaiveCacheKind, gfp: number): NaiveSlab | StatusName {
    const { status, pfn } = this.pages.alloc(cpu, order, gfp & ~(__GFP_HIGHMEM | __GFP_MOVABLE));
    return status === 'ok' ? { pfn, free: Array.from({ length: objects }, (_, i) => i) } : status;
  }
}
