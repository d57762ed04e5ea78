/**
 * A naive checker of event streams: walks them with plain maps and throws at the first event that no kernel and
 * no program could have produced. Written apart from the engine, which keeps books of its own.
 */
import { KERNEL_MODE, READ } from '../../core/event/access-mode.ts';
import { type Batch, eventsOf } from '../../core/event/batch.ts';
import { CLONE_VM } from '../../core/event/clone-flags.ts';
import { DMA_FROM_DEVICE, transferDevice, transferDirection } from '../../core/event/dma-flags.ts';
import { __GFP_HIGHMEM } from '../../core/event/gfp.ts';
import type { KindName, MemoryEvent } from '../../core/event/kinds.ts';
import { expect, within } from './lawful-checks.ts';
import { LawfulProcesses } from './lawful-processes.ts';

const PAGE_BYTES = 4096;
const MAX_ORDER = 10;
const KMAP_LOCAL_SLOTS = 16;

interface KernelObject {
  readonly kind: KindName;
  readonly sizeBytes: number;
  readonly high: boolean;
  readonly kmapped: Set<number>;
  /** Areas that map its pages. */
  vmaps: number;
}

type Rules = { readonly [K in KindName]: (event: Extract<MemoryEvent, { kind: K }>) => void };

export class LawfulStream {
  events = 0;
  private readonly users = new LawfulProcesses(
    (object) => this.newObject(object),
    (object) => this.countObjects(object),
  );
  readonly kernelObjects = new Map<number, KernelObject>();
  readonly files = new Map<number, number>();
  /** Files of which a page may be in the page cache. */
  readonly cachedFiles = new Set<number>();
  readonly caches = new Map<number, { readonly sizeBytes: number; readonly live: Set<number> }>();
  /** By device: what is mapped for it, as `object+offset`. */
  readonly devices = new Map<number, Set<string>>();
  /** By object: its mappings for devices. */
  private readonly dmaMaps = new Map<number, number>();
  readonly kinds = new Map<KindName, number>();
  highestObject = 0;
  peakObjects = 0;
  /** By kind of allocation: most bytes alive at once. */
  readonly peakBytes = new Map<KindName, number>();
  peakKmapped = 0;
  private readonly liveBytes = new Map<KindName, number>();
  private kmapped = 0;
  /** Object of each vmap area to the object whose pages it maps. */
  private readonly vmapped = new Map<number, KernelObject>();
  /** By cpu: what kmap_local has mapped, last at the end. */
  private readonly kmapStacks = new Map<number, { of: KernelObject; page: number }[]>();

