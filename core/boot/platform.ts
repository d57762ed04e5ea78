/** The platform of a layout: what no event changes, worked out before the machine boots. */
import { DEFAULT_COSTS } from '../base/cost.ts';
import { bouncePool, poolFrames } from '../dma/bounce-pool.ts';
import type { BouncePool } from '../dma/swiotlb.ts';
import { placeAreas } from '../kmap/kernel-areas.ts';
import { firstPfn } from '../layout/convert.ts';
import type { Layout } from '../layout/layout.ts';
import { countFrames, type PfnRange, subtract } from '../layout/page-frames.ts';
import { pageNumber } from '../layout/regions.ts';
import type { Platform } from '../machine/machine.ts';
import type { MachineOptions } from '../machine/options.ts';
import { type MmuGeometry, mmuGeometry } from '../paging/geometry.ts';
import { kernelEntrySync } from '../paging/kernel-entries.ts';
import { zoneOfMemory } from '../phys/initial-memory.ts';
import { describeZones, highestZones, type Zone } from '../phys/zones.ts';
import { reclaimSettings } from '../reclaim/settings.ts';
import { mostObjects, slabPlatform } from '../slab/geometry.ts';
import { kmallocCaches, kmallocRows } from '../slab/kmalloc-caches.ts';
import { hugePages } from '../thp/settings.ts';
import { userSpaceOf } from '../vm/user-space.ts';
import { freeAtBoot } from './reservations.ts';

/** What is free when the allocators begin, and the bounce buffers that were set aside before. */
export function memoryAtBoot(
  layout: Layout,
  options: MachineOptions,
): { free: readonly PfnRange[]; pool: BouncePool | undefined } {
  const free = freeAtBoot(layout);
  const pool = bouncePool(layout, free, options.swiotlb);
  return { free: pool === undefined ? free : subtract(free, poolFrames(pool, layout.pageShift)), pool };
}

/** What no event changes. The kernel's root and the zero page have no place yet. */
export function platformOf(
  layout: Layout,
  options: MachineOptions,
  free: readonly PfnRange[],
  pool: BouncePool | undefined,
): Platform {
  const mmu = mmuGeometry(layout, options.mmu ?? {}, options.tlb);
  const managed = layout.zones.map(({ startPfn, spannedPages }) =>
    countFrames(free, startPfn, startPfn + spannedPages),
  );
  const kernel = slabPlatform(layout);
  const { maxOrder } = kernel;
  const pageblock = pageblockOrder(layout, mmu, maxOrder);
  const thp = hugePages(layout, mmu, options.thp);
  const zones = describeZones(layout, managed, thp && 2 ** pageblock).map((zone) =>
    zoneOfMemory(zone, options.memory),
  );
  const caches = kmallocCaches(kernel);
  const pageOf = (address: bigint): number => pageNumber(layout, address);
  return {
    layout,
    options,
    mmu,
    costs: { ...DEFAULT_COSTS, ...options.costs },
    zones,
    highestZones: highestZones(zones),
    pageblockOrder: pageblock,
    maxOrder,
    pcpListBits: pcpListBits(zones),
    kmallocCaches: caches,
    kmallocRows: kmallocRows(kernel),
    slabLinkRoom: mostObjects(kernel),
    kernelRoot: 0,
    zeroPfn: 0,
    kernelAreas: placeAreas(layout, options.vmallocAreas ?? []),
    vmallocVpn: pageOf(layout.vmalloc.start),
    pkmapVpn: layout.pkmap === undefined ? 0 : pageOf(layout.pkmap.base),
    kmapLocalVpn:
      pageOf(layout.fixmap.end - (1n << BigInt(layout.pageShift))) + 1 - layout.arch.port.fixmapDevicePages,
    directMapVpn: pageOf(layout.pageOffset),
    linearVpn: pageOf(layout.pageOffset) - firstPfn(layout),
    vmallocGuardPages: layout.kernel.vmalloc.guardPages,
    kernelEntries: kernelEntrySync(layout, mmu.kpti),
    reclaim: reclaimSettings(options.reclaim, layout.pageShift),
    thp,
    userSpace: userSpaceOf(layout, options),
    bouncePool: pool,
  };
}

/**
 * pageblock_order: a large page of the last level but one, if the buddy allocator has blocks of that size and the kernel
 * knows huge pages at all; else the largest block.
 */
function pageblockOrder({ arch, build }: Layout, mmu: MmuGeometry, maxOrder: number): number {
  const large = mmu.levels.at(-2);
  const hasHuge = build?.hugetlb ?? arch.port.hugePageblocks ?? true;
  return large === undefined || !hasHuge ? maxOrder - 1 : Math.min(Math.log2(large.span), maxOrder - 1);
}

/** A list holds as many pages as a cpu may have, and what a refill or a freed block puts on top. */
function pcpListBits(zones: readonly Zone[]): number {
  return Math.ceil(Math.log2(Math.max(...zones.map((zone) => zone.pcpHigh + zone.pcpBatch + 1))));
}
