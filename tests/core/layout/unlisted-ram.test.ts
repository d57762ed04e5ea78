/**
 * RAM of boot logs that list no banks: what totals, zones, nodes and the kernel's own listing of its windows tell of it, and
 * what is estimated. The forms are those of public logs of boards, 3.1 to 6.1.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildLayout,
  contradictions,
  layoutNameOf,
  type MemoryReport,
  readMemoryReport,
  reportOptions,
} from '../../../core/layout/catalog/index.ts';
import type { ArmMachine } from '../../captures/arm-machine.ts';
import { armLayoutName, armMachines } from '../../captures/arm-machines.ts';

const MIB = 1n << 20n;
const hex = (value: bigint): string => `0x${value.toString(16)}`;
const ARMV7 = 'CPU: ARMv7 Processor [413fc082] revision 2 (ARMv7), cr=10c5387d';
const AARCH64 = 'Booting Linux on physical CPU 0x0000000000 [0x410fd034]';
const ramOfReport = ({ physical }: MemoryReport): string[] =>
  physical.map(({ start, end }) => `${hex(start)}..${hex(end)}`);
const windows = (lowmem: string, vmalloc: string): string =>
  `Virtual kernel memory layout:\n    vector  : 0xffff0000 - 0xffff1000   (   4 kB)\n    vmalloc : ${vmalloc}\n    lowmem  : ${lowmem}\n    pkmap   : 0xbfe00000 - 0xc0000000   (   2 MB)`;

describe('a board whose log has totals', () => {
  test.each([
    [
      '4.19: the total leaves out what the board keeps at the top; low memory still ends where the kernel says',
      `${ARMV7}\nMemory: 455472K/523264K available (8192K kernel code, 48K rwdata, 18640K reserved, 49152K cma-reserved, 0K highmem)\n` +
        `${windows('0xc0000000 - 0xe0000000', '0xe0800000 - 0xff800000')}\nSetting up static identity map for 0x80100000 - 0x80100060`,
      ['0x80000000..0x9fd00000', '0x9fe00000..0xa0000000'],
    ],
    [
      '4.4: pages of the node, and a pool of CMA that has to lie in them',
      `${ARMV7}\ncma: Reserved 8 MiB at 0x36800000\nOn node 0 totalpages: 225280\n  Normal zone: 225280 pages, LIFO batch:31`,
      ['0x0..0x37000000'],
    ],
    [
      '4.4: the node is told of twice, and counts once',
      `${ARMV7}\ncma: Reserved 8 MiB at 0x36800000\nOn node 0 totalpages: 225280\nOn node 0 totalpages: 225280`,
      ['0x0..0x37000000'],
    ],
    [
      '4.9: RAM at 512 MiB, told by its pool alone',
      `${ARMV7}\ncma: Reserved 16 MiB at 0x26000000\nMemory: 107116K/129520K available (2631K kernel code, 6020K reserved, 16384K cma-reserved)`,
      ['0x20000000..0x27e7c000'],
    ],
    [
      '4.14 with LPAE: high memory is what of the total is not low memory, pools and all',
      `${ARMV7.replace('cr=1', 'cr=3')}\ncma: Reserved 64 MiB at 0xfb800000\n` +
        'Memory: 1980804K/2095100K available (12288K kernel code, 48760K reserved, 65536K cma-reserved, 1243132K highmem)\n' +
        windows('0xc0000000 - 0xf0000000', '0xf0800000 - 0xff800000'),
      ['0x80000000..0xb0000000', '0xb0000000..0xffdff000'],
    ],
    [
      '3.1: what is free and what is reserved make the total',
      `${ARMV7}\nMemory: 256MB = 256MB total\nMemory: 155784k/155784k available, 106360k reserved, 0K highmem\n` +
        `${windows('0xc0000000 - 0xd0000000', '0xd0800000 - 0xff000000')}\nSetting up static identity map for 0x8026ab08 - 0x8026ab60`,
      ['0x80000000..0x90000000'],
    ],
    [
      'nothing but the loader and the place of the kernel',
      `U-Boot 2018.01\nDRAM:  512 MiB\n   Load Address: 80008000\n   Load Address: 88000000\n${ARMV7}`,
      ['0x80000000..0xa0000000'],
    ],
    [
      'arm64 with a pool and its linear map',
      `${AARCH64}\ncma: Reserved 8 MiB at 0x000000007f000000\nMemory: 2031224K/2095104K available (8062K kernel code, 8192K cma-reserved)`,
      ['0x0..0x7fe00000'],
    ],
    [
      '4.9: other processors keep 10 MiB of 2 GiB, so that the pool at the top ends further up than the total reaches',
      `${ARMV7.replace('cr=1', 'cr=3')}\ncma: Reserved 24 MiB at 0xfe400000\n` +
        'Memory: 1835588K/2086912K available (8192K kernel code, 24576K cma-reserved, 1283072K highmem)',
      ['0x80000000..0xfde00000', '0xfe400000..0xffc00000'],
    ],
    [
      '4.9: a pool in the middle, and a console whose registers lie below',
      `${ARMV7.replace('cr=1', 'cr=3')}\nReserved memory: created CMA memory pool at 0x58800000, size 56 MiB\n` +
        'Memory: 1835588K/2086912K available (8192K kernel code, 57344K cma-reserved, 1283072K highmem)\n' +
        '48020000.serial: ttyS2 at MMIO 0x40020000 (irq = 299, base_baud = 3000000) is a 8250',
      ['0x50000000..0xcf600000'],
    ],
  ])('%s', (_, log, ram) => {
    const report = readMemoryReport(log);
    expect(ramOfReport(report)).toEqual(ram);
    expect(report.notes[0]).toMatch(/lists no banks of RAM: .* estimated to begin at 0x/);
    const layout = buildLayout(layoutNameOf(report)!, reportOptions(report));
    expect(
      contradictions(layout, { ...report, said: { ...report.said, vmalloc: undefined } as never }),
    ).toEqual([]);
  });

  test.each([
    [
      'an ARM board',
      `${ARMV7}\nMemory: 511MB = 511MB total\nMemory: 505980k/505980k available, 18308k reserved, 0K highmem`,
      512n * MIB,
    ],
    [
      'banks in MiB',
      `${ARMV7}\nMemory: 128MB 128MB = 256MB total\nMemory: 254004KB available (3456K code)`,
      256n * MIB,
    ],
    [
      'a board whose kernel and pool lie further apart than so much RAM reaches',
      `${ARMV7}\nMemory: 128MB 128MB = 256MB total\n   Load Address: 80008000\ncma: Reserved 16 MiB at 0xc0000000`,
      256n * MIB,
    ],
    [
      'a PC without its memory map',
      'Linux version 6.1.0-13-amd64\nMemory: 8012340K/8388608K available (14336K kernel code, 2343K rwdata)',
      8192n * MIB,
    ],
  ])('%s of which nothing shows where its RAM lies has it where its layout has it', (_, log, bytes) => {
    const report = readMemoryReport(log);
    expect(report).toMatchObject({ physical: [], ramBytes: bytes });
    expect(report.notes[0]).toMatch(/nothing in it shows where RAM lies/);
    expect(buildLayout(layoutNameOf(report)!, reportOptions(report)).ramBytes).toBe(bytes);
  });

  test.each([
    ['    lowmem  : 0x80000000 - 0xa0000000   ( 512 MB)', '2G'],
    ['    pkmap   : 0x7fe00000 - 0x80000000   (   2 MB)', '2G'],
    ['    modules : 0x7f000000 - 0x80000000   (  16 MB)', '2G'],
    ['Memory: 1K/2097152K available (1K kernel code, 65536K cma-reserved, 196608K highmem)', '2G'],
    ['Memory: 1K/2097152K available (1K kernel code, 65536K cma-reserved, 1310720K highmem)', '3G'],
    ['Memory: 1K/524288K available (1K kernel code, 0K highmem)', undefined],
  ])('%s: the split is %s', (line, split) => {
    const { split: found, notes } = readMemoryReport(`${ARMV7}\n${line}\n`);
    expect(found).toBe(split);
    expect(notes.some((note) => /3G\/1G is taken/.test(note))).toBe(split === undefined);
  });

  test('every fact tells its line', () => {
    const log = `${ARMV7}\nMemory: 455472K/523264K available (0K highmem)\n${windows('0xc0000000 - 0xe0000000', '0xe0800000 - 0xff800000')}\nSetting up static identity map for 0x80100000 - 0x80100060`;
    const { findings, notes } = readMemoryReport(log);
    expect(findings).toContainEqual({ what: 'RAM in all', value: '511 MiB', line: 2 });
    expect(notes).toEqual([
      'the log lists no banks of RAM: how much there is tells line 2, how much of it is low memory line 6, and RAM is ' +
        'estimated to begin at 0x80000000, the roundest address that fits what lies in it (line 8: the kernel)',
      'between its ends 1 MiB are missing, at a place that is estimated',
    ]);
  });
});

describe('a board whose log has zones or nodes', () => {
  const ZONES = `Zone ranges:
  DMA      [mem 0x0000000000000000-0x000000003fffffff]
  DMA32    [mem 0x0000000040000000-0x00000000fbffffff]
  Normal   empty
Movable zone start for each node
`;
  test.each([
    ['zones alone', `${ZONES}`, ['0x0..0x40000000', '0x40000000..0xfc000000']],
    [
      'zones with their pages: what is missing of one is missing at its end',
      `${ZONES}On node 0 totalpages: 1012480\n  DMA zone: 3788 pages used for memmap\n  DMA zone: 242432 pages, LIFO batch:63\n  DMA32 zone: 770048 pages, LIFO batch:63`,
      ['0x0..0x3b300000', '0x40000000..0xfc000000'],
    ],
    [
      'the span of its node',
      'Initmem setup node 0 [mem 0x0000000040000000-0x000000007fffffff]',
      ['0x40000000..0x80000000'],
    ],
    [
      'a node that is made up, and a total that is less',
      'NUMA: Faking a node at [mem 0x0000000000000000-0x000000003fffffff]\nMemory: 960000K/983040K available (1K kernel code)',
      ['0x0..0x3be00000', '0x3fe00000..0x40000000'],
    ],
    [
      'frames, as up to 3.4',
      'Zone PFN ranges:\n  Normal   0x00080000 -> 0x000a0000\nMovable zone start PFN for each node',
      ['0x80000000..0xa0000000'],
    ],
    [
      'active ranges in frames, as up to 3.4',
      'Zone PFN ranges:\n  Normal   0x00080000 -> 0x000a0000\nearly_node_map[2] active PFN ranges\n    0: 0x00080000 -> 0x00090000\n    0: 0x00094000 -> 0x000a0000',
      ['0x80000000..0x90000000', '0x94000000..0xa0000000'],
    ],
  ])('%s', (_, text, ram) => {
    const report = readMemoryReport(`${AARCH64}\n${text}\n`);
    const touching = ramOfReport(report).join(' ').replaceAll('0x40000000 0x40000000..', '');
    expect(touching).toBe(ram.join(' ').replaceAll('0x40000000 0x40000000..', ''));
  });
});

test('whatever the board, its RAM is found from its totals, the place of its kernel and its windows', () => {
  const boards = fc.record({
    base: fc.integer({ min: 0, max: 127 }),
    mib: fc.integer({ min: 32, max: 3000 }),
  });
  fc.assert(
    fc.property(boards, ({ base: sixteens, mib }) => {
      const base = BigInt(sixteens) * 16n * MIB;
      const low = BigInt(Math.min(mib, 760)) * MIB;
      const kernel = hex(base + 0x8000n);
      const report = readMemoryReport(
        `${ARMV7}\nMemory: 1K/${mib * 1024}K available (1K kernel code, ${Math.max(mib - 760, 0) * 1024}K highmem)\n` +
          `    lowmem  : 0xc0000000 - ${hex(0xc0000000n + low)}\nSetting up static identity map for ${kernel} - ${kernel}\n`,
      );
      expect(report.physical[0]!.start).toBe(base);
      expect(report.physical.at(-1)!.end).toBe(base + BigInt(mib) * MIB);
    }),
    { numRuns: 100 },
  );
});

test('whatever is kept of its chips below a pool, RAM begins where its kernel is', () => {
  const boards = fc.record({
    base: fc.integer({ min: 0, max: 63 }),
    chip: fc.constantFrom(256, 512, 768, 1024, 1536, 2048),
    keptMib: fc.integer({ min: 0, max: 56 }),
  });
  fc.assert(
    fc.property(boards, ({ base: sixteens, chip, keptMib }) => {
      const base = BigInt(sixteens) * 16n * MIB;
      const top = base + BigInt(chip) * MIB;
      const kernel = hex(base + 0x8000n);
      const report = readMemoryReport(
        `${ARMV7}\nMemory: 1K/${(chip - keptMib) * 1024}K available (1K kernel code, 0K highmem)\n` +
          `cma: Reserved 8 MiB at ${hex(top - 8n * MIB)}\nSetting up static identity map for ${kernel} - ${kernel}\n`,
      );
      const { physical } = report;
      expect([physical[0]!.start, physical.at(-1)!.end]).toEqual([base, top]);
      expect(physical.some(({ start, end }) => start <= top - 8n * MIB && end >= top)).toBe(true);
      const bytes = physical.reduce((sum, { start, end }) => sum + end - start, 0n);
      expect(bytes).toBe(BigInt(chip - keptMib) * MIB);
    }),
    { numRuns: 100 },
  );
});

/** From the first byte of RAM to its last; what phys_addr_t cannot hold is in whole pages. */
function reach({ memblock }: ArmMachine): string {
  const bounds = memblock.memory.map((line) =>
    line
      .split(/: |\.\./)
      .slice(1)
      .map(BigInt),
  );
  return `${hex(bounds[0]![0]!)}..${hex(((bounds.at(-1)![1]! + 1n) >> 12n) << 12n)}`;
}