  private readonly rules: Rules = {
    spawn: ({ pid }) => this.users.newProcess(pid, { mappings: new Map(), heap: 0 }),
    fork: ({ cpu, pid }) => this.users.fork(cpu, pid),
    clone: ({ cpu, pid, cloneFlags }) =>
      (cloneFlags & CLONE_VM) === 0
        ? this.users.fork(cpu, pid)
        : this.users.newProcess(pid, this.users.running(cpu)),
    exec: ({ cpu }) => this.users.exec(cpu),
    exit: ({ cpu }) => this.users.exit(cpu),
    switch: ({ cpu, pid }) => this.users.switchTo(cpu, pid),
    oom_score_adj: () => undefined,
    mmap: ({ cpu, object, length, flags, file }) => {
      if (file !== 0) this.readFile(file, 0, length);
      this.users.map(this.users.running(cpu), object, length, flags);
    },
    munmap: ({ cpu, object, offset, length }) =>
      this.users.unmap(this.users.running(cpu), object, offset, length),
    brk: ({ cpu, object, length }) => this.users.brk(this.users.running(cpu), object, length),
    mprotect: ({ cpu, object, offset, length, prot }) =>
      this.users.protect(this.users.running(cpu), object, offset, length, prot),
    mremap: ({ cpu, object, length }) => this.users.resize(this.users.running(cpu), object, length),
    mremap_fixed: ({ cpu, object, over, offset }) => {
      this.users.mapped(this.users.running(cpu), object);
      this.users.mapped(this.users.running(cpu), over);
      expect(offset % PAGE_BYTES === 0, 'an offset inside a page');
    },
    vma_split: ({ cpu, object }) => void this.users.mapped(this.users.running(cpu), object),
    madvise: ({ cpu, object }) => void this.users.mapped(this.users.running(cpu), object),
    mlock: ({ cpu, object }) => void this.users.mapped(this.users.running(cpu), object),
    munlock: ({ cpu, object }) => void this.users.mapped(this.users.running(cpu), object),
    file: ({ file, length }) => {
      expect(file > 0 && !this.files.has(file), 'the file exists');
      this.files.set(file, length);
    },
    file_read: ({ file, offset, length }) => this.readFile(file, offset, length),
    file_drop: ({ file }) => {
      expect(this.files.has(file), 'no such file');
      this.cachedFiles.delete(file);
    },
    page_alloc: (event) => {
      expect(event.order <= MAX_ORDER, 'order above MAX_ORDER');
      this.allocate(event, PAGE_BYTES << event.order, (event.gfp & __GFP_HIGHMEM) !== 0);
    },
    kmalloc: (event) => this.allocate(event, event.size, false),
    vmalloc: (event) => this.allocate(event, event.size, false),
    ioremap: (event) => this.allocate(event, event.size, false),
    vm_area: (event) => this.allocate(event, event.size, false),
    vmap: (event) => this.vmap(event.object, event.pages, event.count),
    page_free: ({ object }) => this.free(object, 'page_alloc'),
    kfree: ({ object }) => this.free(object, 'kmalloc'),
    vfree: ({ object }) => this.free(object, 'vmalloc'),
    iounmap: ({ object }) => this.free(object, 'ioremap'),
    kmem_cache_create: ({ cache, size, align }) => {
      expect(!this.caches.has(cache), 'the cache exists');
      expect(size > 0, 'a cache for objects of nothing');
      expect(align === 0 || Number.isInteger(Math.log2(align)), 'the alignment is no power of two');
      this.caches.set(cache, { sizeBytes: size, live: new Set() });
    },
    kmem_cache_alloc: (event) => {
      const cache = this.caches.get(event.cache);
      expect(cache !== undefined, 'no such cache');
      this.allocate(event, cache.sizeBytes, false);
      cache.live.add(event.object);
    },
    kmem_cache_free: ({ object }) => {
      this.free(object, 'kmem_cache_alloc');
      for (const { live } of this.caches.values()) live.delete(object);
    },
    kmem_cache_destroy: ({ cache }) => {
      expect(this.caches.get(cache)?.live.size === 0, 'no cache without objects');
      this.caches.delete(cache);
    },
    free_vm_area: ({ object }) => this.free(object, 'vm_area'),
    vunmap: ({ object }) => this.vunmap(object),
    kmap: ({ object, page }) => this.kmap(object, page, true),
    kunmap: ({ object, page }) => this.kmap(object, page, false),
    kmap_local: ({ cpu, object, page }) => this.kmapLocal(cpu, object, page),
    kunmap_local: ({ cpu, object, page }) => this.kunmapLocal(cpu, object, page),
    device: ({ device }) => {
      expect(!this.devices.has(device), 'the device exists');
      this.devices.set(device, new Set());
    },
    device_remove: ({ device }) => {
      expect(this.devices.get(device)?.size === 0, 'no device without mappings');
      this.devices.delete(device);
    },
    dma_alloc_coherent: (event) => {
      expect(this.devices.has(event.device), 'no such device');
      this.allocate(event, event.size, false);
    },
    dma_free_coherent: ({ object }) => this.free(object, 'dma_alloc_coherent'),
    dma_map_single: (event) => this.dmaMap(event),
    dma_map_page: (event) => this.dmaMap(event),
    dma_map_sg: (event) => this.dmaMap(event),
    dma_unmap: ({ object, device, offset }) => {
      const mapped = this.devices.get(device)?.delete(`${object}+${offset}`);
      expect(mapped === true, 'not mapped for this device');
      this.dmaMaps.set(object, this.dmaMaps.get(object)! - 1);
    },
    refused: () => expect(false, 'a workload that was recorded nowhere is refused nothing'),
    refused_fork: () => expect(false, 'a workload that was recorded nowhere is refused nothing'),
    dma_sync: ({ object, device, offset }) => {
      expect(this.devices.get(device)?.has(`${object}+${offset}`) === true, 'not mapped for this device');
    },
    access: (event) => this.access(event),
  };

  static check(batches: Iterable<Batch>): LawfulStream {
    const stream = new LawfulStream();
    for (const batch of batches) for (const event of eventsOf(batch)) stream.apply(event);
    return stream;
  }

  get processes(): LawfulProcesses['processes'] {
    return this.users.processes;
  }

  get liveMappedObjects(): number {
    return this.users.mappers.size;
  }

  apply(event: MemoryEvent): void {
    try {
      (this.rules[event.kind] as (event: MemoryEvent) => void)(event);
    } catch (cause) {
      throw new Error(`event ${this.events} ${JSON.stringify(event)}: ${(cause as Error).message}`);
    }
    this.events++;
    this.kinds.set(event.kind, (this.kinds.get(event.kind) ?? 0) + 1);
  }

  private newObject(object: number): void {
    expect(object !== 0, 'object 0 is no object');
    expect(!this.users.mappers.has(object) && !this.kernelObjects.has(object), 'the object is alive');
  }

  private countObjects(object: number): void {
    this.highestObject = Math.max(this.highestObject, object);
    this.peakObjects = Math.max(this.peakObjects, this.users.mappers.size + this.kernelObjects.size);
  }

  private allocate(event: { kind: KindName; object: number }, sizeBytes: number, high: boolean): void {
    const { kind, object } = event;
    expect(sizeBytes > 0, 'empty allocation');
    this.newObject(object);
    this.kernelObjects.set(object, { kind, sizeBytes, high, kmapped: new Set(), vmaps: 0 });
    this.countObjects(object);
    const live = (this.liveBytes.get(kind) ?? 0) + sizeBytes;
    this.liveBytes.set(kind, live);
    this.peakBytes.set(kind, Math.max(this.peakBytes.get(kind) ?? 0, live));
  }

