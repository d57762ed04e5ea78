/** The lanes at any event: from the nearest moment that is kept, and a fold of what lies between. */
import { type Batch, sliceBatch } from '../../../core/event/batch.ts';
import { type Lane, stepLane } from '../../lane/lane.ts';
import type { Keyframes } from '../../seek/keyframes.ts';
import { breath } from '../../source/breath.ts';
import type { SeekableSource } from '../../source/source.ts';
import { type Standing, Trail } from './trail.ts';

/** Thrown when somebody wants to be elsewhere by now. */
export class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** So many events before a moment the lanes are kept too: lists begin there. */
const BEFORE = 64;

export class Travel {
  readonly source: SeekableSource;
  /** How many there are. */
  readonly events: number;
  private readonly keyframes: Keyframes<readonly Lane[]>;
  private readonly trail = new Trail();

  constructor(source: SeekableSource, events: number, keyframes: Keyframes<readonly Lane[]>) {
    this.source = source;
    this.events = events;
    this.keyframes = keyframes;
  }

  /** The nearest moment at or before an event that is there without folding anything. */
  nearest(event: number): Standing {
    const { event: at, machine: lanes } = this.keyframes.nearest(event);
    const recent = this.trail.nearest(event);
    return recent !== undefined && recent.event >= at ? recent : { event: at, lanes };
  }

  /** The lanes as event number `event` meets them. Throws Overtaken when the signal comes first. */
  async to(event: number, signal?: AbortSignal): Promise<Standing> {
    if (this.nearest(event).event < event - BEFORE) await this.walk(event - BEFORE, signal);
    return this.walk(event, signal);
  }

  private async walk(event: number, signal: AbortSignal | undefined): Promise<Standing> {
    let standing = this.nearest(event);
    if (standing.event === event) return standing;
    for await (const batch of this.source.batches(standing.event)) {
      const piece = sliceBatch(batch, 0, Math.min(batch.count, event - standing.event));
      standing = stepped(standing, piece);
      this.trail.add(standing);
      if (standing.event === event) return standing;
      await breath();
      if (signal?.aborted) throw new Overtaken();
    }
    return standing;
  }

  /** The events from one on, at most `count` of them. */
  async eventsFrom(event: number, count: number): Promise<Batch[]> {
    const batches: Batch[] = [];
    let missing = count;
    if (missing === 0 || event >= this.events) return batches;
    for await (const batch of this.source.batches(event)) {
      batches.push(sliceBatch(batch, 0, Math.min(batch.count, missing)));
      missing -= batches.at(-1)!.count;
      if (missing === 0) break;
    }
    return batches;
  }
}

/** Batches of a stretch of events; the last may go beyond its end. Throws Overtaken when the signal comes first. */
export async function* stretch({ source, events }: Travel, from: number, end: number, signal: AbortSignal) {
  if (from >= events) return;
  let firstEvent = from;
  for await (const batch of source.batches(from)) {
    if (firstEvent >= end) return;
    yield { batch, firstEvent };
    firstEvent += batch.count;
    await breath();
    if (signal.aborted) throw new Overtaken();
  }
}

export function stepped({ event, lanes }: Standing, batch: Batch): Standing {
  return { event: event + batch.count, lanes: lanes.map((lane) => stepLane(lane, batch).lane) };
}
