/**
 * The event vocabulary: what a workload can say, as one table.
 *
 * An event is a fact about the workload, independent of any layout. It names objects (numbers chosen by
 * whoever made the trace) and byte offsets in them, never addresses. Each field of a kind lives in one of
 * the batch's columns, so a new kind is one row here and one handler in the fold.
 *
 * Five number spaces: `pid` names a process, `object` a piece of memory, `file` a file (or one segment of
 * an executable), `cache` a slab cache, `device` what does DMA. An id names at most one live thing and may be used
 * again after that thing is gone.
 * All sizes, lengths and offsets are bytes below 4 GiB; `order` is log2 of a number of pages.
 */

/** The columns of a batch that carry a kind's fields; each holds 32-bit unsigned numbers. */
export type FieldColumn = 'object' | 'a' | 'b' | 'c';

interface KindSpec {
  /** The number stored in a trace. Never reused for another meaning. */
  readonly code: number;
  readonly doc: string;
  /** Field name to column, in the order in which people should read them. */
  readonly fields: Readonly<Record<string, FieldColumn>>;
}

export const EVENT_KINDS = {
  spawn: {
    code: 1,
    doc: 'a process comes into being, with an empty address space; it does not run yet',
    fields: { pid: 'object' },
  },
  fork: {
    code: 2,
    doc: 'the process running on this cpu forks; the child shares its pages copy-on-write',
    fields: { pid: 'object' },
  },
  exec: {
    code: 3,
    doc: 'the process running on this cpu starts a new program: its address space becomes empty',
    fields: {},
  },
  exit: { code: 4, doc: 'the process running on this cpu ends', fields: {} },
  switch: { code: 5, doc: 'this cpu runs another process from here on', fields: { pid: 'object' } },
  mmap: {
    code: 6,
    doc: 'map a new object: anonymous memory, or (file != 0) a file from its beginning; flags: mmap-flags.ts',
    fields: { object: 'object', length: 'a', flags: 'b', file: 'c' },
  },
  munmap: {
    code: 7,
    doc: 'unmap [offset, offset + length) of a mapped object; length 0 means to its end',
    fields: { object: 'object', offset: 'a', length: 'b' },
  },
  brk: {
    code: 8,
    doc: "make the process's heap this long; the first brk of a process creates the heap as this object",
    fields: { object: 'object', length: 'a' },
  },
  file: {
    code: 9,
    doc: 'a file of this length exists on disk, none of it in the page cache',
    fields: { file: 'object', length: 'a' },
  },
  file_read: {
    code: 10,
    doc: 'read() or readahead: bring [offset, offset + length) of a file into the page cache',
    fields: { file: 'object', offset: 'a', length: 'b' },
  },
  page_alloc: {
    code: 11,
    doc: 'alloc_pages(gfp, order): 2^order physically contiguous page frames; gfp: gfp.ts',
    fields: { object: 'object', order: 'a', gfp: 'b' },
  },
  page_free: { code: 12, doc: '__free_pages()', fields: { object: 'object' } },
  kmalloc: {
    code: 13,
    doc: 'kmalloc(size, gfp): physically contiguous memory at a kernel logical address',
    fields: { object: 'object', size: 'a', gfp: 'b' },
  },
  kfree: { code: 14, doc: 'kfree()', fields: { object: 'object' } },
  vmalloc: {
    code: 15,
    doc: 'vmalloc(size): virtually contiguous memory in the vmalloc window',
    fields: { object: 'object', size: 'a' },
  },
  vfree: { code: 16, doc: 'vfree()', fields: { object: 'object' } },
  kmap: {
    code: 17,
    doc: 'kmap(): make one page of a page_alloc object addressable by the kernel',
    fields: { object: 'object', page: 'a' },
  },
  kunmap: { code: 18, doc: 'kunmap()', fields: { object: 'object', page: 'a' } },
  ioremap: {
    code: 19,
    doc: 'ioremap((pfn << 12) + offset, size): map device memory; pfn counts 4 KiB units of the physical address',
    fields: { object: 'object', size: 'a', pfn: 'b', offset: 'c' },
  },
  iounmap: { code: 20, doc: 'iounmap()', fields: { object: 'object' } },
  access: {
    code: 21,
    doc: 'the cpu touches `size` bytes of an object at an offset; mode: access-mode.ts',
    fields: { object: 'object', offset: 'a', size: 'b', mode: 'c' },
  },
  file_drop: {
    code: 22,
    doc: 'posix_fadvise(DONTNEED): drop the unmapped pages of a file from the page cache',
    fields: { file: 'object' },
  },
  kmem_cache_create: {
    code: 23,
    doc: 'kmem_cache_create(): a slab cache for objects of one size; slabFlags: slab-flags.ts',
    fields: { cache: 'object', size: 'a', align: 'b', slabFlags: 'c' },
  },
  kmem_cache_alloc: {
    code: 24,
    doc: 'kmem_cache_alloc(cache, gfp): an object of a slab cache',
    fields: { object: 'object', cache: 'a', gfp: 'b' },
  },
  kmem_cache_free: { code: 25, doc: 'kmem_cache_free()', fields: { object: 'object' } },
  kmem_cache_destroy: {
    code: 26,
    doc: 'kmem_cache_destroy(): all of its objects have to be free',
    fields: { cache: 'object' },
  },
  vmap: {
    code: 27,
    doc: 'vmap(): map `count` pages of a page_alloc object, over and over if it has fewer, as a new object',
    fields: { object: 'object', pages: 'a', count: 'b' },
  },
  vunmap: { code: 28, doc: 'vunmap()', fields: { object: 'object' } },
  kmap_local: {
    code: 29,
    doc: 'kmap_local_page(), kmap_atomic(): make one page of a page_alloc object addressable on this cpu',
    fields: { object: 'object', page: 'a' },
  },
  kunmap_local: {
    code: 30,
    doc: 'kunmap_local(): the page that this cpu mapped last',
    fields: { object: 'object', page: 'a' },
  },
  vm_area: {
    code: 31,
    doc: 'get_vm_area(): address space of the vmalloc window, nothing mapped; align: a power of two, bytes',
    fields: { object: 'object', size: 'a', align: 'b' },
  },
  free_vm_area: { code: 32, doc: 'free_vm_area()', fields: { object: 'object' } },
  mprotect: {
    code: 33,
    doc: 'mprotect(): change the protection of [offset, offset + length) of a mapped object; length 0 means to its end',
    fields: { object: 'object', offset: 'a', length: 'b', prot: 'c' },
  },
  mremap: {
    code: 34,
    doc: 'mremap(): make a mapped object this long, where it is or, if mremapFlags allow, elsewhere',
    fields: { object: 'object', length: 'a', mremapFlags: 'b' },
  },
  madvise: {
    code: 35,
    doc: 'madvise(): tell how [offset, offset + length) of a mapped object is used; advice: mmap-flags.ts',
    fields: { object: 'object', offset: 'a', length: 'b', advice: 'c' },
  },
  mlock: {
    code: 36,
    doc: 'mlock(): fault [offset, offset + length) of a mapped object in and keep it there',
    fields: { object: 'object', offset: 'a', length: 'b' },
  },
  munlock: {
    code: 37,
    doc: 'munlock()',
    fields: { object: 'object', offset: 'a', length: 'b' },
  },
  mremap_fixed: {
    code: 38,
    doc: 'mremap(MREMAP_FIXED): move an object over [offset, ...) of another, whatever was there; mmap(MAP_FIXED) is mmap, then this',
    fields: { object: 'object', over: 'a', offset: 'b' },
  },
  clone: {
    code: 39,
    doc: 'clone(): a thread or a vfork child of the process running on this cpu; cloneFlags: clone-flags.ts',
    fields: { pid: 'object', cloneFlags: 'a' },
  },
  device: {
    code: 44,
    doc: 'a device that drives maskBits address bits (dma_set_mask); deviceFlags and transfer: dma-flags.ts',
    fields: { device: 'object', maskBits: 'a', deviceFlags: 'b' },
  },
  dma_alloc_coherent: {
    code: 45,
    doc: 'dma_alloc_coherent(): memory that the cpu and a device use at the same time, as a new object',
    fields: { object: 'object', device: 'a', size: 'b', gfp: 'c' },
  },
  dma_free_coherent: { code: 46, doc: 'dma_free_coherent()', fields: { object: 'object' } },
  dma_map_single: {
    code: 47,
    doc: 'dma_map_single(): give a device [offset, offset + length) of an object by its kernel logical address',
    fields: { object: 'object', transfer: 'a', offset: 'b', length: 'c' },
  },
  dma_map_page: {
    code: 48,
    doc: 'dma_map_page(): the same by its page frame, which needs no kernel address',
    fields: { object: 'object', transfer: 'a', offset: 'b', length: 'c' },
  },
  dma_map_sg: {
    code: 49,
    doc: 'dma_map_sg(): the same as a list, an entry for each run of frames, wherever they lie',
    fields: { object: 'object', transfer: 'a', offset: 'b', length: 'c' },
  },
  dma_unmap: {
    code: 50,
    doc: 'dma_unmap_single(), _page() or _sg(): of the mapping that begins at this offset',
    fields: { object: 'object', device: 'a', offset: 'b' },
  },
  dma_sync: {
    code: 51,
    doc: 'dma_sync_*_for_cpu() or _for_device(): who uses the mapped buffer next; owner: dma-flags.ts',
    fields: { object: 'object', device: 'a', offset: 'b', owner: 'c' },
  },
  device_remove: {
    code: 52,
    doc: 'the device goes; nothing may be mapped for it',
    fields: { device: 'object' },
  },
} as const satisfies Record<string, KindSpec>;

export type KindName = keyof typeof EVENT_KINDS;

/** Event code to kind name; holes are undefined. */
export const KIND_NAMES: readonly (KindName | undefined)[] = (() => {
  const names: (KindName | undefined)[] = [];
  for (const [name, spec] of Object.entries(EVENT_KINDS)) names[spec.code] = name as KindName;
  return names;
})();

type FieldsOf<K extends KindName> = { readonly [F in keyof (typeof EVENT_KINDS)[K]['fields']]: number };

/** What every event has beside its own fields. */
export interface EventHeader {
  /** The cpu on which it happens, 0..255. */
  readonly cpu: number;
  /** Time the cpu spends on other things since its previous event, in nanoseconds. */
  readonly thinkNs: number;
}

/** One event as an object: `{ kind: 'kmalloc', cpu, thinkNs, object, size, gfp }`. For edges, not for hot loops. */
export type MemoryEvent = { [K in KindName]: { readonly kind: K } & EventHeader & FieldsOf<K> }[KindName];
