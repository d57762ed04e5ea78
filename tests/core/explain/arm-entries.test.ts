/** What explain tells of ARM's entries: fields by the manual's names, Linux's own entry, and the root that is taken. */
import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../../core/arch/architecture.ts';
import { ARM, ARM_LPAE } from '../../../core/arch/arm.ts';
import { ARM64_39, ARM64_48 } from '../../../core/arch/arm64.ts';
import {
  batchOf,
  bootMachine,
  buildLayout,
  type EntryBit,
  type Explanation,
  explainAddress,
  fold,
  type MemoryEvent,
} from '../../../core/index.ts';

const texts = (bits: readonly EntryBit[] | undefined): string =>
  (bits ?? []).map(({ name, value }) => `${name}=${value}`).join(' ');
const meaning = (bits: readonly EntryBit[] | undefined, name: string): string | undefined =>
  bits?.find((bit) => bit.name === name)?.meaning;

describe('fields of captured entries', () => {
  test.each<[string, Architecture, level: number, entry: bigint, fields: string]>([
    [
      'a section of the kernel',
      ...([ARM, 0, 0x4101_141en] as const),
      'domain=0 APX=0 AP=0b01 TEX=0b001 C=1 B=1 S=1 XN=1 nG=0',
    ],
    ['a small page', ARM, 1, 0x7fd1_a45fn, 'APX=0 AP=0b01 TEX=0b001 C=1 B=1 S=1 XN=1 nG=0'],
    ['read only', ARM, 1, 0x6fff_f65en, 'APX=1 AP=0b01 TEX=0b001 C=1 B=1 S=1 XN=0 nG=0'],
    ['a table of the kernel', ARM, 0, 0x40c0_9811n, 'domain=0'],
    ['a table of the user', ARM, 0, 0x40c0_9831n, 'domain=1'],
    [
      'LPAE, 2 MiB',
      ...([ARM_LPAE, 1, 0x40_0000_4100_071dn] as const),
      'AttrIndx=7 AP=0b00 SH=0b11 AF=1 nG=0 contiguous=0 PXN=0 XN=1 L_PTE_DIRTY=0 L_PTE_RDONLY=0',
    ],
    [
      'LPAE, the vectors',
      ...([ARM_LPAE, 2, 0x480_0000_6fff_e7dfn] as const),
      'AttrIndx=7 AP=0b11 SH=0b11 AF=1 nG=0 contiguous=0 PXN=0 XN=0 L_PTE_DIRTY=1 L_PTE_RDONLY=1',
    ],
    [
      'arm64, a page of vmalloc()',
      ...([ARM64_39, 2, 0xe8_0000_40fe_9703n] as const),
      'AttrIndx=0 AP=0b00 SH=0b11 AF=1 nG=0 contiguous=0 PXN=1 UXN=1 DBM=1 PTE_DIRTY=1',
    ],
    [
      'arm64, a page that is contiguous with its neighbours',
      ...([ARM64_48, 3, 0xf8_0000_40fe_9703n] as const),
      'AttrIndx=0 AP=0b00 SH=0b11 AF=1 nG=0 contiguous=1 PXN=1 UXN=1 DBM=1 PTE_DIRTY=1',
    ],
    ['arm64, a table', ARM64_48, 0, 0x1000_0000_7fff_f003n, 'PXNTable=0 UXNTable=1 APTable=0b00'],
  ])('%s', (_what, { entries }, level, entry, fields) => {
    expect(texts(entries.tell!(entry, level))).toBe(fields);
  });

  test('what the values mean', () => {
    const page = ARM.entries.tell!(0x6fff_e67en, 1);
    expect(meaning(page, 'AP')).toBe('kernel and user, read only');
    expect(meaning(page, 'B')).toBe('normal, write-back, write-allocate');
    expect(meaning(ARM.entries.tell!(0x40c0_9831n, 0), 'domain')).toBe('user');
    expect(meaning(ARM64_39.entries.tell!(0xe8_0000_40fe_9703n, 2), 'AttrIndx')).toBe('normal, write-back');
  });
});

