/** The OOM killer: who is chosen, by what score, and for whose request (mm/oom_kill.c, v6.1). */

import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import {
  __GFP_DMA,
  __GFP_DMA32,
  __GFP_FS,
  __GFP_NORETRY,
  __GFP_RETRY_MAYFAIL,
  GFP_ATOMIC,
  GFP_KERNEL,
} from '../../../core/event/gfp.ts';
import { MAP_POPULATE, MAP_SHARED, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import { killProcess, oomBadness, selectBadProcess } from '../../../core/reclaim/oom.ts';
import { RECLAIM_VAR } from '../../../core/reclaim/state.ts';

import { access, MIB, mmap, PAGE, pages, RUNNING, RW, type Session, type Step } from '../../support/rows.ts';
import { frameOf, look, pagesOf, reclaiming, run, touchAll, within } from './looks.ts';

/** Tables of a process that maps a few pages near each other on x86-64: one of each level. */
const TABLES = 4;

describe('the score of a process', () => {
  const score = ({ machine }: Session, pid = 1): number =>
    oomBadness(machine, machine.records.mms[machine.records.processes[pid]!.mm]!.root);

  test.each<{ what: string; steps: readonly Step[]; points: number }>([
    { what: 'nothing mapped: its root table', steps: [], points: 1 },
    { what: 'mapped, but never touched', steps: [mmap(1, MIB)], points: 1 },
    { what: 'two pages of its own', steps: [mmap(1, 2 * PAGE, RW | MAP_POPULATE)], points: TABLES + 2 },
    { what: 'the zero page is nobody’s', steps: [mmap(1, MIB), access(1, 0, 8, READ)], points: TABLES },
    {
      what: 'pages of files and of shared memory',
      steps: [
        { kind: 'file', file: 1, length: MIB },
        mmap(1, 3 * PAGE, PROT_READ | MAP_POPULATE, 1),
        mmap(2, 2 * PAGE, RW | MAP_SHARED | MAP_POPULATE),
      ],
      points: TABLES + 5,
    },
  ])('$what: $points', ({ steps, points }) => {
    expect(score(reclaiming().given(...RUNNING, ...steps))).toBe(points);
  });

  test('pages in the swap area count as those in memory', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, 2 * PAGE, RW | MAP_POPULATE));
    for (let times = 0; times < 2; times++) look(session, frameOf(session, 1, 1));
    expect(session.machine.vars[PAGES_VAR.swapUsed]).toBe(1);
    expect(score(session)).toBe(TABLES + 2);
  });

  test('a shared page counts for each who maps it', () => {
    const session = reclaiming().given(...RUNNING, mmap(1, 2 * PAGE, RW | MAP_POPULATE));
    session.given({ kind: 'fork', pid: 2 });
    expect([score(session, 1), score(session, 2)]).toEqual([TABLES + 2, TABLES + 2]);
  });
});

