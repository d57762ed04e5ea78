/** Which RAM a log or /proc/iomem tells of: the map that the kernel ended up with, and lines that are no part of it. */
import { describe, expect, test } from 'vitest';
import { parseMemoryMap, ramOf, readMemoryReport } from '../../../core/layout/catalog/index.ts';

const KIB = 1024n;
const MIB = 1024n * KIB;
const GIB = 1024n * MIB;

const ramIn = (text: string) => ramOf(parseMemoryMap(text)).map(({ start, end }) => [start, end]);
const MAP = `BIOS-e820: [mem 0x0000000000000000-0x000000000009ffff] usable
BIOS-e820: [mem 0x0000000000100000-0x00000000ffffffff] usable
`;

describe('the map that the kernel ended up with', () => {
  test.each([
    ['a map of its own', 'user: [mem 0x0000000000100000-0x000000003fffffff] usable\n', [[MIB, GIB]]],
    ['modified:', 'modified: [mem 0x0000000000100000-0x000000001fffffff] usable\n', [[MIB, GIB / 2n]]],
    [
      'words of 7.x',
      'user: [mem 0x100000-0x1fffffff]  System RAM\nuser: [gap 0x20000000-0xffffffff]\n',
      [[MIB, GIB / 2n]],
    ],
    [
      'what is taken away',
      'e820: remove [mem 0x40000000-0xfffffffffffffffe] usable\n',
      [
        [0n, 640n * KIB],
        [MIB, GIB],
      ],
    ],
    [
      'what is of another type from here on',
      'e820: update [mem 0x80000000-0xffffffff] usable ==> reserved\n',
      [
        [0n, 640n * KIB],
        [MIB, 2n * GIB],
      ],
    ],
    [
      'mem=, where the log does not show what became of it',
      'Command line: ro mem=512M\n',
      [
        [0n, 640n * KIB],
        [MIB, GIB / 2n],
      ],
    ],
    [
      'memmap= with $',
      'Command line: memmap=512M$1G\n',
      [
        [0n, 640n * KIB],
        [MIB, GIB],
        [GIB + GIB / 2n, 4n * GIB],
      ],
    ],
    [
      'memmap=exactmap',
      'Command line: memmap=exactmap memmap=640K@0 memmap=1G@16M\n',
      [
        [0n, 640n * KIB],
        [16n * MIB, 16n * MIB + GIB],
      ],
    ],
    [
      'mem= that the kernel has heeded already',
      'user: [mem 0x0000000000100000-0x0000000010000fff] usable\nCommand line: mem=128M\n',
      [[MIB, 0x10001000n]],
    ],
    [
      'where entries overlap RAM is what is nothing else',
      'BIOS-e820: [mem 0x0000000040000000-0x000000004fffffff] reserved\n',
      [
        [0n, 640n * KIB],
        [MIB, GIB],
        [0x50000000n, 4n * GIB],
      ],
    ],
  ])('%s', (_, more, ram) => {
    expect(ramIn(MAP + more)).toEqual(ram);
  });

  test.each([
    ['BIOS-88: 0000000000100000 - 0000000004000000 (usable)', [MIB, 64n * MIB]],
    ['Xen: [mem 0x0000000000100000-0x0000000003ffffff] usable', [MIB, 64n * MIB]],
    ['reserve setup_data: [mem 0x0000000000100000-0x0000000003ffffff] usable', [MIB, 64n * MIB]],
  ])('%s', (line, ram) => {
    expect(ramIn(line)).toEqual([ram]);
  });

  test('types that have a number only', () => {
    const [, other] = parseMemoryMap(
      `${MAP}BIOS-e820: [mem 0x0000000100000000-0x00000001ffffffff] type 9\n`,
    ).slice(1);
    expect(other).toEqual({ start: 4n * GIB, end: 8n * GIB, name: 'Unknown E820 type' });
  });

  test('lines that are about something else', () => {
    const others = [
      'PM: Registered nosave memory: [mem 0x00000000-0x00000fff]',
      'e820: [mem 0x80000000-0xfebfffff] available for PCI devices',
      'ACPI: Reserving FACP table memory at [mem 0x7f6f0000-0x7f6f00f3]',
      'e820: reserve RAM buffer [mem 0x0009f800-0x0009ffff]',
    ];
    expect(ramIn(`${MAP}${others.join('\n')}\n`)).toEqual(ramIn(MAP));
  });
});

describe('/proc/iomem', () => {
  test('another processor than those that are known is a board of none of them', () => {
    const mips =
      '00000000-0fffffff : System RAM\n  00100000-007fffff : Kernel code\n  00800000-008fffff : Kernel data\n  00900000-009fffff : Kernel bss\n1e000000-1e0000ff : 1e000000.sysc\n';
    expect(readMemoryReport(mips)).toMatchObject({ machine: 'board', dialect: undefined });
  });

  test.each([
    [
      'a Raspberry Pi',
      '00000000-3b3fffff : System RAM\n  00008000-00bfffff : Kernel code\n3f006000-3f006fff : dwc_otg\n',
      'board',
      'arm',
    ],
    [
      'a device tree',
      '00000000-3fffffff : System RAM\nfe201000-fe2011ff : serial@7e201000\n',
      'board',
      undefined,
    ],
    [
      '64 bits',
      '40000000-7fffffff : System RAM\n  40080000-40ffffff : Kernel code\n  7f000000-7fffffff : reserved\n',
      'board',
      'arm64',
    ],
    [
      'a PC',
      '00001000-0009fbff : System RAM\n000c0000-000c9bff : Video ROM\n00100000-1fffffff : System RAM\n',
      'PC',
      undefined,
    ],
  ])('%s', (_, text, machine, arch) => {
    const report = readMemoryReport(text);
    expect([report.machine, report.dialect?.name]).toEqual([machine, arch]);
  });

  test('a prompt around it is left out, and told', () => {
    const file = '00001000-0009fbff : System RAM\n00100000-1fffffff : System RAM\n';
    const report = readMemoryReport(`user@host:~$ sudo cat /proc/iomem\n${file}user@host:~$ \n`);
    expect(report.physical).toEqual(readMemoryReport(file).physical);
    expect(report.notes).toEqual(['2 lines around /proc/iomem left out']);
    expect(() => readMemoryReport(`${file}MemTotal: 12 kB\n${file}`)).toThrow(/line 3: 'MemTotal/);
  });
});
