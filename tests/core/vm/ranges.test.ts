/** mprotect, madvise, mlock and mremap: what becomes of VMAs, pages and frames. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_WILLNEED,
  MAP_POPULATE,
  MAP_SHARED,
  PROT_READ,
} from '../../../core/event/mmap-flags.ts';
import { VM_ACCOUNT, VM_ANON, VM_FORKED, VM_HUGEPAGE, VM_LOCKED } from '../../../core/mm/vma.ts';
import { PTE_PRESENT, PTE_RW, pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import {
  access,
  brk,
  MIB,
  machineOf,
  madvise,
  mlock,
  mmap,
  mprotect,
  mremap,
  mremapFixed,
  munmap,
  PAGE,
  RUNNING,
  RW,
  Session,
} from '../../support/rows.ts';

const boot = machineOf('linux-3g1g', 96);
const fourPages = (flags = RW) => new Session(boot).given(...RUNNING, mmap(1, 4 * PAGE, flags));
const store = (page: number, object = 1) => access(object, page * PAGE, 8, WRITE);

/** VMAs as [first page of the object, pages, protection]. */
function parts({ machine }: Session): number[][] {
  return machine.records.mms[1]!.vmas.toArray().map(({ objectPage, nrPages, prot }) => [
    objectPage,
    nrPages,
    prot,
  ]);
}

function pteOf({ machine }: Session, page: number, object = 1): number {
  const { vmas, root } = machine.records.mms[1]!;
  const vma = vmas.toArray().find((one) => one.object === object)!;
  return findLeaf(machine, root, vma.startVpn - vma.objectPage + page).pte;
}

describe('mprotect', () => {
  test('splits a mapping in three, and makes it one again', () => {
    const session = fourPages().given(mprotect(1, PAGE, 2 * PAGE, PROT_READ));
    expect(parts(session)).toEqual([
      [0, 1, RW],
      [1, 2, PROT_READ],
      [3, 1, RW],
    ]);
    session.given(mprotect(1, PAGE, PAGE, RW));
    expect(parts(session)).toEqual([
      [0, 2, RW],
      [2, 1, PROT_READ],
      [3, 1, RW],
    ]);
    session.given(mprotect(1, 0, 0, RW));
    expect(parts(session)).toEqual([[0, 4, RW]]);
  });

  test('stops at a hole, and keeps what it did before', () => {
    const session = fourPages().given(munmap(1, 2 * PAGE, PAGE));
    expect(session.status(mprotect(1, 0, 0, PROT_READ))).toBe('no-mapping');
    expect(parts(session)).toEqual([
      [0, 2, PROT_READ],
      [3, 1, RW],
    ]);
  });

  test('takes the right from pages that are there, and from the TLB', () => {
    const session = fourPages().given(store(0), mprotect(1, 0, PAGE, PROT_READ));
    expect(pteOf(session, 0) & PTE_RW).toBe(0);
    expect(session.counter('tlbFlushes')).toBe(1);
    expect(session.status(store(0))).toBe('protection');
    expect(session.do(access(1, 0, 8))).toMatchObject({ status: 'ok', fault: 'none', tlb: 'walk' });
  });

  test('gives a page that is the process’s own back its right to be written: no fault', () => {
    const session = fourPages().given(store(0), mprotect(1, 0, 0, PROT_READ), mprotect(1, 0, 0, RW));
    expect(session.do(store(0))).toMatchObject({ status: 'ok', fault: 'none' });
  });

  test('but not one that a child shares, though it was read-only when it forked', () => {
    const session = fourPages().given(store(0), mprotect(1, 0, 0, PROT_READ), { kind: 'fork', pid: 2 });
    session.given(mprotect(1, 0, 0, RW));
    expect(session.do(store(0))).toMatchObject({ status: 'ok', fault: 'copy-on-write' });
  });

  test.each([
    ['as it is', RW, 0],
    ['otherwise', PROT_READ, 3],
  ])('looks at the pages of a mapping only to change them: %s', (_, prot, entries) => {
    const session = fourPages().given(store(0), store(1), store(2));
    const { syscallNs, pteNs } = boot.platform.costs;
    expect(session.do(mprotect(1, 0, 0, prot)).latencyNs).toBe(syscallNs + entries * pteNs);
  });

  test('PROT_NONE: the hardware takes the page for absent, its frame stays', () => {
    const session = fourPages().given(store(0));
    const pfn = pteFrame(pteOf(session, 0));
    session.given(mprotect(1, 0, 0, 0));
    expect(pteOf(session, 0) & PTE_PRESENT).toBe(0);
    expect(session.status(access(1, 0, 1))).toBe('protection');
    session.given(mprotect(1, 0, 0, RW), access(1, 0, 1));
    expect(pteFrame(pteOf(session, 0))).toBe(pfn);
  });
});

