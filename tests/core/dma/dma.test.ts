/** DMA by the texts (LDD3 ch. 15, OSTEP ch. 23): which buffers a device can be given, at which bus address, and why not. */
import { describe, expect, test } from 'vitest';
import { busRanges, dmaMapping, liveMappings } from '../../../core/dma/mapping-facts.ts';
import { isCapable } from '../../../core/dma/reach.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import {
  DEVICE_IOMMU,
  DMA_FROM_DEVICE,
  DMA_TO_DEVICE,
  SYNC_FOR_CPU,
  SYNC_FOR_DEVICE,
} from '../../../core/event/dma-flags.ts';
import { __GFP_DMA32, __GFP_HIGHMEM, GFP_DMA, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MAP_POPULATE, MAP_SHARED, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { checkMachine } from '../../../core/invariants.ts';
import type { StatusName } from '../../../core/outcome.ts';
import { stateDigest } from '../../../core/state/digest.ts';
import type { Machine } from '../../../core/state/machine.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import {
  access,
  cache,
  coherent,
  device,
  dmaMap,
  dmaSync,
  dmaUnmap,
  fromCache,
  kmalloc,
  MIB,
  machineOf,
  mmap,
  munmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  Session,
  type Step,
} from '../../support/rows.ts';

const HIGH = GFP_KERNEL | __GFP_HIGHMEM;
const vmalloc = (object: number, size: number): Step => ({ kind: 'vmalloc', object, size });
const free = (kind: 'page_free' | 'kfree' | 'vfree' | 'kmem_cache_free', object: number): Step => ({
  kind,
  object,
});
const remove = (number: number): Step => ({ kind: 'device_remove', device: number });

/** The PC of the texts: 96 MiB, 32 of them high; no bounce buffers, as on every 32-bit kernel without PAE. */
const pc = machineOf('3g1g', 96, { highmemBytes: 32n << 20n });
/** The same with a pool of bounce buffers in the DMA zone, for ISA devices. */
const isa = machineOf(
  '3g1g',
  96,
  { highmemBytes: 32n << 20n },
  { swiotlb: { bytes: MIB, belowBytes: 16 * MIB } },
);
const large = machineOf('linux-x86_64', 6144);

const NIC = device(1, 32);
const ISA = device(2, 24);
const NVME = device(3, 64);
const IOMMU = device(4, 32, DEVICE_IOMMU);

type Row = readonly [
  when: string,
  does: Step,
  status: StatusName,
  extra?: { readonly on?: Machine; readonly given?: readonly Step[] },
];

