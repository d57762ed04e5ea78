/**
 * The event vocabulary: what a workload can say, as one table.
 *
 * An event is a fact about the workload, independent of any layout. It names objects (numbers chosen by
 * whoever made the trace) and byte offsets in them, never addresses. Each field of a kind lives in one of
 * the batch's columns, so a new kind is one row here and one handler in the fold.
 *
 * Four number spaces: `pid` names a process, `object` a piece of memory, `file` a file (or one segment of
 * an executable), `cache` a slab cache. An id names at most one live thing and may be used again after that thing is gone.
 * All sizes, lengths and offsets are bytes below 4 GiB; `order` is log2 of a number of pages.
 */
/** The columns of a batch that carry a kind's fields; each holds 32-bit unsigned numbers. */
export type FieldColumn = 'object' | 'a' | 'b' | 'c';
export interface KindSpec {
    /** The number stored in a trace. Never reused for another meaning. */
    readonly code: number;
    readonly doc: string;
    /** Field name to column, in the order in which people should read them. */
    readonly fields: Readonly<Record<string, FieldColumn>>;
}
export declare const EVENT_KINDS: {
    readonly spawn: {
        readonly code: 1;
        readonly doc: 'a process comes into being, with an empty address space; it does not run yet';
        readonly fields: {
            readonly pid: 'object';
        };
    };
    readonly fork: {
        readonly code: 2;
        readonly doc: 'the process running on this cpu forks; the child shares its pages copy-on-write';
        readonly fields: {
            readonly pid: 'object';
        };
    };
    readonly exec: {
        readonly code: 3;
        readonly doc: 'the process running on this cpu starts a new program: its address space becomes empty';
        readonly fields: {};
    };
    readonly exit: {
        readonly code: 4;
        readonly doc: 'the process running on this cpu ends';
        readonly fields: {};
    };
    readonly switch: {
        readonly code: 5;
        readonly doc: 'this cpu runs another process from here on';
        readonly fields: {
            readonly pid: 'object';
        };
    };
    readonly mmap: {
        readonly code: 6;
        readonly doc: 'map a new object: anonymous memory, or (file != 0) a file from its beginning; flags: mmap-flags.ts';
        readonly fields: {
            readonly object: 'object';
            readonly length: 'a';
            readonly flags: 'b';
            readonly file: 'c';
        };
    };
    readonly munmap: {
        readonly code: 7;
        readonly doc: 'unmap [offset, offset + length) of a mapped object; length 0 means to its end';
        readonly fields: {
            readonly object: 'object';
            readonly offset: 'a';
            readonly length: 'b';
        };
    };
    readonly brk: {
        readonly code: 8;
        readonly doc: "make the process's heap this long; the first brk of a process creates the heap as this object";
        readonly fields: {
            readonly object: 'object';
            readonly length: 'a';
        };
    };
    readonly file: {
        readonly code: 9;
        readonly doc: 'a file of this length exists on disk, none of it in the page cache';
        readonly fields: {
            readonly file: 'object';
            readonly length: 'a';
        };
    };
    readonly file_read: {
        readonly code: 10;
        readonly doc: 'read() or readahead: bring [offset, offset + length) of a file into the page cache';
        readonly fields: {
            readonly file: 'object';
            readonly offset: 'a';
            readonly length: 'b';
        };
    };
    readonly page_alloc: {
        readonly code: 11;
        readonly doc: 'alloc_pages(gfp, order): 2^order physically contiguous page frames; gfp: gfp.ts';
        readonly fields: {
            readonly object: 'object';
            readonly order: 'a';
            readonly gfp: 'b';
        };
    };
    readonly page_free: {
        readonly code: 12;
        readonly doc: '__free_pages()';
        readonly fields: {
            readonly object: 'object';
        };
    };
    readonly kmalloc: {
        readonly code: 13;
        readonly doc: 'kmalloc(size, gfp): physically contiguous memory at a kernel logical address';
        readonly fields: {
            readonly object: 'object';
            readonly size: 'a';
            readonly gfp: 'b';
        };
    };
    readonly kfree: {
        readonly code: 14;
        readonly doc: 'kfree()';
        readonly fields: {
            readonly object: 'object';
        };
    };
    readonly vmalloc: {
        readonly code: 15;
        readonly doc: 'vmalloc(size): virtually contiguous memory in the vmalloc window';
        readonly fields: {
            readonly object: 'object';
            readonly size: 'a';
        };
    };
    readonly vfree: {
        readonly code: 16;
        readonly doc: 'vfree()';
        readonly fields: {
            readonly object: 'object';
        };
    };
    readonly kmap: {
        readonly code: 17;
        readonly doc: 'kmap(): make one page of a page_alloc object addressable by the kernel';
        readonly fields: {
            readonly object: 'object';
            readonly page: 'a';
        };
    };
    readonly kunmap: {
        readonly code: 18;
        readonly doc: 'kunmap()';
        readonly fields: {
            readonly object: 'object';
            readonly page: 'a';
        };
    };
    readonly ioremap: {
        readonly code: 19;
        readonly doc: 'ioremap((pfn << 12) + offset, size): map device memory; pfn counts 4 KiB units of the physical address';
        readonly fields: {
            readonly object: 'object';
            readonly size: 'a';
            readonly pfn: 'b';
            readonly offset: 'c';
        };
    };
    readonly iounmap: {
        readonly code: 20;
        readonly doc: 'iounmap()';
        readonly fields: {
            readonly object: 'object';
        };
    };
    readonly access: {
        readonly code: 21;
        readonly doc: 'the cpu touches `size` bytes of an object at an offset; mode: access-mode.ts';
        readonly fields: {
            readonly object: 'object';
            readonly offset: 'a';
            readonly size: 'b';
            readonly mode: 'c';
        };
    };
    readonly file_drop: {
        readonly code: 22;
        readonly doc: 'posix_fadvise(DONTNEED): drop the unmapped pages of a file from the page cache';
        readonly fields: {
            readonly file: 'object';
        };
    };
    readonly kmem_cache_create: {
        readonly code: 23;
        readonly doc: 'kmem_cache_create(): a slab cache for objects of one size; slabFlags: slab-flags.ts';
        readonly fields: {
            readonly cache: 'object';
            readonly size: 'a';
            readonly align: 'b';
            readonly slabFlags: 'c';
        };
    };
    readonly kmem_cache_alloc: {
        readonly code: 24;
        readonly doc: 'kmem_cache_alloc(cache, gfp): an object of a slab cache';
        readonly fields: {
            readonly object: 'object';
            readonly cache: 'a';
            readonly gfp: 'b';
        };
    };
    readonly kmem_cache_free: {
        readonly code: 25;
        readonly doc: 'kmem_cache_free()';
        readonly fields: {
            readonly object: 'object';
        };
    };
    readonly kmem_cache_destroy: {
        readonly code: 26;
        readonly doc: 'kmem_cache_destroy(): all of its objects have to be free';
        readonly fields: {
            readonly cache: 'object';
        };
    };
    readonly vmap: {
        readonly code: 27;
        readonly doc: 'vmap(): map `count` pages of a page_alloc object, over and over if it has fewer, as a new object';
        readonly fields: {
            readonly object: 'object';
            readonly pages: 'a';
            readonly count: 'b';
        };
    };
    readonly vunmap: {
        readonly code: 28;
        readonly doc: 'vunmap()';
        readonly fields: {
            readonly object: 'object';
        };
    };
    readonly kmap_local: {
        readonly code: 29;
        readonly doc: 'kmap_local_page(), kmap_atomic(): make one page of a page_alloc object addressable on this cpu';
        readonly fields: {
            readonly object: 'object';
            readonly page: 'a';
        };
    };
    readonly kunmap_local: {
        readonly code: 30;
        readonly doc: 'kunmap_local(): the page that this cpu mapped last';
        readonly fields: {
            readonly object: 'object';
            readonly page: 'a';
        };
    };
    readonly vm_area: {
        readonly code: 31;
        readonly doc: 'get_vm_area(): address space of the vmalloc window, nothing mapped; align: a power of two, bytes';
        readonly fields: {
            readonly object: 'object';
            readonly size: 'a';
            readonly align: 'b';
        };
    };
    readonly free_vm_area: {
        readonly code: 32;
        readonly doc: 'free_vm_area()';
        readonly fields: {
            readonly object: 'object';
        };
    };
    readonly mprotect: {
        readonly code: 33;
        readonly doc: 'mprotect(): change the protection of [offset, offset + length) of a mapped object; length 0 means to its end';
        readonly fields: {
            readonly object: 'object';
            readonly offset: 'a';
            readonly length: 'b';
            readonly prot: 'c';
        };
    };
    readonly mremap: {
        readonly code: 34;
        readonly doc: 'mremap(): make a mapped object this long, where it is or, if mremapFlags allow, elsewhere';
        readonly fields: {
            readonly object: 'object';
            readonly length: 'a';
            readonly mremapFlags: 'b';
        };
    };
    readonly madvise: {
        readonly code: 35;
        readonly doc: 'madvise(): tell how [offset, offset + length) of a mapped object is used; advice: mmap-flags.ts';
        readonly fields: {
            readonly object: 'object';
            readonly offset: 'a';
            readonly length: 'b';
            readonly advice: 'c';
        };
    };
    readonly mlock: {
        readonly code: 36;
        readonly doc: 'mlock(): fault [offset, offset + length) of a mapped object in and keep it there';
        readonly fields: {
            readonly object: 'object';
            readonly offset: 'a';
            readonly length: 'b';
        };
    };
    readonly munlock: {
        readonly code: 37;
        readonly doc: 'munlock()';
        readonly fields: {
            readonly object: 'object';
            readonly offset: 'a';
            readonly length: 'b';
        };
    };
    readonly mremap_fixed: {
        readonly code: 38;
        readonly doc: 'mremap(MREMAP_FIXED): move an object over [offset, ...) of another, whatever was there; mmap(MAP_FIXED) is mmap, then this';
        readonly fields: {
            readonly object: 'object';
            readonly over: 'a';
            readonly offset: 'b';
        };
    };
    readonly clone: {
        readonly code: 39;
        readonly doc: 'clone(): a thread or a vfork child of the process running on this cpu; cloneFlags: clone-flags.ts';
        readonly fields: {
            readonly pid: 'object';
            readonly cloneFlags: 'a';
        };
    };
};
export type KindName = keyof typeof EVENT_KINDS;
/** Event code to kind name; holes are undefined. */
export declare const KIND_NAMES: readonly (KindName | undefined)[];
type FieldsOf<K extends KindName> = {
    readonly [F in keyof (typeof EVENT_KINDS)[K]['fields']]: number;
};
/** What every event has beside its own fields. */
export interface EventHeader {
    /** The cpu on which it happens, 0..255. */
    readonly cpu: number;
    /** Time the cpu spends on other things since its previous event, in nanoseconds. */
    readonly thinkNs: number;
}
/** One event as an object: `{ kind: 'kmalloc', cpu, thinkNs, object, size, gfp }`. For edges, not for hot loops. */
export type MemoryEvent = {
    [K in KindName]: {
        readonly kind: K;
    } & EventHeader & FieldsOf<K>;
}[KindName];
export {};
