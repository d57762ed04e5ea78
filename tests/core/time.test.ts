/** Simulated time: what events cost, and whose clock pays. */
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../core/event/access-mode.ts';
import { type Batch, batchOf } from '../../core/event/batch.ts';
import { fold } from '../../core/fold/fold.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { CPU } from '../../core/state/cpus.ts';
import { pc } from '../support/pc.ts';
import { access, eventOf, kmalloc, mmap, PAGE, RUNNING, RW, Session } from '../support/rows.ts';

describe('time', () => {
  const clock = ({ cpus }: Machine, cpu = 0): number => cpus.get(cpu, CPU.clockNs);

  test('a cpu spends what it thinks and what its events take, and no other cpu does', () => {
    const session = new Session(pc);
    const { latencyNs } = session.do({ ...kmalloc(1, 8), cpu: 2, thinkNs: 1000 });
    expect(latencyNs).toBe(pc.platform.costs.kmallocNs);
    expect([0, 1, 2, 3].map((cpu) => clock(session.machine, cpu))).toEqual([0, 0, 1000 + latencyNs, 0]);
  });

  test('an access costs the access, the walk, the fault and the page', () => {
    const { accessNs, walkReferenceNs, faultNs, clearPageNs, copyPageNs, diskReadNs, l2TlbHitNs } =
      pc.platform.costs;
    const session = new Session(pc).given(
      ...RUNNING,
      mmap(1, 64 * 16 * PAGE),
      { kind: 'file', file: 1, length: PAGE },
      mmap(2, PAGE, RW, 1),
    );
    const before = clock(session.machine);
    const latencies = [
      access(1, 0, 8, WRITE),
      access(1, 0, 8, WRITE),
      access(1, PAGE, 8),
      access(2, 0, 8),
      access(2, 0, 8, WRITE),
    ].map((step) => session.do(step).latencyNs);
    expect(latencies).toEqual([
      accessNs + 2 * walkReferenceNs + faultNs + clearPageNs,
      accessNs,
      accessNs + walkReferenceNs + faultNs,
      accessNs + 2 * walkReferenceNs + faultNs + diskReadNs,
      accessNs + faultNs + copyPageNs,
    ]);
    expect(clock(session.machine) - before).toBe(latencies.reduce((sum, ns) => sum + ns, 0));
    for (const page of [16, 32, 48, 64]) session.do(access(1, page * PAGE, 8));
    expect(session.do(access(1, 0, 8))).toMatchObject({ tlb: 'l2', latencyNs: accessNs + l2TlbHitNs });
  });

  test('for a kind that it does not know, only think time passes', () => {
    const batch: Batch = { ...batchOf([eventOf({ kind: 'exit', thinkNs: 700 })]), kind: Uint8Array.of(99) };
    const { machine, outcomes } = fold(pc, batch);
    expect([outcomes.status[0], outcomes.latencyNs[0]]).toEqual([0, 0]);
    expect(clock(machine)).toBe(700);
  });
});
