import type { Zone } from '../../core/phys/zones.ts';
import type { Machine } from '../../core/state/machine.ts';
export interface KernelZone {
    readonly name: string;
    /** Undefined when the machine has no memory there. */
    readonly zone: Zone | undefined;
    /** Lowmem reserve against each of the kernel's zones, in pages. */
    readonly protection: readonly number[];
    /** min, low and high of a zone without memory. */
    readonly idleMark: number;
}
export declare function kernelZones({ platform }: Machine): KernelZone[];
