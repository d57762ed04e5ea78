import type { Machine } from '../core/state/machine.ts';
import type { Keyframe, Keyframes } from './keyframes.ts';
import type { SeekableSource } from './source.ts';
/**
 * The machine that event number `event` meets: all events before it are folded. What is passed on the way is
 * offered to the keyframes, so that a second seek nearby is short.
 */
export declare function seek(source: SeekableSource, keyframes: Keyframes, event: number): Promise<Machine>;
/**
 * The last moment at which no cpu's clock had passed `timeNs`: the machine, and the number of the event that it
 * meets, which would end later.
 */
export declare function seekTime(source: SeekableSource, keyframes: Keyframes, timeNs: number): Promise<Keyframe>;
/** The machine that has met every event. */
export declare function seekEnd(source: SeekableSource, keyframes: Keyframes): Promise<Keyframe>;
/** Simulated time: what the cpu that is furthest on has reached. It never goes back. */
export declare function latestNs(machine: Machine): number;
