/**
 * Streaming mappings: memory that a driver has anyway is given to a device for one transfer (dma_map_single,
 * dma_map_page, dma_map_sg, dma_unmap_*, dma_sync_*; kernel/dma/mapping.c and direct.c, v6.1). A mapping is known by
 * its device, object and offset. The cpu's caches are coherent, as on every PC: to map memory that the device
 * reaches costs next to nothing.
 */
import {
  DMA_FROM_DEVICE,
  DMA_TO_DEVICE,
  SYNC_FOR_CPU,
  SYNC_FOR_DEVICE,
  transferDevice,
  transferDirection,
} from '../event/dma-flags.ts';
import type { EVENT_KINDS } from '../event/kinds.ts';
import type { Draft } from '../machine/draft.ts';
import type { EventView, FoldResult, Handler } from '../machine/handler.ts';
import { ADDRESS_BUS, EXISTS, INVALID, NO_DEVICE, NO_MAPPING, NO_OBJECT, OK } from '../outcome/outcome.ts';
import { NO_CLASS, OBJECT } from '../state/objects.ts';
import { type Buffer, findRuns } from './buffer.ts';
import { DEVICE, MAPPING, PAGE_MAPPING, SEGMENT, SG_MAPPING, SINGLE_MAPPING } from './dma-tables.ts';
import type { IovaRange } from './iommu.ts';
import { findMapping } from './mapping-index.ts';
import { addMapping, isPinned, removeMapping, unpinRun } from './mappings.ts';
import { maxRunBytes, reachRuns } from './reach.ts';
import { RunList } from './runs.ts';
import { bounce } from './swiotlb.ts';

const runs = new RunList();
const range: IovaRange = { iova: 0, pages: 0 };
const buffer: Buffer = { object: 0, offset: 0, lengthBytes: 0, kind: 0, direction: 0, maxRunBytes: 0 };

/** The three have the same fields. */
type MapEvent = EventView<typeof EVENT_KINDS.dma_map_single>;

export const dmaMapSingle: Handler<'dma_map_single'> = (draft, event, result) =>
  map(draft, event, result, SINGLE_MAPPING);
export const dmaMapPage: Handler<'dma_map_page'> = (draft, event, result) =>
  map(draft, event, result, PAGE_MAPPING);
export const dmaMapSg: Handler<'dma_map_sg'> = (draft, event, result) =>
  map(draft, event, result, SG_MAPPING);

function map(draft: Draft, event: MapEvent, result: FoldResult, kind: number): number {
  const { cpu, object, transfer, offset, length: lengthBytes } = event;
  draft.spend(draft.platform.costs.dmaMapNs);
  const device = transferDevice(transfer);
  if (draft.devices.get(device, DEVICE.maskBits) === 0) return NO_DEVICE;
  buffer.direction = transferDirection(transfer);
  if (buffer.direction > DMA_FROM_DEVICE) return INVALID;
  if (findMapping(draft, object, device, offset) !== 0) return EXISTS;
  buffer.object = object;
  buffer.offset = offset;
  buffer.lengthBytes = lengthBytes;
  buffer.kind = kind;
  buffer.maxRunBytes = maxRunBytes(draft, device);
  let status = findRuns(draft, cpu, buffer, runs);
  if (status !== OK) return status;
  status = reachRuns(draft, device, buffer.direction, runs, range);
  if (status !== OK) {
    if (isPinned(draft, object)) unpinRuns(draft);
    return status;
  }
  addMapping(draft, device, buffer, runs, range);
  draft.spend((runs.count - 1) * draft.platform.costs.dmaMapNs);
  placeOnBus(draft, runs, result);
  return OK;
}

function unpinRuns(draft: Draft): void {
  for (let run = 0; run < runs.count; run++)
    unpinRun(draft, runs.pfn[run]!, runs.start[run]! + runs.lengthBytes[run]!);
}

/** Tells the bus address of the first run, and the frame that the device reaches there. */
function placeOnBus({ platform }: Draft, { bus, slot, pfn }: RunList, result: FoldResult): void {
  const page = Math.floor(bus[0]! / (1 << platform.mmu.pageShift));
  result.vpn = page;
  result.pfn = slot[0]! >= 0 ? page : pfn[0]!;
  result.address = ADDRESS_BUS;
}

export const dmaUnmap: Handler<'dma_unmap'> = (draft, { object, device, offset }) => {
  draft.spend(draft.platform.costs.dmaMapNs);
  const row = findMapping(draft, object, device, offset);
  if (row === 0) return whatIsMissing(draft, object, device);
  if (draft.dmaMappings.get(row, MAPPING.direction) !== DMA_TO_DEVICE) bounceAll(draft, row);
  removeMapping(draft, row);
  return OK;
};

/** Between two uses of the same mapping. On a PC only bounce buffers make it anything. */
export const dmaSync: Handler<'dma_sync'> = (draft, { object, device, offset, owner }) => {
  draft.spend(draft.platform.costs.dmaMapNs);
  if (owner > SYNC_FOR_DEVICE) return INVALID;
  const row = findMapping(draft, object, device, offset);
  if (row === 0) return whatIsMissing(draft, object, device);
  const oneWay = owner === SYNC_FOR_CPU ? DMA_TO_DEVICE : DMA_FROM_DEVICE;
  if (draft.dmaMappings.get(row, MAPPING.direction) !== oneWay) bounceAll(draft, row);
  return OK;
};

/** Copies all bounce buffers of a mapping, to or fro. */
function bounceAll(draft: Draft, row: number): void {
  const { dmaMappings, dmaSegments } = draft;
  let segment = dmaMappings.get(row, MAPPING.segments);
  for (; segment !== 0; segment = dmaSegments.get(segment, SEGMENT.next)) {
    if (dmaSegments.get(segment, SEGMENT.slot) !== 0)
      bounce(draft, dmaSegments.get(segment, SEGMENT.lengthBytes));
  }
}

function whatIsMissing({ devices, objects }: Draft, object: number, device: number): number {
  if (devices.get(device, DEVICE.maskBits) === 0) return NO_DEVICE;
  return objects.get(object, OBJECT.class) === NO_CLASS ? NO_OBJECT : NO_MAPPING;
}
