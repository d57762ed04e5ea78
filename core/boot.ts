/**
 * Boot: the machine before the first event. Firmware, kernel image and memory map are set aside, what is left
 * goes to the buddy allocator, and the direct map is built with the largest pages that fit.
 */

import { type Costs, DEFAULT_COSTS } from './base/cost.ts';
import { UsageError } from './base/errors.ts';
import { bouncePool, poolFrames, type SwiotlbOptions } from './dma/bounce-pool.ts';
import type { BouncePool } from './dma/swiotlb.ts';
import { GFP_KERNEL } from './event/gfp.ts';
import { directMap } from './layout/dump/direct-map.ts';
import type { Layout } from './layout/layout.ts';
import { pageNumber } from './layout/regions.ts';
import { KMAP_LOCAL_SLOTS } from './layout/x86/x86-32.ts';
import { COUNTER } from './outcome/counters.ts';
import { type MmuGeometry, mmuGeometry } from './paging/geometry.ts';
import { kernelEntrySync } from './paging/kernel-entries.ts';
import { makePte, PTE_LARGE, PTE_NX, PTE_RW } from './paging/pte.ts';
import { PAGING_VAR } from './paging/state.ts';
import { mapPage, mapPages, newTable } from './paging/tables.ts';
import { freeBlock } from './phys/buddy.ts';
import { FRAME, USE_RESERVED } from './phys/frames.ts';
import { addToFreeListTail, freeLowPages, freePagesCell } from './phys/free-lists.ts';
import { type InitialZoneMemory, startFromMemory } from './phys/initial-memory.ts';
import { MIGRATE_MOVABLE, setPageblockType } from './phys/migrate.ts';
import { allocPages } from './phys/page-alloc.ts';
import { drainAllPcps } from './phys/pcp.ts';
import { describeZones, highestZones, MAX_ORDER, type Zone } from './phys/zones.ts';
import { type ReclaimOptions, reclaimSettings } from './reclaim/settings.ts';
import { addKmallocCaches } from './slab/caches.ts';
import { mostObjects, slabPlatform } from './slab/geometry.ts';
import { kmallocCaches, kmallocRows } from './slab/kmalloc-caches.ts';
import { readMachine } from './state/codec.ts';
import { Draft } from './state/draft.ts';
import type { Machine, Platform } from './state/machine.ts';
import { PARTS } from './state/slices.ts';
import { hugePages, type ThpMode } from './thp/settings.ts';
import type { TlbMaker } from './tlb/model.ts';
import type { MmuOptions } from './tlb/options.ts';
import { type UserSpaceOptions, userSpaceOf } from './vm/user-space.ts';

export interface MachineOptions extends UserSpaceOptions {
  /** Reclaim pages when memory runs short; without it, allocations fail. */
  readonly reclaim?: ReclaimOptions;
  /** Transparent huge pages; never by default. Without effect where a kernel cannot have them. */
  readonly thp?: ThpMode;
  readonly costs?: Partial<Costs>;
  readonly mmu?: Partial<MmuOptions>;
  /** TLBs of another make than `mmu` can describe. */
  readonly tlb?: TlbMaker;
  /** Bounce buffers for DMA: as the kernel would decide if not given; false for none. */
  readonly swiotlb?: SwiotlbOptions | false;
  /** Free blocks to start with, instead of all memory that boot does not need. */
  readonly memory?: readonly InitialZoneMemory[];
}

/** PFNs [start, end). */
interface FrameRange {
  readonly start: number;
  readonly end: number;
}

/** x86 never gives out the first MiB (reserve_real_mode and trim_low_memory_range, arch/x86, v6.1). */
const LOW_RESERVED_BYTES = 2 ** 20;

