/**
 * /proc/slabinfo, version 2.1: the slab caches (cache_show and print_slabinfo_header of mm/slab_common.c). With
 * SLUB, objects on per-cpu slabs count as active, and caches of one geometry may be one line.
 */
import { type ProcPlace } from './text.ts';
export interface SlabinfoCache {
    readonly name: string;
    readonly activeObjects: number;
    readonly objects: number;
    readonly objectBytes: number;
    readonly objectsPerSlab: number;
    readonly pagesPerSlab: number;
    readonly activeSlabs: number;
    readonly slabs: number;
}
export declare function parseSlabinfo(text: string, place?: ProcPlace): SlabinfoCache[];
export declare function formatSlabinfo(caches: readonly SlabinfoCache[]): string;
