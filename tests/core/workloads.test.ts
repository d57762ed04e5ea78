/** The laws again, on what the workloads do: long, lawful streams that end by freeing everything. */
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../core/event/batch.ts';
import { countersOf } from '../../core/outcome/counters.ts';
import { WORKLOADS } from '../../workloads/index.ts';
import { atDepth, FULL } from '../support/depth.ts';
import { buddyinfo, drained, expectLaws, expectSurvivesBytes } from '../support/laws.ts';
import { SMALL_MACHINES } from '../support/rows.ts';

const EVENTS = atDepth({ quick: 800, full: 1500 });

const recorded = new Map(
  WORKLOADS.map((workload) => [workload.name, [...workload.generate(7, { drain: 1 }, EVENTS)]]),
);

/** Each workload on each machine; each once, and each machine with some, shows it. */
const PLAYED = SMALL_MACHINES.map(({ name, boot }, i) => ({
  ...{ name, boot },
  workloads: [...recorded].filter((_, n) => FULL || n % SMALL_MACHINES.length === i),
}));

describe.each(PLAYED)('$name', ({ boot, workloads }) => {
  const machine = boot();

  describe.each(workloads)('%s', (_name, events: Batch[]) => {
    test('gives the same bits in any batches, keeps account of every frame, and gives every frame back', () => {
      const end = drained(expectLaws(boot, events, 300));
      expect(buddyinfo(end)).toEqual(buddyinfo(drained(machine)));
      const { pageTablePages, vmallocPages, kmapSlots, pageCachePages, slabPages } = countersOf(end.counters);
      expect({ pageTablePages, vmallocPages, kmapSlots, pageCachePages, slabPages }).toEqual({
        pageTablePages: countersOf(machine.counters).pageTablePages,
        vmallocPages: 0,
        kmapSlots: 0,
        pageCachePages: 0,
        slabPages: 0,
      });
      expect(end.records.processes).toEqual({});
      expect(end.records.mms).toEqual({});
    });

    test('survives being written to bytes and read back', () => {
      expectSurvivesBytes(machine, events);
    });
  });
});
