/** What the default recordings are there to show, on real machines: who runs out of what under which layout. */
import { describe, expect, test } from 'vitest';
import { bootMachine, buildLayout, fold, KIND_NAMES, type Machine, STATUSES } from '../../core/index.ts';
import { freePagesOf } from '../../core/phys/free-lists.ts';
import { WORKLOADS, type Workload, workload } from '../../workloads/index.ts';
import { drained } from '../support/laws.ts';

function boot(layout: string, ramGib: number): Machine {
  return bootMachine(buildLayout(layout, { ramBytes: BigInt(ramGib) << 30n, cpus: 2 }));
}

/** Each kind of failure, as `status kind`, with how often it came about. */
function failures(machine: Machine, played: Workload, events: number): Map<string, number> {
  const counts = new Map<string, number>();
  let current = machine;
  for (const batch of played.generate(1, {}, events)) {
    const folded = fold(current, batch);
    current = folded.machine;
    const { status } = folded.outcomes;
    for (let i = 0; i < batch.count; i++) {
      if (status[i] === 0) continue;
      const what = `${STATUSES[status[i]!]!.name} ${KIND_NAMES[batch.kind[i]!]}`;
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  }
  return counts;
}

describe('drivers', () => {
  const drivers = workload('drivers');
  /** Half of the default recording: the window runs out at about a fifth of it. */
  const events = drivers.defaultEvents / 2;
  test.each([
    { layout: 'linux-3g1g', ramGib: 1, runsOut: true },
    { layout: 'linux-3g1g', ramGib: 2, runsOut: true },
    { layout: 'linux-2g2g', ramGib: 2, runsOut: true },
    // All RAM is low, and vmalloc has the gigabyte above it.
    { layout: 'linux-2g2g', ramGib: 1, runsOut: false },
    { layout: 'linux-x86_64', ramGib: 1, runsOut: false },
  ])('$layout with $ramGib GiB of RAM: out of vmalloc space = $runsOut', ({ layout, ramGib, runsOut }) => {
    const counts = failures(boot(layout, ramGib), drivers, events);
    expect(counts.has('vmalloc-space vmalloc')).toBe(runsOut);
    if (!runsOut) expect(counts.size).toBe(0);
  });
});

describe('highmem', () => {
  const highmem = workload('highmem');
  test.each([
    { layout: 'linux-3g1g', lowmemFails: true, kmapFails: true },
    { layout: 'linux-2g2g', lowmemFails: false, kmapFails: true },
    { layout: 'linux-x86_64', lowmemFails: false, kmapFails: false },
  ])('$layout with 4 GiB of RAM: out of low memory = $lowmemFails', ({ layout, lowmemFails, kmapFails }) => {
    const counts = failures(boot(layout, 4), highmem, highmem.defaultEvents);
    expect(counts.has('out-of-lowmem kmalloc')).toBe(lowmemFails);
    expect(counts.has('kmap-slots kmap')).toBe(kmapFails);
    expect(counts.has('out-of-memory access')).toBe(false);
    if (!lowmemFails && !kmapFails) expect(counts.size).toBe(0);
  });
});

test.each(['database', 'prefork'])('%s runs without a failure under every layout', (name) => {
  for (const layout of ['linux-3g1g', 'linux-2g2g', 'linux-x86_64']) {
    expect([...failures(boot(layout, 1), workload(name), 50_000)]).toEqual([]);
  }
});

test.each(WORKLOADS)('$name, drained, leaves as many free pages as there were at boot', (played) => {
  const booted = boot('linux-3g1g', 2);
  let machine = booted;
  for (const batch of played.generate(1, { drain: 1 }, 50_000)) machine = fold(machine, batch).machine;
  expect(freePages(drained(machine))).toEqual(freePages(drained(booted)));
});

function freePages(machine: Machine): number[] {
  return machine.platform.zones.map((zone) => freePagesOf(machine, zone.index));
}
