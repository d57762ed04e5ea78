/** Which machines are kept, and which of them is nearest. */
import { expect, test } from 'vitest';
import { Keyframes } from '../../../replay/seek/keyframes.ts';
import { lane } from '../support.ts';

const { machine } = lane('3g1g');

function kept(keyframes: Keyframes, upTo: number): number[] {
  const events = new Set<number>();
  for (let event = 0; event <= upTo; event++) events.add(keyframes.nearest(event).event);
  return [...events];
}

test.each([
  // capacity, interval, batch, events, kept
  [4, 10, 10, 30, [0, 10, 20, 30]],
  [4, 10, 10, 40, [0, 20, 40]], // the fifth makes room: every second goes
  [4, 10, 10, 80, [0, 40, 80]],
  [4, 10, 3, 30, [0, 12, 24]], // the first end of a batch that is far enough
  [4, 10, 100, 300, [0, 100, 200, 300]],
  [2, 1, 1, 5, [0, 4]],
])(
  'room for %i, every %i events, batches of %i, %i events',
  (capacity, intervalEvents, batch, events, expected) => {
    const keyframes = new Keyframes(machine, { capacity, intervalEvents });
    for (let event = batch; event <= events; event += batch) keyframes.offer(event, machine);
    expect(kept(keyframes, events)).toEqual(expected);
    expect(keyframes.count).toBe(expected.length);
  },
);

test('the nearest is the last at or before', () => {
  const keyframes = new Keyframes(machine, { intervalEvents: 10 });
  for (const event of [10, 20]) keyframes.offer(event, machine);
  expect([0, 9, 10, 19, 20, 1000].map((event) => keyframes.nearest(event).event)).toEqual([
    0, 0, 10, 10, 20, 20,
  ]);
});

test('events passed a second time, by a seek, are not kept twice', () => {
  const keyframes = new Keyframes(machine, { intervalEvents: 10 });
  for (const event of [10, 20, 10, 15, 20, 30]) keyframes.offer(event, machine);
  expect(kept(keyframes, 30)).toEqual([0, 10, 20, 30]);
});

test('there must be room for two', () => {
  expect(() => new Keyframes(machine, { capacity: 1 })).toThrow(/room for 1 keyframes, expected 2/);
  expect(new Keyframes(machine, { capacity: 2 }).count).toBe(1);
});

test('bounded in bytes they are thinned until they stay below, and their cost is told', () => {
  const keyframes = new Keyframes(0, { intervalEvents: 1, bytes: { most: 100, of: () => 30 } });
  for (let event = 1; event <= 1000; event++) {
    keyframes.offer(event, event);
    expect(keyframes.ownBytes).toBe(30 * (keyframes.count - 1));
    expect(keyframes.ownBytes).toBeLessThanOrEqual(100);
  }
  expect(keyframes.count).toBeGreaterThan(2);
  expect(keyframes.intervalEvents).toBeGreaterThan(1);
});

test('what a keyframe costs is what it has beside the one that is kept before it', () => {
  const of = (after: number, before: number): number => after - before;
  const keyframes = new Keyframes(0, { intervalEvents: 1, bytes: { most: 1000, of } });
  for (const event of [1, 5, 9]) keyframes.offer(event, event);
  expect(keyframes.ownBytes).toBe(9);
});
