/** A progress bar with rate and time left. Silent when its stream is no terminal. */
import type { Writable } from 'node:stream';
export interface Progress {
    /** How much is done, in the unit of the total; above the total is fine when that was a guess. */
    update(done: number): void;
    stop(): void;
}
export declare function startProgress(stream: Writable & {
    readonly isTTY?: boolean;
}, label: string, unit: string, total: number | undefined): Progress;
