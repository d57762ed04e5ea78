/** Free blocks as the page allocator keeps them: what buddyinfo and pagetypeinfo read. */

import type { Machine } from '../../core/machine/machine.ts';
import { listLength, nrFree } from '../../core/phys/free-lists.ts';
import { MIGRATE_CMA, MIGRATE_NAMES, MIGRATE_PCPTYPES } from '../../core/phys/migrate.ts';
import type { Zone } from '../../core/phys/zones.ts';

/** Migrate types of a kernel, by number, without isolation. The machine sets no HighAtomic blocks aside. */
export function migrateTypes({ platform }: Machine): readonly string[] {
  const usual = [...MIGRATE_NAMES, 'HighAtomic'];
  return platform.cma === undefined ? usual : [...usual, 'CMA'];
}

/** By order: free blocks. */
export function freeBlocks(machine: Machine, zone: Zone): number[] {
  return byOrder(machine, (order) => nrFree(machine, zone.index, order));
}

/** The same of one migrate type. */
export function freeBlocksOfType(machine: Machine, zone: Zone, migrateType: number): number[] {
  return byOrder(machine, (order) =>
    migrateType < MIGRATE_PCPTYPES || migrateType === MIGRATE_CMA
      ? listLength(machine, zone.index, order, migrateType)
      : 0,
  );
}

function byOrder({ platform }: Machine, count: (order: number) => number): number[] {
  return Array.from({ length: platform.maxOrder }, (_, order) => count(order));
}
