/** Rows of the `objects` table: what the workload's object numbers stand for in this machine. */
/** Fields of a row. */
export declare const OBJECT: {
    /** One of the classes below; 0 when no such object is alive. */
    readonly class: 0;
    /** First virtual page number; -1 when the object has no kernel address (high memory). */
    readonly vpn: 1;
    /** Byte offset of the object in its first page. */
    readonly start: 2;
    readonly sizeBytes: 3;
    /** First page frame of a physically contiguous object, or of device memory. VMALLOC: area of its page array. */
    readonly pfn: 4;
    /** PAGES: order. KMALLOC, CACHE_OBJECT: slab row. USER: mappings over all processes. VMALLOC: that array's array. */
    readonly extra: 5;
    /** KMALLOC, CACHE_OBJECT: index in the slab. VMALLOC, IOREMAP, VMAP, VM_AREA: pages. */
    readonly detail: 6;
};
export declare const NO_CLASS = 0;
export declare const PAGES = 1;
export declare const KMALLOC = 2;
/** kmalloc that went to the page allocator. */
export declare const KMALLOC_LARGE = 3;
export declare const VMALLOC = 4;
export declare const IOREMAP = 5;
export declare const USER = 6;
/** kmalloc of no bytes: ZERO_SIZE_PTR. */
export declare const KMALLOC_NOTHING = 7;
/** Of a cache that kmem_cache_create() made. */
export declare const CACHE_OBJECT = 8;
/** vmap(): pages of another object. */
export declare const VMAP = 10;
/** get_vm_area(): address space only. */
export declare const VM_AREA = 11;
/** Whether an object lies in the vmalloc window. */
export declare function isArea(cls: number): boolean;
