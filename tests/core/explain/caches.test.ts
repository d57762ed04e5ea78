/** What explanations tell of TLBs and walk caches: what the next access then finds. */
import { expect, test } from 'vitest';
import { KERNEL_MODE, READ } from '../../../core/event/access-mode.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import { pageAddress } from '../../../core/layout/regions.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { access, kmalloc, machineOf, mmap, PAGE, RUNNING, Session } from '../../support/rows.ts';

const OTHERS = {
  replacement: 'fifo',
  pdpteCache: { sets: 1, ways: 2 },
  pml4eCache: { sets: 1, ways: 2 },
} as const;

test.each([
  ['the tuned TLBs', {}],
  ['others', OTHERS],
])('%s', (_what, mmu) => {
  const session = new Session(machineOf('linux-x86_64', 256, {}, { mmu })).given(...RUNNING);
  const { vpn } = session.do(mmap(1, 2048 * PAGE));
  const caches = (page: number) =>
    explainAddress(session.machine, 'virtual', BigInt(vpn + page) * 4096n, { caches: true }).caches;
  expect(caches(0), 'a page that is not mapped').toBeUndefined();
  session.given(access(1, 0, 8), access(1, PAGE, 8), access(1, 1024 * PAGE, 8));
  // Base pages of set 0 of the first level, 16 pages apart: the first one is pushed out of its 4 ways.
  session.given(...[1, 2, 3, 4].map((n) => access(1, 16 * n * PAGE, 8)));
  const known = { cpu: 0, mode: 'any', walkCache: 'pdeCache', entriesRead: 1 };
  expect(caches(1)).toEqual([{ ...known, tlbs: ['l1d', 'l2'] }]);
  expect(caches(0)).toEqual([{ ...known, tlbs: ['l2'] }]);
  expect(session.do(access(1, PAGE, 8)).tlb).toBe('l1');
  expect(session.do(access(1, 0, 8)).tlb).toBe('l2');
  expect(explainAddress(session.machine, 'virtual', BigInt(vpn) * 4096n)).not.toHaveProperty('caches');
});

test('an upper walk cache shortens a walk by less', () => {
  const mmu = { ...OTHERS, pdeCache: { sets: 1, ways: 1 } };
  const session = new Session(machineOf('linux-x86_64', 256, {}, { mmu })).given(...RUNNING);
  const { vpn } = session.do(mmap(1, 2048 * PAGE));
  session.given(access(1, 0, 8), access(1, 1024 * PAGE, 8));
  const [facts] = explainAddress(session.machine, 'virtual', BigInt(vpn) * 4096n, { caches: true }).caches!;
  expect(facts).toMatchObject({ walkCache: 'pdpteCache', entriesRead: 2 });
});

test('with page-table isolation each mode has its own', () => {
  const session = new Session(machineOf('linux-x86_64', 256, {}, { mmu: { kpti: true } })).given(...RUNNING);
  const { vpn } = session.do(mmap(1, PAGE));
  const modes = () =>
    explainAddress(session.machine, 'virtual', BigInt(vpn) * 4096n, { caches: true }).caches!.map(
      ({ mode, tlbs }) => [mode, tlbs],
    );
  session.given(access(1, 0, 8));
  expect(modes()).toEqual([
    ['kernel', []],
    ['user', ['l1d', 'l2']],
  ]);
  session.given(access(1, 0, 8, READ | KERNEL_MODE));
  expect(modes()).toEqual([
    ['kernel', ['l1d', 'l2']],
    ['user', ['l1d', 'l2']],
  ]);
});

test('a large page of the kernel: an entry less to read, and with isolation known to the process that ran', () => {
  const NONE = { sets: 1, ways: 0 };
  for (const [mmu, mode] of [
    [{ pdeCache: NONE }, 'any'],
    [{ pdeCache: NONE, kpti: true }, 'kernel'],
  ] as const) {
    const session = new Session(machineOf('linux-x86_64', 256, {}, { mmu })).given(...RUNNING);
    session.given(kmalloc(2, 64), access(2, 0, 8, READ | KERNEL_MODE));
    const { layout } = session.machine.platform;
    const address = pageAddress(layout, session.machine.objects.get(2, OBJECT.vpn));
    expect(explainAddress(session.machine, 'virtual', address, { caches: true }).caches).toEqual([
      { cpu: 0, mode, tlbs: ['l1d', 'l2'], walkCache: undefined, entriesRead: 3 },
    ]);
  }
});

test('where instructions and data share the first level there is no other', () => {
  const session = new Session(machineOf('linux-x86_64', 256, {}, { mmu: { unifiedL1: true } })).given(
    ...RUNNING,
  );
  const { vpn } = session.do(mmap(1, PAGE));
  session.given(access(1, 0, 8));
  const [facts] = explainAddress(session.machine, 'virtual', BigInt(vpn) * 4096n, { caches: true }).caches!;
  expect(facts!.tlbs).toEqual(['l1d', 'l2']);
});