describe('madvise', () => {
  test('DONTNEED: private memory is zero again, a file is read from its cache', () => {
    const session = fourPages().given({ kind: 'file', file: 1, length: PAGE }, mmap(2, PAGE, RW, 1));
    session.given(store(0), store(0, 2), madvise(1, 0, 0, MADV_DONTNEED), madvise(2, 0, 0, MADV_DONTNEED));
    expect(session.do(access(1, 0, 8)).fault).toBe('zero-page');
    expect(session.do(access(2, 0, 8)).fault).toBe('file-minor');
    expect(parts(session)).toHaveLength(2);
  });

  test('DONTNEED of shared memory: it is still there', () => {
    const session = fourPages(RW | MAP_SHARED).given(store(0), madvise(1, 0, 0, MADV_DONTNEED));
    expect(session.do(access(1, 0, 8)).fault).toBe('file-minor');
  });

  test('WILLNEED reads a file ahead: a minor fault is left', () => {
    const session = new Session(boot).given(...RUNNING, { kind: 'file', file: 1, length: 2 * PAGE });
    session.given(mmap(1, 2 * PAGE, PROT_READ, 1), madvise(1, 0, PAGE, MADV_WILLNEED));
    expect(session.do(access(1, 0, 8)).fault).toBe('file-minor');
    expect(session.do(access(1, PAGE, 8)).fault).toBe('file-major');
  });

  test('HUGEPAGE is kept with the part that it was said of', () => {
    const session = fourPages().given(madvise(1, 0, PAGE, MADV_HUGEPAGE));
    expect(session.machine.records.mms[1]!.vmas.toArray().map(({ flags }) => flags)).toEqual([
      VM_HUGEPAGE | VM_ACCOUNT,
      VM_ACCOUNT,
    ]);
  });
});

test('mlock faults everything in, private memory for writing; a child inherits no locks', () => {
  const session = fourPages().given(mlock(1, 0, 2 * PAGE));
  expect(session.do(store(1))).toMatchObject({ fault: 'none' });
  expect(session.do(store(2))).toMatchObject({ fault: 'demand-zero' });
  session.given({ kind: 'fork', pid: 2 });
  const flagsOf = (mm: number) => session.machine.records.mms[mm]!.vmas.toArray().map(({ flags }) => flags);
  expect(flagsOf(1)).toEqual([VM_LOCKED | VM_ACCOUNT | VM_ANON, VM_ACCOUNT | VM_ANON]);
  // Nothing is merged by a fork, alike as the two are now (dup_mmap).
  expect(flagsOf(2)).toEqual(Array(2).fill(VM_ACCOUNT | VM_ANON | VM_FORKED));
});

describe('mremap', () => {
  test('grows in place, shrinks, and keeps the address', () => {
    const session = fourPages();
    const { vpn } = session.do(mremap(1, 2 * PAGE));
    expect(session.do(mremap(1, 4 * PAGE))).toMatchObject({ status: 'ok', vpn });
    expect(parts(session)).toEqual([[0, 4, RW]]);
  });

  test('moves when something lies above: pages keep their frames, and accesses find them', () => {
    const session = fourPages().given(mmap(2, PAGE, RW | MAP_POPULATE));
    const pfn = pteFrame(pteOf(session, 0, 2));
    const before = session.machine.records.mms[1]!.vmas.toArray().find(
      ({ object }) => object === 2,
    )!.startVpn;
    const { vpn } = session.do(mremap(2, 3 * PAGE));
    expect(vpn).toBe(before - 3);
    expect(pteFrame(pteOf(session, 0, 2))).toBe(pfn);
    expect(session.do(store(0, 2))).toMatchObject({ status: 'ok', fault: 'none', tlb: 'walk' });
    expect(session.do(store(2, 2))).toMatchObject({ status: 'ok', fault: 'demand-zero' });
  });

  test('moves in one process only: a child has its copy where it was', () => {
    const session = fourPages().given(
      mmap(2, PAGE),
      store(0, 2),
      { kind: 'fork', pid: 2 },
      mremap(2, 3 * PAGE),
    );
    session.given({ kind: 'switch', pid: 2 });
    expect(session.do(access(2, 0, 8))).toMatchObject({ status: 'ok', fault: 'none' });
    expect(session.status(access(2, PAGE, 8))).toBe('no-mapping');
  });

  test('MREMAP_FIXED: what was there is unmapped, of several objects if need be', () => {
    const session = fourPages().given(mmap(2, 2 * PAGE), mmap(3, 3 * PAGE));
    // From above: 1 (4 pages), 2 (2 pages), 3 (3 pages).
    const target =
      session.machine.records.mms[1]!.vmas.toArray().find(({ object }) => object === 2)!.startVpn + 1;
    expect(session.do(mremapFixed(3, 2, PAGE))).toMatchObject({ status: 'ok', vpn: target });
    const { vmas } = session.machine.records.mms[1]!;
    expect(vmas.toArray().map(({ object, objectPage, nrPages }) => [object, objectPage, nrPages])).toEqual([
      [2, 0, 1],
      [3, 0, 3],
      [1, 2, 2],
    ]);
    expect(session.status(access(1, 0, 1))).toBe('no-mapping');
    expect(session.status(access(1, 2 * PAGE, 1))).toBe('ok');
  });

  test('MAP_FIXED over a hole is there already, if mmap has put it into it; a part of a hole too large is not', () => {
    const inHole = (pages: number): Session =>
      fourPages().given(munmap(1, PAGE, 2 * PAGE), mmap(2, pages * PAGE));
    const session = inHole(2).given(access(2, 0, 8));
    const [below] = session.machine.records.mms[1]!.vmas.toArray();
    expect(session.do(mremapFixed(2, 1, PAGE))).toMatchObject({ status: 'ok', vpn: below!.startVpn + 1 });
    expect(session.do(access(2, 0, 8))).toMatchObject({ status: 'ok', fault: 'none' });
    expect(session.status(mremapFixed(2, 1, 2 * PAGE))).toBe('invalid');
    expect(inHole(1).do(mremapFixed(2, 1, PAGE)).status).toBe('ok');
  });
});

