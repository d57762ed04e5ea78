/**
 * Where memory for contiguous buffers is set aside at boot (CMA), as frames in whole pageblocks.
 *
 * Sources, v6.1: kernel/dma/contiguous.c (early_cma, dma_contiguous_reserve), mm/cma.c (cma_declare_contiguous_nid,
 * cma_activate_area), arch/arm/mm/init.c (arm_memblock_init), arch/arm64/mm/init.c (bootmem_init), arch/x86/kernel/setup.c.
 * Simplified: what else boot has taken by then is the kernel image and, where these come first, the tables of the direct
 * map and the memory map; of other things, less than a large page (on arm64 the device tree and the data of the node).
 */
import type { CmaRules } from '../arch/port.ts';
import { UsageError } from '../base/errors.ts';
import { formatSize } from '../base/units.ts';
import { inEra } from '../kernel/eras.ts';
import type { CmaOption } from '../layout/firmware/boot-options.ts';
import type { AddressRange, Layout } from '../layout/layout.ts';
import type { PfnRange } from '../layout/page-frames.ts';
import { directMapTablesAtBoot, sparseMapAtBoot } from './reservations.ts';

/** Boot option cma=: a size, and from where and below what it may lie; or the places that a kernel told of. */
export type CmaOptions = CmaOption | { readonly areas: readonly AddressRange[] };

/** Frames, each area in one zone. */
export interface CmaMemory {
  readonly areas: readonly PfnRange[];
  /** Reserved and never given to anybody, by a mistake of the kernel. */
  readonly lost: readonly PfnRange[];
}

const NO_CMA: CmaMemory = { areas: [], lost: [] };

/** Whether the kernel's code for a processor knows of CMA at all, in the order in which memory is set aside. */
export function cmaRulesOf({ name, arch }: Layout): CmaRules {
  const { cma } = arch.port;
  if (cma !== undefined) return cma;
  throw new UsageError(
    `layout ${name}: found cma=, which kernels for this processor do not have; expected another layout`,
  );
}

/** @throws UsageError when there is no room */
export function placeCma(
  layout: Layout,
  free: readonly PfnRange[],
  pageblockFrames: number,
  options: CmaOptions,
): CmaMemory {
  if ('areas' in options) return { areas: wholeAreas(layout, options.areas, pageblockFrames), lost: [] };
  if (options.bytes === 0n) return NO_CMA;
  const ground = groundOf(layout, leftWhenPlaced(layout, free), pageblockFrames, options);
  const found = options.base === undefined ? placeAnywhere(layout, ground) : placeAt(ground);
  if (found !== undefined) return found;
  throw new UsageError(
    `layout ${layout.name}: cma=${formatSize(options.bytes)} finds no free memory of that size in a row below ` +
      `0x${(ground.limit * 2 ** layout.pageShift).toString(16)}; expected less, or more RAM`,
  );
}

/** What early boot has left by the time that CMA is placed. */
function leftWhenPlaced(layout: Layout, free: readonly PfnRange[]): readonly PfnRange[] {
  const { beforeMemoryMap } = cmaRulesOf(layout);
  const taken = beforeMemoryMap ? 'nothing' : inEra(TAKEN_BEFORE, layout.kernel.version);
  if (taken === 'nothing') return free;
  const left = directMapTablesAtBoot(layout, free);
  return taken === 'tables' ? left : sparseMapAtBoot(layout, left);
}

const TAKEN_BEFORE = [
  { since: '7.0', value: 'tables', source: 'arch/arm64/mm/init.c, bootmem_init(): no sparse_init()' },
  { since: '5.11', value: 'tables and map', source: 'arch/arm64/mm/init.c, bootmem_init()' },
  { since: '3.5', value: 'nothing', source: 'arch/arm64/mm/init.c, arm64_memblock_init()' },
] as const;

/** In frames. */
interface Ground {
  readonly free: readonly PfnRange[];
  readonly align: number;
  readonly frames: number;
  readonly base: number;
  readonly limit: number;
}

function groundOf(
  layout: Layout,
  free: readonly PfnRange[],
  pageblockFrames: number,
  { bytes, base = 0n, limit: option }: CmaOption,
): Ground {
  const pageBytes = 2 ** layout.pageShift;
  const align =
    inEra(ALIGNMENTS, layout.kernel.version) === 'pageblock' ? pageblockFrames : largestBlock(layout);
  const most = limitFrames(layout);
  const limit = option === undefined ? most : Math.min(most, Math.floor(Number(option) / pageBytes));
  return {
    ...{ free, align },
    frames: roundUp(Math.ceil(Number(bytes) / pageBytes), align),
    base: roundUp(Math.floor(Number(base) / pageBytes), align),
    limit: Math.min(limit - (limit % align), layout.maxPfn),
  };
}

const ALIGNMENTS = [
  { since: '5.19', value: 'pageblock', source: 'include/linux/cma.h, CMA_MIN_ALIGNMENT_PAGES' },
  {
    since: '3.5',
    value: 'largest block',
    source: 'drivers/base/dma-contiguous.c, max(MAX_ORDER - 1, pageblock_order)',
  },
] as const;

function largestBlock({ build, arch, kernel }: Layout): number {
  return 2 ** ((build?.maxOrder ?? arch.port.maxOrder ?? kernel.maxOrder) - 1);
}

