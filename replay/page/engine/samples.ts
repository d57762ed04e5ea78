/**
 * The timeline's samples along the first pass, of all lanes at the same events. When there are too many, every second
 * one goes and the distance doubles, as with keyframes: what flowed is kept as sums, so that nothing is lost by it.
 */

import { latestNs } from '../../figures/figures.ts';
import type { Lane } from '../../lane/lane.ts';
import { TIMELINE_FIGURES } from '../../timeline/figures.ts';
import type { Timeline } from './protocol.ts';

/** As many as the widest screen can tell apart. */
const MOST_SAMPLES = 2048;

interface Sample {
  readonly event: number;
  readonly timesNs: readonly number[];
  /** By lane and figure; flows as sums since boot. */
  readonly values: readonly (readonly number[])[];
  readonly failures: number;
  readonly differences: number;
}

export class Samples {
  private samples: Sample[] = [];
  private interval: number;

  /** @param intervalEvents between two of them at first */
  constructor(lanes: readonly Lane[], intervalEvents: number) {
    this.interval = intervalEvents;
    this.take(0, lanes, 0, 0);
  }

  /** Whether a moment is far enough from the last sample. */
  wants(event: number): boolean {
    return event >= this.samples.at(-1)!.event + this.interval;
  }

  /** The lanes as event number `event` meets them. */
  take(event: number, lanes: readonly Lane[], failures: number, differences: number): void {
    if (this.samples.length === MOST_SAMPLES) this.thin();
    this.samples.push({
      event,
      timesNs: lanes.map(({ machine }) => latestNs(machine)),
      values: lanes.map(({ machine }) => TIMELINE_FIGURES.map((figure) => figure.of(machine))),
      failures,
      differences,
    });
  }

  timeline(): Timeline {
    const { samples } = this;
    const column = (of: (sample: Sample) => number) => Float64Array.from(samples, of);
    const lanes = samples[0]!.values.map((_, lane) => lane);
    return {
      events: column(({ event }) => event),
      timesNs: lanes.map((lane) => column(({ timesNs }) => timesNs[lane]!)),
      values: lanes.map((lane) =>
        TIMELINE_FIGURES.map((_, figure) => column(({ values }) => values[lane]![figure]!)),
      ),
      failures: column((sample) => sample.failures),
      differences: column((sample) => sample.differences),
    };
  }

  private thin(): void {
    this.samples = this.samples.filter((_, i) => i % 2 === 0);
    this.interval *= 2;
  }
}
