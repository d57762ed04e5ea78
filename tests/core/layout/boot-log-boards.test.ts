/** Boot logs of boards: what they say of RAM and of what is set aside in it, in the words of each kernel. */
import { describe, expect, test } from 'vitest';
import { layoutNameOf, parseMemoryMap, ramOf, readMemoryReport } from '../../../core/layout/catalog/index.ts';

const MIB = 1n << 20n;
const GIB = 1n << 30n;
const ramIn = (text: string) => ramOf(parseMemoryMap(text)).map(({ start, end }) => [start, end]);

describe('boards', () => {
  const TRUNCATED = 'Truncating RAM at 20000000-3fffffff to -2f7fffff (vmalloc region overlap).';
  test.each([
    ['nodes', '  node   0: [mem 0x0000000080000000-0x00000000bfffffff]', [[2n * GIB, 3n * GIB]]],
    [
      'memblock=debug',
      ' memory.cnt  = 0x2\n memory[0x0]\t[0x0000000080000000-0x000000009fffffff], 0x20000000 bytes flags: 0x0\n memory[0x1]\t[0x00000000a0000000-0x00000000afffffff], 0x10000000 bytes\n reserved[0x0]\t[0x0000000080000000-0x00000000800fffff], 0x100000 bytes',
      [
        [2n * GIB, 2n * GIB + GIB / 2n],
        [2n * GIB + GIB / 2n, 2n * GIB + GIB / 2n + GIB / 4n],
      ],
    ],
    [
      'memory that NUMA has added',
      'NUMA: Adding memblock [0x80000000 - 0x9fffffff] on node 0',
      [[2n * GIB, 2n * GIB + GIB / 2n]],
    ],
    ['what was cut off is RAM, before 4.2', TRUNCATED, [[GIB / 2n, GIB]]],
    ['and since', 'Truncating RAM at 0x00000000-0x3b000000 to -0x30000000', [[0n, 0x3b000000n]]],
    [
      'mem= with a place',
      'Kernel command line: mem=256M@0x80000000 mem=256M@0xa0000000',
      [
        [2n * GIB, 2n * GIB + 256n * MIB],
        [0xa0000000n, 0xb0000000n],
      ],
    ],
    [
      'the loader',
      'DRAM bank   = 0x00000000\n-> start    = 0x40000000\n-> size     = 0x20000000',
      [[GIB, GIB + GIB / 2n]],
    ],
    [
      'a device tree',
      'memory@80000000 {\n device_type = "memory";\n reg = <0x80000000 0x20000000>;\n};',
      [[2n * GIB, 2n * GIB + GIB / 2n]],
    ],
    [
      'a device tree with wide cells',
      '#address-cells = <2>;\n#size-cells = <2>;\nmemory@0 {\n reg = <0x0 0x0 0x0 0x40000000>,\n <0x1 0x0 0x0 0x40000000>;\n};',
      [
        [0n, GIB],
        [4n * GIB, 5n * GIB],
      ],
    ],
  ])('%s', (_, text, ram) => {
    const log = text.includes('{')
      ? text
      : `Linux version 4.1.0\nCPU: ARMv7 Processor [412fc09a] revision 10 (ARMv7), cr=10c5387d\n${text}\n`;
    expect(ramIn(log)).toEqual(ram);
  });

  test.each([
    [
      'cr=10c5387d',
      'Memory: 1K/2K available (1K kernel code, 0K highmem)',
      { dialect: { name: 'arm' }, wideEntries: false, highmem: true },
    ],
    [
      'cr=30c5387d',
      'Memory: 1K/2K available (1K kernel code, 3K reserved)',
      { dialect: { name: 'arm' }, wideEntries: true, highmem: false },
    ],
    [
      'cr=10c5387d',
      'Consider using a HIGHMEM enabled kernel.',
      { dialect: { name: 'arm' }, wideEntries: false, highmem: false },
    ],
    [
      'cr=10c5387d',
      '    lowmem  : 0x80000000 - 0xa0000000   ( 512 MB)',
      { dialect: { name: 'arm' }, split: '2G' },
    ],
  ])('%s, %s', (cr, line, told) => {
    expect(
      readMemoryReport(`CPU: ARMv7 Processor [412fc0f2] revision 2 (ARMv7), ${cr}\n${line}\n`),
    ).toMatchObject({ ...told, machine: 'board' });
  });

  test.each([
    ['0xffff800008000000', 'linux-arm64-48'],
    ['0xffffffc008000000', 'linux-arm64-39'],
  ])('64 bits, vmalloc at %s: %s', (vmalloc, name) => {
    const report = readMemoryReport(
      `Booting Linux on physical CPU 0x0000000000 [0x410fd034]\nLinux version 4.9.0\n    vmalloc : ${vmalloc} - 0xfffffdffbfff0000   (  2 TB)\n`,
    );
    expect(report).toMatchObject({ dialect: { name: 'arm64' }, machine: 'board' });
    expect(layoutNameOf(report)).toBe(name);
  });

  test('contiguous memory, each pool once', () => {
    const { cma } = readMemoryReport(
      'CPU: ARMv7 Processor [412fc0f2] revision 2 (ARMv7), cr=10c5387d\ncma: Reserved 64 MiB at 0xfb800000\n' +
        'Reserved memory: created CMA memory pool at 0x88000000, size 320 MiB\nReserved memory: created CMA memory pool at 0x88000000, size 320 MiB\n' +
        'Reserved memory: created DMA memory pool at 0x98000000, size 1 MiB\n',
    );
    expect(cma.map(({ start, end }) => end - start)).toEqual([64n * MIB, 320n * MIB]);
  });
});
