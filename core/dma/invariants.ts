/**
 * What must hold of DMA in every machine: what is mapped is alive and held; every bounce slot and every page of I/O
 * address space belongs to one mapping or is free; a device reaches each byte at the bus address that its mapping
 * says, and no byte that it may not have.
 */

import { DMA_TO_DEVICE } from '../event/dma-flags.ts';
import type { Machine } from '../machine/machine.ts';
import { PTE_RW, pteFrame } from '../paging/pte.ts';
import { findLeaf } from '../paging/table-walk.ts';
import { blockOf, FRAME, USE_FREE, USE_PCP } from '../phys/frames.ts';
import { isContiguous, NO_CLASS, OBJECT } from '../state/objects.ts';
import { COHERENT_MAPPING, DEVICE, MAPPING, SEGMENT, segmentsOf } from './dma-tables.ts';
import { iovaPage } from './iommu.ts';
import { devicesOf, liveMappings } from './mapping-facts.ts';
import { findMapping, indexedMappings } from './mapping-index.ts';
import { isCapable } from './reach.ts';
import { AREA, slotAddress, slotsFor } from './swiotlb.ts';

export function checkDma(machine: Machine, faults: string[]): void {
  const mappings = liveMappings(machine);
  checkLists(machine, mappings, faults);
  const slots = new Map<number, number>();
  const iova: [start: number, end: number][] = holes(machine);
  for (const mapping of mappings) {
    checkMapping(machine, mapping, slots, faults);
    const start = machine.dmaMappings.get(mapping, MAPPING.iova);
    const pages = machine.dmaMappings.get(mapping, MAPPING.iovaPages);
    if (pages > 0) iova.push([start, start + pages]);
  }
  checkPool(machine, slots, faults);
  iova.sort((a, b) => a[0] - b[0]);
  iova.forEach(([start], i) => {
    if (i > 0 && start < iova[i - 1]![1]) faults.push(`I/O page ${start}: mapped twice, or mapped and free`);
  });
}

/** By frame, of a block its first: how many segments hold a reference to it. */
export function dmaPins(machine: Machine): Map<number, number> {
  const pins = new Map<number, number>();
  const pageBytes = 2 ** machine.platform.layout.pageShift;
  for (const mapping of liveMappings(machine)) {
    for (const row of segmentsOf(machine, mapping)) {
      if (machine.dmaSegments.get(row, SEGMENT.pinned) === 0) continue;
      const first = machine.dmaSegments.get(row, SEGMENT.pfn);
      const end =
        machine.dmaSegments.get(row, SEGMENT.start) + machine.dmaSegments.get(row, SEGMENT.lengthBytes);
      for (let pfn = first; pfn < first + Math.ceil(end / pageBytes); pfn++) {
        if (pfn === machine.platform.zeroPfn) continue;
        const counting = machine.platform.thp === undefined ? pfn : blockOf(machine.frames, pfn);
        pins.set(counting, (pins.get(counting) ?? 0) + 1);
      }
    }
  }
  return pins;
}

/** Root tables of the I/O address spaces. */
export function iommuRoots(machine: Machine): number[] {
  return devicesOf(machine).flatMap((device) => {
    const root = machine.devices.get(device, DEVICE.root);
    return root === 0 ? [] : [root];
  });
}

function holes({ iovaHoles }: Machine): [start: number, end: number][] {
  return iovaHoles.toArray().map(({ start, end }) => [start, end]);
}

/** Every mapping is on the list of its object and counted by its device, and nothing else is. */
function checkLists(machine: Machine, mappings: readonly number[], faults: string[]): void {
  const { dmaMappings, objects, devices } = machine;
  const counts = new Map<number, number>();
  for (const mapping of mappings) {
    const object = dmaMappings.get(mapping, MAPPING.object);
    let at = objects.get(object, OBJECT.dma);
    while (at !== 0 && at !== mapping) at = dmaMappings.get(at, MAPPING.next);
    if (at === 0 || objects.get(object, OBJECT.class) === NO_CLASS)
      faults.push(`DMA mapping ${mapping}: object ${object} does not know of it`);
    const device = dmaMappings.get(mapping, MAPPING.device);
    if (!isFound(machine, mapping)) faults.push(`DMA mapping ${mapping}: the index does not know of it`);
    counts.set(device, (counts.get(device) ?? 0) + 1);
  }
  const indexed = indexedMappings(machine).length;
  if (indexed !== mappings.length)
    faults.push(`DMA mappings: ${mappings.length} live, the index leads to ${indexed}`);
  for (const device of new Set([...counts.keys(), ...devicesOf(machine)])) {
    const counted = devices.get(device, DEVICE.mappings);
    const found = counts.get(device) ?? 0;
    if (found !== counted) faults.push(`device ${device}: ${found} mappings, ${counted} counted`);
  }
}

