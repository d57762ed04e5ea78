/**
 * The text of a /proc file, line by line, for parsers that accept what the kernel prints and nothing else.
 * Every fault names file, line, what was found and what was expected.
 */
import { ImportError } from '../errors.js';
const REMEDY = 'Take the file whole, as the kernel printed it';
/** Of a faulty line, this much is shown. */
const MOST_SHOWN = 60;
export class ProcText {
    lines;
    file;
    firstLine;
    at = 0;
    constructor(text, defaultFile, { file = defaultFile, firstLine = 1 } = {}) {
        this.lines = text.replace(/[\r\n]+$/, '').split(/\r?\n/);
        this.file = file;
        this.firstLine = firstLine;
    }
    get done() {
        return this.at >= this.lines.length;
    }
    /** The groups of the line here if it matches, and on to the next line; undefined, and no step, if not. */
    accept(pattern) {
        const match = this.done ? null : pattern.exec(this.lines[this.at]);
        if (match === null)
            return undefined;
        this.at++;
        return match;
    }
    /** The same for a line that must match; `expected` describes it to people, best by an example. */
    expect(pattern, expected) {
        return this.accept(pattern) ?? this.fail(expected);
    }
    /** What `read` makes of every line that matches, from here on. */
    each(pattern, read) {
        const found = [];
        for (let match = this.accept(pattern); match !== undefined; match = this.accept(pattern))
            found.push(read(match));
        return found;
    }
    /** What `read` makes of the text until its end; at least one. */
    untilEnd(read) {
        const found = [read()];
        while (!this.done)
            found.push(read());
        return found;
    }
    /** A fault of the line here. */
    fail(expected, remedy = REMEDY) {
        throw this.fault(this.at, expected, remedy);
    }
    /** A fault of the line that was just read. */
    reject(expected, remedy = REMEDY) {
        throw this.fault(this.at - 1, expected, remedy);
    }
    fault(at, expected, remedy) {
        const line = this.lines[at];
        const found = line === undefined || line === '' ? emptyLine(line) : `'${shortened(line)}'`;
        return new ImportError({ file: this.file, line: this.firstLine + at, found, expected, remedy });
    }
}
function emptyLine(line) {
    return line === undefined ? 'the end of the text' : 'an empty line';
}
function shortened(line) {
    return line.length <= MOST_SHOWN ? line : `${line.slice(0, MOST_SHOWN)}...`;
}
/** `  1  22   333 ` as numbers. */
export function numbersOf(text) {
    return text.trim().split(/\s+/).map(Number);
}
/** `name value` lines by name. */
export function figuresOf(lines, pattern) {
    return Object.fromEntries(lines.each(pattern, ([, name, value]) => [name, Number(value)]));
}
/** Numbers right-aligned, each followed by a blank: `%<width>lu `. */
export function columns(values, width) {
    return values.map((value) => `${String(value).padStart(width)} `).join('');
}
/** `%0<digits>llx`. */
export function hexDigits(value, digits) {
    return value.toString(16).padStart(digits, '0');
}
//# sourceMappingURL=text.js.map