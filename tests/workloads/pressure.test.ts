/** What the default recordings are there to show, on real machines: who runs out of what under which layout. */
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../core/event/batch.ts';
import { kindOf } from '../../core/event/vocabulary.ts';
import { countersOf, eventsOf, fold, type Machine, STATUSES } from '../../core/index.ts';
import { freePagesOf } from '../../core/phys/free-lists.ts';
import { WORKLOADS, type Workload, workload } from '../../workloads/index.ts';
import { LawfulStream } from '../models/lawful.ts';
import { atDepth, FULL } from '../support/depth.ts';
import { drained } from '../support/laws.ts';
import { bootedOnce, MIB, machineOf } from '../support/rows.ts';

const boot = (layout: string, ramGib: number): Machine => bootedOnce(layout, 1024 * ramGib, 2);

type Options = Readonly<Record<string, number>>;

/** Each kind of failure, as `status kind`, with how often it came about. */
function failures(
  machine: Machine,
  played: Workload,
  events: number,
  options: Options = {},
): Map<string, number> {
  return playOn(machine, played, events, options).failed;
}

/** Recorded once, for all the machines that it is played on. */
function recorded(played: Workload, events: number, options: Options): readonly Batch[] {
  const key = `${played.name} ${events} ${JSON.stringify(options)}`;
  const batches = recordings.get(key) ?? [...played.generate(1, options, events)];
  recordings.set(key, batches);
  return batches;
}
const recordings = new Map<string, readonly Batch[]>();

/** What a workload comes to on a machine. */
function playOn(machine: Machine, played: Workload, events: number, options: Options = {}) {
  const counts = new Map<string, number>();
  let current = machine;
  for (const batch of recorded(played, events, options)) {
    const folded = fold(current, batch);
    current = folded.machine;
    const { status } = folded.outcomes;
    for (let i = 0; i < batch.count; i++) {
      if (status[i] === 0) continue;
      const what = `${STATUSES[status[i]!]!.name} ${kindOf(batch.kind[i]!)?.name}`;
      counts.set(what, (counts.get(what) ?? 0) + 1);
    }
  }
  return { failed: counts, machine: current, counters: countersOf(current.counters) };
}

describe('drivers', () => {
  const drivers = workload('drivers');
  /** Of the default recording: the window runs out at less than a fifth of it. */
  const events = drivers.defaultEvents / 4;
  const rows = [
    { layout: 'linux-3g1g', ramGib: 1, runsOut: true },
    // All RAM is low, and vmalloc has the gigabyte above it.
    { layout: 'linux-2g2g', ramGib: 1, runsOut: false },
  ];
  const others = [
    { layout: 'linux-2g2g', ramGib: 2, runsOut: true },
    { layout: 'linux-3g1g', ramGib: 2, runsOut: true },
    { layout: 'linux-x86_64', ramGib: 1, runsOut: false },
  ];

  test.each([...rows, ...(FULL ? others : [])])(
    '$layout with $ramGib GiB of RAM: out of vmalloc space = $runsOut',
    ({ layout, ramGib, runsOut }) => {
      const counts = failures(boot(layout, ramGib), drivers, events);
      expect(counts.has('vmalloc-space vmalloc')).toBe(runsOut);
      if (!runsOut) expect(counts.size).toBe(0);
    },
  );
});

describe('highmem', () => {
  const highmem = workload('highmem');
  /** Of the default recording: low memory runs out before. */
  const events = 0.75 * highmem.defaultEvents;

  const rows = [
    { layout: 'linux-3g1g', lowmemFails: true, kmapFails: true },
    { layout: 'linux-2g2g', lowmemFails: false, kmapFails: true },
    { layout: 'linux-x86_64', lowmemFails: false, kmapFails: false },
  ].slice(0, atDepth({ quick: 1, full: 3 }));
  test.each(rows)(
    '$layout with 4 GiB of RAM: out of low memory = $lowmemFails',
    ({ layout, lowmemFails, kmapFails }) => {
      const counts = failures(boot(layout, 4), highmem, events);
      expect(counts.has('out-of-lowmem kmalloc')).toBe(lowmemFails);
      expect(counts.has('kmap-slots kmap')).toBe(kmapFails);
      expect(counts.has('out-of-memory access')).toBe(false);
      if (!lowmemFails && !kmapFails) expect(counts.size).toBe(0);
    },
  );
});

describe('build', () => {
  const build = workload('build');
  const events = 60_000;

  test('runs four short processes for each unit, a few at a time', () => {
    const stream = LawfulStream.check(build.generate(1, { units: 10 }, 1e6));
    expect(stream.events).toBeLessThan(1e6);
    // Shell, driver, compiler and assembler of each unit, and the linker; make was spawned.
    expect([stream.kinds.get('fork'), stream.kinds.get('exit')]).toEqual([41, 42]);
    expect(stream.kinds.get('exec')).toBe(41);
  });

  const JOBS = atDepth({ quick: [2], full: [1, 2, 8] });
  test.each(JOBS)('with %d jobs has no more than three processes of each alive', (jobs) => {
    let [alive, most] = [0, 0];
    for (const batch of build.generate(1, { jobs }, 30_000)) {
      for (const { kind } of eventsOf(batch)) {
        if (kind === 'spawn' || kind === 'fork') most = Math.max(most, ++alive);
        if (kind === 'exit') alive--;
      }
    }
    expect(most).toBe(1 + 3 * jobs);
  });

  test('shares text and headers: what was read once is there for all who come later', () => {
    const { counters, failed } = playOn(boot('linux-3g1g', 1), build, events);
    expect([...failed]).toEqual([]);
    const early = playOn(boot('linux-3g1g', 1), build, events / 2).counters;
    expect(counters.pageCachePages).toBeGreaterThan(early.pageCachePages);
    const found = (after: typeof counters): number => after.fileMinorFaults / after.fileMajorFaults;
    expect(found(counters)).toBeGreaterThan(1.1 * found(early));
  });

  test('its page cache lies in high memory where there is some, and leaves low memory to the kernel', () => {
    const lowUsed = (layout: string): number => {
      const machine = boot(layout, 2);
      const lowFree = (at: Machine): number =>
        at.platform.zones
          .filter(({ name }) => name !== 'HighMem')
          .reduce((sum, { index }) => sum + freePagesOf(at, index), 0);
      return lowFree(machine) - lowFree(playOn(machine, build, events).machine);
    };
    expect(10 * lowUsed('linux-3g1g')).toBeLessThan(lowUsed('linux-x86_64'));
  });
});

