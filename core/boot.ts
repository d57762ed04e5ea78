/**
 * Boot: the machine before the first event. Firmware, kernel image and memory map are set aside, what is left
 * goes to the buddy allocator, and the direct map is built with the largest pages that fit.
 */

import { type Costs, DEFAULT_COSTS } from './base/cost.ts';
import { buildDirectMap, buildKmapTables } from './boot/kernel-tables.ts';
import { freeAtBoot, reserveFrames } from './boot/reservations.ts';
import { required } from './boot/too-small.ts';
import { releaseZone } from './boot/zones.ts';
import { bouncePool, poolFrames, type SwiotlbOptions } from './dma/bounce-pool.ts';
import type { BouncePool } from './dma/swiotlb.ts';
import { GFP_KERNEL } from './event/gfp.ts';
import { firstPfn } from './layout/convert.ts';
import type { Layout } from './layout/layout.ts';
import { countFrames, type PfnRange, subtract } from './layout/page-frames.ts';
import { pageNumber } from './layout/regions.ts';
import { COUNTER } from './outcome/counters.ts';
import { type MmuGeometry, mmuGeometry } from './paging/geometry.ts';
import { kernelEntrySync } from './paging/kernel-entries.ts';
import { newTable } from './paging/tables.ts';
import { USE_RESERVED } from './phys/frames.ts';
import { freeLowPages } from './phys/free-lists.ts';
import { type InitialZoneMemory, startFromMemory } from './phys/initial-memory.ts';
import { allocPages } from './phys/page-alloc.ts';
import { drainAllPcps } from './phys/pcp.ts';
import { describeZones, highestZones, type Zone } from './phys/zones.ts';
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

/** A machine that has just booted: its page tables are built, and what nobody needs is free. */
export function bootMachine(layout: Layout, options: MachineOptions = {}): Machine {
  const { free, pool } = memoryAtBoot(layout, options);
  const platform = platformOf(layout, options, free, pool);
  const draft = new Draft(blankMachine(platform));
  draft.onCpu(0);
  reserveFrames(draft, layout, free);
  for (const zone of platform.zones) releaseZone(draft, zone, free);
  addKmallocCaches(draft);
  const kernelRoot = required(newTable(draft, platform.mmu.rootOrder), layout);
  const zeroPfn = required(allocPages(draft, 0, GFP_KERNEL, USE_RESERVED, 0), layout);
  buildDirectMap(draft, kernelRoot, layout, platform.mmu);
  buildKmapTables(draft, kernelRoot, layout);
  drainAllPcps(draft);
  if (options.memory !== undefined) startFromMemory(draft, options.memory);
  const tablePages = draft.counters[COUNTER.pageTablePages]!;
  draft.counters.fill(0);
  draft.counters[COUNTER.pageTablePages] = tablePages;
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
): { free: readonly PfnRange[]; pool: BouncePool | undefined } {
  const free = freeAtBoot(layout);
  const pool = bouncePool(layout, free, options.swiotlb);
  return { free: pool === undefined ? free : subtract(free, poolFrames(pool, layout.pageShift)), pool };
}

/** What no event changes. The kernel's root and the zero page have no place yet. */
function platformOf(
  layout: Layout,
  options: MachineOptions,
  free: readonly PfnRange[],
  pool: BouncePool | undefined,
): Platform {
  const mmu = mmuGeometry(layout, options.mmu ?? {}, options.tlb);
  const managed = layout.zones.map(({ startPfn, spannedPages }) =>
    countFrames(free, startPfn, startPfn + spannedPages),
  );
  const zones = describeZones(layout, managed);
  const kernel = slabPlatform(layout);
  const { maxOrder } = kernel;
  const caches = kmallocCaches(kernel);
  const pageOf = (address: bigint): number => pageNumber(layout, address);
  return {
    layout,
    options,
    mmu,
    costs: { ...DEFAULT_COSTS, ...options.costs },
    zones,
    highestZones: highestZones(zones),
    pageblockOrder: pageblockOrder(mmu, maxOrder),
    maxOrder,
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
    linearVpn: pageOf(layout.pageOffset) - firstPfn(layout),
    vmallocGuardPages: layout.kernel.vmalloc.guardPages,
    kernelEntries: kernelEntrySync(layout, mmu.kpti),
    reclaim: reclaimSettings(options.reclaim, layout.pageShift),
    thp: hugePages(layout, mmu, options.thp),
    userSpace: userSpaceOf(layout, options),
    bouncePool: pool,
  };
}

/** pageblock_order: a large page of the last level but one, if the buddy allocator has blocks of that size. */
function pageblockOrder(mmu: MmuGeometry, maxOrder: number): number {
  const large = mmu.levels.at(-2);
  return large === undefined ? maxOrder - 1 : Math.min(Math.log2(large.span), maxOrder - 1);
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
