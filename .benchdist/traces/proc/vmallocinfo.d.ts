/** /proc/vmallocinfo: the areas of the vmalloc window (s_show and show_purge_info of mm/vmalloc.c). */
import { type ProcPlace } from './text.ts';
export interface VmallocinfoArea {
    /** Virtual addresses [start, end); undefined when the kernel hides or hashes them (kernel.kptr_restrict). */
    readonly start?: bigint;
    readonly end?: bigint;
    /** With the guard page, if the area has one. */
    readonly sizeBytes: number;
    /** Symbol + offset of who asked for it, if anybody did. */
    readonly caller?: string;
    /** Pages behind it, if vmalloc counts them. */
    readonly nrPages?: number;
    /** Physical address behind an ioremap. */
    readonly physical?: bigint;
    /** ioremap, vmalloc, vmap, user, dma-coherent, vpages; or, of an area that nobody owns, what it is. */
    readonly flags: readonly string[];
    /** By NUMA node, if the kernel has nodes: pages of the area that lie there. */
    readonly nodePages: Readonly<Record<string, number>>;
}
/** An empty file is an empty window. */
export declare function parseVmallocinfo(text: string, place?: ProcPlace): VmallocinfoArea[];
export interface AddressDigits {
    /** Hexadecimal digits of a virtual address: 8 or 16. */
    readonly virtual: number;
    /** Of a physical one (phys_addr_t): 16 with PAE too. */
    readonly physical: number;
}
/** Addresses that are not known are printed as a kernel prints those that it hides. */
export declare function formatVmallocinfo(areas: readonly VmallocinfoArea[], digits: AddressDigits): string;
