/**
 * The event vocabulary: what a workload can say, as one table.
 *
 * An event is a fact about the workload, independent of any layout. It names objects (numbers chosen by
 * whoever made the trace) and byte offsets in them, never addresses. A kind is one row here and one handler
 * (../handlers.ts); everything else that knows kinds asks their rows: how events are built and checked, what a trace's
 * header says, how an event is told, which outcomes are counted.
 *
 * Five number spaces: `pid` names a process, `object` a piece of memory, `file` a file (or one segment of
 * an executable), `cache` a slab cache, `device` what does DMA. An id names at most one live thing and may be used
 * again after that thing is gone.
 * All sizes, lengths and offsets are bytes below 4 GiB; `order` is log2 of a number of pages.
 */
import * as is from './field-types.ts';
import type { KindRow } from './kind-row.ts';

/** The vocabulary: every kind of event by its name, with code, meaning, and where its fields lie in a batch. */
export const EVENT_KINDS = {
  page_alloc: {
    code: 11,
    doc: 'alloc_pages(gfp, order): 2^order physically contiguous page frames; gfp: gfp.ts',
    fields: { object: ['object', is.OBJECT], order: ['a', is.ORDER], gfp: ['b', is.GFP] },
    allocates: true,
    creates: true,
  },
  page_free: { code: 12, doc: '__free_pages()', fields: { object: ['object', is.OBJECT] }, destroys: true },
  kmalloc: {
    code: 13,
    doc: 'kmalloc(size, gfp): physically contiguous memory at a kernel logical address',
    fields: { object: ['object', is.OBJECT], size: ['a', is.SIZE], gfp: ['b', is.GFP] },
    allocates: true,
    creates: true,
    nothing: 'ZERO_SIZE_PTR (0x10), no memory at all',
  },
  kfree: { code: 14, doc: 'kfree()', fields: { object: ['object', is.OBJECT] }, destroys: true },
  kmem_cache_create: {
    code: 23,
    doc: 'kmem_cache_create(): a slab cache for objects of one size; slabFlags: slab-flags.ts',
    fields: {
      cache: ['object', is.CACHE],
      size: ['a', is.SIZE],
      align: ['b', is.ALIGN],
      slabFlags: ['c', is.SLAB_CACHE_FLAGS],
    },
    creates: true,
  },
  kmem_cache_alloc: {
    code: 24,
    doc: 'kmem_cache_alloc(cache, gfp): an object of a slab cache',
    fields: { object: ['object', is.OBJECT], cache: ['a', is.CACHE], gfp: ['b', is.GFP] },
    allocates: true,
    creates: true,
  },
  kmem_cache_free: {
    code: 25,
    doc: 'kmem_cache_free()',
    fields: { object: ['object', is.OBJECT] },
    destroys: true,
  },
  kmem_cache_destroy: {
    code: 26,
    doc: 'kmem_cache_destroy(): all of its objects have to be free',
    fields: { cache: ['object', is.CACHE] },
    destroys: true,
  },
  vmalloc: {
    code: 15,
    doc: 'vmalloc(size): virtually contiguous memory in the vmalloc window',
    fields: { object: ['object', is.OBJECT], size: ['a', is.SIZE] },
    allocates: true,
    creates: true,
  },
  vfree: { code: 16, doc: 'vfree()', fields: { object: ['object', is.OBJECT] }, destroys: true },
  ioremap: {
    code: 19,
    doc: 'ioremap((pfn << 12) + offset, size): map device memory; pfn counts 4 KiB units of the physical address',
    fields: {
      object: ['object', is.OBJECT],
      size: ['a', is.SIZE],
      pfn: ['b', is.DEVICE_PFN],
      offset: ['c', is.OFFSET],
    },
    allocates: true,
    creates: true,
  },
  iounmap: { code: 20, doc: 'iounmap()', fields: { object: ['object', is.OBJECT] }, destroys: true },
  vmap: {
    code: 27,
    doc: 'vmap(): map `count` pages of a page_alloc object, over and over if it has fewer, as a new object',
    fields: { object: ['object', is.OBJECT], pages: ['a', is.PAGES_OF], count: ['b', is.NR_PAGES] },
    allocates: true,
    creates: true,
  },
  vunmap: { code: 28, doc: 'vunmap()', fields: { object: ['object', is.OBJECT] }, destroys: true },
  vm_area: {
    code: 31,
    doc: 'get_vm_area(): address space of the vmalloc window, nothing mapped; align: a power of two, bytes',
    fields: { object: ['object', is.OBJECT], size: ['a', is.SIZE], align: ['b', is.ALIGN] },
    allocates: true,
    creates: true,
  },
  free_vm_area: {
    code: 32,
    doc: 'free_vm_area()',
    fields: { object: ['object', is.OBJECT] },
    destroys: true,
  },
  kmap: {
    code: 17,
    doc: 'kmap(): make one page of a page_alloc object addressable by the kernel',
    fields: { object: ['object', is.OBJECT], page: ['a', is.PAGE] },
    allocates: true,
    creates: true,
    window: 'a slot of the kmap window',
  },
  kunmap: { code: 18, doc: 'kunmap()', fields: { object: ['object', is.OBJECT], page: ['a', is.PAGE] } },
  kmap_local: {
    code: 29,
    doc: 'kmap_local_page(), kmap_atomic(): make one page of a page_alloc object addressable on this cpu',
    fields: { object: ['object', is.OBJECT], page: ['a', is.PAGE] },
    allocates: true,
    creates: true,
    window: 'a fixmap slot of this cpu',
  },
  kunmap_local: {
    code: 30,
    doc: 'kunmap_local(): the page that this cpu mapped last',
    fields: { object: ['object', is.OBJECT], page: ['a', is.PAGE] },
  },
  device: {
    code: 44,
    doc: 'a device that drives maskBits address bits (dma_set_mask); deviceFlags and transfer: dma-flags.ts',
    fields: {
      device: ['object', is.DEVICE],
      maskBits: ['a', is.MASK_BITS],
      deviceFlags: ['b', is.DEVICE_FLAGS],
    },
    creates: true,
  },
  dma_alloc_coherent: {
    code: 45,
    doc: 'dma_alloc_coherent(): memory that the cpu and a device use at the same time, as a new object',
    fields: {
      object: ['object', is.OBJECT],
      device: ['a', is.DEVICE],
      size: ['b', is.SIZE],
      gfp: ['c', is.GFP],
    },
    allocates: true,
    creates: true,
  },
  dma_free_coherent: {
    code: 46,
    doc: 'dma_free_coherent()',
    fields: { object: ['object', is.OBJECT] },
    destroys: true,
  },
  dma_map_single: {
    code: 47,
    doc: 'dma_map_single(): give a device [offset, offset + length) of an object by its kernel logical address',
    fields: {
      object: ['object', is.OBJECT],
      transfer: ['a', is.TRANSFER],
      offset: ['b', is.OFFSET],
      length: ['c', is.LENGTH],
    },
    allocates: true,
  },
  dma_map_page: {
    code: 48,
    doc: 'dma_map_page(): the same by its page frame, which needs no kernel address',
    fields: {
      object: ['object', is.OBJECT],
      transfer: ['a', is.TRANSFER],
      offset: ['b', is.OFFSET],
      length: ['c', is.LENGTH],
    },
    allocates: true,
  },
  dma_map_sg: {
    code: 49,
    doc: 'dma_map_sg(): the same as a list, an entry for each run of frames, wherever they lie',
    fields: {
      object: ['object', is.OBJECT],
      transfer: ['a', is.TRANSFER],
      offset: ['b', is.OFFSET],
      length: ['c', is.LENGTH],
    },
    allocates: true,
  },
  dma_unmap: {
    code: 50,
    doc: 'dma_unmap_single(), _page() or _sg(): of the mapping that begins at this offset',
    fields: { object: ['object', is.OBJECT], device: ['a', is.DEVICE], offset: ['b', is.OFFSET] },
  },
  dma_sync: {
    code: 51,
    doc: 'dma_sync_*_for_cpu() or _for_device(): who uses the mapped buffer next; owner: dma-flags.ts',
    fields: {
      object: ['object', is.OBJECT],
      device: ['a', is.DEVICE],
      offset: ['b', is.OFFSET],
      owner: ['c', is.SYNC_OWNER],
    },
  },
  device_remove: {
    code: 52,
    doc: 'the device goes; nothing may be mapped for it',
    fields: { device: ['object', is.DEVICE] },
    destroys: true,
  },
  mmap: {
    code: 6,
    doc: 'map a new object: anonymous memory, or (file != 0) a file from its beginning; flags: mmap-flags.ts',
    fields: {
      object: ['object', is.OBJECT],
      length: ['a', is.LENGTH],
      flags: ['b', is.MAP_FLAGS],
      file: ['c', is.FILE],
    },
    systemCall: true,
    allocates: true,
    creates: true,
  },
  munmap: {
    code: 7,
    doc: 'unmap [offset, offset + length) of a mapped object; length 0 means to its end',
    fields: { object: ['object', is.OBJECT], offset: ['a', is.OFFSET], length: ['b', is.LENGTH] },
    systemCall: true,
  },
  brk: {
    code: 8,
    doc: "make the process's heap this long; a brk with nothing of it mapped creates it as this object",
    fields: { object: ['object', is.OBJECT], length: ['a', is.LENGTH] },
    systemCall: true,
    allocates: true,
    creates: true,
  },
  mprotect: {
    code: 33,
    doc: 'mprotect(): change the protection of [offset, offset + length) of a mapped object; length 0 means to its end',
    fields: {
      object: ['object', is.OBJECT],
      offset: ['a', is.OFFSET],
      length: ['b', is.LENGTH],
      prot: ['c', is.PROT],
    },
    systemCall: true,
  },
  mremap: {
    code: 34,
    doc: 'mremap(): make a mapped object this long, where it is or, if mremapFlags allow, elsewhere',
    fields: { object: ['object', is.OBJECT], length: ['a', is.LENGTH], mremapFlags: ['b', is.MREMAP_FLAGS] },
    systemCall: true,
  },
  mremap_fixed: {
    code: 38,
    doc: 'mremap(MREMAP_FIXED): move an object over [offset, ...) of another, whatever was there; mmap(MAP_FIXED) is mmap, then this, which leaves it where it is if it lies there already',
    fields: { object: ['object', is.OBJECT], over: ['a', is.OVER], offset: ['b', is.OFFSET] },
    systemCall: true,
  },
  vma_split: {
    code: 56,
    doc: 'split_vma(), as mremap() of a part begins: what is mapped of an object from this offset on is object `tail` from now on, whose offsets go on there',
    fields: { object: ['object', is.OBJECT], tail: ['a', is.TAIL], offset: ['b', is.OFFSET] },
  },
  madvise: {
    code: 35,
    doc: 'madvise(): tell how [offset, offset + length) of a mapped object is used; advice: mmap-flags.ts',
    fields: {
      object: ['object', is.OBJECT],
      offset: ['a', is.OFFSET],
      length: ['b', is.LENGTH],
      advice: ['c', is.ADVICE],
    },
    systemCall: true,
  },
  mlock: {
    code: 36,
    doc: 'mlock(): fault [offset, offset + length) of a mapped object in and keep it there',
    fields: { object: ['object', is.OBJECT], offset: ['a', is.OFFSET], length: ['b', is.LENGTH] },
    systemCall: true,
  },
  munlock: {
    code: 37,
    doc: 'munlock()',
    fields: { object: ['object', is.OBJECT], offset: ['a', is.OFFSET], length: ['b', is.LENGTH] },
    systemCall: true,
  },
  spawn: {
    code: 1,
    doc: 'a process comes into being, with an empty address space; it does not run yet',
    fields: { pid: ['object', is.PID] },
    allocates: true,
    creates: true,
  },
  fork: {
    code: 2,
    doc: 'the process running on this cpu forks; the child shares its pages copy-on-write',
    fields: { pid: ['object', is.PID] },
    systemCall: true,
    allocates: true,
    creates: true,
  },
  clone: {
    code: 39,
    doc: 'clone(): a thread or a vfork child of the process running on this cpu; cloneFlags: clone-flags.ts',
    fields: { pid: ['object', is.PID], cloneFlags: ['a', is.CLONE_FLAGS] },
    systemCall: true,
    allocates: true,
    creates: true,
  },
  exec: {
    code: 3,
    doc: 'the process running on this cpu starts a new program: its address space becomes empty',
    fields: {},
    systemCall: true,
  },
  exit: { code: 4, doc: 'the process running on this cpu ends', fields: {}, systemCall: true },
  switch: {
    code: 5,
    doc: 'this cpu runs another process from here on',
    fields: { pid: ['object', is.PID] },
  },
  oom_score_adj: {
    code: 55,
    doc: '/proc/PID/oom_score_adj: how readily the OOM killer takes a process; adj: 1000 more than the file has',
    fields: { pid: ['object', is.PID], adj: ['a', is.OOM_SCORE_ADJ] },
  },
  file: {
    code: 9,
    doc: 'a file of this length exists on disk, none of it in the page cache',
    fields: { file: ['object', is.FILE], length: ['a', is.LENGTH] },
    creates: true,
  },
  file_read: {
    code: 10,
    doc: 'read() or readahead: bring what a file has of [offset, offset + length) into the page cache',
    fields: { file: ['object', is.FILE], offset: ['a', is.OFFSET], length: ['b', is.LENGTH] },
    systemCall: true,
  },
  file_drop: {
    code: 22,
    doc: 'posix_fadvise(DONTNEED): drop the unmapped pages of a file from the page cache; dirty ones are written and stay',
    fields: { file: ['object', is.FILE] },
    systemCall: true,
  },
  refused: {
    code: 53,
    doc:
      'the kernel that was recorded refused the request just before, of kind `request`: what it gets here the events behind ' +
      'give back; length: what was asked for, where the object was there already',
    fields: { object: ['object', is.OBJECT], request: ['a', is.REQUEST], length: ['b', is.LENGTH] },
    nothing: 'it succeeds here',
  },
  refused_fork: {
    code: 54,
    doc: 'the same of a process that was not made',
    fields: { pid: ['object', is.PID], request: ['a', is.REQUEST] },
    nothing: 'it succeeds here',
  },
  access: {
    code: 21,
    doc: 'the cpu touches `size` bytes of an object at an offset; mode: access-mode.ts',
    fields: {
      object: ['object', is.OBJECT],
      offset: ['a', is.OFFSET],
      size: ['b', is.SIZE],
      mode: ['c', is.ACCESS_MODE],
    },
  },
} as const satisfies Record<string, KindRow>;

/** The name of a kind of event, as `kind` of an event has it. */
export type KindName = keyof typeof EVENT_KINDS;

/** The fields of events with such a row, by name. */
export type FieldsOf<Row extends KindRow> = { readonly [F in keyof Row['fields']]: number };

/** What every event has beside its own fields. */
export interface EventHeader {
  /** The cpu on which it happens, 0..255. */
  readonly cpu: number;
  /** Time the cpu spends on other things since its previous event, in nanoseconds. */
  readonly thinkNs: number;
}

/** One event as an object: `{ kind: 'kmalloc', cpu, thinkNs, object, size, gfp }`. For edges, not for hot loops. */
export type MemoryEvent = {
  [K in KindName]: { readonly kind: K } & EventHeader & FieldsOf<(typeof EVENT_KINDS)[K]>;
}[KindName];