/** A machine that has just booted: its page tables are built, and what nobody needs is free. */
export function bootMachine(layout: Layout, options: MachineOptions = {}): Machine {
  const { free, pool } = memoryAtBoot(layout, options);
  const platform = platformOf(layout, options, free, pool);
  const draft = new Draft(blankMachine(platform));
  draft.onCpu(0);
  reserveFrames(draft, layout, free);
  for (const zone of platform.zones) releaseZone(draft, zone, free);
  addKmallocCaches(draft);
  const kernelRoot = required(newTable(draft), layout);
  const zeroPfn = required(allocPages(draft, 0, GFP_KERNEL, USE_RESERVED, 0), layout);
  buildDirectMap(draft, kernelRoot, layout, platform.mmu);
  buildKmapTables(draft, kernelRoot, layout);
  drainAllPcps(draft);
  if (options.memory !== undefined) startFromMemory(draft, options.memory);
  draft.counters.fill(0);
  draft.counters[COUNTER.pageTablePages] = draft.vars[PAGING_VAR.tableRows]!;
  draft.counters[COUNTER.lowFreeLowest] = freeLowPages(platform.zones, draft);
  const { machine } = draft.seal(false);
  return { ...machine, platform: { ...platform, kernelRoot, zeroPfn } };
}

/** The machine that `machineBytes` wrote: with the same digest, and the same future. Throws UsageError for other bytes. */
export function machineFromBytes(bytes: Uint8Array): Machine {
  return readMachine(bytes, ({ layout, options, kernelRoot, zeroPfn }) => {
    const { free, pool } = memoryAtBoot(layout, options);
    return { ...platformOf(layout, options, free, pool), kernelRoot, zeroPfn };
  });
}

/** What is free when the allocators begin, and the bounce buffers that were set aside before. */
function memoryAtBoot(
  layout: Layout,
  options: MachineOptions,
): { free: readonly FrameRange[]; pool: BouncePool | undefined } {
  const free = freeAtBoot(layout);
  const pool = bouncePool(layout, free, options.swiotlb);
  return { free: pool === undefined ? free : subtract(free, poolFrames(pool, layout.pageShift)), pool };
}

/** What no event changes. The kernel's root and the zero page have no place yet. */
function platformOf(
  layout: Layout,
  options: MachineOptions,
  free: readonly FrameRange[],
  pool: BouncePool | undefined,
): Platform {
  const mmu = mmuGeometry(layout, options.mmu ?? {}, options.tlb);
  const managed = layout.zones.map(({ startPfn, spannedPages }) =>
    countFrames(free, startPfn, startPfn + spannedPages),
  );
  const zones = describeZones(layout.zones, managed, layout.pageShift, layout.cpus);
  const kernel = slabPlatform(layout);
  const caches = kmallocCaches(kernel);
  const pageOf = (address: bigint): number => pageNumber(layout, address);
  return {
    layout,
    options,
    mmu,
    costs: { ...DEFAULT_COSTS, ...options.costs },
    zones,
    highestZones: highestZones(zones),
    pageblockOrder: pageblockOrder(mmu),
    pcpListBits: pcpListBits(zones),
    kmallocCaches: caches,
    kmallocRows: kmallocRows(caches, 2 ** layout.pageShift),
    slabLinkRoom: mostObjects(kernel),
    kernelRoot: 0,
    zeroPfn: 0,
    vmallocVpn: pageOf(layout.vmalloc.start),
    pkmapVpn: layout.pkmap === undefined ? 0 : pageOf(layout.pkmap.base),
    fixmapVpn: pageOf(layout.fixmap.start),
    directMapVpn: pageOf(layout.pageOffset),
    kernelEntries: kernelEntrySync(layout, mmu.kpti),
    reclaim: reclaimSettings(options.reclaim, layout.pageShift),
    thp: hugePages(layout, mmu, options.thp),
    userSpace: userSpaceOf(layout, options),
    bouncePool: pool,
  };
}

