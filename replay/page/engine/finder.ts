/** Moments worth going to: the next failure, the next event of an object, the first at which two lanes part. */
import type { Batch } from '../../../core/event/batch.ts';
import { eventText } from '../../events/lines.ts';
import { type Selection, wantedBy } from '../../events/selection.ts';
import { partingOf } from './parting.ts';
import type { FirstPass } from './pass.ts';
import { stretch, type Travel } from './travel.ts';
import { lastChange, nextChange } from './watch.ts';

export type Sought =
  | { readonly what: 'failure'; readonly lane?: number }
  | { readonly what: 'difference' }
  /** Events that name it, or fit it otherwise. */
  | { readonly what: 'events'; readonly selection: Selection }
  /** Events whose line has this text. */
  | { readonly what: 'text'; readonly text: string }
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
    case 'events': {
      const wanted = wantedBy(sought.selection);
      const fits = (batch: Batch, firstEvent: number, at: number) =>
        wanted({ batch, firstEvent, startNs: undefined, processes: undefined, step: undefined }, at);
      return { event: await scan(travel, request, fits, signal) };
    }
    case 'text': {
      const text = sought.text.toLowerCase();
      const fits = (batch: Batch, _: number, at: number) =>
        eventText({ batch }, at).toLowerCase().includes(text);
      return { event: await scan(travel, request, fits, signal) };
    }
    case 'frame':
      return { event: await (direction === 1 ? nextChange : lastChange)(travel, from, sought, signal) };
    case 'parting':
      return partingOf(pass, travel, sought, signal);
  }
}

type Fits = (batch: Batch, firstEvent: number, at: number) => boolean;

/** Backwards a stretch at a time, each read forwards. */
const STRETCH = 65_536;

async function scan(
  travel: Travel,
  { from, direction }: FinderRequest,
  fits: Fits,
  signal: AbortSignal,
): Promise<number | undefined> {
  if (direction === 1) return firstFit(travel, from + 1, Number.POSITIVE_INFINITY, fits, signal);
  for (let end = from; end > 0; end -= STRETCH) {
    const last = await lastFit(travel, Math.max(0, end - STRETCH), end, fits, signal);
    if (last !== undefined) return last;
  }
  return undefined;
}

async function firstFit(
  travel: Travel,
  from: number,
  end: number,
  fits: Fits,
  signal: AbortSignal,
): Promise<number | undefined> {
  for await (const { batch, firstEvent } of stretch(travel, from, end, signal))
    for (let at = 0; at < batch.count; at++) if (fits(batch, firstEvent, at)) return firstEvent + at;
  return undefined;
}

async function lastFit(
  travel: Travel,
  from: number,
  end: number,
  fits: Fits,
  signal: AbortSignal,
): Promise<number | undefined> {
  let last: number | undefined;
  for await (const { batch, firstEvent } of stretch(travel, from, end, signal))
    for (let at = 0; at < batch.count && firstEvent + at < end; at++)
      if (fits(batch, firstEvent, at)) last = firstEvent + at;
  return last;
}
