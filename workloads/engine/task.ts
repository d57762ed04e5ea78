/**
 * What a workload's description is written with: kernel threads and devices (Task), queues to wait on, and
 * processes (process.ts). A method that touches or allocates memory is one event, at the current time of the cpu
 * that the task runs on.
 */
import { KERNEL_MODE, READ, WRITE } from '../../core/event/access-mode.ts';
import { transferOf } from '../../core/event/dma-flags.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import type { Engine } from './engine.ts';
import type { Prng } from './prng.ts';
import type { Process } from './process.ts';

const {
  file_read: { code: FILE_READ },
  file_drop: { code: FILE_DROP },
  page_alloc: { code: PAGE_ALLOC },
  page_free: { code: PAGE_FREE },
  kmalloc: { code: KMALLOC },
  kfree: { code: KFREE },
  vmalloc: { code: VMALLOC },
  vfree: { code: VFREE },
  kmap: { code: KMAP },
  kunmap: { code: KUNMAP },
  ioremap: { code: IOREMAP },
  iounmap: { code: IOUNMAP },
  kmem_cache_create: { code: CACHE_CREATE },
  kmem_cache_alloc: { code: CACHE_ALLOC },
  kmem_cache_free: { code: CACHE_FREE },
  device: { code: DEVICE },
  dma_alloc_coherent: { code: DMA_ALLOC_COHERENT },
  dma_free_coherent: { code: DMA_FREE_COHERENT },
  dma_map_page: { code: DMA_MAP_PAGE },
  dma_unmap: { code: DMA_UNMAP },
  dma_sync: { code: DMA_SYNC },
  access: { code: ACCESS },
} = EVENT_KINDS;

/** Bytes of an ordinary access: one 64-bit load or store. */
export const WORD = 8;
/** Distance of touches that visit every page: the smallest page of any layout in common use. */
export const TOUCH_STRIDE = 4096;

/** Nanoseconds to sleep (0: let others run first), or a queue to wait on until somebody wakes one. */
type Wait = number | WaitQueue;

/** The life of a task. What stands between two yields happens in one go on one cpu. */
export type Body = Generator<Wait, void, void>;

export class Cpu {
  readonly index: number;
  /** The time up to which it has been simulated. */
  clockNs = 0;
  lastEventNs = 0;
  idle = true;
  /** The process whose address space is loaded; undefined = pid 0. */
  process: Process | undefined = undefined;

  constructor(index: number) {
    this.index = index;
  }
}

/** Tasks asleep until an event happens, first come first served. Like the kernel's: look again once awake. */
export class WaitQueue {
  private readonly sleepers: Task[] = [];

  /** @internal */
  add(task: Task): void {
    this.sleepers.push(task);
  }

  /** Wakes the task that has waited longest, if any. */
  wakeOne(waker: Task): void {
    this.sleepers.shift()?.wakeAt(waker.nowNs);
  }
}

/** A kernel thread or device: it can do all that the kernel does, in the context of any process. */
export class Task {
  /** @internal The cpu it runs on, or ran on last. */
  cpu: Cpu | undefined = undefined;
  /** @internal The only cpu that it may run on, if there is such a one. */
  readonly onlyCpu: Cpu | undefined;
  protected readonly engine: Engine;
  private body: Body | undefined = undefined;

  constructor(engine: Engine, onlyCpu?: Cpu) {
    this.engine = engine;
    this.onlyCpu = onlyCpu;
  }

  /** @internal */
  start(body: Body): void {
    this.body = body;
  }

  /** @internal Runs one burst; undefined at the end of the body. */
  resume(): Wait | undefined {
    const { done, value } = this.body!.next();
    return done ? undefined : value!;
  }

  /** @internal */
  wakeAt(timeNs: number): void {
    this.engine.scheduleWakeup(this, timeNs);
  }

  get random(): Prng {
    return this.engine.random;
  }

  get nowNs(): number {
    return this.cpu!.clockNs;
  }

  /** Computes for a while without touching memory that the workload knows of. */
  think(ns: number): void {
    this.cpu!.clockNs += ns;
  }

