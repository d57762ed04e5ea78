/** Page frames and slabs the slow way: free lists as plain arrays, head first, searched from one end to the other. */
import {
  __GFP_ATOMIC,
  __GFP_DMA,
  __GFP_DMA32,
  __GFP_HIGH,
  __GFP_HIGHMEM,
  __GFP_MOVABLE,
} from '../../core/event/gfp.ts';
import type { StatusName } from '../../core/outcome.ts';

export interface NaiveZone {
  readonly name: string;
  readonly startPfn: number;
  readonly spannedPages: number;
  readonly min: number;
  readonly low: number;
  /** By index of the zone that was asked for. */
  readonly lowmemReserve: readonly number[];
}

type Mark = (zone: NaiveZone) => number;

/** A buddy allocator: smallest order first, lists last in first out, the low half kept at every split. */
export class NaiveBuddy {
  readonly zones: readonly NaiveZone[];
  /** By zone and order. */
  readonly lists: number[][][];

  constructor(zones: readonly NaiveZone[], lists: readonly number[][][]) {
    this.zones = zones;
    this.lists = lists.map((orders) => orders.map((list) => list.slice()));
  }

  alloc(order: number, gfp: number): { status: StatusName; pfn: number } {
    if (order > 10) return { status: 'too-large', pfn: 0 };
    const asked = this.askedZone(gfp);
    const minimum: Mark = (zone) => minimumFor(zone, gfp);
    for (const mark of [(zone: NaiveZone) => zone.low, minimum]) {
      for (let z = asked; z >= 0; z--) {
        if (!this.isAbove(z, asked, order, mark)) continue;
        const pfn = this.take(z, order);
        if (pfn !== undefined) return { status: 'ok', pfn };
      }
    }
    return { status: this.reason(asked, order, gfp, minimum), pfn: 0 };
  }

  free(pfn: number, order: number): void {
    const z = this.zones.findIndex((zone) => pfn >= zone.startPfn && pfn < zone.startPfn + zone.spannedPages);
    let first = pfn;
    let size = order;
    for (; size < 10; size++) {
      const pages = 2 ** size;
      const buddy = (first / pages) % 2 === 0 ? first + pages : first - pages;
      const list = this.lists[z]![size]!;
      if (!list.includes(buddy)) break;
      list.splice(list.indexOf(buddy), 1);
      first = Math.min(first, buddy);
    }
    this.lists[z]![size]!.unshift(first);
  }

  private take(z: number, order: number): number | undefined {
    let size = order;
    while (size <= 10 && this.lists[z]![size]!.length === 0) size++;
    const pfn = this.lists[z]![size]?.shift();
    if (pfn === undefined) return undefined;
    while (size > order) {
      size--;
      this.lists[z]![size]!.unshift(pfn + 2 ** size);
    }
    return pfn;
  }

  private freePages(z: number): number {
    return this.lists[z]!.reduce((sum, list, order) => sum + list.length * 2 ** order, 0);
  }

  private isAbove(z: number, asked: number, order: number, mark: Mark): boolean {
    const zone = this.zones[z]!;
    return this.freePages(z) - (2 ** order - 1) > mark(zone) + zone.lowmemReserve[asked]!;
  }

  /** The zone that gfp names, or the next one below that exists; Normal stands in for DMA32 where there is none. */
  private askedZone(gfp: number): number {
    const names = this.zones.map(({ name }) => name);
    const dma32 = names.includes('DMA32') ? ['DMA32', 'DMA'] : ['Normal', 'DMA'];
    const below =
      (gfp & __GFP_DMA) !== 0
        ? ['DMA']
        : (gfp & __GFP_DMA32) !== 0
          ? dma32
          : [...((gfp & __GFP_HIGHMEM) !== 0 ? ['HighMem'] : []), 'Normal', 'DMA32', 'DMA'];
    return names.indexOf(below.find((name) => names.includes(name))!);
  }

