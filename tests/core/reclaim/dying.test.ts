/** What the OOM killer's victim does until it is gone, and what who asks for memory does meanwhile. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { type Batch, batchOf } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MAP_POPULATE } from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import { Dying } from '../../../core/reclaim/dying.ts';
import { eventOf, MIB, machineOf, mmap, PAGE, pages, RUNNING, RW, Session } from '../../support/rows.ts';
import { pagesOf, within } from './looks.ts';

const MS = 1_000_000;

/** 32 MiB of high memory, most of which process 1 has; process 2 runs. What a page of its address space takes. */
function crowded(pteNs: number, cpus = 1): Session {
  const layout = { cpus, highmemBytes: 32n << 20n };
  const session = new Session(machineOf('3g1g', 96, layout, { reclaim: {}, costs: { pteNs } }));
  session.given(...RUNNING, mmap(1, 20 * MIB, RW | MAP_POPULATE));
  return session.given({ kind: 'spawn', pid: 2 }, { kind: 'switch', pid: 2 });
}

const BATCH = 8;

/** Some pages, one by one. */
function someOf(object: number, gfp: number): Batch {
  return batchOf(Array.from({ length: BATCH }, (_, i) => eventOf(pages(object + i, 0, gfp))));
}

/** What happened when process 2 took low memory until there was none: rounds of reclaim before each that was killed, and after the last. */
function eatLowMemory(session: Session): { rounds: number[]; killed: number[] } {
  const rounds = [0];
  const killed: number[] = [];
  const watch = {
    direct: () => void rounds.push(rounds.pop()! + 1),
    killed: (pid: number) => {
      killed.push(pid);
      rounds.push(0);
    },
  };
  for (let object = 1000; session.machine.records.processes[2] !== undefined; object += BATCH)
    session.machine = fold(session.machine, someOf(object, GFP_KERNEL), { watch }).machine;
  return { rounds, killed };
}

describe('who asks for low memory', () => {
  /** should_reclaim_retry() says 16 times that it may help. */
  const ROUNDS = 17;

  test.each([
    { what: 'one that dies at once', pteNs: 0, rounds: ROUNDS },
    {
      what: 'one that takes 40 ms for it, of 80 on a cpu that they share',
      pteNs: 8_000,
      rounds: 10 * ROUNDS,
    },
  ])('reclaims at least $rounds times before somebody dies after $what', ({ pteNs, rounds }) => {
    const { rounds: told, killed } = eatLowMemory(crowded(pteNs));
    expect(killed).toEqual([1, 2]);
    expect(told[1]).toBeGreaterThanOrEqual(rounds);
    // Each time it is asked who is to be killed, and nobody is as long as somebody dies.
    expect(told[1]! % ROUNDS).toBe(0);
  });

  test('reclaims as long, where the victim has a cpu of its own', () => {
    expect(eatLowMemory(crowded(8_000, 2)).rounds[1]).toBeGreaterThan(ROUNDS);
  });

  test('finds it gone when its event is over', () => {
    const session = crowded(8_000);
    const before = freePagesOf(session.machine, 2);
    for (let object = 1000; session.counter('oomKills') === 0; object += BATCH)
      session.machine = fold(session.machine, someOf(object, GFP_KERNEL)).machine;
    expect(freePagesOf(session.machine, 2)).toBeGreaterThanOrEqual(before + pagesOf(20) - 64);
    expect(session.machine.records.processes[1]).toBeUndefined();
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('the victim', () => {
  test('gives up as much as it has time for, then itself', () => {
    const session = crowded(1_000);
    within(session, (draft) => {
      const before = freePagesOf(draft, 2);
      const dying = new Dying(draft, 1, 0);
      dying.run(draft, 2 * MS);
      const freed = freePagesOf(draft, 2) - before;
      // 32 at a time, of which some are on per-cpu lists.
      expect(freed).toBeGreaterThan(2_000 - 200);
      expect(freed).toBeLessThanOrEqual(2_000 + 32);
      expect([dying.isGone, draft.extraNs]).toEqual([false, 0]);
      expect(draft.records.process(1)).toBeDefined();
      dying.run(draft, Number.POSITIVE_INFINITY);
      expect(dying.isGone).toBe(true);
      expect(draft.records.process(1)).toBeUndefined();
    });
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('takes no longer for what it never touched', () => {
    const session = crowded(1_000).given({ kind: 'switch', pid: 1 }, mmap(2, 1024 * MIB));
    within(session, (draft) => {
      const dying = new Dying(draft, 1, 0);
      dying.run(draft, Number.POSITIVE_INFINITY);
      expect(dying.clockNs).toBeLessThan((pagesOf(20) + 1) * 1_000 + pagesOf(20) / 32 + PAGE);
    });
  });
});
