/** The events that a command works on: a trace (FILE or -), or a workload made up on the way (workload:NAME). */
import { sliceBatch, UsageError } from '../../core/index.js';
import { initialStateOf, } from '../../traces/index.js';
import { openTraceInput } from './trace-input.js';
import { chooseWorkload } from './workload-options.js';
export const EVENTS_ARGUMENT = 'a trace; - is standard input, workload:NAME a workload recorded on the way';
const WORKLOAD_PREFIX = 'workload:';
export async function openEvents(what, given, terminal) {
    return what.startsWith(WORKLOAD_PREFIX) ? ofWorkload(what, given) : ofTrace(what, given, terminal);
}
function ofWorkload(what, given) {
    const chosen = chooseWorkload(what.slice(WORKLOAD_PREFIX.length), given);
    return {
        name: `${chosen.name}, seed ${chosen.seed}`,
        batches: chosen.generate(),
        total: chosen.events,
        cpus: chosen.options.cpus ?? 1,
        arguments: [what, ...chosen.arguments],
        lost: () => undefined,
        close() { },
    };
}
async function ofTrace(path, given, terminal) {
    const wrong = ['seed', 'events', 'set'].find((option) => given[option] !== undefined);
    if (wrong !== undefined)
        throw new UsageError(`${path}: found --${wrong}, which a trace cannot follow, expected it with workload:NAME only`);
    const { trace, seekable } = await openTraceInput(path, terminal);
    return {
        name: trace.file,
        batches: trace.batches(),
        total: seekable ? trace.events : undefined,
        snapshot: initialStateOf(trace.header),
        cpus: cpusOf(trace),
        arguments: [path],
        lost: () => trace.lost,
        close: () => (seekable ? trace.close() : undefined),
    };
}
/** `record` has every option of the workload in the header; `import` notes how many cpus it saw at the end. */
function cpusOf({ header, notes }) {
    const { options } = header.parameters;
    const cpus = typeof options === 'object' && options !== null && 'cpus' in options ? options.cpus : notes.cpus;
    return typeof cpus === 'number' && Number.isInteger(cpus) && cpus >= 1 ? cpus : 1;
}
/** The first `count` events. */
export async function* firstEvents(source, count) {
    let left = count;
    if (left === 0)
        return;
    for await (const batch of source) {
        yield batch.count <= left ? batch : sliceBatch(batch, 0, left);
        left -= batch.count;
        if (left <= 0)
            return;
    }
}
//# sourceMappingURL=events.js.map