/** The fifth type of address: what a bus address is for a device, and where a mapped object is on the bus. */
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import { DEVICE_IOMMU, DMA_TO_DEVICE } from '../../../core/event/dma-flags.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import {
  coherent,
  device,
  dmaMap,
  kmalloc,
  MIB,
  machineOf,
  PAGE,
  pages,
  sessionOf,
} from '../../support/rows.ts';

const address = (pfn: number, start = 0): bigint => BigInt(pfn * PAGE + start);

describe('without an IOMMU', () => {
  const session = sessionOf('3g1g', 512).given(
    device(1, 32),
    kmalloc(1, 64),
    dmaMap('single', 1, 1, 8, 16, DMA_TO_DEVICE),
  );
  const { machine } = session;
  const [pfn, start] = [OBJECT.pfn, OBJECT.start].map((field) => machine.objects.get(1, field)) as [
    number,
    number,
  ];
  const first = address(pfn, start + 8);

  test('the kernel logical, the physical and the bus address of a mapped byte lead to each other', () => {
    const expected = {
      device: 1,
      maskBits: 32,
      by: 'dma_map_single',
      direction: 'to the device',
      object: 1,
      offset: 10,
      way: 'physical',
      bus: first + 2n,
      physical: first + 2n,
      reached: first + 2n,
    };
    expect(explainAddress(machine, 'virtual', 0xc0000000n + first + 2n).buses).toEqual([expected]);
    expect(explainAddress(machine, 'physical', first + 2n).buses).toEqual([expected]);
    expect(explainAddress(machine, 'bus', first + 2n)).toMatchObject({
      physical: first + 2n,
      buses: [expected],
    });
  });

  test('both ends of the buffer', () => {
    const found = (at: bigint) => explainAddress(machine, 'physical', at).buses.length;
    expect([first - 1n, first, first + 15n, first + 16n].map(found)).toEqual([0, 1, 1, 0]);
  });

  test('what the device cannot say', () => {
    const explained = explainAddress(machine, 'bus', 1n << 32n, { device: 1 });
    expect(explained.physical).toBeUndefined();
    expect(explained.unmapped).toMatch(/drives 32 address bits/);
    expect(() => explainAddress(machine, 'bus', 0n, { device: 9 })).toThrow(UsageError);
  });
});

test('a bounce buffer stands for memory elsewhere, and both say so', () => {
  const swiotlb = { bytes: MIB, belowBytes: 16 * MIB };
  const session = sessionOf('3g1g', 96, {}, { swiotlb }).given(device(1, 24), pages(1, 0));
  session.given(dmaMap('page', 1, 1, 0, PAGE));
  const { machine } = session;
  const pool = address(machine.platform.bouncePool!.startPfn);
  const memory = address(machine.objects.get(1, OBJECT.pfn));
  const explained = explainAddress(machine, 'bus', pool + 5n);
  expect(explained.meaning).toMatch(`stands for physical 0x${(memory + 5n).toString(16)}`);
  expect(explained.frame!.owner).toMatch(/swiotlb/);
  expect(explainAddress(machine, 'physical', memory + 5n).buses).toMatchObject([
    { bus: pool + 5n, physical: memory + 5n, reached: pool + 5n, way: 'bounce' },
  ]);
});

test('behind an IOMMU: the walk of its tables, for this device alone', () => {
  const machine = machineOf('linux-x86_64', 64);
  const session = sessionOf('linux-x86_64', 64).given(
    device(1, 32, DEVICE_IOMMU),
    device(2, 32, DEVICE_IOMMU),
  );
  session.given(device(3, 32), coherent(1, 1, PAGE));
  const bus = (1n << 32n) - BigInt(PAGE) + 7n;
  const memory = address(session.machine.objects.get(1, OBJECT.pfn), 7);
  const explained = explainAddress(session.machine, 'bus', bus);
  expect(explained.physical).toBe(memory);
  expect(explained.walk.map(({ level }) => level)).toEqual(['pgd', 'pud', 'pmd', 'pte']);
  expect(explained.frame!.owner).toBe('dma_alloc_coherent, object 1');
  expect(explained.buses).toMatchObject([{ device: 1, by: 'dma_alloc_coherent', way: 'iommu' }]);
  const other = explainAddress(session.machine, 'bus', bus, { device: 2 });
  expect([other.physical, other.unmapped]).toEqual([
    undefined,
    expect.stringMatching(/IOMMU stops the access/),
  ]);
  expect(explainAddress(session.machine, 'bus', bus, { device: 3 })).toMatchObject({
    physical: bus,
    walk: [],
  });
  expect(explainAddress(machine, 'bus', bus).walk).toEqual([]);

  // The same address means another object for another device.
  session.given(coherent(2, 2, PAGE));
  const objects = [1, 2].map((device) =>
    explainAddress(session.machine, 'bus', bus, { device }).buses.map(({ object }) => object),
  );
  expect(objects).toEqual([[1], [2]]);
});
