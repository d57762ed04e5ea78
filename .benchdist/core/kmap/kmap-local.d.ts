/**
 * kmap_local_page(): a kernel address for a high memory page on one cpu for a short while (mm/highmem.c, v6.1).
 *
 * Each cpu has KMAP_LOCAL_SLOTS fixmap slots, used as a stack, addresses descending; unmapping clears the entry and
 * flushes the one page on this cpu. A low memory page needs no slot. kmap_atomic() is the same with preemption off.
 * Simplified: the stack belongs to the cpu; the kernel moves it along with the task.
 */
import type { Handler } from '../fold-event.ts';
import type { Machine } from '../state/machine.ts';
type Readable = Pick<Machine, 'platform'> & {
    readonly kmapLocal: {
        get(row: number, field: number): number;
    };
};
export declare const kmapLocal: Handler;
export declare const kunmapLocal: Handler;
/** Page at which a cpu reaches a frame through one of its slots, the newest first; undefined when it has none. */
export declare function kmapLocalVpnOf(of: Readable, cpu: number, pfn: number): number | undefined;
/** Slots that a cpu has in use. */
export declare function kmapLocalDepth({ kmapLocal }: Readable, cpu: number): number;
/** __fix_to_virt(FIX_KMAP_BEGIN + slot + KM_MAX_IDX * cpu): the slots are the last entries of the fixmap. */
export declare function kmapLocalVpn({ platform: { layout, fixmapVpn } }: Readable, cpu: number, slot: number): number;
export {};
