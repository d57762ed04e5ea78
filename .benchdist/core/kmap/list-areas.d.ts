import type { Machine } from '../state/machine.ts';
export type VmallocAreaKind = 'vmalloc' | 'vmap' | 'ioremap' | 'vm_area' | 'unpurged';
export interface VmallocArea {
    readonly kind: VmallocAreaKind;
    /** Kernel virtual addresses [start, end), the guard page behind the area included. */
    readonly start: bigint;
    readonly end: bigint;
    readonly sizeBytes: number;
    /** Page frames of RAM mapped in it; 0 for device memory and for what is address space only. */
    readonly nrPages: number;
    /** Its array of page pointers is itself vmalloc'ed, in an area of its own (is_vmalloc_addr(area->pages)). */
    readonly vpages: boolean;
    /** Physical address of device memory, of its whole first page. */
    readonly physical: bigint | undefined;
    /** The object of the workload; undefined for what no object owns. */
    readonly object: number | undefined;
}
export declare function vmallocAreas(machine: Machine): VmallocArea[];
