/**
 * Physical addresses and who has them: the resource tree that /proc/iomem shows.
 *
 * Sources, all v6.1: arch/x86/kernel/e820.c (e820__reserve_resources, e820__reserve_resources_late, ram_alignment),
 * setup.c (trim_bios_range, the sections of the kernel), resource.c and setup.c (video_ram_resource on 32 bits),
 * kernel/resource.c (ranges nest by what contains what).
 */
import type { Layout } from './layout.ts';
export interface PhysicalResource {
    readonly startByte: bigint;
    /** First byte that no longer belongs; /proc/iomem prints the one before it. */
    readonly endByte: bigint;
    readonly name: string;
    /** 0 for a range of the top level, 1 for one inside it, and so on. */
    readonly depth: number;
}
/** The resource tree, in the order of /proc/iomem. */
export declare function physicalResources(layout: Layout): PhysicalResource[];
