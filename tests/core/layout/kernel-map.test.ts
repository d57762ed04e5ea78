/** Laws of what the kernel maps, of the dump that shows it, and of the resource tree, for any machine. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  buildLayout,
  dumpMarkers,
  kernelConstants,
  kernelMappings,
  type Layout,
  pageTableDump,
  physicalResources,
  regionOf,
} from '../../../core/layout/catalog/index.ts';
import { anyX86Layout } from '../../generators/any-layout.ts';
import { atDepth } from '../../support/depth.ts';

const KIB = 1n << 10n;
const MIB = 1n << 20n;

const holds = (law: (layout: Layout) => void, numRuns = atDepth({ quick: 50, full: 150 })): void =>
  fc.assert(fc.property(anyX86Layout, law), { numRuns });

describe('the windows of 32-bit Linux', () => {
  const holdsOnLinux32 = (law: (layout: Layout) => void): void =>
    holds((layout) => {
      if (layout.family === 'linux-6.1' && layout.arch.wordBits === 32) law(layout);
    }, 500);

  test('vmalloc starts 8 MiB above low memory, unaligned, and ends 8 KiB below what comes next', () => {
    holdsOnLinux32(({ vmalloc, highMemory, pkmap, regions }) => {
      expect(vmalloc.start).toBe(highMemory + 8n * MIB);
      const above = pkmap?.base ?? regions.find(({ kind }) => kind === 'ldt')!.start;
      expect(vmalloc.end + 8n * KIB).toBe(above);
    });
  });

  test('kmap, LDT and entry areas begin where a table begins, in that order', () => {
    holdsOnLinux32(({ regions, arch: { translation } }) => {
      const tableBytes = 4096n << BigInt(translation.levels.at(-1)!.bits);
      const windows = regions.filter(({ kind }) => ['pkmap', 'ldt', 'cpu_entry_area'].includes(kind));
      for (const { start } of windows) expect(start % tableBytes).toBe(0n);
      const order = windows.map(({ kind }) => kind);
      expect(order.slice(-2)).toEqual(['ldt', 'cpu_entry_area']);
    });
  });

  test('the direct map has room for low memory, and leaves what vmalloc was promised', () => {
    holdsOnLinux32((layout) => {
      const { maxLowPfn, maxMem, vmalloc, pageOffset } = layout;
      const { __VMALLOC_RESERVE: reserve, VMALLOC_OFFSET: offset } = kernelConstants(layout);
      expect(BigInt(maxLowPfn) * 4096n).toBeLessThanOrEqual(maxMem);
      expect(pageOffset + maxMem + reserve!).toBe(vmalloc.end);
      expect(vmalloc.end - vmalloc.start).toBeGreaterThanOrEqual(reserve! - offset!);
    });
  });
});

test('what is mapped lies in order, in one region each, in whole pages', () => {
  holds((layout) => {
    let above = 0n;
    for (const { start, end, pageFrames, pfn } of kernelMappings(layout)) {
      expect(start).toBeGreaterThanOrEqual(above);
      expect((end - start) % BigInt(pageFrames * 4096)).toBe(0n);
      if (pfn !== undefined) expect(pfn % pageFrames).toBe(0);
      if (regionOf(layout, start)?.kind !== 'direct')
        expect(regionOf(layout, end - 1n)).toBe(regionOf(layout, start));
      above = end;
    }
  });
});

test('the dump shows every address once and all that is mapped, under every marker that it can', () => {
  holds((layout) => {
    const parts = pageTableDump(layout);
    const ranges = parts.flatMap((part) => part.ranges);
    let above = 0n;
    for (const { start, end } of ranges) {
      expect(start).toBe(above);
      expect(end).toBeGreaterThan(start);
      above = end;
    }
    expect(above).toBe(1n << BigInt(layout.arch.wordBits));
    const shown = ranges.filter(({ attributes }) => attributes !== '');
    expect(bytesOf(shown)).toBe(bytesOf(kernelMappings(layout)));
    const names = dumpMarkers(layout).map(({ name }) => name);
    expect(parts.map(({ name }) => name)).toEqual(names.slice(0, parts.length));
  }, 60);
});

function bytesOf(ranges: readonly { start: bigint; end: bigint }[]): bigint {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0n);
}

test('resources nest: each lies in the nearest one above it that is less deep, neighbours apart', () => {
  holds((layout) => {
    const open: { startByte: bigint; endByte: bigint }[] = [];
    let above = 0n;
    for (const { startByte, endByte, depth } of physicalResources(layout)) {
      expect(depth).toBeLessThanOrEqual(open.length);
      const around = open.slice(0, depth).at(-1);
      if (around) expect([around.startByte <= startByte, endByte <= around.endByte]).toEqual([true, true]);
      if (depth === 0) expect(startByte).toBeGreaterThanOrEqual(above);
      if (depth === 0) above = endByte;
      open.splice(depth, open.length, { startByte, endByte });
    }
  });
});

test('the kernel image lies inside System RAM, and no RAM is lost but what the kernel cannot address', () => {
  holds((layout) => {
    const resources = physicalResources(layout);
    const ram = resources.filter(({ name }) => name === 'System RAM');
    const isAddressable = (start: bigint): boolean =>
      layout.arch.wordBits === 64 || layout.arch.translation.entryBytes === 8 || start < 1n << 32n;
    expect(ram.length).toBe(layout.ram.filter(({ start }) => isAddressable(start)).length);
    for (const { depth, name } of resources) if (name.startsWith('Kernel')) expect(depth).toBe(1);
  });
});

describe('the memory map of 64 bits', () => {
  test.each([
    ['128 MiB of RAM, a section', 128n, ['0+2']],
    ['three sections, the last in part', 300n, ['0+6']],
    ['no sections between 3 and 4 GiB', 4096n, ['0+48', '64+16']],
  ])('%s', (_, mib, expected) => {
    const layout = buildLayout('linux-x86_64', { ramBytes: mib * MIB });
    const { ranges } = pageTableDump(layout).find(({ name }) => name === 'Vmemmap')!;
    const mapped = ranges.filter(({ attributes }) => attributes !== '');
    const base = 0xffffea0000000000n;
    expect(mapped.map(({ start, end }) => `${(start - base) / MIB}+${(end - start) / MIB}`)).toEqual(
      expected,
    );
  });
});

describe('cpu entry areas', () => {
  test('have their tables from boot on, for all cpus that there could be', () => {
    const layout = buildLayout('linux-3g1g', { nrCpus: 64 });
    const { ranges } = pageTableDump(layout).find(({ name }) => name === 'CPU entry area')!;
    const levels = ranges.filter(({ end }) => end <= layout.fixmapTotalStart).map(({ level }) => level);
    expect(new Set(levels)).toEqual(new Set(['pte']));
    expect(ranges.at(-1)!.end).toBe(layout.fixmap.start);
  });
});

describe('RAM that ends in the middle of nowhere', () => {
  const buffers = (...ram: [bigint, bigint][]): string[] =>
    physicalResources(buildLayout('linux-x86_64', { memoryMap: ram.map(([start, end]) => ({ start, end })) }))
      .filter(({ name }) => name === 'RAM buffer')
      .map(({ startByte, endByte }) => `${startByte.toString(16)}-${endByte.toString(16)}`);

  test.each<[string, [bigint, bigint][], string[]]>([
    [
      'below 1 MiB: to the next 64 KiB',
      [
        [0n, 0x91000n],
        [MIB, 64n * MIB],
      ],
      ['91000-a0000'],
    ],
    [
      'below 16 MiB: to the next MiB',
      [
        [MIB, 0xa81000n],
        [16n * MIB, 64n * MIB],
      ],
      ['a81000-b00000'],
    ],
    ['above: to the next 64 MiB', [[MIB, 65n * MIB]], ['4100000-8000000']],
    [
      'but not where something is',
      [
        [MIB, 65n * MIB],
        [96n * MIB, 128n * MIB],
      ],
      ['4100000-6000000'],
    ],
    ['nor where it ends evenly', [[MIB, 64n * MIB]], []],
  ])('%s', (_, ram, expected) => {
    expect(buffers(...ram)).toEqual(expected);
  });
});

describe('cpu entry areas on 64 bits', () => {
  test('each cpu takes 59 pages: GDT, entry stack, TSS, six exception stacks with guards, debug store', () => {
    const rows = (cpus: number): string[] => {
      const layout = buildLayout('linux-x86_64', { cpus });
      const { ranges } = pageTableDump(layout).find(({ name }) => name === 'CPU entry Area')!;
      const base = 0xfffffe0000000000n;
      return ranges
        .filter(({ attributes }) => attributes !== '')
        .map(
          ({ start, end, attributes }) =>
            `${(start - base) >> 12n}+${(end - start) >> 12n} ${attributes.slice(0, 2)}`,
        );
    };
    expect(rows(1)).toEqual(['0+2 ro', '2+1 RW', '3+5 ro', '9+2 RW', '12+2 RW', '15+2 RW', '18+2 RW']);
    expect(rows(2).slice(7)).toEqual([
      '60+1 ro',
      '61+1 RW',
      '62+5 ro',
      '68+2 RW',
      '71+2 RW',
      '74+2 RW',
      '77+2 RW',
    ]);
  });
});
