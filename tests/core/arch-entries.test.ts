/** Entry formats and error codes of the architectures: what each bit says, and that nothing is lost both ways. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Architecture } from '../../core/arch/architecture.ts';
import { isTranslated } from '../../core/arch/architecture.ts';
import { bitFormat, type EntryFlag, NO_FLAGS } from '../../core/arch/entry-format.ts';
import { decodeFault, encodeFault, X86_FAULT_CODES } from '../../core/arch/fault-code.ts';
import { ia64 } from '../../core/arch/ia64.ts';
import { withTables } from '../../core/arch/own-tables.ts';
import { entrySpans, radix, tableOrder } from '../../core/arch/translation.ts';
import { VAX } from '../../core/arch/vax.ts';
import { X86_32, X86_PAE } from '../../core/arch/x86-32.ts';
import { X86_64, X86_64_LA57 } from '../../core/arch/x86-64.ts';

const ARCHES = [X86_32, X86_PAE, X86_64, X86_64_LA57, ia64(12), ia64(16), VAX];

const flags = (...names: EntryFlag[]) => ({
  ...NO_FLAGS,
  ...Object.fromEntries(names.map((n) => [n, true])),
});

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
          const entry = entries.encode({ pfn, flags: flags(...chosen) }, at, pageShift);
          const visible = chosen.filter((name) => entries.visible(at).includes(name));
          expect(entries.decode(entry, at, pageShift)).toEqual({ pfn, flags: flags(...visible) });
        }),
      );
    },
  );

  test('inverted bits are set where the flag does not hold', () => {
    const format = bitFormat({ bits: { present: 0 }, inverted: { writable: 9 }, frameAt: 12, frameBits: 20 });
    expect(format.encode({ pfn: 1, flags: flags('present') }, 0, 12)).toBe(0x1201n);
    expect(format.encode({ pfn: 1, flags: flags('present', 'writable') }, 0, 12)).toBe(0x1001n);
    expect(format.decode(0x1201n, 0, 12).flags.writable).toBe(false);
  });
});

test('every fault has a code of its own on x86, and comes back from it', () => {
  const causes = [0, 1, 2, 4, 6, 7, 0x10, 0x15];
  for (const code of causes)
    expect(encodeFault(X86_FAULT_CODES, decodeFault(X86_FAULT_CODES, code))).toBe(code);
});

test.each<[string, Architecture, bigint, boolean]>([
  ['the highest user address of 48 bits', X86_64, 0x7fff_ffff_ffffn, true],
  ['one above it', X86_64, 0x8000_0000_0000n, false],
  ['one below the kernel', X86_64, 0xffff_7fff_ffff_ffffn, false],
  ['the lowest kernel address', X86_64, 0xffff_8000_0000_0000n, true],
  ['57 bits: what 48 do not have', X86_64_LA57, 0x8000_0000_0000n, true],
  ['32 bits: all of them', X86_32, 0xffff_ffffn, true],
  ['a 33rd bit', X86_32, 0x1_0000_0000n, false],
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
