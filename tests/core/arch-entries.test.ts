/** Entry formats and error codes of the architectures: what each bit says, and that nothing is lost both ways. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../core/arch/architecture.ts';
import { isTranslated } from '../../core/arch/architecture.ts';
import { ARM, ARM_LPAE } from '../../core/arch/arm.ts';
import { linuxShortEntry } from '../../core/arch/arm-entries.ts';
import { ARM64_16K_47, ARM64_39, ARM64_48, ARM64_64K_48 } from '../../core/arch/arm64.ts';
import { bitFormat, type EntryFlag, NO_FLAGS } from '../../core/arch/entry-format.ts';
import { CODE_FAULTS, decodeFault, encodeFault } from '../../core/arch/fault-code.ts';
import { ia64 } from '../../core/arch/ia64.ts';
import { withTables } from '../../core/arch/own-tables.ts';
import { entrySpans, radix, tableOrder } from '../../core/arch/translation.ts';
import { VAX } from '../../core/arch/vax.ts';
import { X86_32, X86_PAE } from '../../core/arch/x86-32.ts';
import { X86_64, X86_64_LA57 } from '../../core/arch/x86-64.ts';

const ARM_ARCHES = [ARM, ARM_LPAE, ARM64_39, ARM64_48, ARM64_16K_47, ARM64_64K_48];
const ARCHES = [...ARM_ARCHES, X86_32, X86_PAE, X86_64, X86_64_LA57, ia64(12), ia64(16), VAX];

const flags = (...names: EntryFlag[]) => ({
  ...NO_FLAGS,
  ...Object.fromEntries(names.map((n) => [n, true])),
});

const KERNEL_PAGE = (...more: EntryFlag[]): EntryFlag[] => [
  ...(['present', 'writable', 'global', 'noExecute', 'accessed', 'dirty'] as const),
  ...more,
];

describe('entries as the manuals draw them', () => {
  test.each<[string, Architecture, level: number, pfn: number, EntryFlag[], bigint]>([
    ['a user page of two levels', X86_32, 1, 0x12345, ['present', 'writable', 'user'], 0x12345007n],
    ['which cannot forbid execution', X86_32, 1, 1, ['present', 'noExecute'], 0x1001n],
    ['a large page', X86_32, 0, 0x400, ['present', 'large', 'global'], 0x400181n],
    ['bit 63 of a wide entry', X86_64, 3, 1, ['present', 'noExecute'], 0x8000_0000_0000_1001n],
    ["PAE's top entries are present, no more", X86_PAE, 0, 2, ['present', 'writable', 'accessed'], 0x2001n],
    ['but not those below', X86_PAE, 1, 2, ['present', 'writable'], 0x2003n],
    ['VAX: valid, UW, modified, frame', VAX, 3, 5, ['present', 'writable', 'user', 'dirty'], 0xa400_0005n],
    ['VAX: valid, kernel read only', VAX, 3, 5, ['present'], 0x9800_0005n],
    ['IA-64: RW at level 3', ia64(14), 2, 1, ['present', 'writable', 'user', 'noExecute'], 0x4581n],
    ['IA-64: RX at level 0', ia64(14), 2, 1, ['present'], 0x4201n],
    ['ARM: a section of the kernel (captured)', ARM, 0, 0x41000, KERNEL_PAGE('large'), 0x4101_141en],
    ['ARM: a small page of the kernel (captured)', ARM, 1, 0x7fd1a, KERNEL_PAGE(), 0x7fd1_a45fn],
    ['ARM: one that is read only', ARM, 1, 0x6ffff, ['present', 'global'], 0x6fff_f65en],
    ['ARM: the vectors, for users too', ARM, 1, 0x6fffe, ['present', 'global', 'user'], 0x6fff_e67en],
    ['ARM: the first table of a pair', ARM, 0, 0x40c09, ['present'], 0x40c0_9811n],
    ['LPAE: 2 MiB', ARM_LPAE, 1, 0x41000, KERNEL_PAGE('large'), 0x40_0000_4100_071dn],
    ['LPAE: a small page', ARM_LPAE, 2, 0x7fd1a, KERNEL_PAGE(), 0xc0_0000_7fd1_a71fn],
    [
      'LPAE: the vectors',
      ARM_LPAE,
      2,
      0x6fffe,
      ['present', 'global', 'user', 'accessed', 'dirty'],
      0x480_0000_6fff_e7dfn,
    ],
    ['arm64: a page of vmalloc()', ARM64_39, 2, 0x40fe9, KERNEL_PAGE(), 0xe8_0000_40fe_9703n],
    ['arm64: a table of the kernel', ARM64_48, 0, 0x7ffff, ['present'], 0x1000_0000_7fff_f003n],
    ['arm64: pages of 16 KiB', ARM64_16K_47, 2, 0x1091b, KERNEL_PAGE(), 0xe8_0000_4246_c703n],
  ])('%s', (_what, { entries, pageShift }, level, pfn, names, entry) => {
    expect(entries.encode({ pfn, flags: flags(...names) }, level, pageShift).toString(16)).toBe(
      entry.toString(16),
    );
  });

  test.each(ARCHES.map((arch) => [`${arch.name}, ${2 ** arch.pageShift} bytes`, arch] as const))(
    '%s: decoding undoes encoding, for flags that there are bits for',
    (_name, { entries, pageShift, translation }) => {
      const names = Object.keys(NO_FLAGS) as EntryFlag[];
      const some = fc.subarray(names);
      const level = fc.nat(translation.levels.length - 1);
      fc.assert(
        fc.property(some, level, fc.nat(2 ** 20 - 1), (chosen, at, pfn) => {
          const isLast = at === translation.levels.length - 1;
          const isLarge = !isLast && translation.largePageLevels.includes(at) && chosen.includes('large');
          // ARM's entries say nothing unless they are valid, and what a large page may not be is a table.
          const given = chosen.filter((name) => name !== 'large' || isLarge || entries.tellsTables !== true);
          const named = entries.tellsTables === true ? ([...given, 'present'] as EntryFlag[]) : given;
          const aligned = isLarge ? pfn - (pfn % entrySpans(translation)[at]!) : pfn;
          const entry = entries.encode({ pfn: aligned, flags: flags(...named) }, at, pageShift);
          const visible = named.filter((name) => entries.visible(at, isLarge).includes(name));
          expect(entries.decode(entry, at, pageShift)).toEqual({ pfn: aligned, flags: flags(...visible) });
        }),
      );
    },
  );

  test('ARM: beside the entry of the hardware Linux keeps its own, and the tables of a pair share a page', () => {
    const fields = { pfn: 0x7fd1a, flags: flags(...KERNEL_PAGE()) };
    expect(linuxShortEntry(fields, 12)).toBe(0x7fd1_a65fn);
    expect(linuxShortEntry({ ...fields, flags: flags('present', 'accessed', 'dirty', 'user') }, 12)).toBe(
      0x7fd1_a5dfn,
    );
    const table = { pfn: 0x40c09, flags: flags('present') };
    expect([6, 7].map((index) => ARM.entries.encode(table, 0, 12, index))).toEqual([
      0x40c0_9811n,
      0x40c0_9c11n,
    ]);
    const user = { pfn: 0x40c09, flags: flags('present', 'user') };
    expect(ARM.entries.encode(user, 0, 12, 0)).toBe(0x40c0_9831n); // domain 1
  });

  test('inverted bits are set where the flag does not hold', () => {
    const format = bitFormat({ bits: { present: 0 }, inverted: { writable: 9 }, frameAt: 12, frameBits: 20 });
    expect(format.encode({ pfn: 1, flags: flags('present') }, 0, 12)).toBe(0x1201n);
    expect(format.encode({ pfn: 1, flags: flags('present', 'writable') }, 0, 12)).toBe(0x1001n);
    expect(format.decode(0x1201n, 0, 12).flags.writable).toBe(false);
  });
});

test('every fault has a code of its own on x86, and comes back from it', () => {
  const causes = [0, 1, 2, 4, 6, 7, 0x10, 0x15];
  for (const code of causes) expect(encodeFault(CODE_FAULTS, decodeFault(CODE_FAULTS, code))).toBe(code);
});

test.each<[string, Architecture, bigint, boolean]>([
  ['the highest user address of 48 bits', X86_64, 0x7fff_ffff_ffffn, true],
  ['one above it', X86_64, 0x8000_0000_0000n, false],
  ['one below the kernel', X86_64, 0xffff_7fff_ffff_ffffn, false],
  ['the lowest kernel address', X86_64, 0xffff_8000_0000_0000n, true],
  ['57 bits: what 48 do not have', X86_64_LA57, 0x8000_0000_0000n, true],
  ['32 bits: all of them', X86_32, 0xffff_ffffn, true],
  ['a 33rd bit', X86_32, 0x1_0000_0000n, false],
  ['arm64, 39 bits: the highest user address', ARM64_39, (1n << 39n) - 1n, true],
  ['between the halves', ARM64_39, 1n << 39n, false],
  ['the lowest kernel address', ARM64_39, 0xffff_ff80_0000_0000n, true],
  ['the end of a region of IA-64 with pages of 4 KiB', ia64(12), (1n << 36n) - 1n, true],
  ['behind it', ia64(12), 1n << 36n, false],
])('canonical or not: %s', (_what, arch, address, expected) => {
  expect(isTranslated(arch, address)).toBe(expected);
});

describe('tables', () => {
  test('what an entry of each level covers, in base pages', () => {
    expect(entrySpans(X86_PAE.translation)).toEqual([2 ** 18, 512, 1]);
    expect(entrySpans(VAX.translation)).toEqual([2 ** 21, 2 ** 14, 128, 1]);
  });

  test('a table takes a page, or as many as its entries need', () => {
    expect(tableOrder(X86_32.translation, 0, 12)).toBe(0);
    expect(tableOrder(X86_PAE.translation, 0, 12)).toBe(0); // four entries: a page all the same
    const wide = (bits: number) => radix(['pte'], bits, { entryBytes: 4, largePageLevels: [], nx: false });
    expect([10, 11, 12, 13].map((bits) => tableOrder(wide(bits), 0, 12))).toEqual([0, 1, 2, 3]);
  });

  test('tables of one’s own: the same again, and what the number of levels decides', () => {
    for (const arch of ARCHES) expect(withTables(arch, arch)).toEqual(arch);
    const two = { ...X86_PAE, translation: X86_32.translation };
    expect(withTables(X86_PAE, two)).toMatchObject({ physicalBits: 32, physAddrBytes: 4 });
    expect(withTables(X86_PAE, two).port.kernelHalf).toBe('copied');
    expect(withTables(X86_32, X86_PAE).port.kernelHalf).toBe('copied-when-isolated');
    expect(withTables(VAX, VAX).port.kernelHalf).toBe('shared');
  });
});