/** Buffers that dma_alloc_coherent() made are not looked for. */
function isFound(machine: Machine, mapping: number): boolean {
  const { dmaMappings } = machine;
  if (dmaMappings.get(mapping, MAPPING.kind) === COHERENT_MAPPING) return true;
  const [object, device, offset] = [MAPPING.object, MAPPING.device, MAPPING.offset].map((field) =>
    dmaMappings.get(mapping, field),
  ) as [number, number, number];
  return findMapping(machine, object, device, offset) === mapping;
}

function checkMapping(machine: Machine, mapping: number, slots: Map<number, number>, faults: string[]): void {
  const { dmaMappings, dmaSegments, objects, platform } = machine;
  const object = dmaMappings.get(mapping, MAPPING.object);
  const place = `DMA mapping ${mapping} of object ${object}`;
  const pageBytes = 2 ** platform.layout.pageShift;
  let bytes = 0;
  for (const row of segmentsOf(machine, mapping)) {
    const lengthBytes = dmaSegments.get(row, SEGMENT.lengthBytes);
    bytes += lengthBytes;
    const pfn = dmaSegments.get(row, SEGMENT.pfn);
    const use = machine.frames.get(pfn, FRAME.use);
    if (use === USE_FREE || use === USE_PCP) faults.push(`${place}: frame ${pfn} is free`);
    if (isContiguous(objects.get(object, OBJECT.class)) && bytes === lengthBytes) {
      const at =
        pfn * pageBytes + dmaSegments.get(row, SEGMENT.start) - dmaMappings.get(mapping, MAPPING.offset);
      const expected = objects.get(object, OBJECT.pfn) * pageBytes + objects.get(object, OBJECT.start);
      if (at !== expected) faults.push(`${place}: is at ${at}, the object at ${expected}`);
    }
    const slot = dmaSegments.get(row, SEGMENT.slot) - 1;
    for (let i = 0; slot >= 0 && i < slotsFor(lengthBytes); i++) {
      if (slots.has(slot + i)) faults.push(`${place}: bounce slot ${slot + i} is another's too`);
      slots.set(slot + i, mapping);
    }
    const wrong = wrongAddress(machine, mapping, row);
    if (wrong !== undefined) faults.push(`${place}: ${wrong}`);
  }
  const length = dmaMappings.get(mapping, MAPPING.lengthBytes);
  if (bytes !== length) faults.push(`${place}: segments of ${bytes} bytes for ${length}`);
}

/** What is wrong with the way from a segment's bus address to its memory. */
function wrongAddress(machine: Machine, mapping: number, row: number): string | undefined {
  const { dmaMappings, dmaSegments, devices, platform } = machine;
  const [bus, pfn, start, lengthBytes] = [SEGMENT.bus, SEGMENT.pfn, SEGMENT.start, SEGMENT.lengthBytes].map(
    (field) => dmaSegments.get(row, field),
  ) as [number, number, number, number];
  const device = dmaMappings.get(mapping, MAPPING.device);
  const pageBytes = 2 ** platform.layout.pageShift;
  if (!isCapable(devices.get(device, DEVICE.maskBits), bus + lengthBytes))
    return `bus address ${bus} is beyond the mask of device ${device}`;
  const root = devices.get(device, DEVICE.root);
  const slot = dmaSegments.get(row, SEGMENT.slot) - 1;
  if (slot >= 0 && bus !== slotAddress(platform.bouncePool!, slot, pageBytes))
    return `bus address ${bus} is not bounce slot ${slot}`;
  if (root === 0) return slot >= 0 || bus === pfn * pageBytes + start ? undefined : `bus address ${bus}`;
  const writable = dmaMappings.get(mapping, MAPPING.direction) !== DMA_TO_DEVICE;
  const first = Math.floor(bus / pageBytes);
  for (let page = 0; page < Math.ceil((start + lengthBytes) / pageBytes); page++) {
    const { pte } = findLeaf(machine, root, first + page);
    if (pte === 0 || pteFrame(pte) !== pfn + page)
      return `I/O page ${first + page} is not frame ${pfn + page}`;
    if (((pte & PTE_RW) !== 0) !== writable) return `I/O page ${first + page} has the wrong rights`;
  }
  const base = iovaPage(machine, dmaMappings.get(mapping, MAPPING.iova));
  return first >= base ? undefined : `I/O page ${first} lies below its mapping`;
}

function checkPool(machine: Machine, slots: ReadonlyMap<number, number>, faults: string[]): void {
  const { bouncePool } = machine.platform;
  if (bouncePool === undefined) return;
  const used = new Array<number>(bouncePool.areas).fill(0);
  for (let slot = 0; slot < bouncePool.slots; slot++) {
    const isTaken = machine.bounceSlots.get(slot, 0) !== 0;
    if (isTaken !== slots.has(slot))
      faults.push(`bounce slot ${slot}: ${isTaken ? 'taken' : 'free'}, mapping ${slots.get(slot) ?? 'none'}`);
    if (isTaken) used[Math.floor((slot * bouncePool.areas) / bouncePool.slots)]!++;
  }
  used.forEach((count, area) => {
    const counted = machine.bounceAreas.get(area, AREA.used);
    if (count !== counted) faults.push(`bounce area ${area}: ${count} slots taken, ${counted} counted`);
  });
}
