import fc from 'fast-check';
import { expect, test } from 'vitest';
import { IdPool } from '../../core/event/id-pool.ts';
import { EventQueue } from '../../workloads/engine/queue.ts';

/** A time to push, or undefined to pop. Few times, so that many are equal. */
const operations = fc.array(fc.option(fc.nat(5), { nil: undefined }), { maxLength: 200, size: 'max' });

test('events leave in order of time, and of arrival among equals', () => {
  fc.assert(
    fc.property(operations, (steps) => {
      const queue = new EventQueue<number>();
      const naive: { timeNs: number; item: number }[] = [];
      steps.forEach((timeNs, item) => {
        if (timeNs !== undefined) {
          queue.push(timeNs, item);
          naive.push({ timeNs, item });
          naive.sort((a, b) => a.timeNs - b.timeNs); // stable
        } else {
          const due = naive.shift();
          expect(queue.pop()).toBe(due?.item);
          if (due !== undefined) expect(queue.nowNs).toBe(due.timeNs);
        }
        expect(queue.length).toBe(naive.length);
      });
    }),
  );
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
