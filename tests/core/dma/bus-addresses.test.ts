/** Where devices find buffers: at physical addresses, in one list of ranges, or behind an IOMMU. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { busRanges, dmaMapping, liveMappings } from '../../../core/dma/mapping-facts.ts';
import { DEVICE_IOMMU, DMA_FROM_DEVICE, DMA_TO_DEVICE } from '../../../core/event/dma-flags.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import { pc } from '../../support/pc.ts';
import {
  device,
  dmaMap,
  dmaUnmap,
  HIGH,
  kmalloc,
  MIB,
  machineOf,
  PAGE,
  pages,
  Session,
  starve,
  vmalloc,
} from '../../support/rows.ts';
import { free, IOMMU, large, NIC, remove } from './devices.ts';

describe('bus addresses', () => {
  const mapped = (session: Session) => dmaMapping(session.machine, liveMappings(session.machine).at(-1)!);

  test('kmalloc memory is a constant away: logical address - PAGE_OFFSET = physical = bus', () => {
    const session = new Session(pc).given(NIC, kmalloc(9, 100));
    const { vpn, pfn } = session.do(kmalloc(1, 100));
    const bus = session.do(dmaMap('single', 1, 1, 16, 64));
    expect(bus).toMatchObject({ status: 'ok', address: 'bus', vpn: pfn, pfn });
    expect(vpn - bus.vpn).toBe(0xc0000);
    const start = session.machine.objects.get(1, OBJECT.start);
    expect(start).toBeGreaterThan(0);
    expect(mapped(session).segments).toEqual([
      {
        bus: pfn * PAGE + start + 16,
        physical: pfn * PAGE + start + 16,
        reached: pfn * PAGE + start + 16,
        lengthBytes: 64,
      },
    ]);
  });

  test('16 MiB from vmalloc as a list: every byte once, and neighbours in one entry', () => {
    const session = new Session(machineOf('3g1g', 512)).given(
      NIC,
      vmalloc(1, 16 * MIB),
      dmaMap('sg', 1, 1, 100, 15 * MIB),
    );
    const { segments } = mapped(session);
    expect(segments.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)).toBe(15 * MIB);
    expect(busRanges(mapped(session))).toHaveLength(segments.length);
    expect(segments[0]!.physical % PAGE).toBe(100);
    for (const { bus, physical, reached } of segments) expect([bus, reached]).toEqual([physical, physical]);
  });

  test('scattered pages, and behind an IOMMU one range', () => {
    const scattered = [1, 3, 5, 7].flatMap((object) => [pages(object, 0, HIGH), pages(object + 1, 0, HIGH)]);
    const holes = [1, 3, 5, 7].map((object) => free('page_free', object));
    const session = new Session(pc).given(NIC, IOMMU, ...scattered, ...holes, vmalloc(20, 4 * PAGE));
    session.given(dmaMap('sg', 20, 1, 0, 4 * PAGE));
    const entries = busRanges(mapped(session)).length;
    expect(entries).toBeGreaterThan(1);
    session.given(dmaUnmap(20, 1));
    expect(session.do(dmaMap('sg', 20, 4, 8, 4 * PAGE - 8))).toMatchObject({
      vpn: 2 ** 20 - 4,
      address: 'bus',
    });
    expect(mapped(session).segments).toHaveLength(entries);
    expect(busRanges(mapped(session))).toEqual([{ bus: 2 ** 32 - 4 * PAGE + 8, lengthBytes: 4 * PAGE - 8 }]);
  });

  test('an IOMMU brings memory above 4 GiB within 32 bits, without a bounce', () => {
    const session = new Session(large).given(IOMMU);
    const { pfn } = session.do(pages(1, 0));
    expect(pfn).toBeGreaterThan(2 ** 20);
    expect(session.do(dmaMap('page', 1, 4, 0, PAGE))).toMatchObject({ vpn: 2 ** 20 - 1, pfn });
    expect(session.counter('bouncedBytes')).toBe(0);
  });

  test('what a device may not write, the IOMMU does not let it write: rights follow the direction', () => {
    const session = new Session(pc).given(IOMMU, pages(1, 0), pages(2, 0));
    session.given(
      dmaMap('page', 1, 4, 0, PAGE, DMA_TO_DEVICE),
      dmaMap('page', 2, 4, 0, PAGE, DMA_FROM_DEVICE),
    );
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('without memory for its tables the IOMMU maps nothing, and the addresses stay free', () => {
    const session = new Session(starve(pc, 40, false)).given(IOMMU, pages(1, 0, HIGH));
    session.repeat((i) => pages(100 + i, 0));
    const { iovaHoles } = session.machine;
    expect(session.status(dmaMap('page', 1, 4, 0, PAGE))).toBe('out-of-lowmem');
    expect(session.machine.iovaHoles).toEqual(iovaHoles);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('each device behind an IOMMU has addresses of its own', () => {
    const session = new Session(pc).given(IOMMU, device(5, 32, DEVICE_IOMMU), pages(1, 0), pages(2, 0));
    const first = session.do(dmaMap('page', 1, 4, 0, PAGE));
    const second = session.do(dmaMap('page', 2, 5, 0, PAGE));
    expect(second.vpn).toBe(first.vpn);
    expect(second.pfn).not.toBe(first.pfn);
    session.given(
      dmaUnmap(1, 4),
      dmaUnmap(2, 5),
      remove(4),
      remove(5),
      free('page_free', 1),
      free('page_free', 2),
    );
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(pc)));
    expect(session.machine.iovaHoles.count).toBe(0);
  });
});