const ROWS: readonly Row[] = [
  // Devices
  ['a device', NIC, 'ok'],
  ['a device of the same number', NIC, 'exists', { given: [NIC] }],
  ['an ISA device: 24 bits are what ZONE_DMA is for', device(1, 24), 'ok'],
  ['23 bits', device(1, 23), 'bad-dma-mask'],
  ['27 bits reach all of 96 MiB', device(1, 27), 'ok'],
  ['65 bits', device(1, 65), 'bad-dma-mask'],
  ['a device goes', remove(1), 'ok', { given: [NIC] }],
  ['a device that is not there', remove(1), 'no-device'],
  ['a device with memory', remove(1), 'device-in-use', { given: [NIC, coherent(1, 1, 1)] }],
  ['mapping for no device', dmaMap('single', 1, 1, 0, 64), 'no-device', { given: [kmalloc(1, 64)] }],
  [
    'mapping for nobody’s direction',
    dmaMap('single', 1, 1, 0, 64, 3),
    'invalid',
    { given: [NIC, kmalloc(1, 64)] },
  ],

  // What has one bus address
  ['kmalloc', dmaMap('single', 1, 1, 0, 64), 'ok', { given: [NIC, kmalloc(1, 64)] }],
  ['its last byte', dmaMap('single', 1, 1, 63, 1), 'ok', { given: [NIC, kmalloc(1, 64)] }],
  ['a byte beyond', dmaMap('single', 1, 1, 63, 2), 'no-mapping', { given: [NIC, kmalloc(1, 64)] }],
  ['nothing of it', dmaMap('single', 1, 1, 0, 0), 'no-mapping', { given: [NIC, kmalloc(1, 64)] }],
  ['kmalloc of nothing', dmaMap('single', 1, 1, 0, 1), 'no-mapping', { given: [NIC, kmalloc(1, 0)] }],
  ['nothing', dmaMap('single', 1, 1, 0, 64), 'no-object', { given: [NIC] }],
  ['a large kmalloc', dmaMap('single', 1, 1, 0, MIB), 'ok', { given: [NIC, kmalloc(1, MIB)] }],
  ['a slab object', dmaMap('single', 1, 1, 0, 64), 'ok', { given: [NIC, cache(1, 64), fromCache(1, 1)] }],
  ['low pages', dmaMap('single', 1, 1, 0, 4 * PAGE), 'ok', { given: [NIC, pages(1, 2)] }],
  [
    'the same again',
    dmaMap('page', 1, 1, 0, 64),
    'exists',
    { given: [NIC, pages(1, 2), dmaMap('single', 1, 1, 0, 64)] },
  ],
  [
    'the same for another device',
    dmaMap('page', 1, 3, 0, 64),
    'ok',
    { given: [NIC, NVME, pages(1, 2), dmaMap('single', 1, 1, 0, 64)] },
  ],

  // What has none
  [
    'vmalloc as one buffer',
    dmaMap('single', 1, 1, 0, 64),
    'not-contiguous',
    { given: [NIC, vmalloc(1, 2 * PAGE)] },
  ],
  ['a page of it', dmaMap('page', 1, 1, PAGE, PAGE), 'ok', { given: [NIC, vmalloc(1, 2 * PAGE)] }],
  [
    'a byte of the next page with it',
    dmaMap('page', 1, 1, 0, PAGE + 1),
    'not-contiguous',
    { given: [NIC, vmalloc(1, 2 * PAGE)] },
  ],
  ['vmalloc as a list', dmaMap('sg', 1, 1, 0, 2 * PAGE), 'ok', { given: [NIC, vmalloc(1, 2 * PAGE)] }],
  [
    'vmap: its pages are another object’s',
    dmaMap('sg', 2, 1, 0, PAGE),
    'not-contiguous',
    { given: [NIC, pages(1, 0), { kind: 'vmap', object: 2, pages: 1, count: 1 }] },
  ],
  [
    'address space without memory',
    dmaMap('sg', 1, 1, 0, PAGE),
    'no-mapping',
    { given: [NIC, { kind: 'vm_area', object: 1, size: PAGE, align: 0 }] },
  ],
  [
    'device memory',
    dmaMap('page', 1, 1, 0, 64),
    'not-ram',
    { given: [NIC, { kind: 'ioremap', object: 1, size: PAGE, pfn: 0xfee00, offset: 0 }] },
  ],
  [
    'high pages by an address',
    dmaMap('single', 1, 1, 0, 64),
    'high-page',
    { given: [NIC, pages(1, 2, HIGH)] },
  ],
  [
    'high pages by their frames',
    dmaMap('page', 1, 1, 0, 4 * PAGE),
    'ok',
    { given: [NIC, pages(1, 2, HIGH)] },
  ],

  // Memory of processes
  [
    'a program’s buffer as one',
    dmaMap('single', 1, 1, 0, 64),
    'not-contiguous',
    { given: [NIC, ...RUNNING, mmap(1, 2 * PAGE)] },
  ],
  ['a page of it', dmaMap('page', 1, 1, PAGE, PAGE), 'ok', { given: [NIC, ...RUNNING, mmap(1, 2 * PAGE)] }],
  [
    'all of it as a list',
    dmaMap('sg', 1, 1, 0, 2 * PAGE),
    'ok',
    { given: [NIC, ...RUNNING, mmap(1, 2 * PAGE)] },
  ],
  [
    'more than all of it',
    dmaMap('sg', 1, 1, 0, 2 * PAGE + 1),
    'no-mapping',
    { given: [NIC, ...RUNNING, mmap(1, 2 * PAGE)] },
  ],
  [
    'on a cpu that runs nobody',
    { ...dmaMap('sg', 1, 1, 0, PAGE), cpu: 1 },
    'no-process',
    { given: [NIC, ...RUNNING, mmap(1, PAGE), { kind: 'switch', pid: 0, cpu: 1 }] },
  ],
  [
    'a read-only buffer that the device fills',
    dmaMap('page', 1, 1, 0, PAGE, DMA_FROM_DEVICE),
    'protection',
    { given: [NIC, ...RUNNING, mmap(1, PAGE, PROT_READ)] },
  ],
  [
    'a read-only buffer that it reads',
    dmaMap('page', 1, 1, 0, PAGE, DMA_TO_DEVICE),
    'ok',
    { given: [NIC, ...RUNNING, mmap(1, PAGE, PROT_READ)] },
  ],

  // The mask
  [
    'memory above 16 MiB for an ISA device',
    dmaMap('single', 1, 2, 0, 64),
    'beyond-dma-mask',
    { given: [ISA, kmalloc(1, 64)] },
  ],
  [
    'the same where it can bounce',
    dmaMap('single', 1, 2, 0, 64),
    'ok',
    { on: isa, given: [ISA, kmalloc(1, 64)] },
  ],
  ['GFP_DMA', dmaMap('single', 1, 2, 0, 64), 'ok', { given: [ISA, kmalloc(1, 64, GFP_DMA)] }],
  ['256 KiB bounce', dmaMap('single', 1, 2, 0, MIB / 4), 'ok', { on: isa, given: [ISA, pages(1, 7)] }],
  [
    'a byte more',
    dmaMap('single', 1, 2, 0, MIB / 4 + 1),
    'no-bounce-buffers',
    { on: isa, given: [ISA, pages(1, 7)] },
  ],
  ['as a list it is cut', dmaMap('sg', 1, 2, 0, MIB / 2), 'ok', { on: isa, given: [ISA, pages(1, 7)] }],
  [
    'more than the pool has',
    dmaMap('sg', 1, 2, 0, 2 * MIB),
    'no-bounce-buffers',
    { on: isa, given: [ISA, pages(1, 9)] },
  ],
  [
    'a pool below 4 GiB is no help for ISA',
    dmaMap('single', 1, 2, 0, 64),
    'beyond-dma-mask',
    { on: large, given: [ISA, kmalloc(1, 64)] },
  ],

  // Coherent memory
  ['a ring', coherent(1, 1, 4 * PAGE), 'ok', { given: [NIC] }],
  ['a ring of nothing', coherent(1, 1, 0), 'invalid', { given: [NIC] }],
  ['a ring of MAX_ORDER', coherent(1, 1, 4 * MIB), 'ok', { given: [NIC] }],
  ['a byte more', coherent(1, 1, 4 * MIB + 1), 'too-large', { given: [NIC] }],
  ['a ring of a live object', coherent(1, 1, 1), 'exists', { given: [NIC, kmalloc(1, 1)] }],
  ['a ring for nobody', coherent(1, 1, 1), 'no-device'],
  ['it goes', { kind: 'dma_free_coherent', object: 1 }, 'ok', { given: [NIC, coherent(1, 1, 1)] }],
  ['kmalloc is none', { kind: 'dma_free_coherent', object: 1 }, 'no-object', { given: [kmalloc(1, 1)] }],
  ['kfree of a ring', free('kfree', 1), 'no-object', { given: [NIC, coherent(1, 1, 1)] }],

  // A device still uses it
  [
    'kfree of what is mapped',
    free('kfree', 1),
    'dma-mapped',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64)] },
  ],
  [
    '__free_pages',
    free('page_free', 1),
    'dma-mapped',
    { given: [NIC, pages(1, 0), dmaMap('page', 1, 1, 0, 64)] },
  ],
  ['vfree', free('vfree', 1), 'dma-mapped', { given: [NIC, vmalloc(1, PAGE), dmaMap('sg', 1, 1, 0, 64)] }],
  [
    'kmem_cache_free',
    free('kmem_cache_free', 1),
    'dma-mapped',
    { given: [NIC, cache(1, 64), fromCache(1, 1), dmaMap('single', 1, 1, 0, 64)] },
  ],
  [
    'a ring',
    { kind: 'dma_free_coherent', object: 1 },
    'dma-mapped',
    { given: [NIC, NVME, coherent(1, 1, 1), dmaMap('single', 1, 3, 0, 64)] },
  ],
  [
    'kfree after it is unmapped',
    free('kfree', 1),
    'ok',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64), dmaUnmap(1, 1)] },
  ],
  [
    'unmapping twice',
    dmaUnmap(1, 1),
    'no-mapping',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64), dmaUnmap(1, 1)] },
  ],
  [
    'unmapping at another offset',
    dmaUnmap(1, 1, 8),
    'no-mapping',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64)] },
  ],
  ['unmapping nothing', dmaUnmap(1, 1), 'no-object', { given: [NIC] }],
  ['unmapping for nobody', dmaUnmap(1, 1), 'no-device', { given: [kmalloc(1, 64)] }],
  [
    'a sync',
    dmaSync(1, 1, SYNC_FOR_CPU),
    'ok',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64)] },
  ],
  [
    'a sync for a third party',
    dmaSync(1, 1, 2),
    'invalid',
    { given: [NIC, kmalloc(1, 64), dmaMap('single', 1, 1, 0, 64)] },
  ],
  [
    'a sync of what is not mapped',
    dmaSync(1, 1, SYNC_FOR_CPU),
    'no-mapping',
    { given: [NIC, kmalloc(1, 64)] },
  ],
  ['a ring needs none', dmaSync(1, 1, SYNC_FOR_CPU), 'no-mapping', { given: [NIC, coherent(1, 1, 64)] }],
];

