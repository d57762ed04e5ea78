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
import { mmuGeometry } from '../paging/geometry.ts';
import { kernelEntrySync } from '../paging/kernel-entries.ts';
import { zoneOfMemory } from '../phys/initial-memory.ts';
import { mobilityGfp } from '../phys/migrate.ts';
import { pcpListBits, pcpListsOf } from '../phys/pcp-lists.ts';
import { describeZones, highestZones, kernelZoneNames } from '../phys/zones.ts';
import { reclaimSettings } from '../reclaim/settings.ts';
import { mostObjects, slabPlatform } from '../slab/geometry.ts';
import { kmallocCaches, kmallocRows } from '../slab/kmalloc-caches.ts';
import { hugePages } from '../thp/settings.ts';
import { faultAroundPages } from '../vm/fault-around.ts';
import { userSpaceOf } from '../vm/user-space.ts';
import { type CmaMemory, placeCma } from './cma.ts';
import { freeAtBoot, memoryMapAtBoot } from './reservations.ts';

/** What is free when the allocators begin, and what was set aside before. */
export interface MemoryAtBoot {
  readonly free: readonly PfnRange[];
  readonly cma: CmaMemory | undefined;
  readonly pool: BouncePool | undefined;
}

export function memoryAtBoot(layout: Layout, options: MachineOptions): MemoryAtBoot {
  const { free, cma } = withoutCma(layout, options);
  const pool = bouncePool(layout, free, options.swiotlb);
  return { free: pool === undefined ? free : subtract(free, poolFrames(pool, layout.pageShift)), cma, pool };
}

/** Memory less what CMA has and less the memory map. */
function withoutCma(
  layout: Layout,
  { cma: options }: MachineOptions,
): { free: PfnRange[]; cma: CmaMemory | undefined } {
  const free = freeAtBoot(layout);
  if (options === undefined) return { free: memoryMapAtBoot(layout, free), cma: undefined };
  const cma = placeCma(layout, free, 2 ** pageblockOrder(layout), options);
  const left = [...cma.areas, ...cma.lost].reduce<PfnRange[]>(subtract, free);
  return { free: memoryMapAtBoot(layout, left), cma };
}

function sum(pages: readonly number[]): number {
  return pages.reduce((total, zone) => total + zone, 0);
}

/** What no event changes. The kernel's root and the zero page have no place yet. */
export function platformOf(
  layout: Layout,
  options: MachineOptions,
  { free, cma, pool }: MemoryAtBoot,
): Platform {
  const mmu = mmuGeometry(layout, options.mmu ?? {}, options.tlb);
  const managed = layout.zones.map(({ startPfn, spannedPages }) =>
    countFrames([...free, ...(cma?.areas ?? [])], startPfn, startPfn + spannedPages),
  );
  const kernel = slabPlatform(layout);
  const { maxOrder } = kernel;
  const pageblock = pageblockOrder(layout);
  const thp = hugePages(layout, mmu, options.thp, sum(managed));
  const zones = describeZones(layout, managed, thp && 2 ** pageblock).map((zone, _, all) =>
    zoneOfMemory(zone, options.memory, all),
  );
  const zoneNames = kernelZoneNames(layout);
  const caches = kmallocCaches(kernel);
  const pageOf = (address: bigint): number => pageNumber(layout, address);
  return {
    layout,
    options,
    mmu,
    costs: { ...DEFAULT_COSTS, ...options.costs },
    zones,
    highestZones: highestZones(zones, zoneNames),
    hasDma32: zoneNames.includes('DMA32'),
    mobilityGfp: mobilityGfp(managed, pageblock, options.cma !== undefined),
    pageblockOrder: pageblock,
    cma,
    cmaApartOrder: cma === undefined ? maxOrder : pageblock,
    maxOrder,
    pcpListBits: pcpListBits(zones),
    pcpLists: pcpListsOf(layout.kernel.pcp, thp || layout.build?.thp ? pageblock : undefined),
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
    faultAroundPages: faultAroundPages(options.faultAroundBytes, layout.pageShift),
    readaheadPages: Math.floor((options.readaheadBytes ?? 0) / 2 ** layout.pageShift),
    userSpace: userSpaceOf(layout, options),
    bouncePool: pool,
  };
}

/**
 * pageblock_order: a large page of the last level but one, if the buddy allocator has blocks of that size and the kernel
 * knows huge pages at all; else the largest block.
 */
function pageblockOrder(layout: Layout): number {
  const { arch, build } = layout;
  const { maxOrder } = slabPlatform(layout);
  const { levels } = arch.translation;
  const hasHuge = build?.hugetlb ?? arch.port.hugePageblocks ?? true;
  return levels.length < 2 || !hasHuge ? maxOrder - 1 : Math.min(levels.at(-1)!.bits, maxOrder - 1);
}
