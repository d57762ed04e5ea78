/** What a store to a page that is mapped read-only does to TLBs, of its own cpu and of others. */
import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../../../core/base/cost.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { CLONE_THREAD, CLONE_VM } from '../../../core/event/clone-flags.ts';
import { DMA_FROM_DEVICE } from '../../../core/event/dma-flags.ts';
import {
  access,
  device,
  dmaMap,
  machineOf,
  mlock,
  mmap,
  PAGE,
  RUNNING,
  Session,
  type Step,
} from '../../support/rows.ts';
import { exit, fork, HUGE, huge, running, switchTo } from '../thp/huge-sessions.ts';

const boot = machineOf('linux-3g1g', 96, { cpus: 3 });
const store: Step = access(1, 0, 8, WRITE);
const load: Step = access(1, 0, 8);
const onCpu = (cpu: number, step: Step): Step => ({ ...step, cpu });
const THREAD = { kind: 'clone', cloneFlags: CLONE_VM | CLONE_THREAD } as const;

/** Process 1 on cpu 0 and a thread of it on cpu 1, both of which have read page 0 of object 1. */
function twoThreads(machine = boot): Session {
  const session = new Session(machine).given(...RUNNING, mmap(1, 2 * PAGE), { ...THREAD, pid: 2 });
  return session.given(onCpu(1, switchTo(2)), load, onCpu(1, load));
}

/** What a step adds to the flushes and the shootdowns. */
function added(session: Session, step: Step): { flushes: number; shootdowns: number } {
  const figures = () => (['tlbFlushes', 'shootdowns'] as const).map((name) => session.counter(name));
  const before = figures();
  session.given(step);
  const [flushes, shootdowns] = figures().map((figure, i) => figure - before[i]!);
  return { flushes: flushes!, shootdowns: shootdowns! };
}

describe('a copy (ptep_clear_flush)', () => {
  test('is flushed from the own cpu alone where no other runs the process', () => {
    const session = new Session(boot).given(...RUNNING, mmap(1, 2 * PAGE), load);
    expect(added(session, store)).toEqual({ flushes: 1, shootdowns: 0 });
    expect(session.do(store)).toMatchObject({ fault: 'none', tlb: 'l1' });
  });

  test('interrupts the cpu that runs a thread, which walks again', () => {
    const session = twoThreads();
    expect(session.do(onCpu(1, load)).tlb).toBe('l1');
    expect(added(session, store)).toEqual({ flushes: 2, shootdowns: 1 });
    expect(session.do(onCpu(1, load))).toMatchObject({ fault: 'none', tlb: 'walk' });
  });

  test('costs the interrupt', () => {
    const { shootdownNs } = DEFAULT_COSTS;
    const alone = new Session(boot).given(...RUNNING, mmap(1, 2 * PAGE), load).do(store).latencyNs;
    expect(twoThreads().do(store).latencyNs).toBe(alone + shootdownNs);
  });

  test('interrupts no cpu that has gone on to another process, but leaves it nothing', () => {
    const machine = machineOf('linux-x86_64', 96, { cpus: 3 });
    const session = twoThreads(machine).given({ kind: 'spawn', pid: 3 }, onCpu(1, switchTo(3)));
    expect(added(session, store)).toEqual({ flushes: 2, shootdowns: 0 });
    session.given(onCpu(1, switchTo(2)));
    expect(session.do(onCpu(1, load)).tlb).toBe('walk');
  });

  test('is flushed as well when the first half of a reference copies, and the second may not', () => {
    const session = new Session(boot).given(...RUNNING, mmap(1, PAGE), load);
    expect(session.status(access(1, PAGE - 1, 2, WRITE))).toBe('no-mapping');
    expect(session.counter('tlbFlushes')).toBe(1);
  });

  test.each<[string, Step]>([
    ['mlock', mlock(1, 0, PAGE)],
    ['a device that is to write', dmaMap('sg', 1, 1, 0, 8, DMA_FROM_DEVICE)],
  ])('is flushed when %s asks for it', (_, step) => {
    const session = twoThreads().given(device(1, 32));
    expect(added(session, step)).toEqual({ flushes: 2, shootdowns: 1 });
    for (const cpu of [0, 1]) expect(session.do(onCpu(cpu, load)).tlb).toBe('walk');
    expect(checkMachine(session.machine)).toEqual([]);
  });
});

describe('a page that is the process’s own again (ptep_set_access_flags)', () => {
  const reused = () => {
    const session = new Session(boot).given(...RUNNING, mmap(1, PAGE), store, fork(2), switchTo(2), exit);
    return session.given(switchTo(1), { ...THREAD, pid: 3 }, onCpu(1, switchTo(3)), load, onCpu(1, load));
  };

  test('is flushed nowhere', () => {
    const session = reused();
    expect(added(session, store)).toEqual({ flushes: 0, shootdowns: 0 });
    expect(session.do(onCpu(1, store))).toMatchObject({ fault: 'none', tlb: 'l1' });
  });
});

describe('a huge page', () => {
  const offset = huge(running());
  const hugeStore = access(1, offset, 8, WRITE);

  test('that is the process’s own again is flushed nowhere (pmdp_set_access_flags)', () => {
    const session = running().given(hugeStore, fork(2), switchTo(2), exit, switchTo(1));
    session.given({ ...THREAD, pid: 3 }, onCpu(1, switchTo(3)), access(1, offset, 8));
    session.given(onCpu(1, access(1, offset, 8)));
    expect(added(session, hugeStore)).toEqual({ flushes: 0, shootdowns: 0 });
    expect(session.counter('thpSplitPmd')).toBe(0);
  });

  test('of which a page is copied is flushed twice: the whole as it is split, and the page', () => {
    const session = running().given(hugeStore, fork(2));
    session.given({ ...THREAD, pid: 3 }, onCpu(1, switchTo(3)), access(1, offset, 8));
    session.given(onCpu(1, access(1, offset, 8)));
    expect(added(session, access(1, offset + HUGE / 2, 8, WRITE))).toEqual({
      flushes: 4,
      shootdowns: 2,
    });
    expect(session.counter('thpSplitPmd')).toBe(1);
  });
});
