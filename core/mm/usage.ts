/**
 * What an address space maps and has in memory, and the most that it ever did (mm->total_vm, get_mm_rss(), hiwater_vm
 * and hiwater_rss of include/linux/mm_types.h, v6.1).
 *
 * As in the kernel a peak is brought up to date before something goes (update_hiwater_vm, update_hiwater_rss) and when
 * it is told, so that a page that comes costs one addition. Nothing is decided by these numbers.
 *
 * Simplified: pages in memory are counted exactly. A kernel counts them on each cpu and adds them up in batches, and its
 * peak is of the sum without what is left on the cpus (percpu_counter_read_positive, since 6.2): it may lie some pages
 * below what it told before, where status itself adds up exactly (6.18).
 */
import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';

/** Fields of a row of `usage`, in base pages; an address space has the row of its root table. */
const USAGE = {
  mapped: 0,
  mappedPeak: 1,
  resident: 2,
  residentPeak: 3,
  /** 1 + the object that was mapped last, as long as nothing else has been mapped or unmapped since. */
  newest: 4,
} as const;

/** In base pages; the peaks are since exec, or since the fork that made the address space. */
export interface Usage {
  readonly mapped: number;
  readonly mappedPeak: number;
  readonly resident: number;
  readonly residentPeak: number;
}

/** vm_stat_account(): so many pages are mapped more, or less. */
export function countMapped(draft: Draft, root: number, pages: number): void {
  if (pages === 0) return;
  draft.usage.set(root, USAGE.newest, 0);
  count(draft, root, USAGE.mapped, USAGE.mappedPeak, pages);
}

/** The same of an object that has just been mapped. */
export function countNewlyMapped(draft: Draft, root: number, object: number, pages: number): void {
  count(draft, root, USAGE.mapped, USAGE.mappedPeak, pages);
  draft.usage.set(root, USAGE.newest, object + 1);
}

/**
 * Counts the `pages` of an object not, until they are counted again, if nothing has happened since it was mapped: that is
 * how mmap(MAP_FIXED) is told (event/kinds.ts), and there what gives way and what comes never lie side by side.
 * Returns how many to count again. Simplified: mremap(MREMAP_FIXED) of what was mapped just before is taken for that.
 */
export function setNewestAside({ usage }: Draft, root: number, object: number, pages: number): number {
  if (usage.get(root, USAGE.newest) !== object + 1) return 0;
  usage.add(root, USAGE.mapped, -pages);
  return pages;
}

/** add_mm_counter(): so many pages are in memory more, or less; the zero page and what is swapped out do not count. */
export function countResident(draft: Draft, root: number, pages: number): void {
  count(draft, root, USAGE.resident, USAGE.residentPeak, pages);
}

function count({ usage }: Draft, root: number, field: number, peak: number, pages: number): void {
  if (pages === 0) return;
  const before = usage.add(root, field, pages) - pages;
  if (pages < 0 && before > usage.get(root, peak)) usage.set(root, peak, before);
}

/** The address space has ended, or begins anew. */
export function forgetUsage({ usage }: Draft, root: number): void {
  usage.clear(root);
}

export function usageOf({ usage }: Machine, root: number): Usage {
  const mapped = usage.get(root, USAGE.mapped);
  const resident = usage.get(root, USAGE.resident);
  return {
    mapped,
    mappedPeak: Math.max(mapped, usage.get(root, USAGE.mappedPeak)),
    resident,
    residentPeak: Math.max(resident, usage.get(root, USAGE.residentPeak)),
  };
}