/** pageblock_order: a large page of the last level but one, if the buddy allocator has blocks of that size. */
function pageblockOrder(mmu: MmuGeometry): number {
  const large = mmu.levels.at(-2);
  return large === undefined ? MAX_ORDER - 1 : Math.min(Math.log2(large.span), MAX_ORDER - 1);
}

/** A list holds as many pages as a cpu may have, and what a refill or a freed block puts on top. */
function pcpListBits(zones: readonly Zone[]): number {
  return Math.ceil(Math.log2(Math.max(...zones.map((zone) => zone.pcpHigh + zone.pcpBatch + 1))));
}

/** A machine with nothing in it: no frames, no page tables, no processes. */
export function blankMachine(platform: Platform): Machine {
  const begun = PARTS.map(([name, part]) => [name, part.begin(platform)]);
  return { platform, ...Object.fromEntries(begun) };
}

/** RAM less the first MiB, the kernel image, and the memory map at the top of the direct map. */
function freeAtBoot(layout: Layout): FrameRange[] {
  const pageBytes = 2 ** layout.pageShift;
  const pages = (bytes: number): number => Math.ceil(bytes / pageBytes);
  const ram = layout.ram.map(({ start, end }) => ({
    start: pages(Number(start)),
    end: Math.min(Math.floor(Number(end) / pageBytes), layout.maxPfn),
  }));
  const image = {
    start: Math.floor(Number(layout.kernelImage.start) / pageBytes),
    end: pages(Number(layout.kernelImage.end)),
  };
  let free = subtract(ram, { start: 0, end: pages(LOW_RESERVED_BYTES) });
  free = subtract(free, image);
  let memoryMapPages = pages(describedFrames(layout, ram) * layout.structPageBytes);
  for (const range of free.slice().reverse()) {
    const end = Math.min(range.end, layout.maxLowPfn);
    const taken = Math.min(memoryMapPages, end - range.start);
    if (taken <= 0) continue;
    free = subtract(free, { start: end - taken, end });
    memoryMapPages -= taken;
  }
  if (memoryMapPages > 0) throw tooSmall(layout);
  return free;
}

/** Frames that have a struct page: on 32 bits (FLATMEM) the holes too, on 64 (SPARSEMEM_VMEMMAP) RAM only. */
function describedFrames(layout: Layout, ram: readonly FrameRange[]): number {
  return layout.wordBits === 32 ? layout.maxPfn : countFrames(ram, 0, layout.maxPfn);
}

function subtract(ranges: readonly FrameRange[], hole: FrameRange): FrameRange[] {
  return ranges
    .flatMap(({ start, end }) => [
      { start, end: Math.min(end, hole.start) },
      { start: Math.max(start, hole.end), end },
    ])
    .filter(({ start, end }) => start < end);
}

function countFrames(ranges: readonly FrameRange[], from: number, to: number): number {
  return ranges.reduce(
    (sum, { start, end }) => sum + Math.max(0, Math.min(end, to) - Math.max(start, from)),
    0,
  );
}

/** What is RAM but not free gets blocks of its own, so that every frame has an owner. */
function reserveFrames(draft: Draft, layout: Layout, free: readonly FrameRange[]): void {
  const pageBytes = 2 ** layout.pageShift;
  let reserved = layout.ram.map(({ start, end }) => ({
    start: Math.ceil(Number(start) / pageBytes),
    end: Math.min(Math.floor(Number(end) / pageBytes), layout.maxPfn),
  }));
  for (const range of free) reserved = subtract(reserved, range);
  for (const range of reserved) {
    for (const { pfn, order } of blocksOf(range)) {
      draft.frames.set(pfn, FRAME.use, USE_RESERVED);
      draft.frames.set(pfn, FRAME.order, order);
      draft.frames.set(pfn, FRAME.refs, 1);
    }
  }
}

/**
 * Gives a zone its free blocks, all of them movable. Low memory goes in block by block, each to the end of its list
 * (memblock_free_all, FPI_TO_TAIL); high memory page by page, each merged block to the front (free_highmem_page):
 * the captured lists of DMA and Normal ascend, those of HighMem descend.
 */
