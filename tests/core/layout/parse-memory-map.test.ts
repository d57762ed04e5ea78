/** Memory maps from text: /proc/iomem and boot logs, made up and real. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import {
  buildLayout,
  parseMemoryMap,
  physicalResources,
  ramFromSize,
  ramOf,
} from '../../../core/layout/catalog/index.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';

const FIXTURES = join(import.meta.dirname, '../../fixtures');
const ramIn = (text: string) => ramOf(parseMemoryMap(text));

const IOMEM = `00000000-00000fff : Reserved
00001000-0009fbff : System RAM
000a0000-000bffff : Video RAM area
00100000-1ffdffff : System RAM
  01000000-01240007 : Kernel code
1ffe0000-1fffffff : Reserved
`;

const DMESG = `[    0.000000] BIOS-provided physical RAM map:
[    0.000000] BIOS-e820: [mem 0x0000000000000000-0x000000000009fbff] usable
[    0.000000] BIOS-e820: [mem 0x000000000009fc00-0x000000000009ffff] reserved
[    0.000000] BIOS-e820: [mem 0x0000000000100000-0x000000001ffdffff] usable
[    0.000000] BIOS-e820: [mem 0x000000001ffe0000-0x000000001ffeffff] ACPI data
[    0.000000] e820: update [mem 0x00000000-0x00000fff] usable ==> reserved
[    0.000000] last_pfn = 0x1ffe0 max_arch_pfn = 0x100000
`;

/** The same machine, twenty years ago. */
const OLD_DMESG = `Linux version 2.6.24
BIOS-provided physical RAM map:
 BIOS-e820: 0000000000000000 - 000000000009fc00 (usable)
 BIOS-e820: 000000000009fc00 - 00000000000a0000 (reserved)
 BIOS-e820: 0000000000100000 - 000000001ffe0000 (usable)
 BIOS-e820: 000000001ffe0000 - 000000001fff0000 (ACPI data)
`;

test('/proc/iomem: RAM and what else the machine has, without what the kernel put there', () => {
  expect(parseMemoryMap(IOMEM)).toEqual([
    { start: 0n, end: 0x1000n, name: 'Reserved' },
    { start: 0x1000n, end: 0x9fc00n, name: 'System RAM' },
    { start: 0x100000n, end: 0x1ffe0000n, name: 'System RAM' },
    { start: 0x1ffe0000n, end: 0x20000000n, name: 'Reserved' },
  ]);
});

test('dmesg: e820 ranges in the words of /proc/iomem, among anything else', () => {
  expect(parseMemoryMap(DMESG).map(({ name }) => name)).toEqual([
    'System RAM',
    'Reserved',
    'System RAM',
    'ACPI Tables',
  ]);
  expect(ramIn(DMESG)).toEqual(ramFromSize(512n << 20n));
});

test('dmesg of old kernels, which wrote the first byte above a range', () => {
  expect(parseMemoryMap(OLD_DMESG)).toEqual(parseMemoryMap(DMESG));
});

test('of several boots in one log the last one counts; the same line twice is one range', () => {
  const before = DMESG.replace('1ffdffff', '3ffdffff');
  expect(parseMemoryMap(before + DMESG)).toEqual(parseMemoryMap(DMESG));
  const lines = DMESG.split('\n').slice(1).join('\n');
  expect(parseMemoryMap(lines + lines)).toEqual(parseMemoryMap(DMESG));
});

test('ranges come out ascending, also from DOS line ends', () => {
  const lines = ['00100000-1ffdffff : System RAM', '00001000-0009fbff : System RAM', ''];
  expect(ramIn(lines.join('\r\n'))).toEqual(ramIn(IOMEM));
});

test.each(oracleMachines().map((machine) => [machine.id, machine] as const))(
  '%s: /proc/iomem shows what e820 said, but for the first page',
  (_, machine) => {
    const [first, ...rest] = ramIn(machine.e820.join('\n'));
    const addressable = ramIn(machine.iomem.join('\n'));
    expect(addressable).toEqual([{ ...first, start: 4096n }, ...rest].slice(0, addressable.length));
    expect(addressable.length).toBeGreaterThanOrEqual(2);
  },
);

