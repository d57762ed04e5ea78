/** ASIDs by generations: the kernel's algorithm beside a plain one, what it is for, and what it does to TLBs. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { CLONE_VM } from '../../../core/event/clone-flags.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { COUNTER } from '../../../core/outcome/counters.ts';
import { forgetContext, switchContext } from '../../../core/paging/asid-generations.ts';
import { CPUS_VAR } from '../../../core/state/cpus.ts';
import { atDepth } from '../../support/depth.ts';
import { access, machineOf, mmap, PAGE, RUNNING, RW, Session, type Step } from '../../support/rows.ts';

const CPUS = 3;
const BITS = 3;

function withBits(machine: Machine, asidBits: number): Machine {
  const { platform } = machine;
  return { ...machine, platform: { ...platform, mmu: { ...platform.mmu, asidBits } } };
}

/** The same as sets and maps: ids are generation * 8 + ASID, as one number, as the kernel keeps them. */
class NaiveAsids {
  private generation = 1;
  private last = 1;
  private used = new Set<number>();
  readonly ids = new Map<number, number>();
  private readonly active = new Array<number>(CPUS).fill(0);
  private readonly reserved = new Array<number>(CPUS).fill(0);
  private readonly stale = new Array<boolean>(CPUS).fill(false);

  /** Whether the cpu empties its TLBs. */
  run(cpu: number, mm: number): boolean {
    const id = this.ids.get(mm) ?? 0;
    if (id >> BITS !== this.generation) this.ids.set(mm, this.renewed(id));
    const wasStale = this.stale[cpu]!;
    this.stale[cpu] = false;
    this.active[cpu] = this.ids.get(mm)!;
    return wasStale;
  }

  private renewed(id: number): number {
    const same = (this.generation << BITS) + (id % 2 ** BITS);
    const holders = id === 0 ? [] : this.reserved.flatMap((one, cpu) => (one === id ? [cpu] : []));
    for (const cpu of holders) this.reserved[cpu] = same;
    const isFree = id !== 0 && !this.used.has(id % 2 ** BITS);
    if (holders.length === 0 && !isFree) return this.fresh();
    this.used.add(id % 2 ** BITS);
    return same;
  }

  private fresh(): number {
    const from = (first: number): number | undefined =>
      [...Array(2 ** BITS).keys()].find((asid) => asid >= first && !this.used.has(asid));
    let asid = from(this.last);
    if (asid === undefined) {
      this.generation++;
      this.active.forEach((id, cpu) => {
        if (id !== 0) this.reserved[cpu] = id;
        this.active[cpu] = 0;
        this.stale[cpu] = true;
      });
      this.used = new Set(this.reserved.map((id) => id % 2 ** BITS));
      asid = from(1)!;
    }
    this.used.add(asid);
    this.last = asid;
    return (this.generation << BITS) + asid;
  }
}

const booted = withBits(machineOf('linux-arm-3g1g', 64, { cpus: CPUS }), BITS);
const steps = fc.array(
  fc.record({ cpu: fc.nat(CPUS - 1), mm: fc.integer({ min: 1, max: 12 }), ends: fc.nat(9) }),
  { maxLength: 300, size: 'max' },
);

/** The number that an address space has now. */
const asidIn = (draft: Draft, mm: number): number => draft.asidContexts.get(mm, 1);
const isStale = (draft: Draft, cpu: number): boolean => draft.asidCpus.get(cpu, 4) !== 0;

function draftOf(): Draft {
  const draft = new Draft(booted);
  draft.vars[CPUS_VAR.cpus] = CPUS;
  // Cpus that have translated something have TLBs.
  for (let cpu = 0; cpu < CPUS; cpu++) draft.tlbs.give(cpu, draft.platform.mmu.tlb.create());
  return draft;
}

