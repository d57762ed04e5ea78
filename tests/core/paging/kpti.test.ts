/** Page-table isolation: what it costs and when, and that it changes nothing but time and what TLBs hold. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pageFaultErrorCode } from '../../../core/access/error-code.ts';
import { DEFAULT_COSTS } from '../../../core/base/cost.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { EXECUTE, KERNEL_MODE, OPERATION_MASK, READ, WRITE } from '../../../core/event/access-mode.ts';
import { EVENT_KINDS, type KindName } from '../../../core/event/kinds.ts';
import { PROT_EXEC } from '../../../core/event/mmap-flags.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import { fold } from '../../../core/fold/fold.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { type CounterName, countersOf } from '../../../core/outcome/counters.ts';
import { ADDRESS_SHIFT, ADDRESS_USER, ADDRESS_VIRTUAL, TLB_MASK } from '../../../core/outcome/outcome.ts';
import { PTE_GLOBAL } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/table-walk.ts';
import { TABLE } from '../../../core/paging/tables.ts';
import { CPU } from '../../../core/state/cpus.ts';
import type { MmuOptions } from '../../../core/tlb/options.ts';
import { batchOfRows, type Row, randomEvents } from '../../generators/random-events.ts';
import { atDepth } from '../../support/depth.ts';
import {
  access,
  HIGH,
  kmalloc,
  machineOf,
  mmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  Session,
  type Step,
} from '../../support/rows.ts';

const isolated = (mmu: Partial<MmuOptions> = {}): Machine =>
  machineOf('linux-x86_64', 256, { cpus: 4 }, { mmu: { kpti: true, ...mmu } });

/** How many writes of CR3 a step takes, and how long they are. */
function switchesOf(session: Session, step: Step): number {
  const before = session.counter('kptiSwitches');
  session.do(step);
  return session.counter('kptiSwitches') - before;
}

const KERNEL_READ = access(9, 0, 8, READ | KERNEL_MODE);
const USER_READ = access(1, 0, 8);

/** Process 1 in user mode, with a page that it has written, and a kernel object. */
function inUserMode(machine: Machine): Session {
  return new Session(machine).given(
    ...RUNNING,
    kmalloc(9, 64),
    mmap(1, 8 * PAGE, RW),
    access(1, 0, 8, WRITE),
  );
}

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

/** Addresses that do not depend on the frame behind them. */
const MAPPED: readonly number[] = [ADDRESS_USER, ADDRESS_VIRTUAL];

/** What isolation may change. */
const ITS_OWN: readonly CounterName[] = ['kptiSwitches', 'tlbFlushes'];
const OF_TLBS: readonly CounterName[] = [
  ...(['l1Hits', 'l2Hits', 'walks', 'walkReferences', 'walkCacheHits', 'dirtyAssists'] as const),
  ...(['fetchL2Hits', 'kernelL2Hits', 'kernelFetchL2Hits'] as const),
  ...(['fetchWalks', 'kernelWalks', 'kernelFetchWalks'] as const),
  ...([1, 2, 3, 4, 5] as const).map((level) => `walkReadsLevel${level}` as const),
];
const OF_FRAMES: readonly CounterName[] = [
  ...(['pageTablePages', 'pageTablePagesPeak', 'buddySplits', 'buddyMerges', 'lowFreeLowest'] as const),
  ...(['pcpRefills', 'pcpDrainedBlocks', 'migrateTypeFallbacks'] as const),
];

test.each([true, false])(
  'the same trace with and without it, PCID %s: other TLB hits and times, nothing else',
  (pcid) => {
    const boot = (kpti: boolean): Machine =>
      machineOf('linux-x86_64', 1024, { cpus: 4 }, { mmu: { kpti, pcid } });
    const [off, on] = [boot(false), boot(true)];
    const property = fc.property(randomEvents(400, undefined, 0), (rows) => {
      const batch = batchOfRows(rows.filter(isTimeOfNoFrame).map(withoutKernelFetch));
      const [without, with_] = [fold(off, batch), fold(on, batch)];
      for (let at = 0; at < batch.count; at++) {
        const facts = ({ outcomes: { status, flags, vpn } }: typeof without) => [
          status[at],
          flags[at]! & ~TLB_MASK,
          // Which frame is given, and so its logical and bus address, depends on the pages of the roots.
          MAPPED.includes(flags[at]! >> ADDRESS_SHIFT) ? vpn[at] : 0,
        ];
        expect(facts(with_), `event ${at}`).toEqual(facts(without));
      }
      expect(unchanged(with_.machine)).toEqual(unchanged(without.machine));
      expect(nsExplained(with_.machine)).toBe(nsExplained(without.machine));
      expect(checkMachine(with_.machine)).toEqual([]);
    });
    fc.assert(property, { numRuns: atDepth({ quick: 3, full: 8 }), endOnFailure: true });
  },
);

/** How many physical runs a list of pages is mapped as depends on the frames. */
function isTimeOfNoFrame([code]: Row): boolean {
  return code !== EVENT_KINDS.dma_map_sg.code;
}

/** The kernel runs no user code with isolation: that is no other time, but another outcome. */
function withoutKernelFetch(row: Row): Row {
  const [code, cpu, thinkNs, object, offset, size, mode] = row;
  const isFetch = code === EVENT_KINDS.access.code && (mode & OPERATION_MASK) === EXECUTE;
  return isFetch ? [code, cpu, thinkNs, object, offset, size, mode & ~KERNEL_MODE] : row;
}

function unchanged({ counters }: Machine): Partial<Record<CounterName, number>> {
  const mayDiffer = [...ITS_OWN, ...OF_TLBS, ...OF_FRAMES];
  return Object.fromEntries(
    Object.entries(countersOf(counters)).filter(([name]) => !mayDiffer.includes(name as CounterName)),
  );
}

/** All cpus' time, less what CR3 and the TLBs took of it. */
function nsExplained(machine: Machine): number {
  const { kptiSwitches, l2Hits, walkReferences } = countersOf(machine.counters);
  const { cr3WriteNs, l2TlbHitNs, walkReferenceNs } = DEFAULT_COSTS;
  let ns = -kptiSwitches * cr3WriteNs - l2Hits * l2TlbHitNs - walkReferences * walkReferenceNs;
  for (let cpu = 0; cpu < 4; cpu++) ns += machine.cpus.get(cpu, CPU.clockNs);
  return ns;
}
