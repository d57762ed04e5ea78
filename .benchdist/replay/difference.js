/** One event that came out differently: in what, how to tell its sort, and the story of each lane. */
import { eventAt, sliceBatch } from '../core/event/batch.js';
import { fold } from '../core/fold.js';
import { ADDRESS_SHIFT, FAULT_MASK, TLB_MASK } from '../core/outcome.js';
import { describeEvent } from './event-text.js';
import { describeOutcome } from './outcome-text.js';
export const CATEGORIES = ['status', 'addressType', 'fault'];
/** In what the outcomes of one event differ, the weightiest first; undefined when they agree. */
export function categoryOf(outcomes, at) {
    const first = outcomes[0];
    let flagBits = 0;
    for (const { status, flags } of outcomes) {
        if (status[at] !== first.status[at])
            return 'status';
        flagBits |= flags[at] ^ first.flags[at];
    }
    if (flagBits >>> ADDRESS_SHIFT !== 0)
        return 'addressType';
    return (flagBits & FAULT_MASK) !== 0 ? 'fault' : undefined;
}
/** Equal for differences of one sort. */
export function sortOf({ batch, outcomes }, at) {
    let sort = String.fromCharCode(batch.kind[at]);
    for (const { status, flags } of outcomes)
        sort += String.fromCharCode(status[at], flags[at] & ~TLB_MASK);
    return sort;
}
/** The machines are taken back to just before the event, to see what it met; `at` must not go back. */
export function explainDifference(scene, at, category) {
    const { batch, firstEvent, names, rewinds } = scene;
    const fields = eventAt(batch, at);
    const alone = sliceBatch(batch, at, at + 1);
    const request = describeEvent(fields);
    const outcomes = {};
    const stories = {};
    rewinds.forEach((rewind, lane) => {
        const before = rewind.to(at);
        const { outcome, story } = describeOutcome(before, fold(before, alone), fields);
        outcomes[names[lane]] = outcome;
        stories[names[lane]] = story;
    });
    const why = `${request}: ${names.map((name) => `${name}: ${stories[name]}`).join('; ')}`;
    const { kind } = fields;
    return { event: firstEvent + at, kind, request, fields, category, count: 1, outcomes, stories, why };
}
//# sourceMappingURL=difference.js.map