/** Free pages as the page allocator keeps them: what buddyinfo, pagetypeinfo and zoneinfo read. */
import { FREE_PAGES, NR_FREE } from '../../core/phys/buddy.ts';
import { MAX_ORDER, type Zone } from '../../core/phys/zones.ts';
import type { Machine } from '../../core/state/machine.ts';

/** MIGRATE_* of include/linux/mmzone.h, v6.1, as the captured kernels have them: without CMA and isolation. */
export const MIGRATE_TYPES = ['Unmovable', 'Movable', 'Reclaimable', 'HighAtomic'] as const;

/** By order: free blocks. */
export function freeBlocks({ freeLists }: Machine, zone: Zone): number[] {
  return Array.from({ length: MAX_ORDER }, (_, order) => freeLists.get(zone.index, NR_FREE + order));
}

/** NR_FREE_PAGES: without what waits on per-cpu lists. */
export function freePages({ freeLists }: Machine, zone: Zone): number {
  return freeLists.get(zone.index, FREE_PAGES);
}

/** By migrate type, then order: free blocks. */
export function freeBlocksByType(machine: Machine, zone: Zone): number[][] {
  const none = new Array<number>(MAX_ORDER).fill(0);
  return MIGRATE_TYPES.map((type) => (type === 'Movable' ? freeBlocks(machine, zone) : none));
}

/** By migrate type: pageblocks of the zone; see pageblocks.ts. */
export function pageblocksByType(_machine: Machine, pageblocks: readonly number[]): number[] {
  return MIGRATE_TYPES.map((type) => (type === 'Movable' ? pageblocks.length : 0));
}

/** zone->watermark_boost. */
export function watermarkBoost(_machine: Machine, _zone: Zone): number {
  return 0;
}

/** Pages on the lists of a cpu. */
export function pcpCount(_machine: Machine, _zone: Zone, _cpu: number): number {
  return 0;
}

/** When pages go back from a cpu's lists, and how many at a time (zone_highsize, zone_batchsize, v6.1). */
export function pcpLimits({ platform }: Machine, zone: Zone): { high: number; batch: number } {
  const { cpus, pageShift } = platform.layout;
  const quarter = Math.max(Math.min(zone.managedPages >>> 10, (2 ** 20) >>> pageShift) >>> 2, 1);
  const batch = Math.max((1 << (31 - Math.clz32(quarter + (quarter >>> 1)))) - 1, 1);
  return { high: Math.max(Math.floor(zone.low / cpus), 4 * batch), batch };
}
