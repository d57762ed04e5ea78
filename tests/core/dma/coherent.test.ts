/** dma_alloc_coherent: memory from a zone that the device reaches. */
import { describe, expect, test } from 'vitest';
import { OBJECT } from '../../../core/state/objects.ts';
import { coherent, device, machineOf, PAGE, pages, Session } from '../../support/rows.ts';
import { large } from './devices.ts';

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
    expect(session.do(coherent(1, 2, PAGE)).pfn * PAGE).toBeGreaterThanOrEqual(2 ** 25);
    expect(session.do(coherent(2, 1, PAGE))).toMatchObject({ status: 'ok', address: 'kernel-logical' });
    expect(session.machine.objects.get(2, OBJECT.pfn) * PAGE).toBeLessThan(2 ** 24);
  });
});
