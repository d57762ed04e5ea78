/**
 * The kernel's half of a process's page tables on 32 bits: entries that vmalloc adds later come by a fault
 * (vmalloc_fault of arch/x86/mm/fault.c, v5.4), or at once (arch_sync_kernel_mappings, v6.1), or are shared.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { errorCodeText, pageFaultErrorCode } from '../../../core/access/error-code.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { KERNEL_MODE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { CLONE_VM } from '../../../core/event/clone-flags.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import {
  access,
  ioremap,
  MIB,
  PAGE,
  type Result,
  RUNNING,
  type Session,
  type Step,
  sessionOf,
  vmalloc,
} from '../../support/rows.ts';

const KERNEL_READ = READ | KERNEL_MODE;
/** What one entry of the page directory covers. */
const SPAN = 4 * MIB;
const textbook = (): Session => sessionOf('3g1g', 96, { cpus: 2 });
const touch = (object: number, offset = 0, cpu = 0): Step => ({
  ...access(object, offset, 8, KERNEL_READ),
  cpu,
});
const faultOf = (session: Session, step: Step): Result['fault'] => session.do(step).fault;

describe('tables that lack the entry', () => {
  test('fault at the first access, with the cost of a fault, and not again', () => {
    const session = textbook().given(...RUNNING, vmalloc(1, 4 * PAGE));
    const { faultNs, accessNs, walkReferenceNs } = session.machine.platform.costs;
    expect(session.do(touch(1))).toMatchObject({
      status: 'ok',
      fault: 'vmalloc',
      tlb: 'walk',
      latencyNs: accessNs + faultNs + 2 * walkReferenceNs,
    });
    // Another page under the same entry of the directory.
    expect(session.do(touch(1, PAGE))).toMatchObject({ fault: 'none', tlb: 'walk' });
    expect(session.counter('vmallocFaults')).toBe(1);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('fault once for each entry of the directory', () => {
    const session = textbook().given(...RUNNING, vmalloc(1, 3 * SPAN));
    const faults = Array.from({ length: 12 }, (_, i) => faultOf(session, touch(1, (i * SPAN) / 4)));
    // The window begins at a multiple of 8 MiB.
    expect(faults.map((fault) => fault === 'vmalloc')).toEqual(
      Array.from({ length: 12 }, (_, i) => i % 4 === 0),
    );
  });

  test('are each process’s own: whoever was there before faults for itself', () => {
    const session = textbook().given(
      ...RUNNING,
      { kind: 'spawn', pid: 2 },
      { kind: 'switch', pid: 2, cpu: 1 },
    );
    session.given(vmalloc(1, PAGE));
    expect([0, 1, 0, 1].map((cpu) => faultOf(session, touch(1, 0, cpu)))).toEqual([
      'vmalloc',
      'vmalloc',
      'none',
      'none',
    ]);
    expect(session.counter('vmallocFaults')).toBe(2);
  });

  test.each<{ what: string; steps: readonly Step[] }>([
    {
      what: 'spawned later',
      steps: [
        { kind: 'spawn', pid: 2 },
        { kind: 'switch', pid: 2 },
      ],
    },
    {
      what: 'forked later',
      steps: [
        { kind: 'fork', pid: 2 },
        { kind: 'switch', pid: 2 },
      ],
    },
    { what: 'made anew by exec', steps: [{ kind: 'exec' }] },
    { what: 'the reference tables: no process runs', steps: [{ kind: 'switch', pid: 0 }] },
  ])('are not those of a process that is $what', ({ steps }) => {
    const session = textbook().given(...RUNNING, vmalloc(1, PAGE), ...steps);
    expect(session.do(touch(1))).toMatchObject({ fault: 'none', tlb: 'walk' });
    expect(session.counter('vmallocFaults')).toBe(0);
  });

  test('are shared by threads, copied by a fork, and lost with an exec', () => {
    const session = textbook().given(...RUNNING, { kind: 'clone', pid: 2, cloneFlags: CLONE_VM });
    session.given({ kind: 'switch', pid: 2, cpu: 1 }, vmalloc(1, PAGE), touch(1));
    expect(faultOf(session, touch(1, 0, 1))).toBe('none');
    session.given({ kind: 'fork', pid: 3 }, { kind: 'switch', pid: 3 });
    expect(faultOf(session, touch(1))).toBe('none');
    expect(session.counter('vmallocFaults')).toBe(1);
  });

  test('are not looked at while a TLB holds the page: kernel pages are global', () => {
    const session = textbook().given({ kind: 'spawn', pid: 2 }, ...RUNNING, vmalloc(1, PAGE), touch(1));
    session.given({ kind: 'switch', pid: 2 });
    expect(session.do(touch(1))).toMatchObject({ fault: 'none', tlb: 'l1' });
    session.machine = { ...session.machine, tlbs: [] };
    expect(session.do(touch(1))).toMatchObject({ fault: 'vmalloc', tlb: 'walk' });
  });

  test('lead to device memory as well', () => {
    const session = textbook().given(...RUNNING, ioremap(1, 2 * PAGE, 0xfe000));
    expect([faultOf(session, touch(1)), faultOf(session, touch(1, PAGE))]).toEqual(['vmalloc', 'none']);
  });

  test('keep what they have when an area goes: its table stays', () => {
    const session = textbook().given(...RUNNING, vmalloc(1, PAGE), touch(1), { kind: 'vfree', object: 1 });
    session.given(vmalloc(2, PAGE));
    expect(faultOf(session, touch(2))).toBe('none');
  });
});

test('explain tells of each process whether it has the entry', () => {
  const session = textbook().given(...RUNNING, { kind: 'spawn', pid: 2 });
  const { vpn } = session.do(vmalloc(1, PAGE));
  session.given(touch(1));
  const entryOf = (pid: number, address: bigint) =>
    explainAddress(session.machine, 'virtual', address, { pid }).kernelEntry;
  const address = BigInt(vpn * PAGE);
  expect(entryOf(1, address)).toEqual({ pid: 1, isCopied: true });
  expect(entryOf(2, address)).toEqual({ pid: 2, isCopied: false });
  // Where no table is there is nothing to copy; low memory is in all tables from the beginning.
  expect(entryOf(2, address + BigInt(SPAN))).toBe(undefined);
  expect(entryOf(2, session.machine.platform.layout.pageOffset)).toBe(undefined);
});

test('the hardware says: not present', () => {
  const session = textbook().given(...RUNNING, vmalloc(1, PAGE));
  const code = (mode: number) =>
    pageFaultErrorCode(session.machine, { cpu: 0, object: 1, offset: 0, size: 8, mode });
  expect([KERNEL_READ, WRITE | KERNEL_MODE, READ].map(code)).toEqual([0x0, 0x2, 0x4]);
  expect(errorCodeText(0)).toBe('error code 0x0: not-present page, read by the kernel');
  session.given(touch(1));
  // Now user mode finds a page that is the kernel's.
  expect([KERNEL_READ, WRITE | KERNEL_MODE, READ].map(code)).toEqual([undefined, undefined, 0x5]);
});

test.each([
  { layout: '3g1g', kpti: false, sync: 'fault' },
  { layout: '2g2g', kpti: false, sync: 'fault' },
  { layout: 'linux-3g1g', kpti: false, sync: 'eager' },
  { layout: 'linux-3g1g-pae', kpti: false, sync: 'shared' },
  { layout: 'linux-3g1g-pae', kpti: true, sync: 'eager' },
  { layout: 'x86_64', kpti: false, sync: 'shared' },
  { layout: 'x86_64', kpti: true, sync: 'shared' },
  { layout: 'linux-x86_64-la57', kpti: false, sync: 'shared' },
  { layout: 'ia64-8k', kpti: false, sync: 'shared' },
  { layout: 'vax-vms', kpti: false, sync: 'shared' },
])('$layout, isolation $kpti: $sync', ({ layout, kpti, sync }) => {
  const session = sessionOf(layout, 128, {}, { mmu: { kpti } });
  expect(session.machine.platform.kernelEntries).toBe(sync);
  // Costs with processes and without: what is copied to each of the two.
  const alone = sessionOf(layout, 128, {}, { mmu: { kpti } }).do(vmalloc(2, SPAN)).latencyNs;
  session.given({ kind: 'spawn', pid: 1 }, { kind: 'spawn', pid: 2 });
  const { vpn, latencyNs: together } = session.do(vmalloc(2, SPAN));
  const { pageShift, leafEntries } = session.machine.platform.mmu;
  const tableOf = (page: number): number => Math.floor(page / leafEntries);
  const tables = tableOf(vpn + (SPAN >>> pageShift) - 1) - tableOf(vpn) + 1;
  expect(together - alone).toBe(sync === 'eager' ? 2 * tables * session.machine.platform.costs.pteNs : 0);
  session.given({ kind: 'switch', pid: 1 });
  const fields = { cpu: 0, object: 2, offset: 0, size: 8, mode: KERNEL_READ };
  expect(pageFaultErrorCode(session.machine, fields)).toBe(sync === 'fault' ? 0 : undefined);
  expect(faultOf(session, touch(2))).toBe(sync === 'fault' ? 'vmalloc' : 'none');
});

/** Directories as sets of entries: the reference table's, and copies of it. */
class NaiveDirectories {
  readonly reference = new Set<number>();
  readonly own = new Map<number, Set<number>>();

  copyFor(pid: number): void {
    this.own.set(pid, new Set(this.reference));
  }

  /** Whether an access under this directory faults. */
  touch(pid: number, entry: number): boolean {
    const own = this.own.get(pid);
    if (own === undefined || own.has(entry)) return false;
    own.add(entry);
    return true;
  }
}

const WHAT = [
  'vmalloc',
  'vfree',
  'fork',
  'fork',
  'exec',
  'switch',
  'switch',
  'touch',
  'touch',
  'touch',
  'touch',
] as const;

test('random processes and areas fault as copied directories do', () => {
  const step = fc.record({
    what: fc.constantFrom(...WHAT),
    number: fc.integer({ min: 1, max: 3 }),
    at: fc.nat(6 * SPAN - 1),
  });
  let faults = 0;
  fc.assert(
    fc.property(fc.array(step, { minLength: 100, maxLength: 100 }), (steps) => {
      const session = textbook().given(...RUNNING);
      const naive = new NaiveDirectories();
      naive.copyFor(1);
      let pid = 1;
      const areas = new Map<number, { vpn: number; bytes: number }>();
      for (const { what, number, at } of steps) {
        if (what === 'vmalloc') {
          const bytes = at + PAGE;
          const { status, vpn } = session.do(vmalloc(number, bytes));
          if (status !== 'ok') continue;
          areas.set(number, { vpn, bytes });
          for (let page = vpn; page < vpn + Math.ceil(bytes / PAGE); page++) naive.reference.add(page >>> 10);
        } else if (what === 'vfree') {
          session.do({ kind: 'vfree', object: number });
          areas.delete(number);
        } else if (what === 'touch') {
          const area = areas.get(number);
          if (area === undefined) continue;
          const offset = at % (area.bytes - 8);
          const first = touch(number, offset - (offset % PAGE));
          const { fault, tlb } = session.do(first);
          const entry = (area.vpn + Math.floor(offset / PAGE)) >>> 10;
          const expected = tlb === 'walk' && naive.touch(pid, entry);
          if (expected) faults++;
          expect(fault).toBe(expected ? 'vmalloc' : 'none');
        } else if (what === 'switch') {
          if (naive.own.has(number) && session.status({ kind: 'switch', pid: number }) === 'ok') pid = number;
        } else if (what === 'fork') {
          if (session.status({ kind: 'fork', pid: number }) === 'ok') naive.copyFor(number);
        } else if (session.status({ kind: 'exec' }) === 'ok') naive.copyFor(pid);
      }
      expect(checkMachine(session.machine)).toEqual([]);
    }),
    { numRuns: 8, seed: 1 },
  );
  expect(faults).toBeGreaterThan(20);
});