describe('the root', () => {
  const rootAt = (layout: string, address: bigint, physicalBase?: bigint) => {
    const { arch, pageOffset, physicalBase: usual } = buildLayout(layout);
    return arch.rootOf!({ pageOffset, physicalBase: physicalBase ?? usual }, address).register;
  };
  test.each<[string, bigint, bigint | undefined, string]>([
    ['linux-arm-3g1g', 0xc000_0000n, undefined, 'TTBR0'], // TTBCR.N = 0
    ['linux-arm-3g1g-lpae', 0xbfff_ffffn, undefined, 'TTBR0'], // the kmap window
    ['linux-arm-3g1g-lpae', 0xc000_0000n, undefined, 'TTBR1'],
    ['linux-arm-3g1g-lpae', 0xc000_0000n, 0xc000_0000n, 'TTBR1'], // RAM from PAGE_OFFSET on
    ['linux-arm-2g2g-lpae', 0x8000_0000n, 0x8000_0000n, 'TTBR1'],
    ['linux-arm-2g2g-lpae', 0x8000_0000n, 0x8020_0000n, 'TTBR0'], // above it
    ['linux-arm-1g3g-lpae', 0xc000_0000n, 0n, 'TTBR0'], // T1SZ would be 0
    ['linux-arm64-39', (1n << 39n) - 1n, undefined, 'TTBR0'],
    ['linux-arm64-39', 0xffff_ff80_0000_0000n, undefined, 'TTBR1'],
    ['linux-arm64-64k-48', 0xffff_0000_0000_0000n, undefined, 'TTBR1'],
  ])('%s: %s', (layout, address, physicalBase, register) => {
    expect(rootAt(layout, address, physicalBase)).toBe(register);
  });

  test('it is told with the rule, and not where there is one root only', () => {
    const explained = explain('linux-arm-3g1g-lpae', 0xc023_4567n);
    expect(explained.root?.rule).toBe(
      'TTBCR.T1SZ is 2: from 0xc0000000 on, where the hardware begins at the second level (pmd)',
    );
    expect(explain('linux-arm64-39', 0x1_0000n).root?.rule).toMatch(
      /^bits 39 to 63 .* all clear \(T0SZ is 25\)/,
    );
    expect(explain('linux-3g1g', 0xc023_4567n).root).toBeUndefined();
  });
});

function explain(layout: string, address: bigint): Explanation {
  return explainAddress(bootMachine(buildLayout(layout)), 'virtual', address);
}

describe('the entry that Linux keeps beside that of the hardware', () => {
  const at = { cpu: 0, thinkNs: 0 };
  const mappedBy = (layout: string, event: MemoryEvent): Explanation => {
    const { machine } = fold(bootMachine(buildLayout(layout)), batchOf([event]));
    return explainAddress(machine, 'virtual', machine.platform.layout.vmalloc.start);
  };
  const vmalloc = { kind: 'vmalloc', ...at, object: 1, size: 4096 } as MemoryEvent;
  const ioremap = { kind: 'ioremap', ...at, object: 1, size: 4096, pfn: 0x3f000, offset: 0 } as MemoryEvent;

  test('it is 2 KiB below, with the bits that short descriptors lack', () => {
    const step = mappedBy('linux-arm-3g1g', vmalloc).walk.at(-1)!;
    expect(step.entryAddress - step.softwareEntry!.entryAddress).toBe(0x800n);
    expect(texts(step.softwareEntry!.bits)).toBe('YOUNG=1 DIRTY=1 RDONLY=0 USER=0 XN=1 SHARED=1 MT=7');
  });

  test('tables and sections have none, and neither have long descriptors', () => {
    const [table] = mappedBy('linux-arm-3g1g', vmalloc).walk;
    expect(table!.softwareEntry).toBeUndefined();
    expect(explain('linux-arm-3g1g', 0xc023_4567n).walk[0]!.softwareEntry).toBeUndefined();
    expect(mappedBy('linux-arm-3g1g-lpae', vmalloc).walk.at(-1)!.softwareEntry).toBeUndefined();
  });

  test('of the registers of a device both say so; of memory they do not', () => {
    const { bits, softwareEntry } = mappedBy('linux-arm-3g1g', ioremap).walk.at(-1)!;
    expect(texts(bits)).toBe('APX=0 AP=0b01 TEX=0b001 C=0 B=0 S=1 XN=1 nG=0');
    expect([meaning(bits, 'B'), meaning(softwareEntry!.bits, 'MT')]).toEqual(['device', 'device']);
    const long = (layout: string) => meaning(mappedBy(layout, ioremap).walk.at(-1)!.bits, 'AttrIndx');
    expect(long('linux-arm-3g1g-lpae')).toBe('device');
    expect(long('linux-arm64-39')).toBe('device, nGnRE');
  });
});

describe('what addresses are for, in words of this processor', () => {
  test.each<[string, bigint, RegExp]>([
    [
      'linux-arm-3g1g',
      0xbf00_1000n,
      /modules: a window of its own.*vmalloc= does not widen it.*ARM_MODULE_PLTS/,
    ],
    ['linux-arm-2g2g-lpae', 0x7f00_1000n, /vmalloc= does not widen it/],
    ['linux-arm64-39', 0xffff_ffc0_0000_1000n, /modules: a window of its own.*ARM64_MODULE_PLTS/],
    ['linux-x86_64', 0xffff_ffff_c000_1000n, /^code and data of loaded modules$/],
    ['linux-arm-3g1g', 0xffc8_0000n, /early console, patching of code, kmap_local slots/],
    ['linux-3g1g', 0xfff3_b000n, /local APIC/],
    ['linux-arm64-39', 1n << 39n, /a translation fault, since the tables of neither TTBR0 nor TTBR1/],
    ['linux-x86_64', 1n << 47n, /a general protection fault/],
  ])('%s: %s', (layout, address, words) => {
    expect(explain(layout, address).meaning).toMatch(words);
  });
});
