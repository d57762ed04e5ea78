import { type BuildInput, type LayoutBody } from './family.ts';
import type { AddressRange, KernelImage, RadixTranslation, Region } from './layout.ts';
/** Two levels; a page directory entry can map 4 MiB (PSE). */
export declare const TWO_LEVELS: RadixTranslation;
/** PAE: three levels of 64-bit entries; a page middle directory entry can map 2 MiB. */
export declare const PAE_LEVELS: RadixTranslation;
/** What one kernel build fixes, whatever the amount of RAM. */
export interface Build32 {
    readonly translation: RadixTranslation;
    readonly pageOffset: bigint;
    /** RAM above this does not exist for the kernel: 4 GiB, or 64 GiB with PAE. */
    readonly physicalLimit: bigint;
    /** CONFIG_HIGHMEM. */
    readonly highmem: boolean;
    /** MAXMEM: how much RAM the direct map has room for. */
    readonly directMapBytes: bigint;
    readonly vmallocStart: (highMemory: bigint) => bigint;
    readonly vmallocEnd: bigint;
    readonly pkmap: LayoutBody['pkmap'];
    readonly fixmap: AddressRange;
    readonly fixmapTotalStart: bigint;
    /** Regions above vmalloc that are neither pkmap nor fixmap. */
    readonly otherRegions: readonly Region[];
    readonly kernelImage: KernelImage;
}
/** MAX_DMA_PFN: ISA devices address 16 MiB (arch/x86/include/asm/dma.h, v6.1). */
export declare const DMA_END_PFN: number;
/** Physical addresses that page table entries can hold (MAX_ARCH_PFN, arch/x86/kernel/e820.c, v6.1). */
export declare const PHYSICAL_LIMIT_32: bigint;
export declare const PHYSICAL_LIMIT_PAE: bigint;
/** FIX_HOLE, FIX_DBGP_BASE, FIX_EARLYCON_MEM_BASE, FIX_APIC_BASE, then MAX_IO_APICS (64 on 32 bits). */
export declare const FIXMAP_DEVICE_PAGES: number;
/** KM_MAX_IDX: kmap_local slots of a cpu (include/asm-generic/kmap_size.h, v6.1). */
export declare const KMAP_LOCAL_SLOTS = 16;
/** __end_of_permanent_fixed_addresses (enum fixed_addresses, arch/x86/include/asm/fixmap.h, v6.1). */
export declare function fixmapPages(nrCpus: number): number;
export declare function build32(build: Build32, input: BuildInput): LayoutBody;