describe('kvstore', () => {
  const kvstore = workload('kvstore');

  test('copies pages only while a child saves them', () => {
    const storm = playOn(boot('linux-3g1g', 1), kvstore, 300_000).counters;
    const calm = playOn(boot('linux-3g1g', 1), kvstore, 300_000, { saveUpdates: 1e9 }).counters;
    expect([storm.forks > 0, storm.copyOnWriteFaults > 1000]).toEqual([true, true]);
    expect([calm.forks, calm.copyOnWriteFaults]).toEqual([0, 0]);
  });

  test.each([
    { layout: 'linux-3g1g', fits: true },
    { layout: 'linux-2g2g', fits: false },
    ...(FULL ? [{ layout: 'linux-x86_64', fits: true }] : []),
  ])('2.2 GiB of data in the user space of $layout: $fits', ({ layout, fits }) => {
    const options = { dataBytes: Math.floor(2.2 * 1024) * MIB };
    const counts = failures(boot(layout, 4), kvstore, 5000, options);
    expect(counts.has('user-space mmap')).toBe(!fits);
    if (fits) expect(counts.size).toBe(0);
  });
});

describe('netrx', () => {
  const netrx = workload('netrx');

  test('frees much of what a queue allocated on another cpu', () => {
    const cpuOf = new Map<number, number>();
    let [here, elsewhere] = [0, 0];
    for (const batch of netrx.generate(1, {}, 100_000)) {
      for (const event of eventsOf(batch)) {
        if (event.kind === 'kmem_cache_alloc') cpuOf.set(event.object, event.cpu);
        if (event.kind === 'kmem_cache_free') event.cpu === cpuOf.get(event.object) ? here++ : elsewhere++;
      }
    }
    expect(elsewhere).toBeGreaterThan((here + elsewhere) / 4);
  });

  const CPUS = atDepth({ quick: [2], full: [1, 2, 4] });
  test.each(CPUS)('of %d cpus each has a queue, which fills its ring there', (cpus) => {
    const pages = new Array<number>(cpus).fill(0);
    for (const batch of netrx.generate(1, { cpus, slots: 64, gapNs: 1e9 }, 1000)) {
      for (const { kind, cpu } of eventsOf(batch)) if (kind === 'page_alloc') pages[cpu]!++;
    }
    expect(pages.every((count) => count >= 64)).toBe(true);
  });

  /** Pages of the rings: GFP_ATOMIC is low memory under 3G/1G, and the highest there is on 64 bits. */
  test.each([
    { layout: 'linux-x86_64', maskBits: 32, bounces: true },
    { layout: 'linux-x86_64', maskBits: 64, bounces: false },
    { layout: 'linux-3g1g-pae', maskBits: 32, bounces: false },
  ])('8 GiB, $layout, a card of $maskBits address bits: bounce buffers = $bounces', (row) => {
    const { counters, failed } = playOn(boot(row.layout, 8), netrx, 20_000, { maskBits: row.maskBits });
    expect([...failed]).toEqual([]);
    expect(counters.bouncedBytes > 0).toBe(row.bounces);
  });

  /** 68 MiB low, the rest high or (64 bits) as good as the rest; sockets may hold as much as low memory has. */
  test.each([
    { layout: 'linux-3g1g', lowmemFails: true },
    ...(FULL ? [{ layout: 'linux-x86_64', lowmemFails: false }] : []),
  ])('slow readers: out of low memory under $layout = $lowmemFails', ({ layout, lowmemFails }) => {
    const machine = machineOf(layout, 516, { cpus: 2, ...(lowmemFails && { highmemBytes: 448n << 20n }) });
    const slow = { rcvbufBytes: 8 * MIB, readNs: 1e9 };
    const counts = failures(machine, netrx, 350_000, slow);
    expect(counts.has('out-of-lowmem page_alloc')).toBe(lowmemFails);
    if (!lowmemFails) expect([...counts]).toEqual([]);
  });
});

test.each(['build', 'database', 'kvstore', 'netrx', 'prefork'])(
  '%s runs without a failure under every layout',
  (name) => {
    for (const layout of ['linux-3g1g', 'linux-2g2g', 'linux-x86_64']) {
      expect([...failures(boot(layout, 1), workload(name), atDepth({ quick: 5000, full: 50_000 }))]).toEqual(
        [],
      );
    }
  },
);

test.each(WORKLOADS)('$name, drained, leaves as many free pages as there were at boot', (played) => {
  const booted = boot('linux-3g1g', 2);
  let machine = booted;
  const events = atDepth({ quick: 10_000, full: 50_000 });
  for (const batch of played.generate(1, { drain: 1 }, events)) machine = fold(machine, batch).machine;
  expect(freePages(drained(machine))).toEqual(freePages(drained(booted)));
});

function freePages(machine: Machine): number[] {
  return machine.platform.zones.map((zone) => freePagesOf(machine, zone.index));
}
