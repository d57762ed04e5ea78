/** What can be wrong with a file. Every message says where, what was found, what was expected and how to mend it. */
import { UsageError } from '../core/errors.js';
/** A `.vmt` file that is not what it should be. */
export class TraceError extends UsageError {
    name = 'TraceError';
    file;
    offset;
    found;
    expected;
    remedy;
    constructor({ file, offset, found, expected, remedy }) {
        super(`${file}: at byte ${offset}: found ${found}, expected ${expected}. ${remedy}`);
        this.file = file;
        this.offset = offset;
        this.found = found;
        this.expected = expected;
        this.remedy = remedy;
    }
}
/** A trace written by a later vmsplit, in a format this one cannot know. */
export class NewerTraceError extends TraceError {
    name = 'NewerTraceError';
}
/**
 * What the decoding layers throw: they know what is wrong but not of which file. The reader, which knows
 * file and offset, turns it into a TraceError; it never leaves this folder.
 */
export class Fault extends Error {
    name = 'Fault';
    found;
    expected;
    constructor(found, expected) {
        super(`found ${found}, expected ${expected}`);
        this.found = found;
        this.expected = expected;
    }
}
const RECOVER = 'Run `vmsplit recover` to keep what is whole';
/** Runs one step of reading; a fault in it becomes an error that names the file and the record's place. */
export function locateFaults(file, offset, read) {
    try {
        return read();
    }
    catch (error) {
        if (!(error instanceof Fault))
            throw error;
        const { found, expected } = error;
        throw new TraceError({ file, offset, found, expected, remedy: RECOVER });
    }
}
/** A foreign trace that cannot be imported. */
export class ImportError extends UsageError {
    name = 'ImportError';
    file;
    line;
    found;
    expected;
    remedy;
    constructor({ file, line, found, expected, remedy }) {
        const place = line === undefined ? file : `${file}: line ${line}`;
        super(`${place}: found ${found}, expected ${expected}. ${remedy}`);
        this.file = file;
        if (line !== undefined)
            this.line = line;
        this.found = found;
        this.expected = expected;
        this.remedy = remedy;
    }
}
//# sourceMappingURL=errors.js.map