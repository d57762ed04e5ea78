/** Sizes and lifetimes of what a trace asks for, by kind of event: histograms by power of two. */
import type { Batch } from '../../core/event/batch.ts';
import type { FieldColumn } from '../../core/event/kind-row.ts';
import { EVENT_KINDS, type KindName } from '../../core/event/kinds.ts';
import { KIND_CODES } from '../../core/event/vocabulary.ts';
import { bucketOf, DISTANCE_BUCKETS } from './reuse-distance.ts';

/** Pages of page_alloc and vmap are counted as of this size, whatever a layout has. */
const PAGE_BYTES = 4096;

export interface ThingCounts {
  /** How many were asked for, and the bytes of all. */
  count: number;
  bytes: number;
  /** By power of two: of bytes; of the events and the nanoseconds of think time between beginning and end. */
  readonly sizes: Float64Array;
  readonly lifetimeEvents: Float64Array;
  readonly lifetimeNs: Float64Array;
  /** Those that failed where they were recorded. */
  refused: number;
  /** Ended within the trace; the others are alive at its end. */
  ended: number;
}

interface Live {
  readonly counts: ThingCounts;
  readonly bytes: number;
  readonly event: number;
  readonly ns: number;
}

/** The kinds, and where their size stands. */
const SIZES: readonly (readonly [KindName, FieldColumn, 'bytes' | 'order' | 'cache' | 'pages'])[] = [
  ['page_alloc', 'a', 'order'],
  ['kmalloc', 'a', 'bytes'],
  ['kmem_cache_alloc', 'a', 'cache'],
  ['vmalloc', 'a', 'bytes'],
  ['ioremap', 'a', 'bytes'],
  ['vm_area', 'a', 'bytes'],
  ['vmap', 'b', 'pages'],
  ['dma_alloc_coherent', 'b', 'bytes'],
  ['mmap', 'a', 'bytes'],
];
const ENDS: readonly KindName[] = [
  'page_free',
  'kfree',
  'kmem_cache_free',
  'vfree',
  'iounmap',
  'free_vm_area',
  'vunmap',
  'dma_free_coherent',
];
const REFUSED = EVENT_KINDS.refused.code;
const MUNMAP = EVENT_KINDS.munmap.code;
const CACHE_CREATE = EVENT_KINDS.kmem_cache_create.code;

/** Adds up batches. An object that a number is given to again counts as ended then. */
export class Things {
  readonly byKind = new Map<KindName, ThingCounts>();
  private readonly sizeOf = new Array<((batch: Batch, at: number) => number) | undefined>(KIND_CODES);
  private readonly nameOf = new Array<KindName | undefined>(KIND_CODES);
  private readonly ends: ReadonlySet<number> = new Set(ENDS.map((kind) => EVENT_KINDS[kind].code));
  private readonly cacheBytes = new Map<number, number>();
  private readonly live = new Map<number, Live>();

  constructor() {
    for (const [kind, column, unit] of SIZES) {
      this.nameOf[EVENT_KINDS[kind].code] = kind;
      this.sizeOf[EVENT_KINDS[kind].code] = (batch, at) => this.bytesOf(batch[column][at]!, unit);
    }
  }

  /** Event `at`, which is event number `event` of the trace and begins at `ns`. */
  add(batch: Batch, at: number, event: number, ns: number): void {
    const kind = batch.kind[at]!;
    const object = batch.object[at]!;
    const name = this.nameOf[kind];
    if (name !== undefined) this.begin(name, object, this.sizeOf[kind]!(batch, at), event, ns);
    else if (this.ends.has(kind) || (kind === MUNMAP && this.isWhole(batch, at))) this.end(object, event, ns);
    else if (kind === REFUSED) this.refuse(batch.a[at]!);
    else if (kind === CACHE_CREATE) this.cacheBytes.set(object, batch.a[at]!);
  }

  /** Objects that are alive now, of all kinds. */
  get alive(): number {
    return this.live.size;
  }

  /** Of a munmap: offset and length in its columns a and b. */
  private isWhole({ object, a, b }: Batch, at: number): boolean {
    return a[at] === 0 && (b[at] === 0 || b[at]! >= (this.live.get(object[at]!)?.bytes ?? 0));
  }

  private begin(name: KindName, object: number, bytes: number, event: number, ns: number): void {
    const counts = this.countsOf(name);
    counts.count++;
    counts.bytes += bytes;
    counts.sizes[bucketOf(bytes)]!++;
    this.live.set(object, { counts, bytes, event, ns });
  }

  private end(object: number, event: number, ns: number): void {
    const found = this.live.get(object);
    if (found === undefined) return;
    this.live.delete(object);
    const { counts } = found;
    counts.ended++;
    counts.lifetimeEvents[bucketOf(event - found.event)]!++;
    // Clocks of two cpus may be apart.
    counts.lifetimeNs[bucketOf(Math.max(0, ns - found.ns))]!++;
  }

  /** Of requests that make objects; others are in the counts of events only. */
  private refuse(request: number): void {
    const name = this.nameOf[request];
    if (name !== undefined) this.countsOf(name).refused++;
  }

  private countsOf(name: KindName): ThingCounts {
    const known = this.byKind.get(name);
    if (known !== undefined) return known;
    const buckets = () => new Float64Array(DISTANCE_BUCKETS);
    const counts = {
      count: 0,
      bytes: 0,
      refused: 0,
      ended: 0,
      sizes: buckets(),
      lifetimeEvents: buckets(),
      lifetimeNs: buckets(),
    };
    this.byKind.set(name, counts);
    return counts;
  }

  private bytesOf(value: number, unit: 'bytes' | 'order' | 'cache' | 'pages'): number {
    if (unit === 'bytes') return value;
    if (unit === 'order') return PAGE_BYTES * 2 ** value;
    return unit === 'pages' ? PAGE_BYTES * value : (this.cacheBytes.get(value) ?? 0);
  }
}
