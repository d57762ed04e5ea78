/**
 * A plan: all that a layout fixes whatever the amount of RAM, as plain data, and the layout that it makes with some RAM.
 *
 * The kernels of linux-32.ts compute their windows from the RAM; here they lie where the plan says, and RAM fills the
 * direct map from below. What does not fit is high memory if there is a kmap window, else it is not used.
 */
import { UsageError } from '../base/errors.ts';
import { addressOf, formatSize, pfnOf } from '../base/units.ts';
import { PHYSICAL_LIMIT } from './firmware/memory-map.ts';
import type { KernelImage, Region, Translation, ZoneSpan } from './layout.ts';
import type { BuildInput, LayoutBody } from './member.ts';
import { endPfn, type PfnRange, usableFrames, type ZoneLimit, zoneSpans } from './page-frames.ts';
import { ascending, region } from './regions.ts';
import { fixmapPages, PHYSICAL_LIMIT_32, PHYSICAL_LIMIT_PAE } from './x86/x86-32.ts';

export interface LayoutPlan
  extends Pick<
    LayoutBody,
    | 'wordBits'
    | 'virtualBits'
    | 'pageShift'
    | 'pageWindows'
    | 'userParts'
    | 'segments'
    | 'pageOffset'
    | 'taskSize'
    | 'stackTop'
    | 'mmapBase'
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
  readonly translation: Translation;
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

export function buildPlanned(plan: LayoutPlan, { ram, nrCpus }: BuildInput): LayoutBody {
  const { lowMemoryEnd, memoryEnd, lowZones, userRegions, otherRegions, ...body } = plan;
  const { pageShift, pageOffset, pkmap } = plan;
  const pages = (bytes: bigint): number => pfnOf(bytes, pageShift);
  const frames = usableFrames(ram, pages(physicalLimit(plan)), pageShift);
  const lastPfn = Math.min(endPfn(frames), pages(memoryEnd));
  const maxLowPfn = Math.min(lastPfn, pages(lowMemoryEnd), pages(plan.maxMem));
  const maxPfn = pkmap === undefined ? maxLowPfn : lastPfn;
  const highMemory = pageOffset + addressOf(maxLowPfn, pageShift);
  const regions = regionsOf(plan, highMemory);
  checkRoom(regions, highMemory);
  checkKmapLocal(plan, nrCpus);
  return {
    ...body,
    maxLowPfn,
    maxPfn,
    highMemory,
    highstartPfn: pkmap === undefined ? undefined : maxLowPfn,
    zones: zonesOf(plan, frames, maxLowPfn, maxPfn),
    regions,
  };
}

/** Physical addresses that entries can hold, or the simulator. */
function physicalLimit({ wordBits, translation }: LayoutPlan): bigint {
  if (translation.entryBytes === 4) return PHYSICAL_LIMIT_32;
  return wordBits === 32 ? PHYSICAL_LIMIT_PAE : PHYSICAL_LIMIT;
}

function zonesOf(
  { lowZones, pageShift }: LayoutPlan,
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

function regionsOf(plan: LayoutPlan, highMemory: bigint): Region[] {
  const { pageOffset, pageShift, vmalloc, fixmap, pkmap, otherRegions } = plan;
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
function checkKmapLocal({ pkmap, fixmap, pageShift }: LayoutPlan, nrCpus: number): void {
  const pages = pfnOf(fixmap.end - fixmap.start, pageShift);
  if (pkmap === undefined || pages >= fixmapPages(nrCpus)) return;
  throw new UsageError(
    `a fixmap of ${pages} pages; expected at least ${fixmapPages(nrCpus)} for kmap_local() on ${nrCpus} cpus: make ` +
      'it larger, or build the kernel for fewer (nrCpus)',
  );
}
