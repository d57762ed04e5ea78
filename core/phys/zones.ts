/**
 * Zones: which page frames a request may use, in which order, and how far each may be drained.
 *
 * The arithmetic is that of mm/page_alloc.c, v6.1 (build_zonelists, setup_per_zone_lowmem_reserve,
 * __setup_per_zone_wmarks, zone_watermark_ok, zone_batchsize, zone_highsize). Simplified: watermarks are computed once, from what is managed
 * at boot. Below `low` the next zone is tried, and kswapd is woken on a machine that reclaims (reclaim/), which then
 * frees pages up to `high`; below `min` the request makes room itself, or fails.
 */
import { __GFP_ATOMIC, __GFP_DMA, __GFP_DMA32, __GFP_HIGH, __GFP_HIGHMEM } from '../event/gfp.ts';
import type { WatermarkRules } from '../kernel/kernel.ts';
import type { Layout, ZoneName, ZoneSpan } from '../layout/layout.ts';
import { MIGRATE_PCPTYPES } from './migrate.ts';

/** Usual largest block: order 10, 2^10 pages (MAX_ORDER 11 counts orders 0..10; include/linux/mmzone.h, v6.1). */
export const MAX_ORDER = 11;
/** The most that a kernel has: arm64 with pages of 64 KiB (ARCH_FORCE_MAX_ORDER of arch/arm64/Kconfig, v6.1). */
export const MOST_ORDERS = 14;
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

/** What the marks follow from. */
type Ground = Pick<Layout, 'zones' | 'kernel' | 'pageShift' | 'onlineCpus'>;

/**
 * Zones with their watermarks, reserves and per-cpu limits, in pages; `managed`: by zone, the pages that its allocator
 * has; `hugePageFrames`: frames of a pageblock, where transparent huge pages are in use.
 */
export function describeZones(ground: Ground, managed: readonly number[], hugePageFrames?: number): Zone[] {
  const zones = zonesWith(ground, managed, 0);
  const { khugepagedZones } = ground.kernel.watermarks;
  if (hugePageFrames === undefined || khugepagedZones === 'none') return zones;
  const low = zones.filter(({ name }) => name !== 'HighMem');
  const counted = khugepagedZones === 'low' ? low.length : zones.length;
  return zonesWith(ground, managed, recommendedPages(low, counted * hugePageFrames));
}

/**
 * set_recommended_min_free_kbytes() of mm/khugepaged.c, v6.1, in pages: room for two pageblocks of each zone, and for one
 * of each migrate type among those of each other, but no more than a twentieth of low memory above its high marks;
 * `frames`: of a pageblock in each zone that counts.
 */
function recommendedPages(low: readonly Zone[], frames: number): number {
  const wanted = frames * (2 + MIGRATE_PCPTYPES * MIGRATE_PCPTYPES);
  const free = low.reduce((sum, { managedPages, high }) => sum + Math.max(0, managedPages - high), 0);
  return Math.min(wanted, Math.floor(free / 20));
}

/** `leastPages`: what min_free_kbytes comes to at least. */
function zonesWith(
  { zones: spans, kernel, pageShift, onlineCpus }: Ground,
  managed: readonly number[],
  leastPages: number,
): Zone[] {
  const { watermarks, pcp } = kernel;
  const shares = minimumShares(watermarks, spans, managed, pageShift, leastPages);
  return spans.map((span, index) => {
    const share = shares[index]!;
    const managedPages = managed[index]!;
    const gap = Math.max(Math.floor(share / 4), Math.floor((managedPages * watermarks.scaleFactor) / 10_000));
    const { least, most } = watermarks.highMemoryPages;
    const min = span.name === 'HighMem' ? clamp(Math.floor(managedPages / 1024), least, most) : share;
    const ratio = watermarks.lowmemReserveRatio[span.name];
    const lowmemReserve = spans.map((_, asked) => reserveAgainst(ratio, managed, index, asked));
    const low = min + gap;
    const pcpBatch = pcp.batch(managedPages, pageShift);
    const pcpHigh = pcp.high(low, pcpBatch, onlineCpus);
    return { ...span, index, managedPages, min, low, high: low + gap, lowmemReserve, pcpBatch, pcpHigh };
  });
}

/** min_free_kbytes = 4 * sqrt(lowmem_kbytes), in pages, for each zone by its size relative to low memory. */
function minimumShares(
  { minFreeKib }: WatermarkRules,
  spans: readonly ZoneSpan[],
  managed: readonly number[],
  pageShift: number,
  leastPages: number,
): number[] {
  const kibPerPage = 2 ** pageShift / 1024;
  const lowPages = spans.reduce((sum, span, i) => sum + (span.name === 'HighMem' ? 0 : managed[i]!), 0);
  const wantedKib = Math.floor(Math.sqrt(lowPages * kibPerPage * 16));
  const usual = Math.floor(clamp(wantedKib, minFreeKib.least, minFreeKib.most) / kibPerPage);
  const pagesMin = Math.max(usual, leastPages);
  return managed.map((pages) => Math.floor((pagesMin * pages) / lowPages));
}

function reserveAgainst(ratio: number, managed: readonly number[], zone: number, asked: number): number {
  if (asked <= zone || ratio === 0) return 0;
  const pagesAbove = managed.slice(zone + 1, asked + 1).reduce((sum, pages) => sum + pages, 0);
  return Math.floor(pagesAbove / ratio);
}

/** The zone bits of a gfp mask. */
export const GFP_ZONE_MASK = __GFP_DMA | __GFP_HIGHMEM | __GFP_DMA32;

/**
 * Zones that the kernel was built with, those without memory too, lowest first. High memory goes with a kmap window, and
 * of ARM's kernels not all have a zone for devices (CONFIG_ZONE_DMA). Memory below 4 GiB that is Normal tells that there
 * is no DMA32.
 */
export function kernelZoneNames({ arch, pkmap, build, zones, pageShift }: Layout): ZoneName[] {
  const has = (name: ZoneName): boolean => zones.some((zone) => zone.name === name);
  const normal = zones.find(({ name }) => name === 'Normal');
  const isLowNormal = normal !== undefined && normal.startPfn * 2 ** pageShift < 2 ** 32;
  const without: readonly (ZoneName | false)[] = [
    pkmap === undefined && 'HighMem',
    build?.zoneDma === false && 'DMA',
    isLowNormal && !has('DMA32') && 'DMA32',
  ];
  return arch.port.zoneNames.filter((name) => !without.includes(name));
}

const RANK: Record<ZoneName, number> = { DMA: 0, DMA32: 1, Normal: 2, HighMem: 3 };

/**
 * By GFP_ZONE_MASK: index of the highest zone that a request may use (gfp_zone, GFP_ZONE_TABLE). A zone that the kernel
 * was built without is Normal instead; one that has no memory leaves the request to those below it.
 */
export function highestZones(zones: readonly Zone[], names: readonly ZoneName[]): number[] {
  return Array.from({ length: GFP_ZONE_MASK + 1 }, (_, gfp) => {
    const wanted =
      gfp & __GFP_DMA ? 'DMA' : gfp & __GFP_DMA32 ? 'DMA32' : gfp & __GFP_HIGHMEM ? 'HighMem' : 'Normal';
    const rank = RANK[names.includes(wanted) ? wanted : 'Normal'];
    return zones.reduce((best, zone) => (RANK[zone.name] <= rank ? zone.index : best), 0);
  });
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
