/** What the timeline runs along: events, which all lanes have in common, or simulated time, which each has for itself. */
import type { Timeline } from '../../engine/protocol.ts';

export type AxisKind = 'events' | 'time';

export interface Axis {
  /** Where the samples of a lane lie, ascending. */
  places(lane: number): Float64Array;
  readonly end: number;
  placeOf(event: number, lane: number): number;
  /** The event at a place; of times, those of the first lane. */
  eventAt(place: number): number;
}

/** Before there are samples, only events can be told. */
export function axisOf(kind: AxisKind, timeline: Timeline | undefined, lastEvent: number): Axis {
  if (timeline === undefined || kind === 'events') {
    const events = timeline?.events ?? Float64Array.of(0, lastEvent);
    return {
      places: () => events,
      end: Math.max(1, lastEvent),
      placeOf: (event) => event,
      eventAt: (place) => place,
    };
  }
  const { events, timesNs } = timeline;
  return {
    places: (lane) => timesNs[lane]!,
    end: Math.max(1, ...timesNs.map((times) => times.at(-1)!)),
    placeOf: (event, lane) => between(events, timesNs[lane]!, event),
    eventAt: (place) => between(timesNs[0]!, events, place),
  };
}

/** The value at `x` on the line through the points; what lies outside is at its ends. */
function between(xs: Float64Array, ys: Float64Array, x: number): number {
  let low = 0;
  let high = xs.length - 1;
  if (x <= xs[low]!) return ys[low]!;
  if (x >= xs[high]!) return ys[high]!;
  while (high - low > 1) {
    const middle = (low + high) >>> 1;
    if (xs[middle]! <= x) low = middle;
    else high = middle;
  }
  const share = (x - xs[low]!) / (xs[high]! - xs[low]!);
  return ys[low]! + share * (ys[high]! - ys[low]!);
}
