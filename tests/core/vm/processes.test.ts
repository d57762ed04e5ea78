/** Processes, mappings, faults, sharing and TLBs against a naive kernel, event by event. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { eventAt, sliceBatch } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { countersOf } from '../../../core/outcome/counters.ts';
import { FAULT_MASK, FAULT_SHIFT, FAULTS, type Outcomes, STATUSES } from '../../../core/outcome/outcome.ts';
import { PTE_DIRTY, PTE_LARGE, PTE_RW, pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf, pageSpan } from '../../../core/paging/table-walk.ts';
import type { MmuOptions } from '../../../core/tlb/options.ts';
import { MMU_PRESETS } from '../../../core/tlb/presets.ts';
import { hugeEvents, neighbourEvents } from '../../generators/huge-events.ts';
import { anyMmu, withMmu } from '../../generators/mmu-options.ts';
import { batchOfRows, forStreams, type Row, randomEvents } from '../../generators/random-events.ts';
import { NaiveKernel, type NaiveOutcome, USER_KINDS } from '../../models/naive-kernel.ts';
import { atDepth } from '../../support/depth.ts';
import { eventOf, machineOf, RUNNING, Session, starve } from '../../support/rows.ts';

/** Small enough that entries fall out of every level. */
const TINY_TLBS = {
  l1i: { sets: 1, ways: 2 },
  l1d: { sets: 2, ways: 2 },
  l2: { sets: 4, ways: 3 },
  pdeCache: { sets: 1, ways: 2 },
};

const MACHINES: readonly [string, Machine][] = [
  ['linux-3g1g', machineOf('linux-3g1g', 1024, { cpus: 4 }, { mmu: TINY_TLBS })],
  ['linux-3g1g-pae', machineOf('linux-3g1g-pae', 1024, { cpus: 4 })],
  ['linux-x86_64 with PCID', machineOf('linux-x86_64', 1024, { cpus: 4 }, { mmu: TINY_TLBS })],
  ['linux-x86_64 without', machineOf('linux-x86_64', 1024, { cpus: 4 }, { mmu: { pcid: false } })],
];

describe.each(MACHINES)('%s', (_name, boot) => {
  test('every event has the outcome of the naive kernel, and memory and counters end up the same', () => {
    forStreams(
      randomEvents(700, USER_KINDS, 0),
      atDepth({ quick: 2, full: 12, long: 40 }),
      (rows) => void expectAgreement(boot, rows),
    );
  });
});

describe('the same holds', () => {
  const forAnyMmu = (name: string, fixed: Partial<MmuOptions>): void => {
    const boot = machineOf(name, 1024, { cpus: 4 });
    const machines = anyMmu(fixed).map((options) => withMmu(boot, options));
    const property = fc.property(machines, randomEvents(400, USER_KINDS, 0), (machine, rows) => {
      expectAgreement(machine, rows);
    });
    fc.assert(property, { numRuns: atDepth({ quick: 2, full: 4, long: 24 }), endOnFailure: true });
  };
  // Isolation takes page tables of three levels at least.
  const isolating = atDepth({
    quick: ['linux-x86_64'],
    full: ['linux-3g1g-pae', 'linux-x86_64', 'linux-x86_64-la57'],
  });

  test.each(['linux-3g1g', ...isolating])('with any TLBs and walk caches: %s', (name) => forAnyMmu(name, {}));

  test.each(isolating)('with page-table isolation: %s', (name) => forAnyMmu(name, { kpti: true }));
});

describe('with huge pages', () => {
  const forHuge = (name: string, options: MachineOptions, events = hugeEvents(400)): void => {
    // Endless, as far as the naive kernel knows.
    const boot = machineOf(name, 3072, { cpus: 4 }, options);
    const runs = atDepth({ quick: 2, full: 4, long: 200 });
    forStreams(events, runs, (rows) => void expectAgreement(boot, rows));
  };

  test.each(['linux-3g1g', 'linux-3g1g-pae', 'linux-x86_64', 'linux-x86_64-la57'])('always: %s', (name) =>
    forHuge(name, { thp: 'always', mmu: TINY_TLBS }),
  );

  test.each(['linux-3g1g-pae', 'linux-x86_64'])('of several objects: %s', (name) =>
    forHuge(name, { thp: 'always', mmu: TINY_TLBS }, neighbourEvents(400)),
  );

  test('where madvise asks for them', () => forHuge('linux-x86_64', { thp: 'madvise' }));

  test('with TLBs of their own and page-table isolation', () => {
    const mmu = { ...MMU_PRESETS.skylake!.options, kpti: true };
    forHuge('linux-3g1g-pae', { thp: 'always', mmu });
  });
});

