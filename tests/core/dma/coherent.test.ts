/** dma_alloc_coherent: memory from a zone that the device reaches. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { DEVICE_IOMMU } from '../../../core/event/dma-flags.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import { pc } from '../../support/pc.ts';
import { coherent, device, HIGH, MIB, machineOf, PAGE, pages, Session } from '../../support/rows.ts';
import { IOMMU, ISA, large, NVME } from './devices.ts';

describe('coherent memory comes from a zone that the device reaches', () => {
  test.each([
    [24, 'DMA'],
    [32, 'DMA32'],
    [33, 'DMA32'],
    [64, 'Normal'],
  ])('%i bits: %s', (bits, name) => {
    const session = new Session(large).given(device(1, bits));
    const { pfn, address } = session.do(coherent(1, 1, PAGE));
    const { zones } = session.machine.platform;
    const zone = zones.find(
      ({ startPfn, spannedPages }) => pfn >= startPfn && pfn < startPfn + spannedPages,
    )!;
    // 33 bits: the first page of Normal that is free lies below 8 GiB.
    expect(bits === 33 ? 'DMA32' : zone.name).toBe(name);
    expect((pfn + 1) * PAGE).toBeLessThanOrEqual(2 ** bits);
    expect(address).toBe('kernel-logical');
  });

  test('25 bits: what DMA32 gives may lie too high, and then it is ZONE_DMA', () => {
    const session = new Session(machineOf('linux-x86_64', 96)).given(device(1, 25), device(2, 26));
    let object = 100;
    while (session.do(pages(++object, 0)).pfn * PAGE < 2 ** 25);
    const { machine } = session;
    expect(session.do(coherent(1, 2, PAGE)).pfn * PAGE).toBeGreaterThanOrEqual(2 ** 25);
    expect(session.do(coherent(2, 1, PAGE))).toMatchObject({ status: 'ok', address: 'kernel-logical' });
    expect(session.machine.objects.get(2, OBJECT.pfn) * PAGE).toBeLessThan(2 ** 24);
    // What lay too high was given back.
    session.given({ kind: 'dma_free_coherent', object: 1 }, { kind: 'dma_free_coherent', object: 2 });
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(machine)));
  });

  test('33 bits: where Normal lies above 8 GiB it is DMA32, and not ZONE_DMA, which others need more', () => {
    const memoryMap = [
      { start: 1n << 20n, end: 64n << 20n },
      { start: 8n << 30n, end: (8n << 30n) + (32n << 20n) },
    ];
    const session = new Session(machineOf('linux-x86_64', 0, { memoryMap })).given(device(1, 33));
    const { pfn } = session.do(coherent(1, 1, PAGE));
    expect([pfn >= 2 ** 12, pfn < 2 ** 20]).toEqual([true, true]);
  });

  test('an ISA device’s is asked of ZONE_DMA, of no other', () => {
    const session = new Session(large).given(ISA);
    const free = (): number[] =>
      session.machine.platform.zones.map(({ index }) => freePagesOf(session.machine, index));
    const before = free();
    session.given(coherent(1, 2, PAGE));
    expect(free().slice(1)).toEqual(before.slice(1));
  });

  test('behind an IOMMU any zone will do', () => {
    const session = new Session(large).given(IOMMU);
    expect(session.do(coherent(1, 4, PAGE)).pfn).toBeGreaterThanOrEqual(2 ** 20);
  });

  test('what the IOMMU has no address for is given back: of 16 MiB page 0 is never one', () => {
    const rings = [1, 2, 3].map((object) => coherent(object, 5, 4 * MIB));
    const session = new Session(pc).given(device(5, 24, DEVICE_IOMMU), ...rings);
    const { machine } = session;
    expect(session.status(coherent(4, 5, 4 * MIB))).toBe('iova-space');
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(machine)));
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('high memory is not to be had: the kernel needs an address', () => {
    const session = new Session(pc).given(NVME);
    expect(session.do(coherent(1, 3, PAGE, HIGH))).toMatchObject({ status: 'ok', address: 'kernel-logical' });
  });
});
