/**
 * Keyframes: whole machines kept along the way, so that any moment can be reached by folding a short stretch.
 * They share what did not change between them. When there are too many, every second one goes and the distance
 * doubles: a fixed number covers a replay of any length.
 */
import { UsageError } from '../../core/base/errors.ts';
import type { Machine } from '../../core/machine/machine.ts';

export interface Keyframe {
  /** Events folded before it: the machine that event number `event` meets. */
  readonly event: number;
  readonly machine: Machine;
}

export interface KeyframeOptions {
  /** Keyframes kept at most; default 64. */
  readonly capacity?: number;
  /** Events between two of them at first; default 65,536. Those in between come at ends of batches. */
  readonly intervalEvents?: number;
}

/** Machines at some events, ascending, to begin a seek at; the first is the machine at boot. */
export class Keyframes {
  private readonly capacity: number;
  private interval: number;
  private frames: Keyframe[];

  /** `boot` is the machine before the first event. */
  constructor(boot: Machine, { capacity = 64, intervalEvents = 65_536 }: KeyframeOptions = {}) {
    if (capacity < 2) throw new UsageError(`found room for ${capacity} keyframes, expected 2 or more`);
    this.capacity = capacity;
    this.interval = intervalEvents;
    this.frames = [{ event: 0, machine: boot }];
  }

  get count(): number {
    return this.frames.length;
  }

  get intervalEvents(): number {
    return this.interval;
  }

  /** Offers the machine before event number `event`; kept if it is far enough from the last one. */
  offer(event: number, machine: Machine): void {
    if (event < this.frames.at(-1)!.event + this.interval) return;
    if (this.frames.length === this.capacity) this.thin();
    if (event >= this.frames.at(-1)!.event + this.interval) this.frames.push({ event, machine });
  }

  /** The last keyframe at or before an event. */
  nearest(event: number): Keyframe {
    return this.nearestTo((frame) => frame.event <= event);
  }

  /** The last keyframe that is not too late, which the one at boot never is. */
  nearestTo(isEarlyEnough: (frame: Keyframe) => boolean): Keyframe {
    return this.frames.findLast(isEarlyEnough) ?? this.frames[0]!;
  }

  private thin(): void {
    this.frames = this.frames.filter((_, i) => i % 2 === 0);
    this.interval *= 2;
  }
}
