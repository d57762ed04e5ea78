import type { AddressRange, PhysicalRange, RamRange } from './layout.ts';
/** Frame numbers of the simulator stay below 2^28, so that tables of frames keep small indexes. */
export declare const PHYSICAL_LIMIT: bigint;
/** What /proc/iomem calls RAM. */
export declare const SYSTEM_RAM = "System RAM";
/** The BIOS's window: 640 KiB to 1 MiB is never RAM for the kernel (trim_bios_range, arch/x86/kernel/setup.c, v6.1). */
export declare const BIOS_WINDOW: AddressRange;
/** The RAM among named ranges. */
export declare function ramOf(ranges: readonly PhysicalRange[]): RamRange[];
/** Ranges without the addresses of a hole. */
export declare function without(ranges: readonly AddressRange[], hole: AddressRange): AddressRange[];
/** The memory map of a PC with this much RAM. */
export declare function ramFromSize(ramBytes: bigint): RamRange[];
/** A kind of machine: what its physical addresses are, and how much RAM the simulator can take. */
export interface MachineModel {
    readonly fromSize: (ramBytes: bigint) => readonly PhysicalRange[];
    readonly maximumRamBytes: bigint;
}
export declare const PC: MachineModel;
/** RAM from physical address 0 upwards. */
export declare const CONTIGUOUS: MachineModel;
/** Refuses an amount of RAM that the layout or the simulator cannot work with. */
export declare function checkRamBytes(ramBytes: bigint, minimum: bigint, maximum: bigint, layout: string): void;
/** Refuses a map that is empty, out of order, overlapping, or beyond what can be simulated. */
export declare function checkMemoryMap(ranges: readonly RamRange[], layout: string): void;
export declare function totalBytes(ranges: readonly RamRange[]): bigint;