describe('who is chosen', () => {
  /** Processes 1, 2, ... of so many pages. */
  const crowd = (...nrPages: readonly number[]): Session => {
    const session = reclaiming();
    nrPages.forEach((count, i) => {
      session.given({ kind: 'spawn', pid: i + 1 }, { kind: 'switch', pid: i + 1 });
      session.given(mmap(i + 1, count * PAGE, RW | MAP_POPULATE));
    });
    return session;
  };

  test.each([
    { nrPages: [10, 30, 20], chosen: 2 },
    { nrPages: [30, 10, 30], chosen: 3 },
    { nrPages: [], chosen: 0 },
  ])('of processes of $nrPages pages: $chosen', ({ nrPages, chosen }) => {
    expect(within(crowd(...nrPages), selectBadProcess)).toBe(chosen);
  });

  /** The event says it without a sign: 1000 is 0. */
  const adjust = (pid: number, adj: number): Step => ({ kind: 'oom_score_adj', pid, adj: adj + 1000 });

  test.each<{ what: string; steps: readonly Step[]; chosen: number }>([
    { what: 'the largest', steps: [], chosen: 2 },
    { what: 'one that is to go first', steps: [adjust(1, 300)], chosen: 1 },
    { what: 'another than one that is spared', steps: [adjust(2, -1000)], chosen: 3 },
    {
      what: 'the largest again, once it is not spared any more',
      steps: [adjust(2, -1000), adjust(2, 0)],
      chosen: 2,
    },
    {
      what: 'the largest, if another one is not to go first any more',
      steps: [adjust(1, 300), adjust(1, 0)],
      chosen: 2,
    },
  ])('$what, whether it is told in one batch or in several', ({ steps, chosen }) => {
    const [together, apart] = [crowd(10, 30, 20), crowd(10, 30, 20)];
    run(together, steps);
    for (const step of steps) apart.given(step);
    expect([together, apart].map((session) => within(session, selectBadProcess))).toEqual([chosen, chosen]);
    expect(apart.machine.records).toEqual(together.machine.records);
  });

  test('whoever shares the address space of the victim goes too', () => {
    const session = crowd(30, 10).given(
      { kind: 'switch', pid: 1 },
      { kind: 'clone', pid: 3, cloneFlags: 0x100 },
    );
    within(session, (draft) => killProcess(draft, 1));
    expect(Object.keys(session.machine.records.processes)).toEqual(['2']);
    expect(session.counter('oomKills')).toBe(1);
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('memory that has run out', () => {
  /** Process 2 has most of memory, process 1 some, and runs. */
  const crowded = () => {
    const session = reclaiming(0).given(...RUNNING, mmap(1, 4 * MIB));
    touchAll(session, 1, pagesOf(4));
    session.given({ kind: 'spawn', pid: 2 }, { kind: 'switch', pid: 2, cpu: 1 });
    session.given({ ...mmap(2, 32 * MIB), cpu: 1 });
    run(
      session,
      Array.from({ length: pagesOf(32) }, (_, page) => ({ ...access(2, page * PAGE, 8, WRITE), cpu: 1 })),
    );
    return session;
  };

  test('ends the largest process, not the one that asks', () => {
    const session = crowded().given(mmap(3, 64 * MIB));
    const steps = Array.from({ length: pagesOf(24) }, (_, page) => access(3, page * PAGE, 8, WRITE));
    expect(run(session, steps)).toEqual(new Set(['ok']));
    expect(session.machine.vars[RECLAIM_VAR.oomVictim]).toBe(2);
    expect(Object.keys(session.machine.records.processes)).toEqual(['1']);
    expect(session.status({ ...access(2, 0, 8), cpu: 1 })).toBe('no-object');
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test.each([
    { what: 'must not wait', gfp: GFP_ATOMIC, kills: 0 },
    { what: 'must not enter the file system', gfp: GFP_KERNEL & ~__GFP_FS, kills: 0 },
    { what: 'wants to hear of it', gfp: GFP_KERNEL | __GFP_RETRY_MAYFAIL, kills: 0 },
    { what: 'gives up after one round', gfp: GFP_KERNEL | __GFP_NORETRY, kills: 0 },
    { what: 'wants the lowest zone', gfp: GFP_KERNEL | __GFP_DMA, kills: 0 },
    { what: 'wants a low zone', gfp: GFP_KERNEL | __GFP_DMA32, kills: 0 },
    { what: 'is for more than 8 pages', gfp: GFP_KERNEL, order: 4, kills: 0 },
    { what: 'is for 8 pages', gfp: GFP_KERNEL, order: 3, kills: 1 },
    { what: 'is usual', gfp: GFP_KERNEL, kills: 1 },
  ])('costs $kills processes when a request $what', ({ gfp, order = 0, kills }) => {
    const session = crowded();
    session.repeat(
      (i) => pages(100 + i, order, gfp),
      () => session.counter('oomKills') > 0,
    );
    expect(session.counter('oomKills')).toBe(kills);
  });

  test('on 32 bits there is no DMA32, and a request for it is a usual one', () => {
    const session = reclaiming(0, '3g1g').given(...RUNNING, mmap(1, 16 * MIB, RW | MAP_POPULATE));
    const gfp = GFP_KERNEL | __GFP_DMA32;
    session.repeat(
      (i) => pages(100 + i, 0, gfp),
      () => session.counter('oomKills') > 0,
    );
    expect(session.counter('oomKills')).toBe(1);
  });

  test('kills the one that asks at the end of its event, which fails', () => {
    const session = reclaiming(0).given(...RUNNING, mmap(1, 80 * MIB));
    expect(touchAll(session, 1, pagesOf(80))).toEqual(new Set(['ok', 'oom-killed', 'no-object']));
    expect(session.counter('oomKills')).toBe(1);
    expect(session.machine.records.processes).toEqual({});
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('leaves the child alone that is being made', () => {
    const session = reclaiming(0).given(...RUNNING, mmap(1, 24 * MIB, RW | MAP_POPULATE));
    const chosen = within(session, (draft) => {
      draft.unborn = 1;
      return selectBadProcess(draft);
    });
    expect(chosen).toBe(0);
  });
});
