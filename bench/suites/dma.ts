/** Streaming mappings through the whole fold: a ring of single pages that are mapped for a device and unmapped. */
import {
  bootMachine,
  buildLayout,
  DEVICE_IOMMU,
  DMA_FROM_DEVICE,
  GFP_KERNEL,
  type MemoryEvent,
  transferOf,
} from '../../core/index.ts';
import { foldAll, inBatches } from '../inputs/events.ts';
import type { Row, Suite } from './suite.ts';

const EVENTS = 2 ** 16;
const RING = 256;
const PAGE_BYTES = 4096;
const HEADER = { cpu: 0, thinkNs: 0 } as const;

/** The device maps each page of the ring in turn; a page is unmapped just before it is mapped again. */
function ring(name: string, maskBits: number, deviceFlags: number): Row {
  return {
    name,
    prepare() {
      const boot = bootMachine(buildLayout('linux-x86_64', { ramBytes: 2n ** 30n }), {
        swiotlb: { belowBytes: 2 ** 29 },
      });
      const setup: MemoryEvent[] = [{ kind: 'device', ...HEADER, device: 1, maskBits, deviceFlags }];
      for (let object = 1; object <= RING; object++) {
        setup.push({ kind: 'page_alloc', ...HEADER, object, order: 0, gfp: GFP_KERNEL }, map(object));
      }
      const start = foldAll(boot, inBatches(setup));
      const events = Array.from({ length: EVENTS / 2 }, (_, i) => {
        const object = 1 + (i % RING);
        return [unmap(object), map(object)];
      }).flat();
      const batches = inBatches(events);
      return { events: EVENTS, run: () => foldAll(start, batches) };
    },
  };
}

function map(object: number): MemoryEvent {
  const transfer = transferOf(1, DMA_FROM_DEVICE);
  return { kind: 'dma_map_page', ...HEADER, object, transfer, offset: 0, length: PAGE_BYTES };
}

function unmap(object: number): MemoryEvent {
  return { kind: 'dma_unmap', ...HEADER, object, device: 1, offset: 0 };
}

export const dma: Suite = {
  name: 'dma',
  unit: 'events',
  doc: 'a ring of 256 pages mapped and unmapped for a device, linux-x86_64',
  rows: [
    ring('within reach', 64, 0),
    ring('through bounce buffers', 29, 0),
    ring('through an IOMMU', 32, DEVICE_IOMMU),
  ],
};
