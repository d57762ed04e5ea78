/** Samples of the timeline along a pass: from the boot on, evenly, however long it is. */
import { expect, test } from 'vitest';
import { Samples } from '../../../../replay/page/engine/samples.ts';
import { lane } from '../../support.ts';

const lanes = [lane('3g1g')];

test.each([100, 2_047, 2_048, 5_000, 20_000])('%i moments', (moments) => {
  const samples = new Samples(lanes, 10);
  for (let event = 10; event <= 10 * moments; event += 10)
    if (samples.wants(event)) samples.take(event, lanes, event, 2 * event);
  const { events, failures, differences, timesNs, values } = samples.timeline();
  expect(events[0]).toBe(0);
  expect(events.length).toBeLessThanOrEqual(2048);
  expect(events.length).toBeGreaterThan(Math.min(moments, 1023));
  const steps = new Set([...events].slice(1).map((event, i) => event - events[i]!));
  expect(steps.size).toBe(1);
  expect([...failures]).toEqual([...events]);
  expect([...differences]).toEqual([...events].map((event) => 2 * event));
  expect([timesNs[0]!.length, values[0]![0]!.length]).toEqual([events.length, events.length]);
});
