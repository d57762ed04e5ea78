/** Timelines: every sample is what seeking to its moment finds, and flows are differences of counters. */
import { describe, expect, it } from 'vitest';
import { eventsOf } from '../../../core/event/batch.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { countersOf } from '../../../core/outcome/counters.ts';
import { latestNs, memoryOf, vmallocOf } from '../../../replay/figures/figures.ts';
import type { Lane } from '../../../replay/lane/lane.ts';
import { Keyframes } from '../../../replay/seek/keyframes.ts';
import { seek, seekTime } from '../../../replay/seek/seek.ts';
import { seekable } from '../../../replay/source/source.ts';
import { TIMELINE_FIGURES } from '../../../replay/timeline/figures.ts';
import { type Every, type Sample, timeline } from '../../../replay/timeline/timeline.ts';
import { workload } from '../../../workloads/index.ts';
import { batchesOf, lane } from '../support.ts';

const BATCHES = [...workload('prefork').generate(3, {}, 3000, 500)];

async function samplesOf(lanes: readonly Lane[], every: Every, batches = BATCHES): Promise<Sample[]> {
  const all: Sample[] = [];
  for await (const sample of timeline(batches, lanes, every)) all.push(sample);
  return all;
}

const named = ({ values }: Sample): Record<string, number> =>
  Object.fromEntries(TIMELINE_FIGURES.map(({ name }, i) => [name, values[i]!]));

/** The same figures, each from where a report has it. */
function asked(machine: Machine, before: Machine): Record<string, number> {
  const [now, then] = [countersOf(machine.counters), countersOf(before.counters)];
  const since = (of: (counters: typeof now) => number): number => of(now) - of(then);
  const pageBytes = 4096;
  return {
    freeLowBytes: memoryOf(machine).low.freeBytes,
    freeHighBytes: memoryOf(machine).high.freeBytes,
    vmallocHoleBytes: vmallocOf(machine).largestHoleBytes,
    vmallocUsedBytes: vmallocOf(machine).usedBytes,
    pageTableBytes: now.pageTablePages * pageBytes,
    slabBytes: now.slabPages * pageBytes,
    pageCacheBytes: now.pageCachePages * pageBytes,
    processes: Object.keys(machine.records.processes).length,
    minorFaults: since(
      (of) => of.demandZeroFaults + of.zeroPageFaults + of.copyOnWriteFaults + of.fileMinorFaults,
    ),
    majorFaults: since((of) => of.fileMajorFaults + of.swapFaults),
    references: since((of) => of.references),
    l1Misses: since((of) => of.l2Hits + of.walks),
    walks: since((of) => of.walks),
    failures: since((of) => of.failures),
  };
}

describe('a timeline', () => {
  it('by events has the machine at every multiple, and at the end', async () => {
    const start = lane('linux-3g1g');
    const samples = await samplesOf([start], { events: 700 });
    expect(samples.map(({ event }) => event)).toEqual([0, 700, 1400, 2100, 2800, 3000]);
    const keyframes = new Keyframes(start.machine);
    let before = start.machine;
    for (const sample of samples) {
      const machine = await seek(seekable(BATCHES), keyframes, sample.event);
      expect(named(sample)).toEqual(asked(machine, before));
      expect(sample.timeNs).toBe(latestNs(machine));
      before = machine;
    }
  });

  it('by time has the machine at every multiple as seekTime finds it, and at the end', async () => {
    const start = lane('linux-2g2g');
    const everyNs = 400_000;
    const samples = await samplesOf([start], { ns: everyNs });
    const keyframes = new Keyframes(start.machine);
    let before = start.machine;
    expect(samples.length).toBeGreaterThan(5);
    for (const [i, sample] of samples.slice(0, -1).entries()) {
      expect(sample.timeNs).toBe(i * everyNs);
      const { event, machine } =
        i === 0 ? { event: 0, machine: before } : await seekTime(seekable(BATCHES), keyframes, i * everyNs);
      expect([i, event, named(sample)]).toEqual([i, sample.event, asked(machine, before)]);
      before = machine;
    }
    expect(samples.at(-1)!.event).toBe(3000);
  });

  it.each([[{ events: 997 }], [{ ns: 700_000 }]])(
    'is the same however batches are cut, and of each lane as of it alone: %j',
    async (every) => {
      const lanes = () => [lane('linux-3g1g'), lane('linux-x86_64')];
      const expected = await samplesOf(lanes(), every);
      const events = BATCHES.flatMap((batch) => [...eventsOf(batch)]);
      // Of several lanes those that are later in simulated time come later: only the order differs.
      const sorted = (samples: readonly Sample[]) =>
        [...samples].sort((a, b) => a.lane.localeCompare(b.lane) || a.timeNs - b.timeNs);
      for (const size of [61, 4096])
        expect(sorted(await samplesOf(lanes(), every, batchesOf(events, size)))).toEqual(sorted(expected));
      const alone = [
        ...(await samplesOf([lane('linux-3g1g')], every)),
        ...(await samplesOf([lane('linux-x86_64')], every)),
      ];
      expect(sorted(expected)).toEqual(sorted(alone));
    },
  );

  it('has flows that add up to the counters at the end', async () => {
    const samples = await samplesOf([lane('linux-3g1g')], { events: 1111 });
    const sum = (name: string): number => samples.reduce((total, sample) => total + named(sample)[name]!, 0);
    const end = await seek(seekable(BATCHES), new Keyframes(lane('linux-3g1g').machine), 3000);
    expect(sum('references')).toBe(countersOf(end.counters).references);
    expect(sum('walks')).toBe(countersOf(end.counters).walks);
    expect(sum('failures')).toBe(countersOf(end.counters).failures);
  });
});
