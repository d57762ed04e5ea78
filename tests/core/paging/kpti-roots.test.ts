/** The two roots of a process under page-table isolation: what they take, what the kernel may run, what explain tells. */
import { describe, expect, test } from 'vitest';
import { pageFaultErrorCode } from '../../../core/access/error-code.ts';
import { EXECUTE, KERNEL_MODE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { PROT_EXEC } from '../../../core/event/mmap-flags.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { TABLE } from '../../../core/paging/tables.ts';
import { access, machineOf, mmap, PAGE, RUNNING, RW, Session } from '../../support/rows.ts';
import { inUserMode, isolated } from './isolated.ts';

test('a process has a second root: a page more, next to the first', () => {
  const pagesOfProcess = (kpti: boolean): number => {
    const session = new Session(isolated({ kpti }));
    const before = session.counter('pageTablePages');
    session.given(...RUNNING);
    const more = session.counter('pageTablePages') - before;
    session.given({ kind: 'exit' });
    expect(session.counter('pageTablePages')).toBe(before);
    return more;
  };
  expect([false, true].map(pagesOfProcess)).toEqual([1, 2]);
});

describe('the user half of the kernel’s own root', () => {
  const KERNEL_FETCH = access(1, 0, 8, EXECUTE | KERNEL_MODE);
  const runnable = (machine: Machine): Session =>
    new Session(machine).given(...RUNNING, mmap(1, PAGE, RW | PROT_EXEC), access(1, 0, 8, WRITE));

  test.each([
    { what: 'isolation', machine: isolated(), status: 'protection', code: 0x11 },
    { what: 'none', machine: isolated({ kpti: false }), status: 'ok', code: undefined },
    {
      what: 'isolation and PAE, whose upper entries have no such bit',
      machine: machineOf('linux-3g1g-pae', 256, {}, { mmu: { kpti: true } }),
      status: 'ok',
      code: undefined,
    },
  ])('lets the kernel run user code or not: $what', ({ machine, status, code }) => {
    const session = runnable(machine);
    const fields = { cpu: 0, object: 1, offset: 0, size: 8, mode: EXECUTE | KERNEL_MODE };
    expect(pageFaultErrorCode(session.machine, fields)).toBe(code);
    expect(session.status(KERNEL_FETCH)).toBe(status);
    expect(session.status(access(1, 0, 8, EXECUTE))).toBe('ok');
    expect(session.status(access(1, 0, 8, READ | KERNEL_MODE))).toBe('ok');
  });

  test('of a page that is not there: not present, and not brought in', () => {
    const session = new Session(isolated()).given(...RUNNING, mmap(1, PAGE, RW | PROT_EXEC));
    const fields = { cpu: 0, object: 1, offset: 0, size: 8, mode: EXECUTE | KERNEL_MODE };
    expect(pageFaultErrorCode(session.machine, fields)).toBe(0x10);
    expect(session.do(KERNEL_FETCH)).toMatchObject({ status: 'protection', fault: 'none' });
  });
});

describe('explain', () => {
  test('tells of the second root, which has the user half only, and may run it', () => {
    const session = inUserMode(isolated());
    const { platform, records, tables } = session.machine;
    const rootPfn = tables.get(records.mms[1]!.root, TABLE.pfn);
    const of = (address: bigint) => explainAddress(session.machine, 'virtual', address);
    const userAddress = BigInt(records.mms[1]!.vmas.toArray()[0]!.startVpn * PAGE);
    const user = of(userAddress);
    expect(user.walk[0]!.flags).toContain('no-execute');
    expect(user.userRoot).toEqual({
      rootPfn: rootPfn + 1,
      level: 'pgd',
      index: user.walk[0]!.index,
      entryAddress: user.walk[0]!.entryAddress + BigInt(PAGE),
      isCopy: true,
    });
    const kernel = of(platform.layout.pageOffset + (16n << 20n));
    expect(kernel.walk[0]!.flags).toContain('present');
    expect(kernel.userRoot).toMatchObject({
      rootPfn: rootPfn + 1,
      index: kernel.walk[0]!.index,
      isCopy: false,
    });
  });

  test('has nothing to tell of it without isolation', () => {
    const session = inUserMode(isolated({ kpti: false }));
    const user = explainAddress(
      session.machine,
      'virtual',
      BigInt(session.machine.records.mms[1]!.vmas.toArray()[0]!.startVpn * PAGE),
    );
    expect(user.userRoot).toBe(undefined);
    expect(user.walk[0]!.flags).not.toContain('no-execute');
  });
});
