/**
 * How a device comes to the runs of a buffer (dma_direct_map_page and dma_capable, kernel/dma/direct.h, v6.1): at
 * their physical addresses if its mask covers them, else through bounce buffers; behind an IOMMU at any address that
 * the IOMMU makes theirs.
 */
import { DMA_TO_DEVICE } from '../event/dma-flags.ts';
import type { Draft } from '../machine/draft.ts';
import { BEYOND_DMA_MASK, NO_BOUNCE_BUFFERS, OK } from '../outcome/outcome.ts';
import { DEVICE } from './dma-tables.ts';
import { type IovaRange, iovaPage, mapRuns } from './iommu.ts';
import type { RunList } from './runs.ts';
import { bounce, MAX_BOUNCE_BYTES, releaseSlots, slotAddress, takeSlots } from './swiotlb.ts';

/** By number of address bits: the first address out of reach. */
const REACH_BYTES = Float64Array.from({ length: 65 }, (_, bits) => 2 ** bits);

/** Whether a device with this many address bits reaches bytes that end before `endBytes`. */
export function isCapable(maskBits: number, endBytes: number): boolean {
  return endBytes <= REACH_BYTES[maskBits]!;
}

/**
 * dma_max_mapping_size(): how long a run may be. A device that does not reach all of RAM may need bounce buffers.
 */
export function maxRunBytes(draft: Draft, device: number): number {
  const { bouncePool, layout } = draft.platform;
  const isDirect = draft.devices.get(device, DEVICE.root) === 0;
  const ramEnd = layout.maxPfn * (1 << layout.pageShift);
  const isLimited = isDirect && !isCapable(draft.devices.get(device, DEVICE.maskBits), ramEnd);
  return isLimited && bouncePool !== undefined ? MAX_BOUNCE_BYTES : Number.POSITIVE_INFINITY;
}

/** Gives every run its bus address. OK, or the reason why the device cannot have them, and then nothing is taken. */
export function reachRuns(
  draft: Draft,
  device: number,
  direction: number,
  runs: RunList,
  range: IovaRange,
): number {
  const maskBits = draft.devices.get(device, DEVICE.maskBits);
  const root = draft.devices.get(device, DEVICE.root);
  range.iova = 0;
  range.pages = 0;
  if (root === 0) return reachDirectly(draft, maskBits, runs);
  const failure = mapRuns(draft, root, maskBits, runs, direction !== DMA_TO_DEVICE, range);
  if (failure < 0) return -failure;
  const pageBytes = 1 << draft.platform.mmu.pageShift;
  let page = iovaPage(draft, range.iova);
  for (let run = 0; run < runs.count; run++) {
    runs.bus[run] = page * pageBytes + runs.start[run]!;
    runs.slot[run] = -1;
    page += runs.pagesOf(run, draft.platform.mmu.pageShift);
  }
  return OK;
}

function reachDirectly(draft: Draft, maskBits: number, runs: RunList): number {
  const pageBytes = 1 << draft.platform.mmu.pageShift;
  for (let run = 0; run < runs.count; run++) {
    const physical = runs.pfn[run]! * pageBytes + runs.start[run]!;
    runs.bus[run] = physical;
    runs.slot[run] = -1;
    if (isCapable(maskBits, physical + runs.lengthBytes[run]!)) continue;
    const status = reachByBounce(draft, maskBits, runs, run, pageBytes);
    if (status === OK) continue;
    releaseRuns(draft, runs, run);
    return status;
  }
  return OK;
}

/** swiotlb_map(): the buffer may lie beyond the mask as well. Whatever the direction, it is filled at once. */
function reachByBounce(
  draft: Draft,
  maskBits: number,
  runs: RunList,
  run: number,
  pageBytes: number,
): number {
  const { bouncePool } = draft.platform;
  if (bouncePool === undefined) return BEYOND_DMA_MASK;
  const lengthBytes = runs.lengthBytes[run]!;
  const slot = takeSlots(draft, bouncePool, lengthBytes);
  if (slot < 0) return NO_BOUNCE_BUFFERS;
  const bus = slotAddress(bouncePool, slot, pageBytes);
  if (!isCapable(maskBits, bus + lengthBytes)) {
    releaseSlots(draft, bouncePool, slot, lengthBytes);
    return BEYOND_DMA_MASK;
  }
  runs.bus[run] = bus;
  runs.slot[run] = slot;
  bounce(draft, lengthBytes);
  return OK;
}

/** Gives back the bounce buffers of the first `count` runs. */
function releaseRuns(draft: Draft, runs: RunList, count: number): void {
  for (let run = 0; run < count; run++) {
    if (runs.slot[run]! >= 0)
      releaseSlots(draft, draft.platform.bouncePool!, runs.slot[run]!, runs.lengthBytes[run]!);
  }
}
