/**
 * A plan: all that a layout fixes whatever the amount of RAM, as plain data, and the layout that it makes with some RAM.
 *
 * The kernels of x86/linux-32.ts compute their windows from the RAM; here they lie where the plan says, and RAM fills the
 * direct map from below. What does not fit is high memory if there is a kmap window, else it is not used.
 */
import type { Architecture } from '../arch/architecture.ts';
import { UsageError } from '../base/errors.ts';
import { addressOf, formatSize, pfnOf } from '../base/units.ts';
import type { Kernel } from '../kernel/kernel.ts';
import { fixmapPages } from './fixmap.ts';
import type { KernelImage, Region, ZoneSpan } from './layout.ts';
import type { BuildInput, LayoutBody, LayoutMember } from './member.ts';
import {
  endPfn,
  frameLimit,
  type PfnRange,
  splitLowmem,
  usableFrames,
  type ZoneLimit,
  zoneSpans,
} from './page-frames.ts';
import { ascending, region } from './regions.ts';
import { vmallocReserve, vmallocStart } from './vmalloc-window.ts';

export interface LayoutPlan
  extends Pick<
    LayoutBody,
    | 'userParts'
    | 'segments'
    | 'pageOffset'
    | 'taskSize'
    | 'stackTop'
    | 'mmapBase'
    | 'mmapLegacyBase'
    | 'build'
    | 'textBase'
    | 'maxMem'
    | 'vmalloc'
    | 'pkmap'
    | 'fixmap'
    | 'fixmapTotalStart'
    | 'modules'
    | 'structPageBytes'
    | 'kernelStackBytes'
  > {
  /**
   * What the direct map leaves for the vmalloc window, which then begins above low memory as the kernel has it, and which
   * vmalloc= changes; undefined: the window lies where it is said to.
   */
  readonly vmallocReserve?: bigint;
  /** Physical addresses that the direct map, and the kernel at all, do not go beyond; `maxMem` holds anyway. */
  readonly lowMemoryEnd: bigint;
  readonly memoryEnd: bigint;
  /** Zones below the last one of low memory, with the physical address where each ends. */
  readonly lowZones: readonly { readonly name: ZoneLimit['name']; readonly end: bigint }[];
  /** The parts of user space; usually one. */
  readonly userRegions: readonly Region[];
  /** Regions besides user space, direct map, vmalloc, kmap and fixmap. */
  readonly otherRegions: readonly Region[];
  readonly kernelImage: KernelImage;
}

/** What the plan runs on. */
export type Ground = Pick<LayoutMember, 'arch' | 'physicalBase'>;

/** @throws UsageError when the RAM has no room in the plan's windows */
export function buildPlanned(given: LayoutPlan, ground: Ground, input: BuildInput): LayoutBody {
  const { ram, kernel, nrCpus } = input;
  const reserved = withReserve(given, ground, input);
  const { pageOffset, pkmap, lowMemoryEnd, memoryEnd } = reserved;
  const { arch, physicalBase } = ground;
  const { pageShift } = arch;
  const pages = (bytes: bigint): number => pfnOf(bytes, pageShift);
  const frames = usableFrames({ ram, kernel, arch, pageShift }, frameLimit(arch));
  const first = pages(physicalBase);
  const split = splitLowmem({
    maxPfn: Math.min(endPfn(frames), pages(memoryEnd)) - first,
    directMapPages: Math.min(pages(lowMemoryEnd) - first, pages(reserved.maxMem)),
    highmem: pkmap !== undefined,
    highmemPages: input.highmemBytes === undefined ? undefined : pages(input.highmemBytes),
  });
  const [maxLowPfn, maxPfn] = [first + split.maxLowPfn, first + split.maxPfn];
  const highMemory = pageOffset + addressOf(maxLowPfn, pageShift) - physicalBase;
  const plan = withWindow(reserved, kernel, highMemory);
  const {
    lowMemoryEnd: _,
    memoryEnd: __,
    lowZones,
    userRegions,
    otherRegions,
    vmallocReserve: ___,
    ...body
  } = plan;
  const regions = regionsOf(plan, pageShift, highMemory);
  checkRoom(regions, highMemory);
  checkKmapLocal(plan, arch, nrCpus);
  return {
    ...body,
    maxLowPfn,
    maxPfn,
    highMemory,
    highstartPfn: pkmap === undefined ? undefined : maxLowPfn,
    zones: zonesOf(plan, pageShift, frames, maxLowPfn, maxPfn),
    regions,
  };
}