describe('what becomes of a buffer', () => {
  for (const [when, does, status, { given = [], on = pc } = {}] of ROWS) {
    test(`${when}: ${status}`, () => {
      const session = new Session(on).given(...given);
      const before = session.machine;
      expect(session.status(does)).toBe(status);
      expect(checkMachine(session.machine)).toEqual([]);
      // Pages that came in before it failed stay, and so does the place where the next bounce buffer is looked for.
      const halfDone = on.platform.bouncePool !== undefined || when === 'more than all of it';
      if (status === 'ok' || halfDone) return;
      const { counters, cpus } = session.machine;
      expect(stateDigest({ ...before, counters, cpus })).toBe(stateDigest(session.machine));
    });
  }
});

describe('bus addresses', () => {
  const mapped = (session: Session) => dmaMapping(session.machine, liveMappings(session.machine).at(-1)!);

  test('kmalloc memory is a constant away: logical address - PAGE_OFFSET = physical = bus', () => {
    const session = new Session(pc).given(NIC);
    const { vpn, pfn } = session.do(kmalloc(1, 100));
    const bus = session.do(dmaMap('single', 1, 1, 16, 64));
    expect(bus).toMatchObject({ status: 'ok', address: 'bus', vpn: pfn, pfn });
    expect(vpn - bus.vpn).toBe(0xc0000);
    const start = session.machine.objects.get(1, OBJECT.start);
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

describe('memory of processes', () => {
  test('pages stay while a device uses them, whatever becomes of the process', () => {
    const start = new Session(pc).given(NIC).machine;
    const session = new Session(start).given(...RUNNING, mmap(1, 4 * PAGE), dmaMap('sg', 1, 1, 0, 4 * PAGE));
    session.given(munmap(1, 0, 0), { kind: 'exit' });
    expect(checkMachine(session.machine)).toEqual([]);
    expect(session.status(mmap(1, PAGE))).toBe('no-process');
    expect(session.status(kmalloc(1, 8))).toBe('exists');
    session.given(dmaUnmap(1, 1), kmalloc(1, 8), free('kfree', 1));
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(start)));
  });

  test('shared memory that ends while a device uses it', () => {
    const start = new Session(pc).given(NIC).machine;
    const session = new Session(start).given(...RUNNING, mmap(1, 2 * PAGE, RW | MAP_SHARED | MAP_POPULATE));
    session.given(dmaMap('page', 1, 1, 0, PAGE), { kind: 'exit' });
    expect(checkMachine(session.machine)).toEqual([]);
    session.given(dmaUnmap(1, 1));
    expect(checkMachine(session.machine)).toEqual([]);
    expect(buddyinfo(drained(session.machine))).toEqual(buddyinfo(drained(start)));
  });

  test('the device gets the page that the process sees, and the process keeps it on the next store', () => {
    const session = new Session(pc).given(NIC, ...RUNNING, mmap(1, PAGE));
    const { pfn } = session.do(dmaMap('page', 1, 1, 0, PAGE, DMA_FROM_DEVICE));
    expect(session.do(access(1, 0, 8, WRITE))).toMatchObject({ status: 'ok', fault: 'none' });
    session.given(dmaUnmap(1, 1));
    expect(session.do(dmaMap('page', 1, 1, 0, PAGE)).pfn).toBe(pfn);
  });
});
