/**
 * A worked example: a few events, in scenes that say what is going on, with the machine that they are meant for.
 * It is a workload without options and without chance, so whatever plays a workload plays an example too.
 */
import { batchOf, DEFAULT_BATCH_SIZE, rebatch } from '../../core/event/batch.js';
import { parseOptions } from '../options.js';
export function defineExample(spec) {
    const all = spec.scenes.flatMap(({ events }) => events);
    return {
        ...spec,
        options: [],
        defaultEvents: all.length,
        parse: (settings) => parseOptions({}, settings),
        generate: (_seed, _options, events, batchSize = DEFAULT_BATCH_SIZE) => ({
            [Symbol.iterator]: () => rebatch([batchOf(all.slice(0, events))], batchSize),
        }),
    };
}
/** Events that succeed. */
export function scene(says, ...facts) {
    return { says, events: facts.map(eventOf), becomes: 'ok' };
}
/** Events that fail, for this reason. */
export function failing(becomes, says, ...facts) {
    return { ...scene(says, ...facts), becomes };
}
function eventOf(fact) {
    return { cpu: 0, thinkNs: 0, ...fact };
}
//# sourceMappingURL=example.js.map