  private reason(asked: number, order: number, gfp: number, mark: Mark): StatusName {
    const allowed = this.zones.map((_, z) => z).filter((z) => z <= asked);
    if (allowed.some((z) => this.isAbove(z, asked, order, mark))) return 'fragmented';
    const high = this.zones.findIndex(({ name }) => name === 'HighMem');
    const wantsLow = (gfp & __GFP_HIGHMEM) === 0;
    return wantsLow && high >= 0 && this.isAbove(high, high, order, mark) ? 'out-of-lowmem' : 'out-of-memory';
  }
}

/** ALLOC_HIGH takes half of the mark away, ALLOC_HARDER a quarter of what is left. */
function minimumFor({ min }: NaiveZone, gfp: number): number {
  if ((gfp & __GFP_HIGH) === 0) return min;
  const half = min - Math.floor(min / 2);
  return (gfp & __GFP_ATOMIC) === 0 ? half : half - Math.floor(half / 4);
}

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
  readonly gives: () => void;
}

/** kmalloc: a cache hands out objects of its current slab, then of the slab that last got a free one, then a new one. */
export class NaiveSlabs {
  private readonly kinds: readonly NaiveCacheKind[];
  private readonly buddy: NaiveBuddy;
  private readonly slabs = new Map<string, { current: NaiveSlab | undefined; partial: NaiveSlab[] }>();
  private readonly live = new Map<number, Live>();

  constructor(kinds: readonly NaiveCacheKind[], buddy: NaiveBuddy) {
    this.kinds = kinds;
    this.buddy = buddy;
  }

  kmalloc(object: number, sizeBytes: number, gfp: number): NaiveKmalloc {
    if (this.live.has(object)) return { status: 'exists', address: 0 };
    const kind = this.kinds
      .filter((one) => one.sizeBytes >= sizeBytes)
      .sort((a, b) => a.sizeBytes - b.sizeBytes)[0];
    return kind === undefined ? this.large(object, sizeBytes, gfp) : this.small(object, kind, gfp);
  }

  kfree(object: number): StatusName {
    const found = this.live.get(object);
    if (found === undefined) return 'no-object';
    this.live.delete(object);
    found.gives();
    return 'ok';
  }

  private large(object: number, sizeBytes: number, gfp: number): NaiveKmalloc {
    let order = 0;
    while (4096 * 2 ** order < sizeBytes) order++;
    const { status, pfn } = this.buddy.alloc(order, gfp);
    if (status === 'ok')
      this.live.set(object, { address: pfn * 4096, gives: () => this.buddy.free(pfn, order) });
    return { status, address: pfn * 4096 };
  }

  private small(object: number, kind: NaiveCacheKind, gfp: number): NaiveKmalloc {
    const dma = (gfp & __GFP_DMA) !== 0;
    const name = `${dma} ${kind.sizeBytes}`;
    const cache = this.slabs.get(name) ?? { current: undefined, partial: [] };
    this.slabs.set(name, cache);
    if (cache.current === undefined || cache.current.free.length === 0) {
      const found = cache.partial.shift() ?? this.newSlab(kind, gfp);
      if (typeof found === 'string') return { status: found, address: 0 };
      cache.current = found;
    }
    const slab = cache.current;
    const index = slab.free.shift()!;
    const address = slab.pfn * 4096 + index * kind.sizeBytes;
    const gives = (): void => {
      slab.free.unshift(index);
      if (slab.free.length === kind.objects) {
        if (cache.current === slab) cache.current = undefined;
        cache.partial = cache.partial.filter((other) => other !== slab);
        this.buddy.free(slab.pfn, kind.order);
      } else if (cache.current !== slab && slab.free.length === 1) cache.partial.unshift(slab);
    };
    this.live.set(object, { address, gives });
    return { status: 'ok', address };
  }

  private newSlab({ order, objects }: NaiveCacheKind, gfp: number): NaiveSlab | StatusName {
    const { status, pfn } = this.buddy.alloc(order, gfp & ~(__GFP_HIGHMEM | __GFP_MOVABLE));
    return status === 'ok' ? { pfn, free: Array.from({ length: objects }, (_, i) => i) } : status;
  }
}
