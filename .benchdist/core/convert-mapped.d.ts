import type { Machine } from './state/machine.ts';
/** page_address(): the logical address of a low frame, the kmap slot of a high one, or undefined (NULL). */
export declare function pageAddressOf({ platform, frames }: Machine, pfn: number): bigint | undefined;
/**
 * kmap_to_page(), as a PFN; undefined for a slot without a page. For a kmap_local address on `cpu` too, but not for
 * that of the cpu's first slot (6.1 leaves it out of the range that it compares with), which it takes as a logical one.
 */
export declare function kmapToPfn(machine: Machine, address: bigint, cpu?: number): bigint | undefined;
/** slow_virt_to_phys(): what the page tables say; undefined where nothing is mapped (a BUG in the kernel). */
export declare function slowVirtToPhys(machine: Machine, address: bigint): bigint | undefined;
