/** Kernel objects, slab caches and devices that are alive, for a prologue. */
import { transferDevice } from '../../core/event/dma-flags.ts';
import { code, codes, type Entries, type Entry } from './entries.ts';

/** A kernel object, cache, device or file: its making, and what goes with it. */
interface Thing {
  readonly made: number;
  readonly with: Set<number>;
  /** Things that were made of it and are alive: virtual mappings of its pages, objects of its cache. */
  dependants: number;
  readonly of: Thing | undefined;
}

/** What ends a thing, by what makes it; another end is refused by the kernel, and changes nothing. */
const ENDED_BY: ReadonlyMap<number, number> = new Map(
  (
    [
      ['page_alloc', 'page_free'],
      ['kmalloc', 'kfree'],
      ['kmem_cache_alloc', 'kmem_cache_free'],
      ['vmalloc', 'vfree'],
      ['ioremap', 'iounmap'],
      ['vmap', 'vunmap'],
      ['vm_area', 'free_vm_area'],
      ['dma_alloc_coherent', 'dma_free_coherent'],
    ] as const
  ).map(([make, end]) => [code(make), code(end)]),
);
const ENDS: ReadonlySet<number> = new Set(ENDED_BY.values());
const WINDOWS = codes('kmap', 'kmap_local');
const WINDOW_ENDS: ReadonlyMap<number, number> = new Map([
  [code('kunmap'), code('kmap')],
  [code('kunmap_local'), code('kmap_local')],
]);
const DMA_MAPS = codes('dma_map_single', 'dma_map_page', 'dma_map_sg');

export class KernelThings {
  private readonly entries: Entries;
  private readonly objects = new Map<number, Thing>();
  private readonly caches = new Map<number, Thing>();
  private readonly devices = new Map<number, Thing>();

  constructor(entries: Entries) {
    this.entries = entries;
  }

  hasObject(object: number): boolean {
    return this.objects.has(object);
  }

  /** False when it is none of theirs. */
  take(entry: Entry): boolean {
    const { kind } = entry;
    if (ENDED_BY.has(kind)) this.make(entry);
    else if (ENDS.has(kind)) this.endObject(entry);
    else if (WINDOWS.has(kind) || DMA_MAPS.has(kind)) this.accompany(entry);
    else if (WINDOW_ENDS.has(kind)) this.endWindow(entry);
    else if (kind === code('dma_unmap')) this.endDma(entry);
    else if (kind === code('kmem_cache_create')) this.begin(this.caches, entry, undefined);
    else if (kind === code('kmem_cache_destroy')) this.end(this.caches, entry);
    else if (kind === code('device')) this.begin(this.devices, entry, undefined);
    else if (kind === code('device_remove')) this.end(this.devices, entry);
    else return false;
    return true;
  }

  private make(entry: Entry): void {
    this.begin(this.objects, entry, this.madeOf(entry));
  }

  private madeOf({ kind, a }: Entry): Thing | undefined {
    if (kind === code('kmem_cache_alloc')) return this.caches.get(a);
    if (kind === code('vmap')) return this.objects.get(a);
    return kind === code('dma_alloc_coherent') ? this.devices.get(a) : undefined;
  }

  private begin(things: Map<number, Thing>, entry: Entry, of: Thing | undefined): void {
    // A number that is in use already is refused, and changes nothing.
    if (things.has(entry.object)) return;
    const made = this.entries.keep(entry);
    if (of !== undefined) of.dependants++;
    things.set(entry.object, { made, with: new Set(), dependants: 0, of });
  }

  private endObject(entry: Entry): void {
    const made = this.entries.get(this.objects.get(entry.object)?.made ?? -1);
    if (made !== undefined && ENDED_BY.get(made.kind) === entry.kind) this.end(this.objects, entry);
  }

  private end(things: Map<number, Thing>, entry: Entry): void {
    const thing = things.get(entry.object);
    if (thing === undefined || thing.dependants > 0) {
      // What is made of it needs its beginning: both are told.
      if (thing !== undefined) this.entries.keep(entry);
      things.delete(entry.object);
      return;
    }
    things.delete(entry.object);
    if (thing.of !== undefined) thing.of.dependants--;
    this.entries.drop([thing.made, ...thing.with]);
  }

  /** A window on an object, or a mapping of it for a device. */
  private accompany(entry: Entry): void {
    const thing = this.objects.get(entry.object);
    // What processes have mapped may be mapped for a device too.
    if (thing !== undefined || DMA_MAPS.has(entry.kind)) {
      const kept = this.entries.keep(entry);
      thing?.with.add(kept);
    }
  }

  private endWindow(entry: Entry): void {
    const begins = WINDOW_ENDS.get(entry.kind)!;
    this.endOne(entry, (other) => other.kind === begins && other.a === entry.a);
  }

  private endDma(entry: Entry): void {
    this.endOne(entry, (other) => {
      return DMA_MAPS.has(other.kind) && transferDevice(other.a) === entry.a && other.b === entry.b;
    });
  }

  /** The last that fits. */
  private endOne(entry: Entry, fits: (other: Entry) => boolean): void {
    const thing = this.objects.get(entry.object);
    const found = [...(thing?.with ?? [])].findLast((other) => fits(this.entries.get(other)!));
    if (found === undefined) return;
    thing!.with.delete(found);
    this.entries.drop([found]);
  }
}
