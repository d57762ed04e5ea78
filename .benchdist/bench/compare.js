/** Comparing with an earlier run: the output of `--json`, row by row. */
import { readFile } from 'node:fs/promises';
import { UsageError } from '../core/errors.js';
export async function readEarlier(path) {
    const text = await readFile(path, 'utf8').catch((error) => {
        const reason = error.code === 'ENOENT' ? 'no such file' : error.message;
        throw new UsageError(`${path}: cannot be read: ${reason}`, { cause: error });
    });
    const results = resultsIn(text);
    if (Array.isArray(results) && results.every(isEarlier))
        return results;
    throw new UsageError(`${path}: found something else than the results of a run; expected what --json prints. ` +
        'Make it with `npm run --silent bench -- --json > FILE`');
}
/** Rows that the earlier run lacks have no ratio. */
export function compared(results, earlier) {
    return results.map((result) => {
        const old = earlier.find(({ suite, name }) => suite === result.suite && name === result.name);
        if (old === undefined)
            return result;
        return {
            ...result,
            ratio: result.eventsPerSecond / old.eventsPerSecond,
            cpuRatio: old.cpuNsPerEvent / result.cpuNsPerEvent,
        };
    });
}
function resultsIn(text) {
    try {
        return JSON.parse(text)?.results;
    }
    catch {
        return undefined;
    }
}
function isEarlier(value) {
    const row = value;
    return (typeof row?.suite === 'string' &&
        typeof row.name === 'string' &&
        typeof row.eventsPerSecond === 'number' &&
        typeof row.cpuNsPerEvent === 'number');
}
//# sourceMappingURL=compare.js.map