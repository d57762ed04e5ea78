/** `--every`: how far the samples of a timeline are apart, in events or in simulated time. */
import { InvalidArgumentError } from 'commander';
import type { Every } from '../../timeline/timeline.ts';
import { ANY_COUNT, parseTime } from './values.ts';

const EXPECTED =
  'Expected a number of events from 1 on, such as 10000, or a time with its unit, such as 1ms.';

/** `10000` or `1ms`. */
export function parseEvery(text: string): Every {
  const every = /^\d+$/.test(text) ? { events: Number(text) } : { ns: timeOf(text) };
  const value = 'ns' in every ? every.ns : every.events;
  if (value >= 1 && value <= ANY_COUNT) return every;
  throw new InvalidArgumentError(EXPECTED);
}

function timeOf(text: string): number {
  try {
    return parseTime(text);
  } catch {
    throw new InvalidArgumentError(EXPECTED);
  }
}

export function everyText(every: Every): string {
  return 'ns' in every ? `${every.ns}ns` : String(every.events);
}

/** About so many samples, unless told otherwise. */
const SAMPLES = 40;
/** Of a trace whose length is not known. */
const UNKNOWN_LENGTH = { events: 100_000 };

/** A round number of events: 1, 2 or 5 times a power of ten. */
export function defaultEvery(total: number | undefined): Every {
  if (total === undefined) return UNKNOWN_LENGTH;
  const least = Math.max(1, total / SAMPLES);
  const power = 10 ** Math.floor(Math.log10(least));
  return { events: [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= least)! };
}
