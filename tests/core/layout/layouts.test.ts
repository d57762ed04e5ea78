/** What the names mean, and what amounts, maps and boot options make of them. */
import { describe, expect, test } from 'vitest';
import {
  addressSpaceFigures,
  buildLayout,
  type LayoutOptions,
  layoutNames,
  ramFromSize,
  regionOf,
  toHex,
} from '../../../core/layout/catalog/index.ts';

const KIB = 1n << 10n;
const MIB = 1n << 20n;
const GIB = 1n << 30n;

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
