/** What the names mean, what every layout obeys, and what is refused. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import {
  addressSpaceFigures,
  buildLayout,
  type Layout,
  type LayoutOptions,
  layoutNames,
  ramFromSize,
  regionOf,
  toHex,
} from '../../../core/layout/catalog/index.ts';
import { anyLayout } from '../../generators/any-layout.ts';
import { atDepth } from '../../support/depth.ts';

const KIB = 1n << 10n;
const MIB = 1n << 20n;
const GIB = 1n << 30n;
const TIB = 1n << 40n;

function figuresOf(name: string, options: LayoutOptions) {
  return addressSpaceFigures(buildLayout(name, options));
}

test('the table of layouts', () => {
  expect(layoutNames().map(({ name, family }) => `${family} ${name}`)).toEqual([
    'textbook 3g1g',
    'textbook 2g2g',
    'textbook 1g3g',
    'textbook x86_64',
    'linux-6.1 linux-3g1g',
    'linux-6.1 linux-3g1g-opt',
    'linux-6.1 linux-2g2g',
    'linux-6.1 linux-2g2g-opt',
    'linux-6.1 linux-1g3g',
    'linux-6.1 linux-3g1g-pae',
    'linux-6.1 linux-2g2g-pae',
    'linux-6.1 linux-1g3g-pae',
    'linux-6.1 linux-3g1g-nohighmem',
    'linux-6.1 linux-3g1g-opt-nohighmem',
    'linux-6.1 linux-2g2g-nohighmem',
    'linux-6.1 linux-2g2g-opt-nohighmem',
    'linux-6.1 linux-1g3g-nohighmem',
    'linux-6.1 linux-3g1g-pae-nohighmem',
    'linux-6.1 linux-2g2g-pae-nohighmem',
    'linux-6.1 linux-1g3g-pae-nohighmem',
    'linux-6.1 linux-x86_64',
    'linux-6.1 linux-x86_64-la57',
    ...['3g1g', '3g1g-opt', '2g2g', '1g3g'].map((split) => `arm linux-arm-${split}`),
    ...['3g1g', '2g2g', '1g3g'].map((split) => `arm linux-arm-${split}-lpae`),
    ...['3g1g', '3g1g-opt', '2g2g', '1g3g'].map((split) => `arm linux-arm-${split}-nohighmem`),
    ...['3g1g', '2g2g', '1g3g'].map((split) => `arm linux-arm-${split}-lpae-nohighmem`),
    ...['39', '48', '16k-47', '64k-48'].map((bits) => `arm linux-arm64-${bits}`),
    'ia64 ia64-4k',
    'ia64 ia64-8k',
    'ia64 ia64-16k',
    'ia64 ia64-64k',
    'vax vax-vms',
  ]);
  for (const { name, family, title } of layoutNames()) {
    expect(buildLayout(name)).toMatchObject({ name, family, title, ramBytes: GIB, cpus: 1, nrCpus: 8 });
  }
});

describe('textbook', () => {
  test.each([
    ['3g1g', 0xc0000000n, 896n],
    ['2g2g', 0x80000000n, 1920n],
    ['1g3g', 0x40000000n, 2944n],
  ])(
    '%s: kernel from 0x%x, %d MiB of low memory, the last 128 MiB for everything else',
    (name, pageOffset, lowMib) => {
      const layout = buildLayout(name, { ramBytes: 4n * GIB });
      expect(layout.pageOffset).toBe(pageOffset);
      expect(layout.taskSize).toBe(pageOffset);
      expect(layout.highMemory).toBe(pageOffset + lowMib * MIB);
      expect(layout.highMemory).toBe((1n << 32n) - 128n * MIB);
      expect(layout.maxPfn).toBe(1 << 20);
      expect(layout.zones.map(({ name, startPfn }) => [name, BigInt(startPfn) * 4n * KIB])).toEqual([
        ['DMA', 4n * KIB],
        ['Normal', 16n * MIB],
        ['HighMem', lowMib * MIB],
      ]);
    },
  );

  test('3g1g: all of 512 MiB is low memory, one page above 896 MiB is not', () => {
    expect(figuresOf('3g1g', { ramBytes: 512n * MIB })).toMatchObject({
      highMemory: '0xe0000000',
      maxPfn: 131072,
    });
    const zones = (ramBytes: bigint) => buildLayout('3g1g', { ramBytes }).zones.map(({ name }) => name);
    expect(zones(896n * MIB)).toEqual(['DMA', 'Normal']);
    expect(zones(896n * MIB + 4n * KIB)).toEqual(['DMA', 'Normal', 'HighMem']);
  });

  test("3g1g: the classic figure's addresses", () => {
    expect(figuresOf('3g1g', { ramBytes: 2n * GIB })).toMatchObject({
      pageOffset: '0xc0000000',
      highMemory: '0xf8000000',
      vmallocStart: '0xf8800000',
      vmallocEnd: '0xfdffe000',
      pkmapBase: '0xfe000000',
      lastPkmap: 1024,
      fixaddrTop: '0xffffe000',
    });
  });

  test('x86_64: four levels, 48 bits, all of RAM in the direct map', () => {
    const layout = buildLayout('x86_64', { ramBytes: 8n * GIB });
    expect(layout.arch.translation.levels.map(({ name, bits }) => `${name}:${bits}`).join(' ')).toBe(
      'pgd:9 pud:9 pmd:9 pte:9',
    );
    expect(layout.arch.virtualBits).toBe(48);
    expect(layout.pageOffset).toBe(0xffff888000000000n);
    expect(layout.highMemory).toBe(0xffff888000000000n + 8n * GIB);
    expect(layout.taskSize).toBe((1n << 47n) - 4096n);
    expect(layout.zones.map(({ name }) => name)).toEqual(['DMA', 'DMA32', 'Normal']);
  });
});

describe('linux-6.1', () => {
  test('more low memory costs vmalloc space nothing until MAXMEM, then stops', () => {
    const maxmem = 0x36ffe000n;
    const fits = buildLayout('linux-3g1g', { ramBytes: maxmem + 128n * KIB });
    const spills = buildLayout('linux-3g1g', { ramBytes: maxmem + 132n * KIB });
    expect([fits.maxLowPfn, fits.maxPfn]).toEqual([225278, 225278]);
    expect([spills.maxLowPfn, spills.maxPfn]).toEqual([225278, 225279]);
    expect(spills.vmalloc).toEqual(fits.vmalloc);
  });

  test('without PAE what QEMU puts above 4 GiB is lost; with PAE what is above 64 GiB', () => {
    expect(buildLayout('linux-3g1g', { ramBytes: 3584n * MIB - 4096n }).maxPfn).toBe(917503 - 32);
    expect(buildLayout('linux-3g1g', { ramBytes: 3584n * MIB }).maxPfn).toBe(786432 - 32);
    expect(buildLayout('linux-3g1g', { ramBytes: 16n * GIB }).maxPfn).toBe(786432 - 32);
    expect(buildLayout('linux-3g1g-pae', { ramBytes: 16n * GIB }).maxPfn).toBe(17 * 262144);
    expect(buildLayout('linux-3g1g-pae', { ramBytes: 128n * GIB }).maxPfn).toBe(64 * 262144);
  });

  test('without high memory the kernel uses what it can map', () => {
    const layout = buildLayout('linux-3g1g-nohighmem', { ramBytes: 2n * GIB });
    expect([layout.maxLowPfn, layout.maxPfn, layout.highstartPfn]).toEqual([0x373fe, 0x373fe, undefined]);
    expect(layout.pkmap).toBeUndefined();
  });

  test('highmem= turns low memory into high memory, if 64 MiB stay', () => {
    const lowPages = (ramMib: bigint, highmemPages: bigint) =>
      buildLayout('linux-3g1g', { ramBytes: ramMib * MIB, highmemBytes: highmemPages * 4096n }).maxLowPfn;
    expect(lowPages(512n, 65536n)).toBe(131040 - 65536);
    expect(lowPages(128n, 16352n)).toBe(16384);
    expect(lowPages(128n, 16353n)).toBe(32736);
    expect(lowPages(128n, 1n << 20n)).toBe(32736);
    expect(lowPages(880n, 16384n)).toBe(225248 - 16384);
  });

  test('exactly MAXMEM of RAM counts as low memory', () => {
    const options = { ramBytes: 0x36ffe000n + 128n * KIB, highmemBytes: 64n * MIB };
    expect(buildLayout('linux-3g1g', options).maxLowPfn).toBe(225278 - 16384);
  });

  test('highmem= means nothing to a kernel without CONFIG_HIGHMEM', () => {
    const pages = (highmemBytes?: bigint) => {
      const options = { ramBytes: 512n * MIB, ...(highmemBytes !== undefined && { highmemBytes }) };
      const { maxLowPfn, maxPfn } = buildLayout('linux-3g1g-nohighmem', options);
      return [maxLowPfn, maxPfn];
    };
    expect(pages(64n * MIB)).toEqual(pages());
  });

  test('highmem= on a machine that has high memory can only shrink it', () => {
    const pages = (highmemBytes: bigint) => {
      const { maxLowPfn, maxPfn } = buildLayout('linux-3g1g', { ramBytes: GIB, highmemBytes });
      return [maxLowPfn, maxPfn];
    };
    expect(pages(8n * MIB)).toEqual([225278, 225278 + 2048]);
    expect(pages(0n)).toEqual([225278, 225278]);
    expect(pages(512n * MIB)).toEqual([225278, 262112]);
  });

  test('vmalloc= is exact, and comes out of low memory', () => {
    const { vmalloc, maxLowPfn } = buildLayout('linux-3g1g', { ramBytes: GIB, vmallocBytes: 256n * MIB });
    expect(vmalloc.end - vmalloc.start).toBe(256n * MIB);
    expect(maxLowPfn).toBe(190462);
  });

  test('the more cpus a kernel is built for, the lower its windows', () => {
    expect(figuresOf('linux-3g1g', { nrCpus: 1 })).toMatchObject({
      pkmapBase: '0xff400000',
      fixaddrStart: '0xfffab000',
    });
    expect(figuresOf('linux-3g1g', { nrCpus: 8 })).toMatchObject({
      pkmapBase: '0xff000000',
      fixaddrStart: '0xfff3b000',
    });
  });

  test("cpu entry areas: the IDT's page, then 43 pages a cpu, as oracle machine i386-3g_1024_smp4 shows", () => {
    const area = buildLayout('linux-3g1g', { nrCpus: 4 }).regions.find(
      ({ kind }) => kind === 'cpu_entry_area',
    )!;
    expect(area.end - area.start).toBe(0x1000n + 4n * (0xff82c000n - 0xff801000n));
  });

  test('the direct map ends where high memory begins', () => {
    const layout = buildLayout('linux-3g1g', { ramBytes: GIB });
    expect(layout.highMemory - layout.pageOffset).toBe(BigInt(layout.maxLowPfn) * 4096n);
    expect(regionOf(layout, layout.pageOffset - 1n)?.kind).toBe('user');
    expect(regionOf(layout, layout.pageOffset)?.kind).toBe('direct');
    expect(regionOf(layout, layout.highMemory - 1n)?.kind).toBe('direct');
    expect(regionOf(layout, layout.highMemory)).toBeUndefined();
    expect(regionOf(layout, layout.vmalloc.start - 1n)).toBeUndefined();
    expect(regionOf(layout, layout.vmalloc.start)?.kind).toBe('vmalloc');
    expect(regionOf(layout, layout.vmalloc.end)).toBeUndefined();
  });
});

test('addresses are written in the width of a register', () => {
  expect(toHex(buildLayout('3g1g'), 0x8048000n)).toBe('0x08048000');
  expect(toHex(buildLayout('x86_64'), 0x400000n)).toBe('0x0000000000400000');
});

test('a program gets null for what a kernel does not have', () => {
  const textbook = { cpuEntryAreaBase: null, ldtBaseAddr: null };
  expect(figuresOf('3g1g', {})).toMatchObject(textbook);
  expect(figuresOf('linux-x86_64', {})).toMatchObject({
    pkmapBase: null,
    lastPkmap: null,
    highstartPfn: null,
  });
});

test('the memory map of a PC', () => {
  const kibs = (ramBytes: bigint) => ramFromSize(ramBytes).map(({ start, end }) => [start / KIB, end / KIB]);
  const low = [0n, 639n];
  expect(kibs(512n * MIB)).toEqual([low, [1024n, 524160n]]);
  expect(kibs(3583n * MIB)).toEqual([low, [1024n, 3668864n]]);
  expect(kibs(3584n * MIB)).toEqual([low, [1024n, 3145600n], [4194304n, 4718592n]]);
});

test('a memory map wins over an amount of RAM, and may be smaller than any PC', () => {
  const memoryMap = [{ start: 0n, end: 24n * MIB }];
  const layout = buildLayout('3g1g', { ramBytes: GIB, memoryMap });
  expect([layout.ram, layout.ramBytes, layout.maxPfn]).toEqual([memoryMap, 24n * MIB, 6144]);
});

test('ranges of RAM that meet inside a page lose nothing there', () => {
  const present = (...ends: bigint[]) => {
    const memoryMap = ends.slice(1).map((end, index) => ({ start: ends[index]!, end }));
    return buildLayout('linux-3g1g', { memoryMap }).zones.map(({ presentPages }) => presentPages);
  };
  expect(present(MIB, 40n * MIB + 100n, 80n * MIB)).toEqual(present(MIB, 80n * MIB));
});

test('Linux believes no memory map that has RAM where the BIOS is', () => {
  const layout = buildLayout('linux-3g1g', { memoryMap: [{ start: 0n, end: 24n * MIB }] });
  expect(layout.ram).toEqual([
    { start: 0n, end: 640n * KIB },
    { start: MIB, end: 24n * MIB },
  ]);
  expect(layout.zones[0]).toMatchObject({ startPfn: 1, spannedPages: 4095, presentPages: 4095 - 96 });
});

describe('laws', () => {
  const holds = (law: (layout: Layout) => void) =>
    fc.assert(fc.property(anyLayout, law), { numRuns: atDepth({ quick: 167, full: 500 }) });

  test('regions ascend and do not overlap, and fill their windows', () => {
    holds(({ regions, arch: { wordBits } }) => {
      let above = 0n;
      for (const { start, end } of regions) {
        expect(start).toBeGreaterThanOrEqual(above);
        expect(end).toBeGreaterThan(start);
        above = end;
      }
      expect(above).toBeLessThanOrEqual(1n << BigInt(wordBits));
    });
  });

  test('zones ascend, do not overlap, and hold every page frame below max_pfn once', () => {
    holds(({ zones, ram, maxPfn, pageShift, arch, physicalBase }) => {
      const lowest = arch.port.firstPageIsRam ? Number(physicalBase) / 2 ** pageShift : 1;
      let above = lowest;
      for (const zone of zones) {
        expect(zone.startPfn).toBeGreaterThanOrEqual(above);
        expect(zone.presentPages).toBeLessThanOrEqual(zone.spannedPages);
        above = zone.startPfn + zone.spannedPages;
      }
      expect(above).toBeLessThanOrEqual(maxPfn);
      const present = zones.reduce((sum, zone) => sum + zone.presentPages, 0);
      expect(present).toBe(naivePages(ram, lowest, maxPfn, 2 ** pageShift));
    });
  });

  test('the direct map holds low memory exactly, and vmalloc lies above it', () => {
    holds((layout) => {
      expect(layout.highMemory).toBe(
        layout.pageOffset + (BigInt(layout.maxLowPfn) << BigInt(layout.pageShift)) - layout.physicalBase,
      );
      if (layout.family !== 'ia64') expect(layout.vmalloc.start).toBeGreaterThan(layout.highMemory);
      expect(layout.maxLowPfn).toBeLessThanOrEqual(layout.maxPfn);
      expect(layout.kernelImage.end).toBeLessThanOrEqual(
        BigInt(layout.maxLowPfn) << BigInt(layout.pageShift),
      );
    });
  });

  test('the levels of the page tables add up to the width of an address', () => {
    holds(({ arch: { name, translation, pageShift, virtualBits } }) => {
      // On arm64 one more bit says which of two roots it is.
      const select = name.startsWith('arm64') ? 1 : 0;
      expect(translation.levels.reduce((sum, { bits }) => sum + bits, pageShift)).toBe(virtualBits - select);
    });
  });
});

/** Whole pages of RAM from `lowest` (the BIOS's first is none) to below `maxPfn`. */
function naivePages(ram: Layout['ram'], lowest: number, maxPfn: number, pageBytes: number): number {
  const pages = ram.map(({ start, end }) => {
    const first = Math.max(lowest, Math.ceil(Number(start) / pageBytes));
    return Math.max(0, Math.min(maxPfn, Math.floor(Number(end) / pageBytes)) - first);
  });
  return pages.reduce((sum, count) => sum + count, 0);
}

