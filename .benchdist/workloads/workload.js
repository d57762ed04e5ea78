/** A workload: a named description, with options, of who does what to memory; it turns into batches of events. */
import { UsageError } from '../core/errors.js';
import { DEFAULT_BATCH_SIZE } from '../core/event/batch.js';
import { Engine } from './engine.js';
import { completeOptions, optionRows, parseOptions, } from './options.js';
/** What every workload can be asked. */
const COMMON_OPTIONS = {
    cpus: { default: 2, unit: 'cpus', min: 1, max: 64, doc: 'cpus that run it' },
    drain: {
        default: 0,
        unit: '(0 or 1)',
        min: 0,
        max: 1,
        doc: 'free everything at the end: exit, unmap, free, and drop the page cache',
    },
};
export function defineWorkload(spec) {
    const { name, title, doc, defaultEvents } = spec;
    const table = { ...spec.options, ...COMMON_OPTIONS };
    return {
        name,
        title,
        doc,
        defaultEvents,
        options: optionRows(table),
        parse: (settings) => parseOptions(table, settings),
        generate(seed, options, events, batchSize = DEFAULT_BATCH_SIZE) {
            checkCount('events', events, 0);
            checkCount('batch size', batchSize, 1);
            const values = completeOptions(table, options);
            const settings = { seed, cpus: values.cpus, drain: values.drain === 1, events, batchSize };
            return {
                [Symbol.iterator]() {
                    const engine = new Engine(settings);
                    spec.start(engine, values);
                    return engine.run();
                },
            };
        },
    };
}
function checkCount(what, count, min) {
    if (Number.isSafeInteger(count) && count >= min)
        return;
    throw new UsageError(`${what}: ${count} is not a whole number of at least ${min}`);
}
//# sourceMappingURL=workload.js.map