/** Watermarks and reserves: given the pages that a captured kernel managed, ours are its figures exactly. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import {
  __GFP_HIGH,
  __GFP_HIGHMEM,
  GFP_ATOMIC,
  GFP_DMA,
  GFP_DMA32,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL,
} from '../../../core/event/gfp.ts';
import { LINUX_6_1 } from '../../../core/kernel/linux-6.1.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { describeZones, GFP_ZONE_MASK, markFor } from '../../../core/phys/zones.ts';
import { bootedMachines } from '../../captures/booted-machines.ts';
import { managedAtMarks, zoneRanks, zonesAtBoot } from '../../captures/managed-pages.ts';
import { pc } from '../../support/pc.ts';
import { machineOf, Session, sessionOf } from '../../support/rows.ts';

describe.each(bootedMachines())('$id', ({ oracle, layout }) => {
  const captured = zonesAtBoot(oracle);
  // Where transparent huge pages are in use, khugepaged has raised the marks.
  const hasHugePages = 'AnonHugePages' in oracle.meminfo_kb;
  const hugePageFrames = hasHugePages ? 2 ** Number(oracle.consts.pageblock_order) : undefined;
  const describe = (onlineCpus: number) =>
    describeZones({ ...layout, onlineCpus }, managedAtMarks(oracle, layout), hugePageFrames);
  const zones = describe(layout.cpus);

  test('min, low and high', () => {
    const marks = zones.map(({ name, min, low, high }) => ({ name, min, low, high }));
    expect(marks).toEqual(captured.map(({ name, min, low, high }) => ({ name, min, low, high })));
  });

  test('whether there are pageblocks enough to keep migrate types apart', () => {
    const lines = oracle.dmesg_memory_lines.flatMap(
      (line) => /mobility grouping (\w+)/.exec(line)?.[1] ?? [],
    );
    const said = bootMachine(layout).platform.mobilityGfp === 0 ? 'off' : 'on';
    for (const line of lines) expect(said).toBe(line);
  });

  test('lowmem_reserve', () => {
    const ranks = zoneRanks(oracle);
    const expected = captured.map(({ lowmem_reserve }) =>
      captured.map(({ name }) => lowmem_reserve[ranks.indexOf(name)]),
    );
    expect(zones.map(({ lowmemReserve }) => lowmemReserve)).toEqual(expected);
  });

  test('batch and high mark of the per-cpu lists', () => {
    // An emulated board may lack cpus that its device tree tells of: they are present, and never come online.
    const fewest = oracle.variant.startsWith('board-') ? 1 : layout.cpus;
    const online = Array.from({ length: layout.cpus - fewest + 1 }, (_, i) => fewest + i);
    const limits = online.map((cpus) => describe(cpus).map(({ pcpBatch, pcpHigh }) => [pcpBatch, pcpHigh]));
    expect(limits).toContainEqual(captured.map(({ pcp_batch, pcp_high }) => [pcp_batch, pcp_high]));
  });
});

describe('min_free_kbytes: four times the root of low memory in KiB, 128 KiB to 256 MiB', () => {
  test.each([
    ['512 KiB', 128, 32],
    ['1 GiB', 2 ** 18, 1024],
    ['512 GiB', 2 ** 27, 23_170],
    ['8 TiB', 2 ** 31, 65_536],
  ])('%s', (_size, managed, min) => {
    const span = { name: 'Normal', startPfn: 0, spannedPages: managed, presentPages: managed } as const;
    const ground = { zones: [span], kernel: LINUX_6_1, pageShift: 12, onlineCpus: 1 };
    expect(describeZones(ground, [managed])[0]!.min).toBe(min);
  });
});

test('__GFP_HIGH alone may take half of the lowest mark, GFP_ATOMIC a quarter more', () => {
  const zone = { ...machineOf('linux-3g1g', 512).platform.zones[1]!, min: 1000, low: 1250 };
  const marks = [GFP_KERNEL, GFP_KERNEL | __GFP_HIGH, GFP_ATOMIC].map((gfp) => markFor(zone, gfp, 'min', 0));
  expect(marks).toEqual([1000, 500, 375]);
  expect(markFor(zone, GFP_ATOMIC, 'low', 0)).toBe(1250);
});

describe('the zone that a request asks for', () => {
  const machines = [
    machineOf('linux-3g1g', 1024),
    machineOf('linux-x86_64', 1024),
    machineOf('linux-x86_64', 8192),
    // RAM from 1 GiB on: 3 GiB that devices reach, and 1 GiB above 4 GiB.
    machineOf('linux-arm64-39', 4096),
    machineOf('linux-arm-3g1g', 1024),
  ];
  const rows: readonly [string, number, ...string[]][] = [
    ['GFP_KERNEL', GFP_KERNEL, 'Normal', 'DMA32', 'Normal', 'Normal', 'Normal'],
    ['GFP_ATOMIC', GFP_ATOMIC, 'Normal', 'DMA32', 'Normal', 'Normal', 'Normal'],
    ['GFP_DMA: Normal where there is no such zone', GFP_DMA, 'DMA', 'DMA', 'DMA', 'DMA', 'Normal'],
    [
      'GFP_DMA32: the same, and DMA where it is empty',
      GFP_DMA32,
      'Normal',
      'DMA32',
      'DMA32',
      'DMA',
      'Normal',
    ],
    ['__GFP_HIGHMEM', GFP_KERNEL | __GFP_HIGHMEM, 'HighMem', 'DMA32', 'Normal', 'Normal', 'HighMem'],
    ['GFP_HIGHUSER_MOVABLE', GFP_HIGHUSER_MOVABLE, 'HighMem', 'DMA32', 'Normal', 'Normal', 'HighMem'],
    ['__GFP_DMA beats __GFP_HIGHMEM', GFP_DMA | __GFP_HIGHMEM, 'DMA', 'DMA', 'DMA', 'DMA', 'Normal'],
  ];

  test.each(rows)('%s', (_title, gfp, ...expected) => {
    const found = machines.map(
      ({ platform }) => platform.zones[platform.highestZones[gfp & GFP_ZONE_MASK]!]!.name,
    );
    expect(found).toEqual(expected);
  });
});

describe('how far a zone is drained', () => {
  /** Takes single pages until none is given; free pages of a zone before the last one was, and at the end. */
  function drain(session: Session, gfp: number, zone: string): { left: number; status: string } {
    const { index } = session.machine.platform.zones.find(({ name }) => name === zone)!;
    for (let object = session.counter('events') + 1; ; object++) {
      const status = session.status({ kind: 'page_alloc', object, order: 0, gfp });
      if (status !== 'ok') return { left: freePagesOf(session.machine, index), status };
    }
  }

  test('GFP_KERNEL stops when exactly min pages and the reserve are left; GFP_ATOMIC goes below', () => {
    const session = new Session(pc);
    const [dma, normal] = session.machine.platform.zones;
    expect(drain(session, GFP_KERNEL, 'Normal')).toEqual({ left: normal!.min, status: 'out-of-lowmem' });
    expect(freePagesOf(session.machine, 0)).toBe(dma!.min + dma!.lowmemReserve[1]!);
    const half = normal!.min - Math.floor(normal!.min / 2);
    expect(drain(session, GFP_ATOMIC, 'Normal').left).toBe(half - Math.floor(half / 4));
  });

  test('GFP_DMA has no reserve to leave', () => {
    const session = sessionOf('3g1g', 96);
    const { min } = session.machine.platform.zones[0]!;
    expect(drain(session, GFP_DMA, 'DMA').left).toBe(min);
  });

  test('the zone below is tried at low + reserve before anything is taken to min', () => {
    const session = sessionOf('3g1g', 96);
    const [dma, normal] = session.machine.platform.zones;
    const isLow = (pfn: number): boolean => pfn < normal!.startPfn;
    const free = (zone: number): number => freePagesOf(session.machine, zone);
    let object = 1;
    const next = (): number => {
      return session.do({ kind: 'page_alloc', object: object++, order: 0, gfp: GFP_KERNEL }).pfn;
    };
    while (!isLow(next()));
    // A per-cpu list is refilled by a batch, whose pages go on from the mark.
    const behindMark = normal!.low - free(normal!.index);
    expect(behindMark >= 0 && behindMark < normal!.pcpBatch).toBe(true);
    while (isLow(next()));
    expect(free(dma!.index)).toBe(dma!.low + dma!.lowmemReserve[1]!);
  });
});
