/** Numbers are only names: which one an object has, the number 0 and the largest included, changes nothing. */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../core/check/invariants.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { fold } from '../../core/fold/fold.ts';
import { batchOfRows, forStreams, type Row, randomEvents } from '../generators/random-events.ts';
import { atDepth } from '../support/depth.ts';
import { SMALL_MACHINES } from '../support/rows.ts';

/** Kinds whose column `object` is no object, and those that name a second one. */
const OTHERS = new Set<number>(
  Object.values(EVENT_KINDS)
    .filter(({ fields }) => !('object' in fields))
    .map(({ code }) => code),
);
const SECOND = new Set<number>([
  EVENT_KINDS.mremap_fixed.code,
  EVENT_KINDS.vma_split.code,
  EVENT_KINDS.vmap.code,
]);

/** The same events, in which two objects have each other's number. */
function exchanged(rows: readonly Row[], one: number, other: number): Row[] {
  const renamed = (id: number): number => (id === one ? other : id === other ? one : id);
  return rows.map(([code, cpu, thinkNs, object, a, b, c]) => [
    code,
    cpu,
    thinkNs,
    OTHERS.has(code) ? object : renamed(object),
    SECOND.has(code) ? renamed(a) : a,
    b,
    c,
  ]);
}

/** First that the tamer of random events gives. */
const FIRST = 100;

describe.each(SMALL_MACHINES)('$name', ({ boot }) => {
  const machine = boot();

  test.each([
    [FIRST, 0],
    [FIRST + 1, 0],
    [FIRST + 2, 0],
    [FIRST, 2 ** 32 - 1],
    [FIRST + 1, 2 ** 32 - 1],
  ])('object %i is number %i', (one, other) => {
    forStreams(randomEvents(400), atDepth({ quick: 2, full: 6 }), (rows) => {
      const told = fold(machine, batchOfRows(rows));
      const renamed = fold(machine, batchOfRows(exchanged(rows, one, other)));
      expect(renamed.outcomes).toEqual(told.outcomes);
      expect(renamed.machine.counters).toEqual(told.machine.counters);
      expect(checkMachine(renamed.machine)).toEqual([]);
    });
  });
});