describe('when memory runs out', () => {
  /** What allocates pages one by one. */
  const KINDS = USER_KINDS.filter((kind) => !['spawn', 'fork', 'clone', 'exec', 'exit'].includes(kind));

  test.each(['linux-3g1g', 'linux-3g1g-pae', 'linux-x86_64'])('%s', (name) => {
    const boot = machineOf(name, 96, { cpus: 4 }, { mmu: TINY_TLBS });
    const running = new Session(boot).given(...RUNNING).machine;
    const seen = new Set<string>();
    for (const left of [3, 40, 250]) {
      // Of the events of both: process 1 is there, and runs.
      const starved = starve(running, left);
      forStreams(randomEvents(250, KINDS, 0), atDepth({ quick: 2, full: 4 }), (rows) => {
        const naive = new NaiveKernel(boot.platform);
        for (const step of RUNNING) naive.apply(eventOf(step));
        naive.memory.limit = naive.memory.used() + left;
        for (const status of expectAgreement(starved, rows, naive)) seen.add(status);
      });
    }
    expect(seen).toContain('out-of-memory');
  });
});

/** Folds the events one by one, and all at once. Returns what became of them. */
function expectAgreement(boot: Machine, rows: Row[], naive = new NaiveKernel(boot.platform)): string[] {
  const batch = batchOfRows(rows);
  const statuses: string[] = [];
  let stepwise = boot;
  for (let at = 0; at < batch.count; at++) {
    const { machine, outcomes } = fold(stepwise, sliceBatch(batch, at, at + 1));
    stepwise = machine;
    const event = eventAt(batch, at)!;
    const expected = naive.apply(event);
    // Only accesses tell their faults; populating a mapping has some too.
    const told = event.kind === 'access' ? expected : { ...expected, fault: 'none' };
    const found = outcomeOf(outcomes);
    if (!isSame(found, told)) expect(found, `event ${at}: ${JSON.stringify(event)}`).toEqual(told);
    statuses.push(expected.status);
  }
  for (const machine of [stepwise, fold(boot, batch).machine]) {
    expectSameMemory(machine, naive);
    expectSameCounters(machine, naive);
    expect(checkMachine(machine)).toEqual([]);
  }
  return statuses;
}

/** Of every event and every page: `expect` takes longer than what it checks here. */
function isSame<T extends object>(one: T, other: T): boolean {
  return (Object.keys(one) as (keyof T)[]).every((key) => one[key] === other[key]);
}

function outcomeOf({ status, flags, vpn }: Outcomes): NaiveOutcome {
  return {
    status: STATUSES[status[0]!]!.name,
    vpn: vpn[0]!,
    fault: FAULTS[(flags[0]! & FAULT_MASK) >> FAULT_SHIFT]!.name,
  };
}

/** The same mappings; the same pages present, writable and dirty; and one frame wherever there is one content. */
function expectSameMemory(machine: Machine, naive: NaiveKernel): void {
  const { processes, mms } = machine.records;
  expect(Object.keys(processes).map(Number)).toEqual([...naive.processes.keys()].sort((a, b) => a - b));
  const frameOf = new Map<string, number>();
  const contentOf = new Map<number, string>();
  for (const [pid, { mappings, pages, huge }] of naive.processes) {
    const mm = mms[processes[pid]!.mm]!;
    const expected = mappings.slice().sort((a, b) => a.start - b.start);
    expect(
      mm.vmas
        .toArray()
        .map((vma) => [vma.startVpn, vma.nrPages, vma.object, vma.objectPage, vma.prot, vma.flags]),
    ).toEqual(
      expected.map((one) => [
        one.start,
        one.end - one.start,
        one.object,
        one.objectPage,
        one.prot,
        one.flags,
      ]),
    );
    for (const { start, end } of mappings) {
      for (let vpn = start; vpn < end; vpn++) {
        const { pte, level } = findLeaf(machine, mm.root, vpn);
        const page = pages.get(vpn);
        if ((pte !== 0) !== (page !== undefined))
          throw new Error(`process ${pid} page ${vpn}: present in one only`);
        if (page === undefined) continue;
        if (((pte & PTE_LARGE) !== 0) !== huge.has(naive.huge.firstOf(vpn)))
          throw new Error(`process ${pid} page ${vpn}: of a huge page in one only`);
        const frame = pteFrame(pte) + (vpn % pageSpan(machine.platform.mmu, level));
        const content = contentOf.get(frame) ?? page.content;
        const found = { writable: (pte & PTE_RW) !== 0, dirty: (pte & PTE_DIRTY) !== 0, frame, content };
        const told = { ...page, frame: frameOf.get(page.content) ?? frame };
        if (!isSame(found, told)) expect(found, `process ${pid} page ${vpn}`).toMatchObject(told);
        frameOf.set(page.content, frame);
        contentOf.set(frame, page.content);
      }
    }
  }
}

function expectSameCounters(machine: Machine, { cpus, faults, references, huge }: NaiveKernel): void {
  expect(countersOf(machine.counters)).toMatchObject({
    ...cpus.totals,
    references,
    tlbFlushes: cpus.tlbFlushes,
    shootdowns: cpus.shootdowns,
    kptiSwitches: cpus.kptiSwitches,
    demandZeroFaults: faults.get('demand-zero') ?? 0,
    zeroPageFaults: faults.get('zero-page') ?? 0,
    copyOnWriteFaults: faults.get('copy-on-write') ?? 0,
    fileMinorFaults: faults.get('file-minor') ?? 0,
    fileMajorFaults: faults.get('file-major') ?? 0,
    thpFaultAlloc: huge.made,
    thpSplitPmd: huge.splits,
  });
}
