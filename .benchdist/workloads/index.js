/** Synthetic workloads: named generators of events. A new one is a file and a row of WORKLOADS. */
import { database } from './database.js';
import { drivers } from './drivers.js';
import { EXAMPLES } from './examples/index.js';
import { highmem } from './highmem.js';
import { unknownName } from './options.js';
import { prefork } from './prefork.js';
export { EXAMPLES } from './examples/index.js';
export const WORKLOADS = [database, drivers, highmem, prefork];
/** The workload or worked example of this name; UsageError when there is none. */
export function workload(name) {
    return named('workload', name, [...WORKLOADS, ...EXAMPLES]);
}
/** The worked example of this name; UsageError when there is none. */
export function example(name) {
    return named('example', name, EXAMPLES);
}
function named(what, name, known) {
    const found = known.find((candidate) => candidate.name === name);
    if (found !== undefined)
        return found;
    throw unknownName(what, name, known.map((candidate) => candidate.name));
}
//# sourceMappingURL=index.js.map