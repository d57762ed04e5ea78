/**
 * Keyframes: whole machines kept along the way, so that any moment can be reached by folding a short stretch.
 * They share what did not change between them. When there are too many, every second one goes and the distance
 * doubles: a fixed number covers a replay of any length.
 */
import { UsageError } from '../core/errors.js';
export class Keyframes {
    capacity;
    interval;
    frames;
    /** `boot` is the machine before the first event. */
    constructor(boot, { capacity = 64, intervalEvents = 65_536 } = {}) {
        if (capacity < 2)
            throw new UsageError(`found room for ${capacity} keyframes, expected 2 or more`);
        this.capacity = capacity;
        this.interval = intervalEvents;
        this.frames = [{ event: 0, machine: boot }];
    }
    get count() {
        return this.frames.length;
    }
    get intervalEvents() {
        return this.interval;
    }
    /** Offers the machine before event number `event`; kept if it is far enough from the last one. */
    offer(event, machine) {
        if (event < this.frames.at(-1).event + this.interval)
            return;
        if (this.frames.length === this.capacity)
            this.thin();
        if (event >= this.frames.at(-1).event + this.interval)
            this.frames.push({ event, machine });
    }
    /** The last keyframe at or before an event. */
    nearest(event) {
        return this.nearestTo((frame) => frame.event <= event);
    }
    /** The last keyframe that is not too late, which the one at boot never is. */
    nearestTo(isEarlyEnough) {
        return this.frames.findLast(isEarlyEnough) ?? this.frames[0];
    }
    thin() {
        this.frames = this.frames.filter((_, i) => i % 2 === 0);
        this.interval *= 2;
    }
}
//# sourceMappingURL=keyframes.js.map