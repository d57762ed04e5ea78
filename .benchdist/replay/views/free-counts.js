/** Free blocks as the page allocator keeps them: what buddyinfo and pagetypeinfo read. */
import { listLength, nrFree } from '../../core/phys/free-lists.js';
import { MIGRATE_NAMES, MIGRATE_PCPTYPES } from '../../core/phys/migrate.js';
import { MAX_ORDER } from '../../core/phys/zones.js';
/** Migrate types of the captured kernels, without CMA and isolation. The machine sets no HighAtomic blocks aside. */
export const MIGRATE_TYPES = [...MIGRATE_NAMES, 'HighAtomic'];
/** By order: free blocks. */
export function freeBlocks(machine, zone) {
    return byOrder((order) => nrFree(machine, zone.index, order));
}
/** The same of one migrate type. */
export function freeBlocksOfType(machine, zone, migrateType) {
    return byOrder((order) => migrateType < MIGRATE_PCPTYPES ? listLength(machine, zone.index, order, migrateType) : 0);
}
function byOrder(count) {
    return Array.from({ length: MAX_ORDER }, (_, order) => count(order));
}
//# sourceMappingURL=free-counts.js.map