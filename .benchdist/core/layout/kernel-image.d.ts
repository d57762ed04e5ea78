/**
 * The kernel images that the layouts boot: where their sections lie in physical memory. Facts of a build, not of a
 * boot: the same for every amount of RAM and every option.
 *
 * Sources: `iomem` and `consts` of the oracle machines of each variant. `idt_table` is a page of bss
 * (arch/x86/kernel/idt.c, v6.1); how far into it the linker put it is seen in the `cpu_entry_area` walks. Layouts
 * that no machine was captured for have the image of the nearest one.
 */
import type { KernelImage } from './layout.ts';
export declare const IMAGE_3G: KernelImage;
/** CONFIG_SMP off. */
export declare const IMAGE_3G_UP: KernelImage;
export declare const IMAGE_3G_OPT: KernelImage;
export declare const IMAGE_2G: KernelImage;
export declare const IMAGE_2G_OPT: KernelImage;
export declare const IMAGE_1G: KernelImage;
export declare const IMAGE_3G_PAE: KernelImage;
export declare const IMAGE_3G_NOHIGHMEM: KernelImage;
export declare const IMAGE_64: KernelImage;
/** The books' kernel lies at 1 MiB; its sections are those of the 3 GiB build. */
export declare function movedTo(start: bigint, from: KernelImage): KernelImage;
