import { COUNTER_NAMES } from '../counters.js';
export const SHAPES = {
    frames: { cells: 'int32', stride: 5, leafBits: 8 },
    pageblocks: { cells: 'int32', stride: 1, leafBits: 6 },
    pcpPages: { cells: 'int32', stride: 1, leafBits: 6 },
    objects: { cells: 'float64', stride: 8, leafBits: 6 },
    tables: { cells: 'int32', stride: 2, leafBits: 6 },
    ptes: { cells: 'float64', stride: 1, leafBits: 8 },
    slabs: { cells: 'int32', stride: 8, leafBits: 8 },
    slabLinks: { cells: 'int32', stride: 1, leafBits: 8 },
    slabCaches: { cells: 'int32', stride: 17, leafBits: 6 },
    slabCpus: { cells: 'int32', stride: 5, leafBits: 6 },
    cacheNumbers: { cells: 'int32', stride: 1, leafBits: 6 },
    pageCache: { cells: 'int32', stride: 1, leafBits: 8 },
    kmapSlots: { cells: 'int32', stride: 2, leafBits: 5 },
    kmapLocal: { cells: 'int32', stride: 1, leafBits: 4 },
    cpus: { cells: 'float64', stride: 16, leafBits: 2 },
};
/** Indexes of `vars`. */
export const VAR = {
    /** Rows of `tables` ever used, and the head of the list of free ones (0 = none; row 0 is never used). */
    tableRows: 0,
    freeTable: 1,
    /** The same for `slabs`. */
    slabRows: 2,
    freeSlab: 3,
    /** Address spaces ever made. */
    mmCount: 4,
    /** The slot that the last kmap() took (last_pkmap_nr in mm/highmem.c). */
    lastKmap: 5,
    /** cpus that ever ran a process: the highest number + 1. */
    cpus: 6,
    /** cpus that ever did anything: the highest number + 1. Only they have pages on their lists. */
    busyCpus: 7,
    /** Rows of `slabCaches` ever used, and caches ever made. */
    cacheRows: 8,
    cachesBorn: 9,
    /** Pages in `vmallocLazy` (vmap_lazy_nr in mm/vmalloc.c). */
    vmapLazyPages: 10,
};
export const VAR_COUNT = 11;
export const COUNTER_COUNT = COUNTER_NAMES.length;
//# sourceMappingURL=machine.js.map