/** Where runs of accesses end: nothing of an outcome depends on it. */
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { PROT_READ } from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { pc } from '../../support/pc.ts';
import { access, eventOf, mmap, mprotect, PAGE, RUNNING } from '../../support/rows.ts';

const LENGTH = 300;
const { machine: start } = fold(pc, batchOf([...RUNNING, mmap(1, LENGTH * PAGE)].map(eventOf)));
const touches = (count: number): MemoryEvent[] =>
  Array.from({ length: count }, (_, i) => eventOf(access(1, i * PAGE, 8)));

describe.each([
  ['an access of another cpu', { ...eventOf(access(1, 0, 8)), cpu: 1 }],
  ['another kind of event, whose columns an access could have', eventOf(mprotect(1, 0, PAGE, PROT_READ))],
])('a run is broken off by %s', (_, other) => {
  // Runs are measured event by event at first, and four by four from a multiple of 64 on.
  test.each([0, 1, 63, 64, 65, 126, 127, 128, 129, 130, 131, 132, 191, 192, LENGTH - 1, LENGTH])(
    'at event %i, as if each event came alone',
    (at) => {
      const events = touches(LENGTH).toSpliced(at, 0, other);
      let alone = start;
      const told = events.map((event) => {
        const { machine, outcomes } = fold(alone, batchOf([event]));
        alone = machine;
        return [outcomes.status[0], outcomes.flags[0], outcomes.latencyNs[0]];
      });
      const { machine, outcomes } = fold(start, batchOf(events));
      expect(events.map((_, i) => [outcomes.status[i], outcomes.flags[i], outcomes.latencyNs[i]])).toEqual(
        told,
      );
      expect(stateDigest(machine)).toBe(stateDigest(alone));
    },
  );
});
