/** Bounce buffers (swiotlb): who needs them, when they are copied, and which machine has them. */
import { describe, expect, test } from 'vitest';
import { dmaMapping, liveMappings } from '../../../core/dma/mapping-facts.ts';
import { isCapable } from '../../../core/dma/reach.ts';
import {
  DEVICE_IOMMU,
  DMA_FROM_DEVICE,
  DMA_TO_DEVICE,
  SYNC_FOR_CPU,
  SYNC_FOR_DEVICE,
} from '../../../core/event/dma-flags.ts';
import { __GFP_DMA32, GFP_DMA } from '../../../core/event/gfp.ts';
import { pc } from '../../support/pc.ts';
import {
  device,
  dmaMap,
  dmaSync,
  dmaUnmap,
  MIB,
  machineOf,
  PAGE,
  pages,
  Session,
  type Step,
  vmalloc,
} from '../../support/rows.ts';
import { ISA, isa, large, NIC, NVME } from './devices.ts';

describe('bounce buffers', () => {
  test('32 bits: direct below 4 GiB, through a bounce buffer above; 64 bits: direct everywhere', () => {
    const session = new Session(large).given(NIC, NVME, pages(1, 0, __GFP_DMA32));
    expect(session.do(pages(2, 0)).pfn).toBeGreaterThanOrEqual(2 ** 20);
    expect(session.do(dmaMap('page', 1, 1, 0, PAGE)).latencyNs).toBe(20);
    expect(session.counter('bounceSlots')).toBe(0);
    const pool = session.machine.platform.bouncePool!;
    const bounced = session.do(dmaMap('page', 2, 1, 0, PAGE));
    expect(bounced).toMatchObject({ status: 'ok', latencyNs: 220, vpn: pool.startPfn, pfn: pool.startPfn });
    expect(session.counter('bounceSlots')).toBe(2);
    expect(session.do(dmaMap('page', 2, 3, 0, PAGE)).latencyNs).toBe(20);
  });

  test('both sides of a mask: a buffer may end where the reach of the device ends', () => {
    const session = new Session(pc).given(device(1, 25));
    const objects = new Map<number, number>();
    for (let object = 1; ; object++) {
      const { status, pfn } = session.do(pages(object, 10));
      if (status !== 'ok') break;
      objects.set(pfn, object);
    }
    const end = 2 ** 25 / PAGE;
    const [below, above] = [objects.get(end - 1024)!, objects.get(end)!];
    expect(session.status(dmaMap('page', below, 1, 4 * MIB - 1, 1))).toBe('ok');
    expect(session.status(dmaMap('page', above, 1, 0, 1))).toBe('beyond-dma-mask');
  });

  test.each([24, 32, 33, 63])('%i bits: the last byte in reach, and the next one', (bits) => {
    expect([isCapable(bits, 2 ** bits), isCapable(bits, 2 ** bits + 2 ** 12)]).toEqual([true, false]);
  });

  test.each([
    ['a device that may need a bounce buffer: as much as that holds', isa, ISA, 2, 4],
    ['one that reaches all of RAM', isa, NIC, 1, 1],
    ['one behind an IOMMU', isa, device(5, 24, DEVICE_IOMMU), 5, 1],
    ['any, where there are no bounce buffers', pc, device(6, 26), 6, 1],
  ])('how long an entry of a list may be: %s', (_name, on, given, number, entries) => {
    const session = new Session(on).given(given, pages(1, 8, GFP_DMA), pages(2, 8));
    session.given(dmaMap('sg', number === 6 ? 1 : 2, number, 0, MIB));
    const { segments } = dmaMapping(session.machine, liveMappings(session.machine)[0]!);
    expect(segments.map(({ lengthBytes }) => lengthBytes)).toEqual(Array(entries).fill(MIB / entries));
  });

  test('pages that happen to be neighbours become one entry, but no longer one than a bounce buffer', () => {
    const session = new Session(isa).given(ISA, vmalloc(1, MIB), dmaMap('sg', 1, 2, 0, MIB));
    const { segments } = dmaMapping(session.machine, liveMappings(session.machine)[0]!);
    const pieces = segments.map(({ lengthBytes }) => lengthBytes);
    expect(Math.max(...pieces)).toBe(MIB / 4);
  });

  test('copies: in on map, whatever the direction; out on unmap and on a sync, if the device may have written', () => {
    const copies = (direction: number, ...steps: readonly Step[]): number => {
      const session = new Session(isa).given(
        ISA,
        pages(1, 0),
        dmaMap('page', 1, 2, 0, PAGE, direction),
        ...steps,
      );
      return session.counter('bouncedBytes') / PAGE;
    };
    const [cpu, dev] = [dmaSync(1, 2, SYNC_FOR_CPU), dmaSync(1, 2, SYNC_FOR_DEVICE)];
    expect([copies(DMA_TO_DEVICE), copies(DMA_TO_DEVICE, dmaUnmap(1, 2))]).toEqual([1, 1]);
    expect([copies(DMA_FROM_DEVICE), copies(DMA_FROM_DEVICE, dmaUnmap(1, 2))]).toEqual([1, 2]);
    expect([copies(DMA_TO_DEVICE, cpu), copies(DMA_TO_DEVICE, dev)]).toEqual([1, 2]);
    expect([copies(DMA_FROM_DEVICE, cpu), copies(DMA_FROM_DEVICE, dev)]).toEqual([2, 1]);
    expect([copies(0, cpu), copies(0, dev), copies(0, cpu, dev, dmaUnmap(1, 2))]).toEqual([2, 2, 4]);
  });

  test('a pool exists where RAM lies above 4 GiB and the kernel has swiotlb', () => {
    const pool = (layout: string, mib: number) => machineOf(layout, mib).platform.bouncePool;
    expect(pool('linux-x86_64', 6144)).toMatchObject({ slots: 32768, areas: 1 });
    expect(pool('linux-x86_64', 2048)).toBeUndefined();
    expect(pool('linux-3g1g-pae', 6144)).toMatchObject({ slots: 32768 });
    expect(pool('linux-3g1g', 3500)).toBeUndefined();
    expect(machineOf('linux-x86_64', 6144, {}, { swiotlb: false }).platform.bouncePool).toBeUndefined();
  });
});
