/** Rows of the `objects` table: what the workload's object numbers stand for in this machine. */
import type { Draft } from '../machine/draft.ts';

/** Fields of a row. */
export const OBJECT = {
  /** One of the classes below; 0 when no such object is alive. */
  class: 0,
  /** First virtual page number; -1 when the object has no kernel address (high memory). */
  vpn: 1,
  /** Byte offset of the object in its first page. */
  start: 2,
  sizeBytes: 3,
  /** First page frame of a physically contiguous object, or of device memory. VMALLOC: area of its page array. */
  pfn: 4,
  /** PAGES: order. COHERENT: pages, if they are CMA's. KMALLOC, CACHE_OBJECT: slab row. USER: mappings over all processes. VMALLOC: that array's array. */
  extra: 5,
  /** KMALLOC, CACHE_OBJECT: index in the slab. VMALLOC, IOREMAP, VMAP, VM_AREA: pages. */
  detail: 6,
  /** First row of `dmaMappings` that a device reaches some of it by; see dma/dma-tables.ts. */
  dma: 7,
} as const;

export const NO_CLASS = 0;
export const PAGES = 1;
export const KMALLOC = 2;
/** kmalloc that went to the page allocator. */
export const KMALLOC_LARGE = 3;
export const VMALLOC = 4;
export const IOREMAP = 5;
export const USER = 6;
/** kmalloc of no bytes: ZERO_SIZE_PTR. */
export const KMALLOC_NOTHING = 7;
/** Of a cache that kmem_cache_create() made. */
export const CACHE_OBJECT = 8;
/** vmap(): pages of another object. */
export const VMAP = 10;
/** get_vm_area(): address space only. */
export const VM_AREA = 11;

/** dma_alloc_coherent(). */
export const COHERENT = 12;

/** Whether an object is physically contiguous. */
export function isContiguous(cls: number): boolean {
  return (
    cls === PAGES || cls === KMALLOC_LARGE || cls === KMALLOC || cls === CACHE_OBJECT || cls === COHERENT
  );
}

/** Whether an object lies in the vmalloc window. */
export function isArea(cls: number): boolean {
  return cls === VMALLOC || cls === IOREMAP || cls === VMAP || cls === VM_AREA;
}

/** Whether a device may reach some of an object: its memory must not be freed. */
export function isDmaMapped({ objects }: Pick<Draft, 'objects'>, object: number): boolean {
  return objects.get(object, OBJECT.dma) !== 0;
}
