/**
 * /proc/zoneinfo: watermarks, sizes, statistics and per-cpu lists of each zone (zoneinfo_show_print of mm/vmstat.c).
 * Kernels differ in which figures they print; those that every kernel since 4.x has are fields, all others are in
 * `pages` and `statistics` under the names that the kernel gives them.
 */
import { type ProcPlace } from './text.ts';
/** A per-cpu list of free pages (struct per_cpu_pages), in pages. */
export interface Pageset {
    readonly cpu: number;
    readonly count: number;
    readonly high: number;
    readonly batch: number;
    /** Bounds of `high` since 6.7, where it follows the load. */
    readonly highMin?: number;
    readonly highMax?: number;
    readonly statisticsThreshold?: number;
}
/** All in pages unless named otherwise. */
export interface ZoneinfoZone {
    readonly node: number;
    readonly zone: string;
    /** Figures of the whole node; the kernel prints them with its first zone. */
    readonly nodeStatistics?: Readonly<Record<string, number>>;
    readonly free: number;
    readonly min: number;
    readonly low: number;
    readonly high: number;
    readonly spanned: number;
    readonly present: number;
    readonly managed: number;
    /** The same and what else the kernel prints there: boost, promo, cma. */
    readonly pages: Readonly<Record<string, number>>;
    /** By rank of the zone that was asked for: pages that such a request must leave alone (lowmem reserve). */
    readonly protection: readonly number[];
    /** nr_free_pages, nr_mlock, ...; empty when the zone has no pages, as is what follows. */
    readonly statistics: Readonly<Record<string, number>>;
    readonly pagesets: readonly Pageset[];
    readonly nodeUnreclaimable?: number;
    readonly startPfn?: number;
}
export declare function parseZoneinfo(text: string, place?: ProcPlace): ZoneinfoZone[];
export declare function formatZoneinfo(zones: readonly ZoneinfoZone[]): string;
