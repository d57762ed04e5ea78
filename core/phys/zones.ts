/**
 * Zones: which page frames a request may use, in which order, and how far each may be drained.
 *
 * The arithmetic is that of mm/page_alloc.c, v6.1 (build_zonelists, setup_per_zone_lowmem_reserve,
 * __setup_per_zone_wmarks, zone_watermark_ok, zone_batchsize, zone_highsize). Simplified: watermarks are computed once, from what is managed
 * at boot. Below `low` the next zone is tried, and kswapd is woken on a machine that reclaims (reclaim/), which then
 * frees pages up to `high`; below `min` the request makes room itself, or fails.
 */
import { __GFP_ATOMIC, __GFP_DMA, __GFP_DMA32, __GFP_HIGH, __GFP_HIGHMEM } from '../event/gfp.ts';
import type { ZoneName, ZoneSpan } from '../layout/layout.ts';

/** Largest block: order 10, 2^10 pages (MAX_ORDER 11 counts orders 0..10; include/linux/mmzone.h, v6.1). */
export const MAX_ORDER = 11;
/** DMA, DMA32, Normal, HighMem. */
export const MAX_ZONES = 4;

export interface Zone extends ZoneSpan {
  /** Row of `freeLists`, and its rank: a request for this zone may fall back to lower ones only. */
  readonly index: number;
  /** Pages that the buddy allocator was given at boot. */
  readonly managedPages: number;
  /** Watermarks, in pages. */
  readonly min: number;
  readonly low: number;
  readonly high: number;
  /** By index of the zone that was asked for: pages of this zone that such a request must leave alone. */
  readonly lowmemReserve: readonly number[];
  /** Pages that move at a time between the buddy allocator and a cpu's lists. */
  readonly pcpBatch: number;
  /** Pages on a cpu's lists at which some go back. */
  readonly pcpHigh: number;
}

const KIB_PER_PAGE_SHIFT = 10;
/** sysctl_lowmem_reserve_ratio, by zone: a request from above leaves 1/ratio of the pages above to this zone. */
const LOWMEM_RESERVE_RATIO: Record<ZoneName, number> = { DMA: 256, DMA32: 256, Normal: 32, HighMem: 0 };
/** watermark_scale_factor: low and high are at least managed * 10 / 10000 apart. */
const WATERMARK_SCALE_FACTOR = 10;

/**
 * Zones with their watermarks, reserves and per-cpu limits, in pages; `managed`: by zone, the pages that its allocator
 * has.
 */
export function describeZones(
  spans: readonly ZoneSpan[],
  managed: readonly number[],
  pageShift: number,
  cpus: number,
): Zone[] {
  const shares = minimumShares(spans, managed, pageShift);
  return spans.map((span, index) => {
    const share = shares[index]!;
    const managedPages = managed[index]!;
    const gap = Math.max(Math.floor(share / 4), Math.floor((managedPages * WATERMARK_SCALE_FACTOR) / 10_000));
    const min = span.name === 'HighMem' ? clamp(Math.floor(managedPages / 1024), 32, 128) : share;
    const lowmemReserve = spans.map((_, asked) => reserveAgainst(spans, managed, index, asked));
    const low = min + gap;
    const pcpBatch = batchSize(managedPages, pageShift);
    const pcpHigh = Math.max(Math.floor(low / cpus), 4 * pcpBatch);
    return { ...span, index, managedPages, min, low, high: low + gap, lowmemReserve, pcpBatch, pcpHigh };
  });
}

/** zone_batchsize: a 4096th of the zone, at most 256 KiB, made one less than a power of two; at least one page. */
function batchSize(managedPages: number, pageShift: number): number {
  const quarter = Math.max(Math.min(managedPages >>> 10, (2 ** 20) >>> pageShift) >>> 2, 1);
  return Math.max((1 << (31 - Math.clz32(quarter + (quarter >>> 1)))) - 1, 1);
}

/** min_free_kbytes = 4 * sqrt(lowmem_kbytes), in pages, for each zone by its size relative to low memory. */
function minimumShares(spans: readonly ZoneSpan[], managed: readonly number[], pageShift: number): number[] {
  const kibPerPage = 2 ** (pageShift - KIB_PER_PAGE_SHIFT);
  const lowPages = spans.reduce((sum, span, i) => sum + (span.name === 'HighMem' ? 0 : managed[i]!), 0);
  const minFreeKbytes = clamp(Math.floor(Math.sqrt(lowPages * kibPerPage * 16)), 128, 262_144);
  const pagesMin = Math.floor(minFreeKbytes / kibPerPage);
  return managed.map((pages) => Math.floor((pagesMin * pages) / lowPages));
}

function reserveAgainst(
  spans: readonly ZoneSpan[],
  managed: readonly number[],
  zone: number,
  asked: number,
): number {
  const ratio = LOWMEM_RESERVE_RATIO[spans[zone]!.name];
  if (asked <= zone || ratio === 0) return 0;
  const pagesAbove = managed.slice(zone + 1, asked + 1).reduce((sum, pages) => sum + pages, 0);
  return Math.floor(pagesAbove / ratio);
}

/** The zone bits of a gfp mask. */
export const GFP_ZONE_MASK = __GFP_DMA | __GFP_HIGHMEM | __GFP_DMA32;

/** Index of the highest zone that a request may use (gfp_zone). */
export function highestZone(zones: readonly Zone[], gfp: number): number {
  const name =
    gfp & __GFP_DMA ? 'DMA' : gfp & __GFP_DMA32 ? 'DMA32' : gfp & __GFP_HIGHMEM ? 'HighMem' : 'Normal';
  return highestZoneNamed(zones, name);
}

/** The same for every combination of zone bits, so that an allocation need only look it up. */
export function highestZones(zones: readonly Zone[]): number[] {
  return Array.from({ length: GFP_ZONE_MASK + 1 }, (_, gfp) => highestZone(zones, gfp));
}

const RANK: Record<ZoneName, number> = { DMA: 0, DMA32: 1, Normal: 2, HighMem: 3 };

/** A zone that the layout lacks stands for the one below it; on 32 bits there is no DMA32, and Normal serves. */
function highestZoneNamed(zones: readonly Zone[], name: ZoneName): number {
  const noDma32 = name === 'DMA32' && !zones.some((zone) => zone.name === 'DMA32');
  const rank = RANK[noDma32 ? 'Normal' : name];
  return zones.reduce((best, zone) => (RANK[zone.name] <= rank ? zone.index : best), 0);
}

/** How far down a request may go, in pages; below `min`, GFP_ATOMIC halves the mark and takes another quarter. */
export function markFor(zone: Zone, gfp: number, mark: 'low' | 'min', boost: number): number {
  if (mark === 'low') return zone.low + boost;
  const min = zone.min + boost;
  if ((gfp & __GFP_HIGH) === 0) return min;
  const half = min - Math.floor(min / 2);
  return (gfp & __GFP_ATOMIC) === 0 ? half : half - Math.floor(half / 4);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}
