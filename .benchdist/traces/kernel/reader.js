/**
 * Reads a kernel trace line by line: tracefs' trace and trace_pipe, perf script, trace-cmd report.
 *
 *   await readKernelRecords({ name, blocks }, (record) => { if (record.kind === 'mm_page_alloc') ... });
 *
 * Every line is a record, or an ImportError with its number.
 */
import { UsageError } from '../../core/errors.js';
import { ImportError } from '../errors.js';
import { latin1 } from '../import/bytes.js';
import { gunzipped, peek } from '../import/input.js';
import { lineSpans } from '../import/lines.js';
import { ByteTable } from './byte-table.js';
import { LineCursor, Malformed } from './cursor.js';
import { DIALECTS, LineHead } from './dialect.js';
import { lineAt, readPlainLine } from './plain-lines.js';
import { RecordSlot } from './record.js';
import { finishLine, tracepointOf } from './tracepoints.js';
/** As much of the text as a look at it gets to see: past the banner of tracefs. */
const SNIFF_BYTES = 0x1_0000;
const LETTERS_SHOWN = 160;
/**
 * Calls `visit` for each line, in order. The record is one object that is filled anew for each line: take out of it
 * what you keep, before `visit` returns.
 */
export async function readKernelRecords({ name, blocks, dialect }, visit, { onBlock } = {}) {
    const { first, blocks: text } = await peek(await gunzipped(blocks, name), SNIFF_BYTES);
    const known = dialect === undefined ? sniffed(first, name) : named(dialect);
    const reader = new LineReader(name, known, visit);
    for await (const { bytes, end, cut } of lineSpans(text, name)) {
        if (cut)
            reader.cutLine();
        else
            reader.read(bytes, end);
        await onBlock?.();
    }
    return { dialect: known.name, lines: reader.lines };
}
/** Which dialect a text that begins like this is in. */
export function dialectOf(firstBytes) {
    const text = latin1(firstBytes);
    return DIALECTS.find(({ sniff }) => sniff.test(text));
}
function sniffed(firstBytes, file) {
    const dialect = dialectOf(firstBytes);
    if (dialect !== undefined)
        return dialect;
    throw new ImportError({
        file,
        found: firstBytes.length === 0 ? 'an empty file' : 'text or data of no known format',
        expected: `a kernel trace as one of: ${names()}`,
        remedy: "Record one: tracefs' trace_pipe, perf script, trace-cmd report",
    });
}
function named(name) {
    const dialect = DIALECTS.find((candidate) => candidate.name === name);
    if (dialect !== undefined)
        return dialect;
    throw new UsageError(`found the format '${name}', expected one of: ${names()}`);
}
function names() {
    return DIALECTS.map(({ name }) => name).join(', ');
}
class LineReader {
    lines = 0;
    file;
    head;
    visit;
    cursor = new LineCursor();
    slot = new RecordSlot();
    tracepoints = new ByteTable((name) => tracepointOf(withoutSubsystem(name)));
    constructor(file, dialect, visit) {
        this.file = file;
        this.head = new LineHead(dialect);
        this.visit = visit;
    }
    /** The lines of bytes[0, end), which ends with a newline. */
    read(bytes, end) {
        const { cursor, slot } = this;
        cursor.bytes = bytes;
        cursor.at = 0;
        while (cursor.at < end) {
            slot.line = ++this.lines;
            this.readLine();
            this.visit(slot);
        }
    }
    /** A last line without newline: nobody knows how much of it is missing. */
    cutLine() {
        this.slot.line = ++this.lines;
        this.slot.kind = 'cut';
        this.visit(this.slot);
    }
    readLine() {
        const { cursor, slot } = this;
        const start = cursor.at;
        try {
            const isKnown = this.readTracepoint(this.head.readColumns(cursor, slot), start) ||
                readPlainLine(cursor, slot) ||
                this.readTracepoint(this.head.readAnyhow(cursor, slot), start);
            if (!isKnown)
                throw new Malformed(this.expectation());
            finishLine(cursor);
        }
        catch (error) {
            if (!(error instanceof Malformed))
                throw error;
            cursor.at = start;
            throw this.malformed(error.expected);
        }
    }
    /** With the cursor behind the head of the line. If it is no tracepoint: false, and the cursor back at the start. */
    readTracepoint(hasHead, start) {
        const { cursor, slot } = this;
        const nameStart = cursor.at;
        const isTracepoint = hasHead && skipName(cursor);
        if (isTracepoint) {
            const { kind, name, read } = this.tracepoints.get(cursor.bytes, nameStart, cursor.at);
            slot.kind = kind;
            slot.name = name;
            cursor.at++;
            cursor.skipSpaces();
            read(cursor, slot);
        }
        else {
            cursor.at = start;
        }
        return isTracepoint;
    }
    expectation() {
        return `a line of ${this.head.dialect.name} such as "${this.head.dialect.example}"`;
    }
    malformed(expected) {
        const line = lineAt(this.cursor);
        return new ImportError({
            file: this.file,
            line: this.lines,
            found: JSON.stringify(line.length > LETTERS_SHOWN ? `${line.slice(0, LETTERS_SHOWN)}...` : line),
            expected,
            remedy: 'If other output got mixed with the trace, record again into a file of its own',
        });
    }
}
const COLON = 0x3a;
/** By byte: 1 for letters, digits and underscore. */
const IS_WORD = Uint8Array.from({ length: 256 }, (_, byte) => Number(/\w/.test(String.fromCharCode(byte))));
/** Moves from the first letter of `mm_page_alloc:`, or of perf's `kmem:mm_page_alloc:`, to the last colon. */
function skipName(cursor) {
    const { bytes } = cursor;
    let at = cursor.at;
    for (let start = at;; start = ++at) {
        while (IS_WORD[bytes[at]] === 1)
            at++;
        if (bytes[at] !== COLON || at === start)
            return false;
        if (IS_WORD[bytes[at + 1]] !== 1)
            break;
    }
    cursor.at = at;
    return true;
}
/** perf says `kmem:mm_page_alloc` where the others say `mm_page_alloc`. */
function withoutSubsystem(name) {
    return name.slice(name.lastIndexOf(':') + 1);
}
//# sourceMappingURL=reader.js.map