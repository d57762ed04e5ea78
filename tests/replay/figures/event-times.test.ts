/** Times along a batch against the clocks of a machine that folds one event at a time. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { type Batch, batchOf, eventsOf, rebatch } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { CPU } from '../../../core/state/cpus.ts';
import { eventTimes } from '../../../replay/figures/event-times.ts';
import { workload } from '../../../workloads/index.ts';
import { event, lane, randomEvents } from '../support.ts';

interface Times {
  readonly startNs: readonly number[];
  readonly endNs: readonly number[];
}

function summedUp(boot: Machine, batches: readonly Batch[]): Times {
  const startNs: number[] = [];
  const endNs: number[] = [];
  let before = boot;
  for (const batch of batches) {
    const { machine: after, outcomes } = fold(before, batch);
    const times = eventTimes({ before, after, outcomes }, batch);
    startNs.push(...times.startNs);
    endNs.push(...times.endNs);
    before = after;
  }
  return { startNs, endNs };
}

function oneByOne(boot: Machine, batches: readonly Batch[]): Times {
  const startNs: number[] = [];
  const endNs: number[] = [];
  let machine = boot;
  for (const one of batches.flatMap((batch) => [...eventsOf(batch)])) {
    startNs.push(machine.cpus.get(one.cpu, CPU.clockNs) + one.thinkNs);
    machine = fold(machine, batchOf([one])).machine;
    endNs.push(machine.cpus.get(one.cpu, CPU.clockNs));
  }
  return { startNs, endNs };
}

describe('event times', () => {
  test.each(['3g1g', 'linux-x86_64'])('%s: unlawful events too, on two cpus, in batches of 700', (name) => {
    const boot = lane(name).machine;
    const batches = [...rebatch([batchOf(randomEvents(31, 2000))], 700)];
    expect(summedUp(boot, batches)).toEqual(oneByOne(boot, batches));
  });

  test('prefork on two cpus, with what page-table isolation costs', () => {
    const boot = bootMachine(buildLayout('linux-x86_64', { ramBytes: 2n ** 28n }), { mmu: { kpti: true } });
    const batches = [...workload('prefork').generate(7, { cpus: 2 }, 3000, 1000)];
    expect(summedUp(boot, batches)).toEqual(oneByOne(boot, batches));
    expect(new Set(batches.flatMap(({ cpu, count }) => [...cpu.subarray(0, count)])).size).toBe(2);
  });

  test('a program larger than memory, with what swapping in costs', () => {
    const boot = bootMachine(buildLayout('linux-3g1g', { ramBytes: 2n ** 25n }), {
      reclaim: { swapBytes: 2n ** 26n },
    });
    const pages = Array.from({ length: 9200 }, (_, i) =>
      event('access', { object: 1, offset: 4096 * (i % 9000), size: 8, mode: WRITE }),
    );
    const program = [
      event('spawn', { pid: 1 }),
      event('switch', { pid: 1 }),
      event('mmap', { object: 1, length: 9000 * 4096, flags: PROT_READ | PROT_WRITE }),
    ];
    const batches = [...rebatch([batchOf([...program, ...pages])], 4000)];
    const times = summedUp(boot, batches);
    expect(times).toEqual(oneByOne(boot, batches));
    expect(Math.max(...times.endNs.map((ns, at) => ns - times.startNs[at]!))).toBeGreaterThan(80_000);
  });

  test('a batch begins where the clocks stand, and think time comes before the event', () => {
    const one = event('kmalloc', { object: 1, size: 64, gfp: GFP_KERNEL });
    const events = [
      { ...one, thinkNs: 100 },
      { ...one, object: 2, cpu: 1, thinkNs: 7 },
      { ...one, object: 3, thinkNs: 50 },
    ];
    const { startNs, endNs } = summedUp(lane('x86_64').machine, [batchOf(events)]);
    expect(startNs).toEqual([100, 7, endNs[0]! + 50]);
    expect(endNs.every((ns, at) => ns > startNs[at]!)).toBe(true);
  });

  test.each([
    ['the longest that an outcome can hold', 2 ** 32 - 1],
    ['longer than that', 2 ** 32],
    ['twice as long and more', 2 ** 33 + 5],
  ])('an event may take %s', (_, kmallocNs) => {
    const boot = bootMachine(buildLayout('x86_64', { ramBytes: 2n ** 30n }), { costs: { kmallocNs } });
    const made = [1, 2].map((object) => event('kmalloc', { object, size: 64, gfp: GFP_KERNEL }));
    const batches = [batchOf([event('kfree', { object: 9 }), ...made, event('kfree', { object: 1 })])];
    const times = summedUp(boot, batches);
    expect(times).toEqual(oneByOne(boot, batches));
    expect(times.endNs[2]! - times.startNs[2]!).toBeGreaterThanOrEqual(kmallocNs);
  });

  test('no events, no times', () => {
    const machine = lane('x86_64').machine;
    const { outcomes } = fold(machine, batchOf([]));
    const { startNs, endNs } = eventTimes({ before: machine, after: machine, outcomes }, batchOf([]));
    expect([startNs.length, endNs.length]).toEqual([0, 0]);
  });
});