/** The direct map ends where the reserve for vmalloc begins, that of vmalloc= if it is given. */
function withReserve(
  plan: LayoutPlan,
  { physicalBase }: Ground,
  { kernel, vmallocBytes }: BuildInput,
): LayoutPlan {
  if (plan.vmallocReserve === undefined) return plan;
  const rules = { ...kernel.vmalloc, reserveBytes: plan.vmallocReserve };
  const reserve = vmallocReserve(rules, vmallocBytes);
  const maxMem = plan.vmalloc.end - plan.pageOffset - reserve;
  if (maxMem <= 0n)
    throw new UsageError(
      `vmalloc=${formatSize(reserve)} leaves no room for the direct map; expected less than ` +
        `${formatSize(plan.vmalloc.end - plan.pageOffset)}: reserve less`,
    );
  const lowMemoryEnd = physicalBase + maxMem < plan.lowMemoryEnd ? physicalBase + maxMem : plan.lowMemoryEnd;
  return { ...plan, maxMem, lowMemoryEnd };
}

/** VMALLOC_START follows the end of low memory, where the window has a reserve and not a place. */
function withWindow(plan: LayoutPlan, kernel: Kernel, highMemory: bigint): LayoutPlan {
  if (plan.vmallocReserve === undefined) return plan;
  const vmalloc = { start: vmallocStart(kernel.vmalloc, highMemory), end: plan.vmalloc.end };
  const modules = plan.modules === plan.vmalloc ? vmalloc : plan.modules;
  return { ...plan, vmalloc, modules };
}

function zonesOf(
  { lowZones }: LayoutPlan,
  pageShift: number,
  frames: readonly PfnRange[],
  maxLowPfn: number,
  maxPfn: number,
): ZoneSpan[] {
  const below = lowZones.map(({ name, end }) => ({
    name,
    endPfn: Math.min(pfnOf(end, pageShift), maxLowPfn),
  }));
  return zoneSpans(frames, [
    ...below,
    { name: 'Normal', endPfn: maxLowPfn },
    { name: 'HighMem', endPfn: maxPfn },
  ]);
}

function regionsOf(plan: LayoutPlan, pageShift: number, highMemory: bigint): Region[] {
  const { pageOffset, vmalloc, fixmap, pkmap, otherRegions } = plan;
  const kmap = pkmap && { start: pkmap.base, end: pkmap.base + addressOf(pkmap.slots, pageShift) };
  return ascending([
    ...plan.userRegions,
    region('direct', { start: pageOffset, end: highMemory }),
    region('vmalloc', vmalloc),
    region('fixmap', fixmap),
    ...(kmap === undefined ? [] : [region('pkmap', kmap)]),
    ...otherRegions,
  ]);
}

/** More RAM than lies between PAGE_OFFSET and the window above it is a mistake of the plan's direct map. */
function checkRoom(regions: readonly Region[], highMemory: bigint): void {
  const direct = regions.findIndex(({ kind }) => kind === 'direct');
  const above = regions[direct + 1];
  if (above === undefined || highMemory <= above.start) return;
  throw new UsageError(
    `the direct map of ${formatSize(highMemory - regions[direct]!.start)} reaches into the ${above.name} at ` +
      `0x${above.start.toString(16)}; expected it below: give less RAM, or a smaller directMapBytes`,
  );
}

/** kmap_local() takes its slots in the fixmap, as many as there may be cpus. */
function checkKmapLocal(
  { pkmap, fixmap }: LayoutPlan,
  { port, pageShift }: Architecture,
  nrCpus: number,
): void {
  const pages = pfnOf(fixmap.end - fixmap.start, pageShift);
  const needed = fixmapPages(port, nrCpus);
  if (pkmap === undefined || pages >= needed) return;
  throw new UsageError(
    `a fixmap of ${pages} pages; expected at least ${needed} for kmap_local() on ${nrCpus} cpus: make ` +
      'it larger, or build the kernel for fewer (nrCpus)',
  );
}
