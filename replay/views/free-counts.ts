/** Free blocks as the page allocator keeps them: what buddyinfo and pagetypeinfo read. */

import type { Machine } from '../../core/machine/machine.ts';
import { listLength, nrFree } from '../../core/phys/free-lists.ts';
import { MIGRATE_NAMES, MIGRATE_PCPTYPES } from '../../core/phys/migrate.ts';
import type { Zone } from '../../core/phys/zones.ts';

/** Migrate types of the captured kernels, without CMA and isolation. The machine sets no HighAtomic blocks aside. */
export const MIGRATE_TYPES = [...MIGRATE_NAMES, 'HighAtomic'] as const;

/** By order: free blocks. */
export function freeBlocks(machine: Machine, zone: Zone): number[] {
  return byOrder(machine, (order) => nrFree(machine, zone.index, order));
}

/** The same of one migrate type. */
export function freeBlocksOfType(machine: Machine, zone: Zone, migrateType: number): number[] {
  return byOrder(machine, (order) =>
    migrateType < MIGRATE_PCPTYPES ? listLength(machine, zone.index, order, migrateType) : 0,
  );
}

function byOrder({ platform }: Machine, count: (order: number) => number): number[] {
  return Array.from({ length: platform.maxOrder }, (_, order) => count(order));
}