test.each(oracleMachines().map((machine) => [machine.id, machine] as const))(
  '%s: its /proc/iomem, read and laid out again, is its /proc/iomem',
  (_, machine) => {
    const memoryMap = parseMemoryMap(machine.iomem.join('\n'));
    const layout = buildLayout(layoutNameOf(machine), { ...optionsOf(machine), memoryMap });
    expect(iomemOf(layout)).toEqual(machine.iomem);
  },
);

function iomemOf(layout: ReturnType<typeof buildLayout>): string[] {
  const hex = (address: bigint): string => address.toString(16).padStart(8, '0');
  return physicalResources(layout).map(
    ({ startByte, endByte, name, depth }) =>
      `${'  '.repeat(depth)}${hex(startByte)}-${hex(endByte - 1n)} : ${name}`,
  );
}

describe('real files', () => {
  test('a boot log of a machine with 4 GiB', () => {
    const log = gunzipSync(readFileSync(join(FIXTURES, 'memory-map/i386-3g-pae_4096.dmesg.gz'))).toString();
    expect(ramIn(log)).toEqual(ramFromSize(4n << 30n));
  });

  test('/proc/iomem of a server with 24 GiB: the zones of its /proc/zoneinfo, and its own resources', () => {
    const text = readFileSync(join(FIXTURES, 'proc/linux-6.18/iomem'), 'utf8');
    const layout = buildLayout('linux-x86_64', { memoryMap: parseMemoryMap(text), cpus: 2 });
    expect(
      layout.zones.map(({ name, startPfn, spannedPages, presentPages }) => [
        name,
        startPfn,
        spannedPages,
        presentPages,
      ]),
    ).toEqual(zonesIn(readFileSync(join(FIXTURES, 'proc/linux-6.18/zoneinfo'), 'utf8')));
    const isOfMachine = (line: string): boolean => line !== '' && !line.includes('Kernel');
    const expected = text.split('\n').filter(isOfMachine);
    expect(iomemOf(layout).filter(isOfMachine)).toEqual(expected);
  });
});

/** Name, start, spanned and present of the zones that have pages. */
function zonesIn(zoneinfo: string): (string | number)[][] {
  return zoneinfo
    .split(/^Node 0, zone +/m)
    .slice(1)
    .map((zone) => {
      const figure = (name: string): number => Number(new RegExp(`${name}:? +(\\d+)`).exec(zone)?.[1] ?? 0);
      return [/^\w+/.exec(zone)![0], figure('start_pfn'), figure('spanned'), figure('present')];
    })
    .filter(([, , spanned]) => spanned !== 0);
}

describe('refused', () => {
  test.each([
    ['nothing', '', /no RAM in it; expected `System RAM`/],
    ['no RAM', '000a0000-000bffff : Video RAM area', /no RAM in it/],
    [
      'another file',
      'MemTotal: 1024 kB',
      /memory map, line 1: 'MemTotal: 1024 kB'; expected '00100000-3ffdffff : System RAM'/,
    ],
    ['a broken line', `${IOMEM}0020zz00-1 : System RAM`, /line 7: '0020zz00-1 : System RAM'/],
    [
      'a broken e820 line',
      `${DMESG}BIOS-e820: [mem 0x0000000020000000-0x000000002`,
      /line 8: 'BIOS-e820: .*'; expected 'BIOS-e820: \[mem 0x00100000/,
    ],
    [
      'what ordinary users see',
      '00000000-00000000 : System RAM',
      /line 1: RAM at address 0 to 0; expected real addresses: .* root only: read it with sudo/,
    ],
  ])('%s', (_, text, message) => {
    expect(() => parseMemoryMap(text)).toThrow(UsageError);
    expect(() => parseMemoryMap(text)).toThrow(message);
  });
});