describe.each(armMachines().map((machine) => [machine.id, machine] as const))(
  'the log of %s without its banks',
  (_, machine) => {
    const header = machine.config.arch === 'arm64' ? AARCH64 : '';
    const read = (left: RegExp): MemoryReport =>
      readMemoryReport([header, ...machine.dmesg_memory_lines.filter((line) => !left.test(line))].join('\n'));

    test('its zones tell from where to where RAM reaches, and how much it is', () => {
      const report = read(/node +\d+: \[mem|Ignoring|Truncating/);
      const { physical } = report;
      expect(`${hex(physical[0]!.start)}..${hex(physical.at(-1)!.end)}`).toBe(reach(machine));
      const layout = buildLayout(armLayoutName(machine), reportOptions(report));
      const present = machine.zones.reduce((sum, zone) => sum + Number(zone.present), 0);
      expect(layout.zones.reduce((sum, zone) => sum + zone.presentPages, 0)).toBe(present);
    });

    test('its total tells how much it is', () => {
      const report = read(/\[mem 0x|Ignoring|Truncating|pool/);
      const { ramBytes } = report;
      const pages = machine.zones.reduce((sum, zone) => sum + Number(zone.present), 0);
      expect(Number(ramBytes)).toBe(pages * (report.pageBytes ?? 4096));
    });
  },
);
