/** The timeline's axis: events and places on it are inverse, by events and by the times of samples. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { axisOf } from '../../../replay/page/browser/ui/timeline-axis.ts';
import type { Timeline } from '../../../replay/page/engine/protocol.ts';

const timeline: Timeline = {
  events: Float64Array.of(0, 100, 200, 1000),
  timesNs: [Float64Array.of(0, 50, 80, 4000), Float64Array.of(0, 10, 20, 30)],
  values: [],
  failures: new Float64Array(4),
  differences: new Float64Array(4),
};

describe.each(['events', 'time'] as const)('along %s', (kind) => {
  const axis = axisOf(kind, timeline, 1000);

  it('begins and ends with the trace', () => {
    expect([axis.placeOf(0, 0), axis.eventAt(0)]).toEqual([0, 0]);
    expect([axis.placeOf(1000, 0), axis.eventAt(axis.end)]).toEqual([axis.end, 1000]);
  });

  it('goes there and back', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1000, noNaN: true }), (event) => {
        expect(axis.eventAt(axis.placeOf(event, 0))).toBeCloseTo(event, 6);
      }),
    );
  });
});

it('has a lane where its own clock is', () => {
  const axis = axisOf('time', timeline, 1000);
  expect([axis.placeOf(100, 0), axis.placeOf(100, 1), axis.placeOf(150, 0)]).toEqual([50, 10, 65]);
  expect(axis.end).toBe(4000);
});

it('is told in events while there are no samples', () => {
  const axis = axisOf('time', undefined, 500);
  expect([axis.end, axis.placeOf(20, 1), [...axis.places(0)]]).toEqual([500, 20, [0, 500]]);
});
