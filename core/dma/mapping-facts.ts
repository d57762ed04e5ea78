/** What is mapped for devices, told to people: which device reaches which memory, at which bus address, and how. */
import { DIRECTION_NAMES } from '../event/dma-flags.ts';
import type { Machine } from '../machine/machine.ts';
import { DEVICE, MAPPING, MAPPING_NAMES, SEGMENT, segmentsOf } from './dma-tables.ts';
import { slotAddress } from './swiotlb.ts';

/** A physically contiguous part of a mapped buffer. */
export interface DmaSegment {
  /** Where the device finds it. */
  readonly bus: number;
  /** Where it lies. */
  readonly physical: number;
  /** What the device reads or writes: the same place, or its bounce buffer. */
  readonly reached: number;
  readonly lengthBytes: number;
}

export interface DmaMapping {
  readonly device: number;
  readonly maskBits: number;
  readonly by: string;
  readonly direction: (typeof DIRECTION_NAMES)[number];
  readonly object: number;
  readonly offset: number;
  readonly lengthBytes: number;
  /** By physical address, through bounce buffers (some segment has one), or through the IOMMU. */
  readonly way: 'physical' | 'bounce' | 'iommu';
  /** Root of the IOMMU's tables in `tables`; 0 without one. */
  readonly root: number;
  readonly segments: readonly DmaSegment[];
}

/** A row of `dmaMappings`. */
export function dmaMapping(machine: Machine, row: number): DmaMapping {
  const { dmaMappings, devices } = machine;
  const field = (name: keyof typeof MAPPING): number => dmaMappings.get(row, MAPPING[name]);
  const device = field('device');
  const root = devices.get(device, DEVICE.root);
  const segments = segmentsOf(machine, row).map((segment) => segmentFacts(machine, segment));
  const bounces = segments.some(({ physical, reached }) => physical !== reached);
  return {
    device,
    maskBits: devices.get(device, DEVICE.maskBits),
    by: MAPPING_NAMES[field('kind')]!,
    direction: DIRECTION_NAMES[field('direction')]!,
    object: field('object'),
    offset: field('offset'),
    lengthBytes: field('lengthBytes'),
    way: root !== 0 ? 'iommu' : bounces ? 'bounce' : 'physical',
    root,
    segments,
  };
}

function segmentFacts({ dmaSegments, platform }: Machine, row: number): DmaSegment {
  const pageBytes = 2 ** platform.layout.pageShift;
  const physical = dmaSegments.get(row, SEGMENT.pfn) * pageBytes + dmaSegments.get(row, SEGMENT.start);
  const slot = dmaSegments.get(row, SEGMENT.slot) - 1;
  return {
    bus: dmaSegments.get(row, SEGMENT.bus),
    physical,
    reached: slot < 0 ? physical : slotAddress(platform.bouncePool!, slot, pageBytes),
    lengthBytes: dmaSegments.get(row, SEGMENT.lengthBytes),
  };
}

/** Entries that the device is given: neighbours on the bus are one. */
export function busRanges({ segments }: DmaMapping): { bus: number; lengthBytes: number }[] {
  const ranges: { bus: number; lengthBytes: number }[] = [];
  for (const { bus, lengthBytes } of segments) {
    const last = ranges.at(-1);
    if (last !== undefined && last.bus + last.lengthBytes === bus) last.lengthBytes += lengthBytes;
    else ranges.push({ bus, lengthBytes });
  }
  return ranges;
}

/** Rows of all live mappings. */
export function liveMappings(machine: Machine): number[] {
  return rowsWith(machine, 'dmaMappings', MAPPING.kind);
}

/** Numbers of all devices. */
export function devicesOf(machine: Machine): number[] {
  return rowsWith(machine, 'devices', DEVICE.maskBits);
}

/** Rows of a table whose `field` is set. */
function rowsWith(machine: Machine, table: 'devices' | 'dmaMappings', field: number): number[] {
  const { stride } = machine[table].shape;
  const rows: number[] = [];
  machine[table].forEachLeaf((leaf, firstRow) => {
    for (let row = 0; row * stride < leaf.length; row++)
      if (leaf[row * stride + field] !== 0) rows.push(firstRow + row);
  });
  return rows;
}
