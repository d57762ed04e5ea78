/** Page-table isolation: when it writes CR3, what that costs, and what TLBs keep. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../../../core/base/cost.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { EXECUTE, KERNEL_MODE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { EVENT_KINDS, type KindName } from '../../../core/event/kinds.ts';
import { PTE_GLOBAL } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import {
  access,
  HIGH,
  kmalloc,
  machineOf,
  mmap,
  PAGE,
  pages,
  RUNNING,
  Session,
  type Step,
} from '../../support/rows.ts';
import { inUserMode, isolated } from './isolated.ts';

/** How many writes of CR3 a step takes, and how long they are. */
function switchesOf(session: Session, step: Step): number {
  const before = session.counter('kptiSwitches');
  session.do(step);
  return session.counter('kptiSwitches') - before;
}

const KERNEL_READ = access(9, 0, 8, READ | KERNEL_MODE);
const USER_READ = access(1, 0, 8);

describe('writes of CR3', () => {
  test.each<[string, readonly [Step, number][]]>([
    [
      'an access in the kernel and one back in user mode: one each',
      [
        [KERNEL_READ, 1],
        [KERNEL_READ, 0],
        [USER_READ, 1],
        [USER_READ, 0],
      ],
    ],
    [
      'a system call: in and out',
      [
        [mmap(2, PAGE), 2],
        [mmap(3, PAGE), 2],
      ],
    ],
    ['a refused one too', [[mmap(1, PAGE), 2]]],
    [
      'other work of the kernel goes on until user mode needs the cpu',
      [
        [kmalloc(5, 64), 1],
        [kmalloc(6, 64), 0],
        [USER_READ, 1],
      ],
    ],
    [
      'a system call is made in user mode',
      [
        [kmalloc(5, 64), 1],
        [mmap(2, PAGE), 3],
      ],
    ],
    [
      'a page fault: in and out',
      [
        [access(1, PAGE, 8), 2],
        [access(1, PAGE, 8), 0],
        [access(1, PAGE, 8, WRITE), 2],
      ],
    ],
    ['two of them', [[access(1, 3 * PAGE - 4, 8), 4]]],
    ['one in the kernel is taken where the cpu is', [[access(1, PAGE, 8, WRITE | KERNEL_MODE), 1]]],
    [
      'an access that ends in SIGSEGV',
      [
        [access(9, 0, 8), 2],
        [access(1, 0, 8, EXECUTE), 2],
        [access(1, 8 * PAGE, 8), 2],
      ],
    ],
    ['one to an object that is not there is none', [[access(77, 0, 8), 0]]],
    [
      'the end of a process',
      [
        [{ kind: 'exit' }, 1],
        [KERNEL_READ, 0],
        [kmalloc(5, 64), 0],
      ],
    ],
    [
      'a cpu without a process stays in the kernel',
      [
        [{ kind: 'switch', pid: 0 }, 1],
        [KERNEL_READ, 0],
      ],
    ],
  ])('%s', (_what, steps) => {
    const session = inUserMode(isolated());
    for (const [step, expected] of steps)
      expect(switchesOf(session, step), JSON.stringify(step)).toBe(expected);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('a cpu whose process ends elsewhere is in the kernel', () => {
    const session = inUserMode(isolated()).given(
      { kind: 'switch', pid: 1, cpu: 1 },
      { ...USER_READ, cpu: 1 },
    );
    session.given({ kind: 'exit' });
    expect(switchesOf(session, { ...KERNEL_READ, cpu: 1 })).toBe(0);
  });

  test('take their time, which is in the latency', () => {
    const session = inUserMode(isolated()).given(KERNEL_READ, USER_READ);
    const { accessNs, cr3WriteNs } = DEFAULT_COSTS;
    expect([KERNEL_READ, KERNEL_READ, USER_READ].map((step) => session.do(step).latencyNs)).toEqual([
      accessNs + cr3WriteNs,
      accessNs,
      accessNs + cr3WriteNs,
    ]);
  });
});

describe('TLBs', () => {
  test('with PCID both modes keep their entries, each its own, of user pages too', () => {
    const session = inUserMode(isolated()).given(KERNEL_READ);
    const copy = access(1, 0, 8, READ | KERNEL_MODE);
    expect([copy, copy, USER_READ, KERNEL_READ, copy].map((step) => session.do(step).tlb)).toEqual([
      'walk',
      'l1',
      'l1',
      'l1',
      'l1',
    ]);
    expect(session.counter('tlbFlushes')).toBe(0);
  });

  test('without it every switch empties them', () => {
    const session = inUserMode(isolated({ pcid: false }));
    const before = session.counter('tlbFlushes');
    const seen = [KERNEL_READ, KERNEL_READ, USER_READ, USER_READ].map((step) => session.do(step).tlb);
    expect(seen).toEqual(['walk', 'l1', 'walk', 'l1']);
    expect(session.counter('tlbFlushes') - before).toBe(2);
  });

  test('without PCID a new address space leaves nothing, not even what the kernel read while no process ran', () => {
    const run = (pid: number): Step => ({ kind: 'switch', pid });
    const session = new Session(isolated({ pcid: false })).given(...RUNNING, kmalloc(9, 64), run(0));
    session.given({ kind: 'spawn', pid: 2 }, KERNEL_READ, run(2), run(0));
    expect(session.do(KERNEL_READ).tlb).toBe('walk');
  });

  test('a kernel page that goes is forgotten under every address space', () => {
    const mmu = { kpti: true, pcid: true };
    const slot = access(9, 0, 8, READ | KERNEL_MODE);
    const session = new Session(machineOf('linux-3g1g-pae', 128, { highmemBytes: 48n << 20n }, { mmu }));
    session.given(...RUNNING, { kind: 'spawn', pid: 2 }, pages(9, 0, HIGH), pages(8, 0, HIGH));
    session.given({ kind: 'kmap', object: 9, page: 0 }, slot, { kind: 'switch', pid: 2 }, slot);
    session.given({ kind: 'page_free', object: 9 });
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('kernel pages are not global: they are known under the address space, and not to another', () => {
    for (const [machine, expected] of [
      [isolated(), 'walk'],
      [machineOf('linux-x86_64', 256), 'l1'],
    ] as const) {
      const { kernelRoot, directMapVpn } = machine.platform;
      const isGlobal = (findLeaf(machine, kernelRoot, directMapVpn).pte & PTE_GLOBAL) !== 0;
      expect(isGlobal).toBe(expected === 'l1');
      const session = inUserMode(machine).given(
        KERNEL_READ,
        { kind: 'spawn', pid: 2 },
        { kind: 'switch', pid: 2 },
      );
      expect(session.do(KERNEL_READ).tlb).toBe(expected);
    }
  });
});

/** What the kernel does, at that price, for no process that runs here: it starts one, a device comes and goes. */
const ON_ITS_OWN = ['spawn', 'device', 'device_remove'];

test('what costs a system call is done for a process, which goes on in user mode; nothing else is', () => {
  const callNs = 1_000_000;
  const machine = machineOf('linux-x86_64', 256, {}, { mmu: { kpti: true }, costs: { syscallNs: callNs } });
  const kinds = Object.entries(EVENT_KINDS).filter(([name]) => name !== 'access');
  const calls = (isCall: (session: Session, kind: KindName) => boolean): string[] =>
    kinds.map(([name]) => name).filter((name) => isCall(inUserMode(machine), name as KindName));
  const eventOf = (kind: KindName): Step =>
    ({
      kind,
      ...Object.fromEntries(Object.keys(EVENT_KINDS[kind].fields).map((field) => [field, 1])),
    }) as Step;
  const costACall = calls((session, kind) => session.do(eventOf(kind)).latencyNs >= callNs);
  const madeInUserMode = calls((session, kind) => {
    session.given(KERNEL_READ);
    // Out of the kernel, in again, and out; or none of these.
    return switchesOf(session, eventOf(kind)) >= 2;
  });
  expect(madeInUserMode).toEqual(costACall.filter((name) => !ON_ITS_OWN.includes(name)));
});
