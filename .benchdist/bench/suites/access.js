/** References as access events, through the whole fold: objects bound, repeats dropped, translated, timed. */
import { bootedMachine, foldAll, loads, mapWindows } from '../events.js';
import { STREAMS } from './reference-streams.js';
export const access = {
    name: 'access',
    unit: 'references',
    doc: 'loads as events through the fold, linux-x86_64',
    rows: STREAMS.map(row),
};
function row({ name, pages, resident }) {
    return {
        name,
        prepare() {
            const stream = pages();
            const mapped = foldAll(bootedMachine('linux-x86_64'), mapWindows(stream));
            const start = foldAll(mapped, loads(resident()));
            const batches = loads(stream);
            return { events: stream.length, run: () => foldAll(start, batches) };
        },
    };
}
//# sourceMappingURL=access.js.map