import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/errors.ts';
import { parseMemoryMap, ramFromSize } from '../../../core/layout/index.ts';
import { oracleMachines } from './oracle-machines.ts';

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
[    0.000000] e820: update [mem 0x00000000-0x00000fff] usable ==> reserved
[    0.000000] last_pfn = 0x1ffe0 max_arch_pfn = 0x100000
`;

test('/proc/iomem: System RAM, whatever lies inside it', () => {
  expect(parseMemoryMap(IOMEM)).toEqual([
    { start: 0x1000n, end: 0x9fc00n },
    { start: 0x100000n, end: 0x1ffe0000n },
  ]);
});

test('dmesg: usable e820 ranges, among anything else', () => {
  expect(parseMemoryMap(DMESG)).toEqual(ramFromSize(512n << 20n));
});

test('ranges come out ascending, also from DOS line ends', () => {
  const lines = ['00100000-1ffdffff : System RAM', '00001000-0009fbff : System RAM', ''];
  expect(parseMemoryMap(lines.join('\r\n'))).toEqual(parseMemoryMap(IOMEM));
});

test.each(oracleMachines().map((machine) => [machine.id, machine] as const))(
  '%s: /proc/iomem shows what e820 said, but for the first page',
  (_, machine) => {
    const [first, ...rest] = parseMemoryMap(machine.e820.join('\n'));
    const addressable = machine.iomem.length > 0 ? parseMemoryMap(machine.iomem.join('\n')) : [];
    expect(addressable).toEqual([{ ...first, start: 4096n }, ...rest].slice(0, addressable.length));
    expect(addressable.length).toBeGreaterThanOrEqual(2);
  },
);

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
      'what ordinary users see',
      '00000000-00000000 : System RAM',
      /line 1: RAM at address 0 to 0; expected real addresses/,
    ],
  ])('%s', (_, text, message) => {
    expect(() => parseMemoryMap(text)).toThrow(UsageError);
    expect(() => parseMemoryMap(text)).toThrow(message);
  });
});
