import type { BuildInput, LayoutBody } from './family.ts';
import type { KernelImage, Region, Translation } from './layout.ts';
import { type ZoneLimit } from './page-frames.ts';
export interface LayoutPlan extends Pick<LayoutBody, 'wordBits' | 'virtualBits' | 'pageShift' | 'pageOffset' | 'taskSize' | 'stackTop' | 'mmapBase' | 'textBase' | 'maxMem' | 'vmalloc' | 'pkmap' | 'fixmap' | 'fixmapTotalStart' | 'modules' | 'structPageBytes' | 'kernelStackBytes'> {
    readonly translation: Translation;
    /** Physical addresses that the direct map, and the kernel at all, do not go beyond; `maxMem` holds anyway. */
    readonly lowMemoryEnd: bigint;
    readonly memoryEnd: bigint;
    /** Zones below the last one of low memory, with the physical address where each ends. */
    readonly lowZones: readonly {
        readonly name: ZoneLimit['name'];
        readonly end: bigint;
    }[];
    /** Regions besides user space, direct map, vmalloc, kmap and fixmap. */
    readonly otherRegions: readonly Region[];
    readonly kernelImage: KernelImage;
}
export declare function buildPlanned(plan: LayoutPlan, { ram, nrCpus }: BuildInput): LayoutBody;