  /** Offset of a word, uniformly chosen in so many bytes. */
  anyWord(bytes: number): number {
    return this.random.below(Math.floor(bytes / WORD)) * WORD;
  }

  createFile(lengthBytes: number): number {
    return this.engine.createFile(this.cpu!, lengthBytes);
  }

  fileRead(file: number, offset: number, length: number): void {
    this.emit(FILE_READ, file, offset, length);
  }

  fileDrop(file: number): void {
    this.emit(FILE_DROP, file);
  }

  pageAlloc(order: number, gfp: number): number {
    return this.allocate(PAGE_ALLOC, PAGE_FREE, order, gfp);
  }

  pageFree(object: number): void {
    this.free(PAGE_FREE, object);
  }

  kmalloc(sizeBytes: number, gfp: number): number {
    return this.allocate(KMALLOC, KFREE, sizeBytes, gfp);
  }

  kfree(object: number): void {
    this.free(KFREE, object);
  }

  /** A slab cache for objects of this size, there for good. */
  cacheCreate(sizeBytes: number, slabFlags: number): number {
    const cache = this.engine.addCache();
    this.emit(CACHE_CREATE, cache, sizeBytes, 0, slabFlags);
    return cache;
  }

  cacheAlloc(cache: number, gfp: number): number {
    return this.allocate(CACHE_ALLOC, CACHE_FREE, cache, gfp);
  }

  cacheFree(object: number): void {
    this.free(CACHE_FREE, object);
  }

  vmalloc(sizeBytes: number): number {
    return this.allocate(VMALLOC, VFREE, sizeBytes);
  }

  vfree(object: number): void {
    this.free(VFREE, object);
  }

  ioremap(sizeBytes: number, pfn: number): number {
    return this.allocate(IOREMAP, IOUNMAP, sizeBytes, pfn);
  }

  iounmap(object: number): void {
    this.free(IOUNMAP, object);
  }

  kmap(object: number, page: number): void {
    this.engine.ledger.addKmap(object, page);
    this.emit(KMAP, object, page);
  }

  kunmap(object: number, page: number): void {
    this.engine.ledger.removeKmap(object, page);
    this.emit(KUNMAP, object, page);
  }

  /** A device that drives so many address bits, there for good. */
  device(maskBits: number): number {
    const device = this.engine.addDevice();
    this.emit(DEVICE, device, maskBits);
    return device;
  }

  dmaAllocCoherent(device: number, sizeBytes: number, gfp: number): number {
    const object = this.engine.ledger.addKernelObject(DMA_FREE_COHERENT);
    this.emit(DMA_ALLOC_COHERENT, object, device, sizeBytes, gfp);
    return object;
  }

  /** Gives a device the beginning of an object of pages. */
  dmaMapPage(object: number, device: number, direction: number, lengthBytes: number): void {
    this.engine.ledger.dmaMapped.set(object, device);
    this.emit(DMA_MAP_PAGE, object, transferOf(device, direction), 0, lengthBytes);
  }

  dmaUnmap(object: number, device: number): void {
    this.engine.ledger.dmaMapped.delete(object);
    this.emit(DMA_UNMAP, object, device);
  }

  /** Who uses a mapped object from here on: SYNC_FOR_CPU or SYNC_FOR_DEVICE. */
  dmaSync(object: number, device: number, owner: number): void {
    this.emit(DMA_SYNC, object, device, 0, owner);
  }

  kernelRead(object: number, offset: number, size = WORD): void {
    this.emit(ACCESS, object, offset, size, READ | KERNEL_MODE);
  }

  kernelWrite(object: number, offset: number, size = WORD): void {
    this.emit(ACCESS, object, offset, size, WRITE | KERNEL_MODE);
  }

  protected emit(kind: number, object: number, a = 0, b = 0, c = 0): void {
    this.engine.emit(this.cpu!, kind, object, a, b, c);
  }

  private allocate(kind: number, freedBy: number, a: number, b = 0): number {
    const object = this.engine.ledger.addKernelObject(freedBy);
    this.emit(kind, object, a, b);
    return object;
  }

  private free(kind: number, object: number): void {
    this.emit(kind, object);
    this.engine.ledger.removeKernelObject(object);
  }
}
