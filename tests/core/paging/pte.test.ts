/** Page-table entries: as numbers, and as a captured kernel had them. */
import { describe, expect, test } from 'vitest';
import { NARROW_ENTRIES, WIDE_ENTRIES } from '../../../core/arch/x86.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import {
  entryFlags,
  KERNEL_FLAGS,
  makePte,
  PTE_NX,
  PTE_PRESENT,
  PTE_SPECIAL,
  pteFlags,
  pteFrame,
  TABLE_FLAGS,
} from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { fixtureMachine } from '../../captures/oracle-machines.ts';
import { RUNNING, sessionOf } from '../../support/rows.ts';

test.each([0, 1, 0x36ffd, 2 ** 28 - 1, 2 ** 40 - 1])('frame %i and every flag survive', (frame) => {
  for (const flags of [0, PTE_PRESENT, KERNEL_FLAGS, 0xfff]) {
    const pte = makePte(frame, flags);
    expect(Number.isSafeInteger(pte)).toBe(true);
    expect([pteFrame(pte), pteFlags(pte)]).toEqual([frame, flags]);
  }
});

const wideEntry = (pfn: number, flags: number, pageShift: number): bigint =>
  WIDE_ENTRIES.encode({ pfn, flags: entryFlags(flags) }, 3, pageShift);
const narrowEntry = (pfn: number, flags: number): bigint =>
  NARROW_ENTRIES.encode({ pfn, flags: entryFlags(flags) }, 1, 12);

test('the hardware sees frame and flags, execute-disable in bit 63, and nothing of what is ours', () => {
  expect(wideEntry(0x12345, PTE_PRESENT, 12)).toBe(0x12345001n);
  expect(wideEntry(0x12345, PTE_PRESENT | PTE_SPECIAL, 12)).toBe(0x12345001n);
  expect(wideEntry(1, PTE_PRESENT | PTE_NX, 12)).toBe(0x8000000000001001n);
  expect(wideEntry(2 ** 28 - 1, PTE_PRESENT, 14)).toBe(BigInt(2 ** 28 - 1) * 2n ** 14n + 1n);
});

describe('flags of pages in use are those of oracle machine i386-3g_1024', () => {
  const walks = fixtureMachine('i386-3g_1024').page_table_walks;
  /** The low twelve bits of the entry that a walk ended at. */
  const captured = (tag: string): string => {
    const walk = walks.find((one) => one.tag === tag)!;
    const [, entry] = Object.entries(walk)
      .filter(([name]) => name.includes('['))
      .at(-1)!;
    return (BigInt(entry) & 0xfffn).toString(16);
  };
  const session = sessionOf('linux-3g1g', 1024).given(
    ...RUNNING,
    { kind: 'mmap', object: 1, length: 4096, flags: PROT_READ | PROT_WRITE, file: 0 },
    { kind: 'file', file: 1, length: 8192 },
    { kind: 'mmap', object: 2, length: 8192, flags: PROT_READ | PROT_EXEC, file: 1 },
    { kind: 'access', object: 1, offset: 0, size: 8, mode: WRITE },
    { kind: 'access', object: 2, offset: 0, size: 8, mode: READ },
    { kind: 'vmalloc', object: 3, size: 1 },
  );
  const { records, platform, objects } = session.machine;
  const flagsAt = (root: number, vpn: number): string => {
    const flags = pteFlags(findLeaf(session.machine, root, vpn).pte) & ~PTE_NX;
    return narrowEntry(0, flags).toString(16);
  };
  const user = (object: number): string => flagsAt(records.mms[1]!.root, objects.get(object, 1));
  const kernel = (vpn: number): string => flagsAt(platform.kernelRoot, vpn);

  test.each([
    ['a stack page that was written', 'user_stack', () => user(1)],
    ['a page of text', 'user_code', () => user(2)],
    ['a vmalloc page', 'vmalloc8192', () => kernel(platform.vmallocVpn)],
    ['the direct map, in small pages', 'high_memory-1page', () => kernel(platform.directMapVpn + 225_277)],
    ['the direct map, in large ones', 'PAGE_OFFSET+48M', () => kernel(platform.directMapVpn + 0x3000)],
  ] as const)('%s', (_name, tag, flags) => {
    expect(flags()).toBe(captured(tag));
  });

  test("the kernel's code, which nobody may write", () => {
    expect(kernel(platform.directMapVpn + 0x1000)).toBe(captured('_text'));
  });

  test('an entry that points to a table', () => {
    const [, entry] = Object.entries(walks.find(({ tag }) => tag === 'user_code')!).find(([name]) =>
      /^pgd/.test(name),
    )!;
    expect(narrowEntry(0, TABLE_FLAGS)).toBe(BigInt(entry) & 0xfffn);
  });
});
