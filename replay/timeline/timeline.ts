/**
 * A timeline: what every lane's machine has to tell at moments that are evenly spaced, by number of events or by simulated
 * time. One batch and the lanes' machines are in memory, however long the trace.
 */
import { type Batch, sliceBatch } from '../../core/event/batch.ts';
import { fold } from '../../core/fold/fold.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { eventTimes } from '../figures/event-times.ts';
import { latestNs } from '../figures/figures.ts';
import { type Lane, scaled } from '../lane/lane.ts';
import { Rewind } from '../seek/rewind.ts';
import type { BatchSource } from '../source/source.ts';
import { TIMELINE_FIGURES } from './figures.ts';

/** One of the two, from 1 on. */
export type Every = { readonly events: number } | { readonly ns: number };

/** What a lane had to tell at a moment. */
export interface Sample {
  /** The name of the lane. */
  readonly lane: string;
  /** The machine is the one that this event meets. */
  readonly event: number;
  /** Simulated time of the sample: with `ns` the moment asked for, else what the cpu furthest on has reached. */
  readonly timeNs: number;
  /** In the order of TIMELINE_FIGURES. */
  readonly values: readonly number[];
}

/**
 * Samples of all lanes, from the machine just booted to the one that met the last event. A sample by time is of the last
 * moment at which no cpu was past it, as `seekTime` has it. The lanes given stay as they are.
 */
export async function* timeline(
  source: BatchSource,
  lanes: readonly Lane[],
  every: Every,
): AsyncGenerator<Sample> {
  const samplers = lanes.map((lane) => new Sampler(lane));
  for (const sampler of samplers) yield sampler.sample();
  for await (const batch of source) {
    const pieces = 'events' in every ? cutAtMultiples(batch, samplers[0]!.event, every.events) : [batch];
    for (const piece of pieces) {
      for (const sampler of samplers) {
        if ('ns' in every) yield* sampler.stepByTime(piece, every.ns);
        else yield* sampler.stepByEvents(piece, every.events);
      }
    }
  }
  for (const sampler of samplers) if (sampler.hasMoved) yield sampler.sample();
}

/** Pieces of a batch of which none reaches over a multiple of `size`. */
function cutAtMultiples(batch: Batch, firstEvent: number, size: number): Batch[] {
  const pieces: Batch[] = [];
  for (let start = 0; start < batch.count; ) {
    const end = Math.min(batch.count, start + size - ((firstEvent + start) % size));
    pieces.push(sliceBatch(batch, start, end));
    start = end;
  }
  return pieces;
}

/** A lane on its way through the trace. */
class Sampler {
  event: number;
  private lane: Lane;
  /** Whole multiples of the interval that are sampled already. */
  private ticks = 0;
  private sampledEvent = -1;
  private flows: readonly number[];

  constructor(lane: Lane) {
    this.lane = lane;
    this.event = lane.events;
    this.flows = figuresOf(lane.machine);
  }

  /** Whether events came since the last sample. */
  get hasMoved(): boolean {
    return this.event !== this.sampledEvent;
  }

  sample(machine = this.lane.machine, event = this.event, timeNs = latestNs(machine)): Sample {
    const figures = figuresOf(machine);
    const values = figures.map(
      (value, i) => value - (TIMELINE_FIGURES[i]!.kind === 'flow' ? this.flows[i]! : 0),
    );
    this.flows = figures;
    this.sampledEvent = event;
    return { lane: this.lane.name, event, timeNs, values };
  }

  *stepByEvents(batch: Batch, size: number): Generator<Sample> {
    this.step(batch);
    if (this.event % size === 0) yield this.sample();
  }

  /** Moments that pass within the batch: the machine is that before the first event that ends later. */
  *stepByTime(batch: Batch, everyNs: number): Generator<Sample> {
    const { event: firstEvent } = this;
    const folding = this.step(batch);
    const endNs = latestNs(folding.after);
    if ((this.ticks + 1) * everyNs >= endNs) return;
    const times = eventTimes(folding, folding.batch);
    const rewind = new Rewind(folding.before, folding.batch);
    for (let at = 0; at < batch.count; at++) {
      for (let next = this.ticks + 1; next * everyNs < times.endNs[at]!; next++) {
        yield this.sample(rewind.to(at), firstEvent + at, next * everyNs);
        this.ticks = next;
      }
    }
  }

  /** Folds the batch without counting what came of it: the machine counts what a timeline tells. */
  private step(recorded: Batch) {
    const { batch, scale } = scaled(this.lane, recorded);
    const before = this.lane.machine;
    const { machine: after, outcomes } = fold(before, batch);
    this.event += batch.count;
    this.lane = { ...this.lane, machine: after, events: this.event, scale };
    return { before, after, outcomes, batch };
  }
}

function figuresOf(machine: Machine): number[] {
  return TIMELINE_FIGURES.map((figure) => figure.of(machine));
}
