/** Moments worth going to: the next failure, the next event of an object, the first at which two lanes part. */
import { type EventFilter, fittingFrom } from './filter.ts';
import { partingOf } from './parting.ts';
import type { FirstPass } from './pass.ts';
import { stretch, type Travel } from './travel.ts';
import { lastChange, nextChange } from './watch.ts';

export type Sought =
  | { readonly what: 'failure'; readonly lane?: number }
  | { readonly what: 'difference' }
  | { readonly what: 'events'; readonly filter: EventFilter }
  /** Events that change anything of a page frame in a lane: a watchpoint. */
  | { readonly what: 'frame'; readonly lane: number; readonly pfn: number }
  /** The first event after which two lanes do not have the same of a figure of the timeline. */
  | { readonly what: 'parting'; readonly figure: string; readonly lanes: readonly [number, number] };

export interface FinderRequest {
  readonly sought: Sought;
  /** Where one stands; that event itself is not meant. */
  readonly from: number;
  readonly direction: 1 | -1;
}

export interface MatchesRequest {
  readonly filter: EventFilter;
  readonly from: number;
  readonly most: number;
}

export interface Found {
  /** Undefined: there is none. */
  readonly event: number | undefined;
  /** What a person should know: how far the pass has come, what the search takes for granted. */
  readonly note?: string;
}

/** Finds it. Throws Overtaken when the signal comes first. */
export async function find(
  request: FinderRequest,
  pass: FirstPass,
  travel: Travel,
  signal: AbortSignal,
): Promise<Found> {
  const { sought, from, direction } = request;
  switch (sought.what) {
    case 'failure': {
      const marks = sought.lane === undefined ? pass.anyFailure : pass.failures[sought.lane]!;
      return { event: marks.next(from, direction) };
    }
    case 'difference':
      return { event: pass.differences.next(from, direction) };
    case 'events':
      return { event: await scan(pass, travel, request, sought.filter, signal) };
    case 'frame':
      return { event: await (direction === 1 ? nextChange : lastChange)(travel, from, sought, signal) };
    case 'parting':
      return partingOf(pass, travel, sought, signal);
  }
}

/** Numbers of the events from `from` on that fit, ascending, at most `most` of them. */
export async function matches(
  { from, filter, most }: MatchesRequest,
  pass: FirstPass,
  travel: Travel,
  signal: AbortSignal,
): Promise<number[]> {
  const found: number[] = [];
  if (most === 0) return found;
  for await (const event of fittingIn(from, travel.events, filter, pass, travel, signal))
    if (found.push(event) === most) break;
  return found;
}

/** Backwards a stretch at a time, each read forwards. */
const STRETCH = 65_536;

async function scan(
  pass: FirstPass,
  travel: Travel,
  { from, direction }: FinderRequest,
  filter: EventFilter,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (direction === 1) {
    for await (const event of fittingIn(from + 1, travel.events, filter, pass, travel, signal)) return event;
    return undefined;
  }
  for (let end = from; end > 0; end -= STRETCH) {
    let last: number | undefined;
    for await (const event of fittingIn(Math.max(0, end - STRETCH), end, filter, pass, travel, signal))
      last = event;
    if (last !== undefined) return last;
  }
  return undefined;
}

/** The events from `from` to before `end` that fit, ascending. */
async function* fittingIn(
  from: number,
  end: number,
  filter: EventFilter,
  pass: FirstPass,
  travel: Travel,
  signal: AbortSignal,
): AsyncGenerator<number> {
  const fits = await fittingFrom(Math.min(from, travel.events), filter, pass, travel, signal);
  for await (const { batch, firstEvent } of stretch(travel, from, end, signal))
    for (let at = 0; at < batch.count && firstEvent + at < end; at++)
      if (fits(batch, firstEvent, at)) yield firstEvent + at;
}