describe('with seven ASIDs on three cpus', () => {
  test('each address space has the number that the kernel gives it, and TLBs are emptied when it empties them', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const [draft, naive] = [draftOf(), new NaiveAsids()];
        for (const { cpu, mm, ends } of all) {
          if (ends === 0) {
            forgetContext(draft, mm);
            naive.ids.delete(mm);
          }
          const flushes = draft.counters[COUNTER.tlbFlushes]!;
          switchContext(draft, cpu, mm);
          const isEmptied = naive.run(cpu, mm);
          expect(asidIn(draft, mm)).toBe(naive.ids.get(mm)! % 2 ** BITS);
          expect(draft.counters[COUNTER.tlbFlushes]! > flushes).toBe(isEmptied);
          expect(isStale(draft, cpu)).toBe(false);
        }
      }),
      { numRuns: atDepth({ quick: 20, full: 60 }) },
    );
  });

  test('between two emptyings of its TLBs no cpu sees a number stand for two address spaces', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const draft = draftOf();
        const naive = new NaiveAsids();
        const seen = Array.from({ length: CPUS }, () => new Map<number, number>());
        for (const { cpu, mm } of all) {
          switchContext(draft, cpu, mm);
          if (naive.run(cpu, mm)) seen[cpu]!.clear();
          const asid = asidIn(draft, mm);
          expect(asid).toBeGreaterThan(0);
          expect(seen[cpu]!.get(asid) ?? mm).toBe(mm);
          seen[cpu]!.set(asid, mm);
        }
      }),
      { numRuns: atDepth({ quick: 20, full: 60 }) },
    );
  });
});

/** `count` processes touch their page in turn, and then the first one does once more. */
function lastOf(machine: Machine, count: number): 'known' | 'walk' {
  const pids = Array.from({ length: count - 1 }, (_, i) => i + 2);
  const session = new Session(machine).given(...RUNNING, mmap(1, PAGE, RW), access(1, 0, 8));
  session.given(...pids.map((pid): Step => ({ kind: 'fork', pid })), access(1, 0, 8));
  for (const pid of pids) session.given({ kind: 'switch', pid }, access(1, 0, 8));
  session.given({ kind: 'switch', pid: 1 });
  const { tlb } = session.do(access(1, 0, 8));
  expect(checkMachine(session.machine)).toEqual([]);
  return tlb === 'walk' ? tlb : 'known';
}

describe('an address space that comes back', () => {
  test.each([
    ['linux-x86_64', 6, 'known'],
    ['linux-x86_64', 7, 'walk'],
    ['linux-arm-3g1g', 7, 'known'],
    ['linux-arm64-48', 7, 'known'],
  ])('%s, as one of %i: %s', (layout, count, tlb) => {
    expect(lastOf(machineOf(layout, 128), count)).toBe(tlb);
  });

  test.each([
    [7, 'known'],
    [8, 'walk'],
  ])('with seven ASIDs, as one of %i: %s', (count, tlb) => {
    expect(lastOf(withBits(machineOf('linux-arm-3g1g', 128), BITS), count)).toBe(tlb);
  });

  test('one cpu of ARM tells the others by itself: nobody is interrupted', () => {
    const shootdowns = (layout: string): number => {
      const session = new Session(machineOf(layout, 128, { cpus: 2 }));
      session.given(
        ...RUNNING,
        mmap(1, PAGE, RW),
        { kind: 'clone', pid: 2, cloneFlags: CLONE_VM },
        access(1, 0, 8, 1),
      );
      session.given(
        { kind: 'switch', pid: 2, cpu: 1 },
        { ...access(1, 0, 8), cpu: 1 },
        { kind: 'munmap', object: 1, offset: 0, length: PAGE },
      );
      return session.counter('shootdowns');
    };
    expect([
      shootdowns('linux-x86_64') > 0,
      shootdowns('linux-arm-3g1g'),
      shootdowns('linux-arm64-48'),
    ]).toEqual([true, 0, 0]);
  });
});