  private free(object: number, kind: KindName): void {
    const found = this.kernelObjects.get(object);
    expect(found?.kind === kind, `no live ${kind} object`);
    expect(found.kmapped.size === 0, 'a page of it is kmapped');
    expect((this.dmaMaps.get(object) ?? 0) === 0, 'mapped for a device');
    expect(found.vmaps === 0, 'a page of it is mapped by vmap');
    const stacks = [...this.kmapStacks.values()].flat();
    expect(!stacks.some(({ of }) => of === found), 'a page of it is kmapped on some cpu');
    this.kernelObjects.delete(object);
    this.liveBytes.set(kind, this.liveBytes.get(kind)! - found.sizeBytes);
  }

  private dmaMap(event: {
    cpu: number;
    object: number;
    transfer: number;
    offset: number;
    length: number;
  }): void {
    const { cpu, object, transfer, offset, length } = event;
    const buffers = this.devices.get(transferDevice(transfer));
    expect(buffers !== undefined, 'no such device');
    expect(transferDirection(transfer) <= DMA_FROM_DEVICE, 'no direction');
    const found = this.kernelObjects.get(object);
    if (found !== undefined) within(offset, length, found.sizeBytes);
    else this.users.userAccess(this.users.running(cpu), object, offset, length, READ);
    expect(!buffers.has(`${object}+${offset}`), 'mapped twice');
    buffers.add(`${object}+${offset}`);
    this.dmaMaps.set(object, (this.dmaMaps.get(object) ?? 0) + 1);
  }

  private kmap(object: number, page: number, map: boolean): void {
    const found = this.kernelObjects.get(object);
    expect(found?.kind === 'page_alloc', 'no live page_alloc object');
    expect(page * PAGE_BYTES < found.sizeBytes, 'no such page');
    expect(found.kmapped.has(page) !== map, map ? 'kmapped twice' : 'not kmapped');
    if (map) found.kmapped.add(page);
    else found.kmapped.delete(page);
    this.kmapped += map ? 1 : -1;
    this.peakKmapped = Math.max(this.peakKmapped, this.kmapped);
  }

  /** Maps pages that must stay allocated until they are unmapped. */
  private vmap(object: number, pages: number, count: number): void {
    const found = this.kernelObjects.get(pages);
    expect(found?.kind === 'page_alloc', 'no live page_alloc object');
    this.allocate({ kind: 'vmap', object }, count * PAGE_BYTES, false);
    this.vmapped.set(object, found);
    found.vmaps++;
  }

  private vunmap(object: number): void {
    this.free(object, 'vmap');
    this.vmapped.get(object)!.vmaps--;
    this.vmapped.delete(object);
  }

  private kmapLocal(cpu: number, object: number, page: number): void {
    const found = this.kernelObjects.get(object);
    expect(found?.kind === 'page_alloc', 'no live page_alloc object');
    expect(page * PAGE_BYTES < found.sizeBytes, 'no such page');
    const stack = this.kmapStacks.get(cpu) ?? [];
    expect(stack.length < KMAP_LOCAL_SLOTS, 'too many pages kmapped on this cpu');
    this.kmapStacks.set(cpu, [...stack, { of: found, page }]);
  }

  private kunmapLocal(cpu: number, object: number, page: number): void {
    const stack = this.kmapStacks.get(cpu) ?? [];
    const last = stack.at(-1);
    expect(last?.of === this.kernelObjects.get(object) && last?.page === page, 'not the last page kmapped');
    this.kmapStacks.set(cpu, stack.slice(0, -1));
  }

  private isKmapped(cpu: number, found: KernelObject, page: number): boolean {
    const stack = this.kmapStacks.get(cpu) ?? [];
    return found.kmapped.has(page) || stack.some((local) => local.of === found && local.page === page);
  }

  private access(event: { cpu: number; object: number; offset: number; size: number; mode: number }): void {
    const { cpu, object, offset, size, mode } = event;
    expect(size > 0, 'empty access');
    const found = this.kernelObjects.get(object);
    if (found === undefined) this.users.userAccess(this.users.running(cpu), object, offset, size, mode);
    else this.kernelAccess(cpu, found, offset, size, mode);
  }

  private kernelAccess(cpu: number, found: KernelObject, offset: number, size: number, mode: number): void {
    expect((mode & KERNEL_MODE) !== 0, 'a kernel object in user mode');
    within(offset, size, found.sizeBytes);
    if (!found.high) return;
    for (let page = Math.floor(offset / PAGE_BYTES); page * PAGE_BYTES < offset + size; page++) {
      expect(this.isKmapped(cpu, found, page), `page ${page} is high and not kmapped`);
    }
  }

  private readFile(file: number, offset: number, length: number): void {
    const fileBytes = this.files.get(file);
    expect(fileBytes !== undefined, 'no such file');
    within(offset, length, fileBytes);
    this.cachedFiles.add(file);
  }
}