describe('refused, with what was found, what is expected, and what to do', () => {
  const map = (...ranges: [bigint, bigint][]) => ({
    memoryMap: ranges.map(([start, end]) => ({ start, end })),
  });

  test.each<[string, string, LayoutOptions, RegExp]>([
    ['a mistyped name', 'linux-3g1', {}, /unknown layout 'linux-3g1'; did you mean linux-3g1g\?/],
    ['a name in capitals', '2G2G', {}, /did you mean 2g2g\?/],
    [
      'a name half of which is wrong',
      '3x1x',
      {},
      /^unknown layout '3x1x' \(all of them: `vmsplit layouts`, or layoutNames/,
    ],
    ['a name like no other', 'pdp', {}, /^unknown layout 'pdp' \(all of them: /],
    [
      'too little RAM',
      '3g1g',
      { ramBytes: 16n * MIB - 1n },
      /16777215 bytes of RAM; expected 16 MiB to 1 TiB: give it more/,
    ],
    [
      'too little for Linux',
      'linux-3g1g',
      { ramBytes: 31n * MIB },
      /31 MiB of RAM; expected 32 MiB to 1023 GiB/,
    ],
    ['too much RAM', 'x86_64', { ramBytes: TIB + 4096n }, /expected 32 MiB to 1 TiB: give it less/],
    [
      'too much for a PC',
      'linux-x86_64',
      { ramBytes: 1024n * GIB },
      /1 TiB of RAM; expected 32 MiB to 1023 GiB/,
    ],
    [
      'a build of a kernel that is built in one way',
      'linux-3g1g',
      { build: { thp: true } },
      /found build.thp, but its kernel is configured in one way; expected no build/,
    ],
    ['no cpu', '3g1g', { cpus: 0 }, /0 cpus present; expected 1 to 8/],
    ['more cpus than built for', '3g1g', { cpus: 9 }, /9 cpus present; expected 1 to 8: raise nrCpus/],
    ['more cpus than 32 bits allow', '3g1g', { nrCpus: 65 }, /expected nrCpus to be 1 to 64/],
    ['half a cpu', 'x86_64', { nrCpus: 1.5 }, /built for 1.5 cpus; expected nrCpus to be 1 to 8192/],
    [
      'vmalloc= too large',
      'linux-3g1g',
      { vmallocBytes: 968n * MIB },
      /vmalloc=968 MiB leaves no room for the direct map/,
    ],
    [
      'vmalloc= too small',
      '3g1g',
      { vmallocBytes: 40n * MIB },
      /vmalloc=40 MiB leaves no vmalloc area; expected more than/,
    ],
    ['a negative highmem=', '3g1g', { highmemBytes: -1n }, /highmem=-1: expected a size of 0 bytes or more/],
    [
      'a part of a byte',
      '3g1g',
      { ramBytes: 2 ** 30 + 0.5 },
      /ramBytes: found 1073741824.5, expected a whole/,
    ],
    [
      'more bytes than are counted',
      '3g1g',
      { vmallocBytes: 2 ** 53 },
      /vmallocBytes: found 9007199254740992, /,
    ],
    ['no number', '3g1g', { ramBytes: Number.NaN }, /ramBytes: found NaN, expected a whole number of bytes/],
    ['an empty memory map', '3g1g', { memoryMap: [], ramBytes: GIB }, /an empty memory map/],
    ['an empty range', '3g1g', map([0n, GIB], [GIB, GIB]), /RAM at 0x40000000..0x40000000 is empty/],
    [
      'overlapping ranges',
      '3g1g',
      map([0n, GIB], [GIB - 1n, 2n * GIB]),
      /expected ascending ranges: sort or merge/,
    ],
    ['RAM above 1 TiB', 'x86_64', map([0n, GIB], [TIB, TIB + 1n]), /ends above 1 TiB/],
    [
      'no RAM for the kernel',
      'linux-3g1g',
      map([0n, 20n * MIB], [32n * MIB, GIB]),
      /no low memory for the kernel image/,
    ],
    ['no RAM below 4 GiB', 'linux-3g1g', map([4n * GIB, 5n * GIB]), /low memory ends at 0 bytes/],
  ])('%s', (_, name, options, message) => {
    expect(() => buildLayout(name, options)).toThrow(UsageError);
    expect(() => buildLayout(name, options)).toThrow(message);
  });

  test.each<[string, string, LayoutOptions]>([
    ['least RAM', '3g1g', { ramBytes: 16n * MIB }],
    ['least RAM for Linux', 'linux-x86_64', { ramBytes: 32n * MIB }],
    ['most RAM', 'x86_64', { ramBytes: TIB }],
    ['most RAM of a PC', 'linux-x86_64', { ramBytes: 1023n * GIB }],
    ['as many cpus as built for', '3g1g', { cpus: 64, nrCpus: 64 }],
    ['most vmalloc=', 'linux-3g1g', { vmallocBytes: 967n * MIB - 8n * KIB }],
    ['least vmalloc= of the textbook', '3g1g', { vmallocBytes: 49n * MIB }],
  ])('but not %s', (_, name, options) => {
    expect(buildLayout(name, options).zones.length).toBeGreaterThan(0);
  });

  test('nor sizes as numbers, which make the same layout as bigints', () => {
    const sizes = { ramBytes: 2 ** 30, vmallocBytes: 2 ** 28, highmemBytes: 2 ** 27 };
    const same = { ramBytes: GIB, vmallocBytes: 256n * MIB, highmemBytes: 128n * MIB };
    expect(buildLayout('linux-3g1g', sizes)).toEqual(buildLayout('linux-3g1g', same));
  });
});
