/** What a kernel keeps as one VMA (can_vma_merge_after of mm/mmap.c, v6.1): neighbours, row by row. */
import { describe, expect, test } from 'vitest';
import { PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import { isOneArea, isWithinArea, restOfArea } from '../../../core/mm/areas.ts';
import {
  VM_ACCOUNT,
  VM_ANON,
  VM_DONTEXPAND,
  VM_FORKED,
  VM_GROWSDOWN,
  VM_HUGEPAGE,
  VM_LOCKED,
  VM_SHIFTED,
  type Vma,
} from '../../../core/mm/vma.ts';
import { Vmas } from '../../../core/mm/vmas.ts';

const RW = PROT_READ | PROT_WRITE;
const HEAP = 7;

const vma = (startVpn: number, nrPages: number, object: number, changes: Partial<Vma> = {}): Vma => ({
  ...{ startVpn, nrPages, object, objectPage: 0, prot: RW, flags: VM_ACCOUNT, shared: false, file: 0 },
  ...changes,
});

describe('two neighbours are one area', () => {
  const both = (flags: number): [Partial<Vma>, Partial<Vma>] => [{ flags }, { flags }];
  test.each<[string, Partial<Vma>, Partial<Vma>, boolean]>([
    ['alike', {}, {}, true],
    ['one of which has pages', { flags: VM_ACCOUNT | VM_ANON }, {}, true],
    ['both locked', ...both(VM_LOCKED), true],
    ['both of a fork', ...both(VM_FORKED | VM_ANON), true],
    ['a page apart', {}, { startVpn: 21 }, false],
    ['of other rights', {}, { prot: PROT_READ }, false],
    ['one of which is locked', {}, { flags: VM_ACCOUNT | VM_LOCKED }, false],
    ['one of which asks for huge pages', { flags: VM_ACCOUNT | VM_HUGEPAGE }, {}, false],
    ['one of which came by a fork', { flags: VM_ACCOUNT | VM_FORKED }, {}, false],
    ['both moved, each from somewhere else', ...both(VM_SHIFTED), false],
    ['both stacks', ...both(VM_GROWSDOWN), false],
    ['both of the kernel', ...both(VM_DONTEXPAND), false],
    ['files', { file: 1 }, { file: 1 }, false],
    ['a file below', { file: 1 }, {}, false],
    ['a file above', {}, { file: 1 }, false],
    ['the heap, which begins one', {}, { object: HEAP }, false],
    ['the heap, and what lies above it', { object: HEAP }, {}, true],
    ['parts of one object, which a fork made alike', {}, { object: 1, objectPage: 10 }, false],
  ])('%s', (_name, left, right, isExpected) => {
    const [one, other] = [vma(10, 10, 1, left), vma(20, 10, 2, right)];
    expect(isOneArea({ heap: HEAP }, one, other)).toBe(isExpected);
    const mm = { heap: HEAP, vmas: Vmas.of([one, other]) };
    expect(isWithinArea(mm, 15, 25)).toBe(isExpected);
    expect(restOfArea(mm, one)).toEqual(isExpected ? [one, other] : [one]);
  });
});

describe('of three from page 10 to 40, and one behind a hole', () => {
  const vmas = Vmas.of([vma(10, 10, 1), vma(20, 1, 2), vma(21, 19, 3), vma(41, 9, 4)]);
  const mm = { heap: HEAP, vmas };

  test.each([
    [10, 40, true],
    [9, 40, false],
    [10, 41, false],
    [10, 42, false],
    [20, 21, true],
    [19, 22, true],
    [39, 40, true],
    [40, 41, false],
    [41, 50, true],
    [60, 61, false],
  ])('pages %i to %i lie in one: %s', (start, end, isExpected) => {
    expect(isWithinArea(mm, start, end)).toBe(isExpected);
  });

  test('what is left of it from each of them on', () => {
    const objects = [10, 20, 21, 41].map((vpn) => restOfArea(mm, vmas.at(vpn)!).map(({ object }) => object));
    expect(objects).toEqual([[1, 2, 3], [2, 3], [3], [4]]);
  });
});
