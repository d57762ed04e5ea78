/**
 * Keyframes: whole machines kept along the way, so that any moment can be reached by folding a short stretch.
 * They share what did not change between them. When there are too many, every second one goes and the distance
 * doubles: a fixed number covers a replay of any length.
 */
import { UsageError } from '../../core/base/errors.ts';
import type { Machine } from '../../core/machine/machine.ts';

/** A machine, and when it was. */
export interface Keyframe<M = Machine> {
  /** Events folded before it: the machine that event number `event` meets. */
  readonly event: number;
  readonly machine: M;
}

export interface KeyframeOptions<M = Machine> {
  /** Keyframes kept at most; default 64. */
  readonly capacity?: number;
  /** Events between two of them at first; default 65,536. Those in between come at ends of batches. */
  readonly intervalEvents?: number;
  /** Bytes that they may take together beside the first; by default not asked. */
  readonly bytes?: { readonly most: number; of(machine: M, before: M): number };
}

/**
 * Machines at some events, ascending, to begin a seek at; the first is the machine at boot. A machine may be whatever
 * goes on from event to event: a page keeps all lanes together.
 */
export class Keyframes<M = Machine> {
  private readonly capacity: number;
  private readonly bytes: KeyframeOptions<M>['bytes'];
  private interval: number;
  private frames: Keyframe<M>[];
  private taken = 0;

  /** `boot` is the machine before the first event. */
  constructor(boot: M, { capacity = 64, intervalEvents = 65_536, bytes }: KeyframeOptions<M> = {}) {
    if (capacity < 2) throw new UsageError(`found room for ${capacity} keyframes, expected 2 or more`);
    this.capacity = capacity;
    this.bytes = bytes;
    this.interval = intervalEvents;
    this.frames = [{ event: 0, machine: boot }];
  }

  get count(): number {
    return this.frames.length;
  }

  get intervalEvents(): number {
    return this.interval;
  }

  /** Bytes that they take beside the first; 0 unless they are asked for. */
  get ownBytes(): number {
    return this.taken;
  }

  /** Offers the machine before event number `event`; kept if it is far enough from the last one. */
  offer(event: number, machine: M): void {
    if (event < this.frames.at(-1)!.event + this.interval) return;
    if (this.frames.length === this.capacity) this.thin();
    if (event < this.frames.at(-1)!.event + this.interval) return;
    this.taken += this.costOf(machine, this.frames.at(-1)!.machine);
    this.frames.push({ event, machine });
    while (this.bytes !== undefined && this.taken > this.bytes.most && this.frames.length > 2) this.thin();
  }

  /** The last keyframe at or before an event. */
  nearest(event: number): Keyframe<M> {
    return this.nearestTo((frame) => frame.event <= event);
  }

  /** The last keyframe that is not too late, which the one at boot never is. */
  nearestTo(isEarlyEnough: (frame: Keyframe<M>) => boolean): Keyframe<M> {
    return this.frames.findLast(isEarlyEnough) ?? this.frames[0]!;
  }

  private thin(): void {
    this.frames = this.frames.filter((_, i) => i % 2 === 0);
    this.interval *= 2;
    this.taken = this.frames.reduce((sum, { machine }, i) => {
      return i === 0 ? 0 : sum + this.costOf(machine, this.frames[i - 1]!.machine);
    }, 0);
  }

  private costOf(machine: M, before: M): number {
    return this.bytes?.of(machine, before) ?? 0;
  }
}