test.each([
  ['in place', [mmap(1, 4 * PAGE)]],
  ['and moves', [mmap(2, PAGE), mmap(1, 4 * PAGE), mmap(3, PAGE), munmap(2, 0, 0)]],
])('a locked mapping grows by more than there is memory, %s: size and VMA say the same', (_, mappings) => {
  const session = new Session(boot).given(...RUNNING, ...mappings, mlock(1, 0, 0), mremap(1, 90 * MIB));
  expect(parts(session).filter(([, nrPages]) => nrPages! > 1)).toEqual([[0, (90 * MIB) / PAGE, RW]]);
  expect(session.machine.objects.get(1, OBJECT.sizeBytes)).toBe(90 * MIB);
  expect(session.do(store(5))).toMatchObject({ status: 'ok', fault: 'none' });
});

describe('brk', () => {
  const heap = (session: Session) => {
    const [of] = Object.values(session.machine.records.mms);
    return of!.vmas.toArray().map(({ object, objectPage, nrPages }) => [object, objectPage, nrPages]);
  };

  test.each([
    [
      'a hole at the end',
      munmap(1, 2 * PAGE, 2 * PAGE),
      [
        [1, 0, 2],
        [1, 4, 2],
      ],
    ],
    [
      'a hole in the middle',
      munmap(1, PAGE, PAGE),
      [
        [1, 0, 1],
        [1, 2, 4],
      ],
    ],
    ['nothing', munmap(1, 0, 0), [[1, 4, 2]]],
  ] as const)('grows from its end on, of which munmap left %s', (_, hole, expected) => {
    const session = new Session(boot).given(...RUNNING, brk(1, 4 * PAGE), hole, brk(1, 6 * PAGE));
    expect(heap(session)).toEqual(expected);
    expect(session.machine.objects.get(1, OBJECT.sizeBytes)).toBe(6 * PAGE);
    expect(session.do(store(5))).toMatchObject({ status: 'ok', fault: 'demand-zero' });
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('takes back what others put into the heap', () => {
    const session = new Session(boot).given(...RUNNING, brk(1, 4 * PAGE), mmap(2, PAGE));
    session.given(mremapFixed(2, 1, 2 * PAGE), brk(1, PAGE));
    expect(heap(session)).toEqual([[1, 0, 1]]);
  });

  test('is each process’s own affair, also when a fork has given both the heap', () => {
    const session = new Session(boot).given(...RUNNING, brk(1, 2 * PAGE), { kind: 'fork', pid: 2 });
    session.given({ kind: 'switch', pid: 2 }, brk(1, 5 * PAGE), { kind: 'switch', pid: 1 }, brk(1, 3 * PAGE));
    expect(heap(session)).toEqual([[1, 0, 3]]);
  });

  test('at 0 the heap is over: the next one begins at the same place', () => {
    const session = new Session(boot).given(...RUNNING);
    const { vpn } = session.do(brk(1, 2 * PAGE));
    session.given(brk(1, 0));
    expect(session.do(brk(2, PAGE))).toMatchObject({ status: 'ok', vpn });
  });
});

test('a heap that mprotect split grows with its old protection', () => {
  const session = new Session(boot).given(...RUNNING, brk(1, 2 * PAGE), mprotect(1, PAGE, PAGE, PROT_READ));
  session.given(brk(1, 3 * PAGE));
  expect(parts(session)).toEqual([
    [0, 1, RW],
    [1, 1, PROT_READ],
    [2, 1, RW],
  ]);
});