/** The frame that the default area ends at, at the latest: what the processor's code passes to dma_contiguous_reserve(). */
function limitFrames(layout: Layout): number {
  const { zones, maxLowPfn, pageShift, build, physicalBase } = layout;
  const { below } = cmaRulesOf(layout);
  if (below === 'low-memory') return maxLowPfn;
  if (below === 'first-zone') return zones[0]!.startPfn + zones[0]!.spannedPages;
  const { dmaZoneBytes } = build ?? {};
  // arm_dma_limit is the last byte, so that the last page is lost; MAX_DMA_ADDRESS of a machine without a limit of its own.
  const last = dmaZoneBytes === undefined ? 0xffff_ffffn : physicalBase + dmaZoneBytes - 1n;
  return Math.floor(Number(last) / 2 ** pageShift);
}

/** cma=SIZE@BASE: exactly there, or not at all; with a limit behind it, anywhere between. */
function placeAt(ground: Ground): CmaMemory | undefined {
  const { free, base, frames, limit } = ground;
  const fits = free.some(({ start, end }) => start <= base && base + frames <= end);
  if (base + frames <= limit && fits) return { areas: [{ start: base, end: base + frames }], lost: [] };
  return areaOf(topDown(ground, base, limit));
}

/**
 * From the top of high memory if the limit allows, so that it lies in one zone; else from the top below. Kernels with wide
 * physical addresses try once more from 4 GiB upwards, and until 6.2 forget what they had found in high memory by then.
 */
function placeAnywhere(layout: Layout, ground: Ground): CmaMemory | undefined {
  const { maxLowPfn, kernel, arch, maxPfn, pageShift } = layout;
  const { base, limit } = ground;
  const inHigh = base < maxLowPfn && limit > maxLowPfn ? topDown(ground, maxLowPfn, limit) : undefined;
  const lowLimit = Math.min(limit, maxLowPfn);
  const fourGib = 2 ** (32 - pageShift);
  const rule = inEra(BOTTOM_UPS, kernel.version);
  const isWide = arch.physAddrBytes === 8 && maxPfn >= fourGib + ground.frames && rule !== 'none';
  if (!isWide) return areaOf(inHigh ?? topDown(ground, base, lowLimit));
  const above = bottomUp(ground, fourGib, rule === 'last' ? lowLimit : limit);
  if (rule === 'first') return areaOf(above ?? inHigh ?? topDown(ground, base, lowLimit));
  const found = areaOf(above ?? topDown(ground, base, lowLimit));
  return found && inHigh ? { ...found, lost: [inHigh] } : found;
}

const BOTTOM_UPS = [
  { since: '6.3', value: 'first', source: 'mm/cma.c, cma_declare_contiguous_nid()' },
  { since: '5.11', value: 'last', source: 'mm/cma.c, cma_declare_contiguous_nid()' },
  {
    since: '3.5',
    value: 'none',
    source: 'drivers/base/dma-contiguous.c; mm/cma.c, cma_declare_contiguous()',
  },
] as const;

function areaOf(area: PfnRange | undefined): CmaMemory | undefined {
  return area && { areas: [area], lost: [] };
}

/** memblock_alloc_range_nid(): the highest free place in [from, to). */
function topDown({ free, align, frames }: Ground, from: number, to: number): PfnRange | undefined {
  for (const range of free.toReversed()) {
    const last = Math.min(range.end, to) - frames;
    const start = last - (last % align);
    if (start >= Math.max(range.start, from)) return { start, end: start + frames };
  }
  return undefined;
}

function bottomUp({ free, align, frames }: Ground, from: number, to: number): PfnRange | undefined {
  for (const range of free) {
    const start = roundUp(Math.max(range.start, from), align);
    if (start + frames <= Math.min(range.end, to)) return { start, end: start + frames };
  }
  return undefined;
}

/** What the kernel said, in whole pageblocks of RAM; an area across two zones is given up (cma_activate_area). */
function wholeAreas(layout: Layout, areas: readonly AddressRange[], pageblockFrames: number): PfnRange[] {
  const pageBytes = 2 ** layout.pageShift;
  return areas
    .map(({ start, end }) => ({
      start: roundUp(Math.ceil(Number(start) / pageBytes), pageblockFrames),
      end: roundDown(Math.floor(Number(end) / pageBytes), pageblockFrames),
    }))
    .filter((area) => area.start < area.end && layout.zones.some((zone) => liesIn(area, zone)))
    .filter(({ start, end }) => isRam(layout, start, end))
    .sort((a, b) => a.start - b.start);
}

function liesIn({ start, end }: PfnRange, zone: Layout['zones'][number]): boolean {
  return start >= Math.max(zone.startPfn, firstUsed) && end <= zone.startPfn + zone.spannedPages;
}

/** Frame 0 is never free. */
const firstUsed = 1;

function isRam({ ram, pageShift }: Layout, start: number, end: number): boolean {
  const bytes = (pfn: number): bigint => BigInt(pfn) << BigInt(pageShift);
  return ram.some((range) => range.start <= bytes(start) && bytes(end) <= range.end);
}

function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit;
}

function roundDown(value: number, unit: number): number {
  return value - (value % unit);
}
