import { type Zone } from '../../core/phys/zones.ts';
import type { Machine } from '../../core/state/machine.ts';
/** Migrate types of the captured kernels, without CMA and isolation. The machine sets no HighAtomic blocks aside. */
export declare const MIGRATE_TYPES: readonly ["Unmovable", "Movable", "Reclaimable", "HighAtomic"];
/** By order: free blocks. */
export declare function freeBlocks(machine: Machine, zone: Zone): number[];
/** The same of one migrate type. */
export declare function freeBlocksOfType(machine: Machine, zone: Zone, migrateType: number): number[];
