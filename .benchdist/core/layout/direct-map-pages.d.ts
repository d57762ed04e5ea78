import type { Layout } from './layout.ts';
export interface DirectMapPages {
    /** As meminfo has it: `DirectMap4k`, `DirectMap2M`, `DirectMap4M`, `DirectMap1G`. */
    readonly name: string;
    readonly pageBytes: number;
    /** How many pages of this size the kernel has counted. */
    readonly pages: number;
}
/** Smallest pages first; sizes that the processor can map are listed even if none is used. */
export declare function directMapPages(layout: Layout): DirectMapPages[];
