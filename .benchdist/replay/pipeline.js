/**
 * The pipeline: batches, through all lanes in lock step, to sinks. One emission is one batch, so rxjs costs nothing
 * by event; this is the only file that knows its operators.
 *
 *     source ── batch$ ── fold in every lane ── lockstep$ ─┬─ differences
 *                                                          ├─ keyframes, recorder, whatever else is asked for
 *                                                          └─ progress
 */
import { from, fromEvent, lastValueFrom, map, share, takeUntil, tap } from 'rxjs';
import { UsageError } from '../core/errors.js';
import { Lockstep } from './lockstep.js';
import { layoutResult } from './result.js';
import { paced, recut } from './source.js';
/** Folds every batch in every lane. Shared: all subscribers see the same emissions, and nothing is folded twice. */
export function inLockstep(batch$, lanes) {
    const foldAll = (batch) => {
        const firstEvent = lanes[0].events;
        return { batch, firstEvent, steps: lanes.map((lane) => lane.step(batch)) };
    };
    return batch$.pipe(map(foldAll), share());
}
/** Replays a source in all lanes, from its beginning to its end or until the signal. */
export async function replay(source, lanes, options = {}) {
    checkLanes(lanes);
    const { batchSize, onProgress, signal, clock = () => performance.now() } = options;
    const differences = lanes.length > 1 ? newLockstep(lanes, options) : undefined;
    const sinks = differences === undefined ? [] : [(e) => differences.add(e.batch, e.steps)];
    const gate = new Gate([...sinks, ...(options.sinks ?? [])]);
    const start = clock();
    const progress = () => ({ events: lanes[0].events, elapsedMs: clock() - start });
    const cut = batchSize === undefined ? source : recut(source, batchSize);
    let complete = false;
    const ended = () => {
        complete = true;
    };
    const batch$ = from(paced(cut, () => gate.open)).pipe(tap({ complete: ended }));
    const lockstep$ = inLockstep(until(batch$, signal), lanes).pipe(tap((emission) => gate.pass(emission)), tap(() => onProgress?.(progress())));
    await lastValueFrom(lockstep$, { defaultValue: undefined });
    await gate.open;
    const { events, elapsedMs } = progress();
    return {
        events,
        complete,
        elapsedMs,
        layouts: lanes.map(layoutResult),
        ...(differences !== undefined && { differences: differences.result() }),
    };
}
/** Hands emissions to the sinks, and stays shut until the slowest is through. */
class Gate {
    sinks;
    open = Promise.resolve();
    constructor(sinks) {
        this.sinks = sinks;
    }
    pass(emission) {
        const waits = this.sinks.map((sink) => sink(emission)).filter((wait) => wait !== undefined);
        if (waits.length > 0)
            this.open = Promise.all(waits);
    }
}
function until(values$, signal) {
    if (signal === undefined)
        return values$;
    return values$.pipe(takeUntil(signal.aborted ? from([undefined]) : fromEvent(signal, 'abort')));
}
function newLockstep(lanes, { firstDifferences }) {
    const names = lanes.map((lane) => lane.name);
    return new Lockstep(names, firstDifferences === undefined ? {} : { first: firstDifferences });
}
/** Differences are told by name, and event by event. */
function checkLanes(lanes) {
    if (lanes.length === 0)
        throw new UsageError('found no layout to replay under, expected one or more');
    const names = new Set(lanes.map(({ name }) => name));
    if (names.size < lanes.length) {
        throw new UsageError(`found lanes of the same name (${lanes.map(({ name }) => name).join(', ')}): name them`);
    }
    if (lanes.some(({ events }) => events !== lanes[0].events))
        throw new UsageError('found lanes at different events, expected all of them at the same');
}
//# sourceMappingURL=pipeline.js.map