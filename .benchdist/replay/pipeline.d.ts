/**
 * The pipeline: batches, through all lanes in lock step, to sinks. One emission is one batch, so rxjs costs nothing
 * by event; this is the only file that knows its operators.
 *
 *     source ── batch$ ── fold in every lane ── lockstep$ ─┬─ differences
 *                                                          ├─ keyframes, recorder, whatever else is asked for
 *                                                          └─ progress
 */
import { type Observable } from 'rxjs';
import type { Batch } from '../core/event/batch.ts';
import type { Clock, Lane, Step } from './engine.ts';
import { type ReplayResult } from './result.ts';
import { type BatchSource } from './source.ts';
/** One batch, and what each lane made of it. */
export interface LockstepEmission {
    readonly batch: Batch;
    /** Number of the batch's first event. */
    readonly firstEvent: number;
    /** In the order of the lanes. */
    readonly steps: readonly Step[];
}
/** Takes emissions; the source waits for the promise, if there is one. */
export type Sink = (emission: LockstepEmission) => Promise<void> | void;
export interface Progress {
    readonly events: number;
    readonly elapsedMs: number;
}
export interface ReplayOptions {
    /** Cut the batches anew; by default they are taken as they come. Never changes a result. */
    readonly batchSize?: number;
    /** Called after every batch. */
    readonly onProgress?: (progress: Progress) => void;
    /** Ends the replay after the batch that is being folded. */
    readonly signal?: AbortSignal;
    /** What else is to see every batch: keyframes, a recorder. */
    readonly sinks?: readonly Sink[];
    /** How many sorts of differences to keep and explain; default 10. */
    readonly firstDifferences?: number;
    readonly clock?: Clock;
}
/** Folds every batch in every lane. Shared: all subscribers see the same emissions, and nothing is folded twice. */
export declare function inLockstep(batch$: Observable<Batch>, lanes: readonly Lane[]): Observable<LockstepEmission>;
/** Replays a source in all lanes, from its beginning to its end or until the signal. */
export declare function replay(source: BatchSource, lanes: readonly Lane[], options?: ReplayOptions): Promise<ReplayResult>;
