/**
 * Outcomes: what one machine made of each event of a batch, in columns parallel to the batch.
 *
 * An access that hit the first-level TLB leaves `flags` and `status` zero, so that whoever looks for what
 * happened can skip it: nearly all references are such.
 */
/** Why an event could not be done, or 0. `reason` is a sentence for people. */
export declare const STATUSES: readonly [{
    readonly name: 'ok';
    readonly reason: 'done';
}, {
    readonly name: 'out-of-memory';
    readonly reason: 'no zone that the request may use has enough free pages above its watermark';
}, {
    readonly name: 'out-of-lowmem';
    readonly reason: 'low memory is used up; free high memory cannot serve a request that needs a kernel logical address';
}, {
    readonly name: 'fragmented';
    readonly reason: 'enough pages are free, but no block of this order';
}, {
    readonly name: 'vmalloc-space';
    readonly reason: 'no hole of the vmalloc window is large enough (out of address space, not memory)';
}, {
    readonly name: 'user-space';
    readonly reason: 'no gap of the user address space is large enough';
}, {
    readonly name: 'kmap-slots';
    readonly reason: 'every pkmap slot is in use: kmap() would sleep until one is given back';
}, {
    readonly name: 'too-large';
    readonly reason: 'larger than can be done at once: a block of MAX_ORDER, a reference above a page';
}, {
    readonly name: 'high-page';
    readonly reason: 'a high memory page without a kmap has no kernel address';
}, {
    readonly name: 'no-mapping';
    readonly reason: 'nothing is mapped at this address (SIGSEGV, or an oops in kernel mode)';
}, {
    readonly name: 'protection';
    readonly reason: 'the mapping forbids this kind of access (SIGSEGV)';
}, {
    readonly name: 'privilege';
    readonly reason: 'user mode touched a kernel page (SIGSEGV): only a trap into the kernel may';
}, {
    readonly name: 'no-object';
    readonly reason: 'the object does not exist here (its allocation failed, or it is gone)';
}, {
    readonly name: 'no-process';
    readonly reason: 'no such process here, or this cpu runs none';
}, {
    readonly name: 'is-ram';
    readonly reason: 'ioremap() refuses ordinary RAM';
}, {
    readonly name: 'exists';
    readonly reason: 'an object or process with this number is still alive';
}, {
    readonly name: 'beyond-file';
    readonly reason: 'the page lies beyond the end of its file (SIGBUS)';
}, {
    readonly name: 'no-cache';
    readonly reason: 'the slab cache does not exist here';
}, {
    readonly name: 'bad-cache';
    readonly reason: 'no slab can hold objects of this size and alignment (-EINVAL)';
}, {
    readonly name: 'cache-in-use';
    readonly reason: 'objects of the slab cache are still alive: it cannot be destroyed';
}, {
    readonly name: 'invalid';
    readonly reason: 'the kernel refuses these arguments (EINVAL): size 0, an address beyond what the machine has, what was locked';
}, {
    readonly name: 'kmap-local-slots';
    readonly reason: 'every kmap_local slot of this cpu is in use: the kernel stops (BUG_ON)';
}, {
    readonly name: 'out-of-order';
    readonly reason: 'kunmap_local() of a page that this cpu did not map last: the kernel warns';
}];
export type StatusName = (typeof STATUSES)[number]['name'];
export declare const OK = 0;
export declare const OUT_OF_MEMORY = 1;
export declare const OUT_OF_LOWMEM = 2;
export declare const FRAGMENTED = 3;
export declare const VMALLOC_SPACE = 4;
export declare const USER_SPACE = 5;
export declare const KMAP_SLOTS = 6;
export declare const TOO_LARGE = 7;
export declare const HIGH_PAGE = 8;
export declare const NO_MAPPING = 9;
export declare const PROTECTION = 10;
export declare const PRIVILEGE = 11;
export declare const NO_OBJECT = 12;
export declare const NO_PROCESS = 13;
export declare const IS_RAM = 14;
export declare const EXISTS = 15;
export declare const BEYOND_FILE = 16;
export declare const NO_CACHE = 17;
export declare const BAD_CACHE = 18;
export declare const CACHE_IN_USE = 19;
export declare const INVALID = 20;
export declare const KMAP_LOCAL_SLOTS_USED = 21;
export declare const OUT_OF_ORDER = 22;
/** `flags` bits 0-1: how an access was translated (the worst of its pages). */
export declare const TLB_L1 = 0;
export declare const TLB_L2 = 1;
export declare const TLB_WALK = 2;
export declare const TLB_MASK = 3;
/** `flags` bits 2-4: the page fault that an access took (the last of its pages). */
export declare const FAULT_SHIFT = 2;
export declare const FAULT_MASK: number;
export declare const FAULT_NAMES: readonly ['none', 'demand-zero', 'zero-page', 'copy-on-write', 'file-minor', 'file-major'];
export declare const FAULT_NONE = 0;
export declare const FAULT_DEMAND_ZERO = 1;
export declare const FAULT_ZERO_PAGE = 2;
export declare const FAULT_COW = 3;
export declare const FAULT_FILE_MINOR = 4;
export declare const FAULT_FILE_MAJOR = 5;
/** `flags` bits 5-7: the type of address that an allocation or mapping gave. */
export declare const ADDRESS_SHIFT = 5;
export declare const ADDRESS_NAMES: readonly ['none', 'user-virtual', 'kernel-logical', 'kernel-virtual', 'physical'];
export declare const ADDRESS_USER = 1;
export declare const ADDRESS_LOGICAL = 2;
export declare const ADDRESS_VIRTUAL = 3;
/** Page frames without a kernel address: high memory. */
export declare const ADDRESS_PHYSICAL = 4;
export interface Outcomes {
    readonly count: number;
    /** Index into STATUSES. */
    readonly status: Uint8Array;
    readonly flags: Uint8Array;
    readonly latencyNs: Uint32Array;
    /** First virtual page number of what an allocation or mapping gave; 0 for accesses. */
    readonly vpn: Float64Array;
    /** First page frame of what an allocation gave (physically contiguous ones only). */
    readonly pfn: Float64Array;
}
/** Outcomes while a fold fills them in. */
export declare class OutcomesDraft implements Outcomes {
    readonly count: number;
    readonly status: Uint8Array;
    readonly flags: Uint8Array;
    readonly latencyNs: Uint32Array;
    vpn: Float64Array;
    pfn: Float64Array;
    private ownsVpn;
    private ownsPfn;
    constructor(count: number);
    /** Notes where something was put. Most batches are accesses only and need no columns for this. */
    place(at: number, vpn: number, pfn: number): void;
}
