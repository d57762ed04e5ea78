import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdPool } from '../../core/event/id-pool.ts';
import { EventQueue } from '../../workloads/engine/queue.ts';

/**
 * How long after now to push, or undefined to pop: few times, so that many are equal, and some on either side of
 * multiples of the powers of 256, of which the queue makes levels, up to hours.
 */
const ahead = fc.oneof(
  fc.nat(5),
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 15 }), fc.integer({ min: -2, max: 2 }))
    .map(([digits, times, near]) => times * 256 ** digits + near),
);
const operations = fc.array(fc.option(ahead, { nil: undefined }), { maxLength: 300, size: 'max' });

test('events leave in order of time, and of arrival among equals', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      const queue = new EventQueue<number>();
      const naive: { timeNs: number; item: number }[] = [];
      const wrong: string[] = [];
      steps.forEach((aheadNs, item) => {
        if (aheadNs !== undefined) {
          const timeNs = queue.nowNs + aheadNs;
          queue.push(timeNs, item);
          naive.push({ timeNs, item });
          naive.sort((a, b) => a.timeNs - b.timeNs); // stable
        } else {
          const due = naive.shift();
          if (queue.pop() !== due?.item) wrong.push(`step ${item}: not ${due?.item}`);
          if (due !== undefined && queue.nowNs !== due.timeNs) wrong.push(`step ${item}: at ${queue.nowNs}`);
        }
        if (queue.length !== naive.length) wrong.push(`step ${item}: ${queue.length} things`);
      });
      expect(wrong).toEqual([]);
    }),
  );
});

test.each([0, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER])(
  'something may be due at %d, and others with it',
  (ns) => {
    const queue = new EventQueue<string>();
    queue.push(ns, 'first');
    queue.push(ns, 'second');
    expect([queue.pop(), queue.nowNs, queue.pop(), queue.pop()]).toEqual(['first', ns, 'second', undefined]);
  },
);

test('nothing is due before now, or between two nanoseconds', () => {
  const queue = new EventQueue<string>();
  queue.push(100, 'now');
  queue.pop();
  expect(() => queue.push(99, 'past')).toThrow(/past/);
  expect(() => queue.push(100.5, 'half')).toThrow(/between/);
  expect(() => queue.push(Number.NaN, 'never')).toThrow(/internal error/);
  queue.push(100, 'now as well');
  expect(queue.pop()).toBe('now as well');
});

test('identity numbers are dense: the highest is the most that lived at once', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(100), { nil: undefined })), (steps) => {
      const pool = new IdPool();
      const live: number[] = [];
      let [most, highest] = [0, 0];
      for (const kill of steps) {
        if (kill !== undefined && live.length > 0) pool.give(live.splice(kill % live.length, 1)[0]!);
        else live.push(pool.take());
        most = Math.max(most, live.length);
        highest = Math.max(highest, ...live);
        expect(new Set(live).size).toBe(live.length);
      }
      expect(highest).toBe(most);
    }),
  );
});
