/** What is mapped for devices: a mapping is on the list of its object, and consists of segments. */
import type { Draft } from '../machine/draft.ts';
import { OBJECT, USER } from '../state/objects.ts';
import { type Buffer, unpinFrame } from './buffer.ts';
import { DEVICE, dropMapping, dropSegment, MAPPING, newMapping, newSegment, SEGMENT } from './dma-tables.ts';
import { type IovaRange, unmapIova } from './iommu.ts';
import { linkMapping, unlinkMapping } from './mapping-index.ts';
import type { RunList } from './runs.ts';
import { releaseSlots } from './swiotlb.ts';

/** Notes a buffer that a device can reach now. */
export function addMapping(
  draft: Draft,
  device: number,
  buffer: Buffer,
  runs: RunList,
  range: IovaRange,
): void {
  const { dmaMappings } = draft;
  const { object } = buffer;
  const row = newMapping(draft);
  dmaMappings.set(row, MAPPING.kind, buffer.kind);
  dmaMappings.set(row, MAPPING.object, object);
  dmaMappings.set(row, MAPPING.offset, buffer.offset);
  dmaMappings.set(row, MAPPING.lengthBytes, buffer.lengthBytes);
  dmaMappings.set(row, MAPPING.device, device);
  dmaMappings.set(row, MAPPING.direction, buffer.direction);
  dmaMappings.set(row, MAPPING.segments, addSegments(draft, runs, isPinned(draft, object)));
  dmaMappings.set(row, MAPPING.iova, range.iova);
  dmaMappings.set(row, MAPPING.iovaPages, range.pages);
  linkMapping(draft, row);
  draft.devices.add(device, DEVICE.mappings, 1);
}

/** Mapped pages of a process are held by a reference each; all other memory by its object. */
export function isPinned({ objects }: Draft, object: number): boolean {
  return objects.get(object, OBJECT.class) === USER;
}

/** The row of the first segment. */
function addSegments(draft: Draft, runs: RunList, pinned: boolean): number {
  const { dmaSegments } = draft;
  let next = 0;
  for (let run = runs.count - 1; run >= 0; run--) {
    const row = newSegment(draft);
    dmaSegments.set(row, SEGMENT.next, next);
    dmaSegments.set(row, SEGMENT.pfn, runs.pfn[run]!);
    dmaSegments.set(row, SEGMENT.start, runs.start[run]!);
    dmaSegments.set(row, SEGMENT.lengthBytes, runs.lengthBytes[run]!);
    dmaSegments.set(row, SEGMENT.bus, runs.bus[run]!);
    dmaSegments.set(row, SEGMENT.slot, runs.slot[run]! + 1);
    dmaSegments.set(row, SEGMENT.pinned, pinned ? 1 : 0);
    next = row;
  }
  return next;
}

const range: IovaRange = { iova: 0, pages: 0 };

/** The device no longer reaches the buffer; what it took is given back. */
export function removeMapping(draft: Draft, row: number): void {
  const { dmaMappings, devices } = draft;
  const device = dmaMappings.get(row, MAPPING.device);
  let segment = dmaMappings.get(row, MAPPING.segments);
  while (segment !== 0) segment = removeSegment(draft, segment);
  range.iova = dmaMappings.get(row, MAPPING.iova);
  range.pages = dmaMappings.get(row, MAPPING.iovaPages);
  if (range.pages > 0) unmapIova(draft, devices.get(device, DEVICE.root), range);
  const object = dmaMappings.get(row, MAPPING.object);
  unlinkMapping(draft, row);
  endIfGone(draft, object);
  dropMapping(draft, row);
  devices.add(device, DEVICE.mappings, -1);
}

/** Ends a segment; returns the next one. */
function removeSegment(draft: Draft, row: number): number {
  const { dmaSegments, platform } = draft;
  const lengthBytes = dmaSegments.get(row, SEGMENT.lengthBytes);
  const slot = dmaSegments.get(row, SEGMENT.slot) - 1;
  if (slot >= 0) releaseSlots(draft, platform.bouncePool!, slot, lengthBytes);
  if (dmaSegments.get(row, SEGMENT.pinned) === 1)
    unpinRun(draft, dmaSegments.get(row, SEGMENT.pfn), dmaSegments.get(row, SEGMENT.start) + lengthBytes);
  const next = dmaSegments.get(row, SEGMENT.next);
  dropSegment(draft, row);
  return next;
}

/** Lets go of the pages that the bytes [0, endBytes) from frame `pfn` on touch. */
export function unpinRun(draft: Draft, pfn: number, endBytes: number): void {
  const nrPages = Math.ceil(endBytes / (1 << draft.platform.mmu.pageShift));
  for (let page = 0; page < nrPages; page++) unpinFrame(draft, pfn + page);
}

/** An object of processes that none of them maps any more ends with its last mapping for a device. */
function endIfGone({ objects }: Draft, object: number): void {
  const isGone = objects.get(object, OBJECT.class) === USER && objects.get(object, OBJECT.extra) === 0;
  if (isGone && objects.get(object, OBJECT.dma) === 0) objects.clear(object);
}