function releaseZone(draft: Draft, zone: Zone, free: readonly FrameRange[]): void {
  const last = zone.startPfn + zone.spannedPages;
  for (let pfn = zone.startPfn; pfn < last; pfn += 2 ** draft.platform.pageblockOrder)
    setPageblockType(draft, pfn, MIGRATE_MOVABLE);
  setPageblockType(draft, last - 1, MIGRATE_MOVABLE);
  const blocks = free
    .map(({ start, end }) => ({ start: Math.max(start, zone.startPfn), end: Math.min(end, last) }))
    .filter(({ start, end }) => start < end)
    .flatMap((range) => [...blocksOf(range)]);
  for (const { pfn, order } of blocks) {
    if (zone.name === 'HighMem') freeBlock(draft, zone, pfn, order, MIGRATE_MOVABLE);
    else {
      addToFreeListTail(draft, zone.index, pfn, order, MIGRATE_MOVABLE);
      draft.freeLists[freePagesCell(zone.index)]! += 2 ** order;
    }
  }
}

/** The largest aligned blocks that a range is made of. */
function* blocksOf({ start, end }: FrameRange): Generator<{ pfn: number; order: number }> {
  for (let pfn = start; pfn < end; ) {
    let order = 0;
    while (order + 1 < MAX_ORDER && pfn % 2 ** (order + 1) === 0 && pfn + 2 ** (order + 1) <= end) order++;
    yield { pfn, order };
    pfn += 2 ** order;
  }
}

/** Maps low memory at PAGE_OFFSET, as the kernel has it once it is up. */
function buildDirectMap(draft: Draft, root: number, layout: Layout, mmu: MmuGeometry): void {
  const base = draft.platform.directMapVpn;
  for (const { startPfn, endPfn, pageFrames, writable, executable } of directMap(layout)) {
    const level = mmu.levels.findIndex(({ span }) => span === pageFrames);
    let flags = pageFrames > 1 ? mmu.kernelFlags | PTE_LARGE : mmu.kernelFlags;
    if (!writable) flags &= ~PTE_RW;
    if (executable && layout.translation.nx) flags &= ~PTE_NX;
    let pfn = startPfn;
    if (pageFrames === 1)
      required(
        mapPages(draft, root, base + pfn, endPfn - startPfn, () => makePte(pfn++, flags)),
        layout,
      );
    for (; pfn < endPfn; pfn += pageFrames)
      required(mapPage(draft, root, base + pfn, makePte(pfn, flags), level), layout);
  }
}

/** The last-level tables of kmap and kmap_local are there from boot on (permanent_kmaps_init, page_table_range_init). */
function buildKmapTables(draft: Draft, root: number, layout: Layout): void {
  if (layout.pkmap === undefined || layout.highstartPfn === undefined) return;
  const { pkmapVpn, fixmapVpn } = draft.platform;
  buildTables(draft, root, pkmapVpn, layout.pkmap.slots);
  buildTables(draft, root, fixmapVpn + 1, KMAP_LOCAL_SLOTS * layout.nrCpus);
}

function buildTables(draft: Draft, root: number, vpn: number, nrPages: number): void {
  const { layout, mmu } = draft.platform;
  for (let at = vpn - (vpn % mmu.leafEntries); at < vpn + nrPages; at += mmu.leafEntries) {
    for (const pte of [makePte(0, mmu.kernelFlags), 0]) required(mapPage(draft, root, at, pte), layout);
  }
}

function required(value: number, layout: Layout): number {
  if (value < 0) throw tooSmall(layout);
  return value;
}

function tooSmall(layout: Layout): UsageError {
  return new UsageError(
    `${layout.name}: the kernel does not fit into ${layout.ramBytes >> 20n} MiB of RAM; give the machine more`,
  );
}
