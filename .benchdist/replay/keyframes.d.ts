import type { Machine } from '../core/state/machine.ts';
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
export declare class Keyframes {
    private readonly capacity;
    private interval;
    private frames;
    /** `boot` is the machine before the first event. */
    constructor(boot: Machine, { capacity, intervalEvents }?: KeyframeOptions);
    get count(): number;
    get intervalEvents(): number;
    /** Offers the machine before event number `event`; kept if it is far enough from the last one. */
    offer(event: number, machine: Machine): void;
    /** The last keyframe at or before an event. */
    nearest(event: number): Keyframe;
    /** The last keyframe that is not too late, which the one at boot never is. */
    nearestTo(isEarlyEnough: (frame: Keyframe) => boolean): Keyframe;
    private thin;
}
