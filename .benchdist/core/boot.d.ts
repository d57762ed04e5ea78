/**
 * Boot: the machine before the first event. Firmware, kernel image and memory map are set aside, what is left
 * goes to the buddy allocator, and the direct map is built with the largest pages that fit.
 */
import { type Costs } from './cost.ts';
import type { Layout } from './layout/layout.ts';
import { type MmuOptions } from './paging/geometry.ts';
import { type InitialZoneMemory } from './phys/initial-memory.ts';
import { type Machine, type Platform } from './state/machine.ts';
import { type UserSpaceOptions } from './vm/user-space.ts';
export interface MachineOptions extends UserSpaceOptions {
    readonly costs?: Partial<Costs>;
    readonly mmu?: Partial<MmuOptions>;
    /** Free blocks to start with, instead of all memory that boot does not need. */
    readonly memory?: readonly InitialZoneMemory[];
}
export declare function bootMachine(layout: Layout, options?: MachineOptions): Machine;
/** Page number of an address, as the MMU sees it: without the sign extension. */
export declare function pageNumber(layout: Layout, address: bigint): number;
export declare function blankMachine(platform: Platform): Machine;
