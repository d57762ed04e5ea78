/**
 * Reads a kernel trace line by line: tracefs' trace and trace_pipe, perf script, trace-cmd report.
 *
 *   await readKernelRecords({ name, blocks }, (record) => { if (record.kind === 'mm_page_alloc') ... });
 *
 * Every line is a record, or an ImportError with its number.
 */
import { UsageError } from '../../core/base/errors.ts';
import { ImportError, Malformed } from '../base/errors.ts';
import { latin1 } from '../text/bytes.ts';
import { gunzipped, peek } from '../text/input.ts';
import { lineSpans } from '../text/lines.ts';
import { ByteTable } from './byte-table.ts';
import { LineCursor } from './cursor.ts';
import { DIALECTS, type Dialect, LineHead } from './dialect.ts';
import { lineAt, readPlainLine } from './plain-lines.ts';
import { type KernelRecord, RecordSlot } from './record.ts';
import { finishLine, tracepointOf } from './tracepoints.ts';

export interface KernelInput {
  /** Path, or `<stdin>`; only for messages. */
  readonly name: string;
  /** Text, or gzip of it. */
  readonly blocks: AsyncIterable<Uint8Array>;
  /** Found by the first lines when absent. */
  readonly dialect?: Dialect['name'] | undefined;
}

export interface KernelReadOptions {
  /** Called, and awaited, after each block of lines (1 MiB or less): the time for writes. */
  readonly onBlock?: () => Promise<void> | void;
}

export interface KernelReadResult {
  readonly dialect: Dialect['name'];
  readonly lines: number;
}

/** As much of the text as a look at it gets to see: past the banner of tracefs. */
const SNIFF_BYTES = 0x1_0000;
const LETTERS_SHOWN = 160;

/**
 * Calls `visit` for each line, in order. The record is one object that is filled anew for each line: take out of it
 * what you keep, before `visit` returns.
 */
export async function readKernelRecords(
  { name, blocks, dialect }: KernelInput,
  visit: (record: KernelRecord) => void,
  { onBlock }: KernelReadOptions = {},
): Promise<KernelReadResult> {
  const { first, blocks: text } = await peek(await gunzipped(blocks, name), SNIFF_BYTES);
  const known = dialect === undefined ? sniffed(first, name) : named(dialect);
  const reader = new LineReader(name, known, visit);
  for await (const { bytes, end, cut } of lineSpans(text, name)) {
    if (cut) reader.cutLine();
    else reader.read(bytes, end);
    await onBlock?.();
  }
  return { dialect: known.name, lines: reader.lines };
}

/** Which dialect a text that begins like this is in. */
export function dialectOf(firstBytes: Uint8Array): Dialect | undefined {
  const text = latin1(firstBytes);
  return DIALECTS.find(({ sniff }) => sniff.test(text));
}

function sniffed(firstBytes: Uint8Array, file: string): Dialect {
  const dialect = dialectOf(firstBytes);
  if (dialect !== undefined) return dialect;
  throw new ImportError({
    file,
    found: firstBytes.length === 0 ? 'an empty file' : 'text or data of no known format',
    expected: `a kernel trace as one of: ${names()}`,
    remedy: "Record one: tracefs' trace_pipe, perf script, trace-cmd report",
  });
}

function named(name: string): Dialect {
  const dialect = DIALECTS.find((candidate) => candidate.name === name);
  if (dialect !== undefined) return dialect;
  throw new UsageError(`found the format '${name}', expected one of: ${names()}`);
}

function names(): string {
  return DIALECTS.map(({ name }) => name).join(', ');
}

class LineReader {
  lines = 0;
  private readonly file: string;
  private readonly head: LineHead;
  private readonly visit: (record: KernelRecord) => void;
  private readonly cursor = new LineCursor();
  private readonly slot = new RecordSlot();
  private readonly tracepoints = new ByteTable((name) => tracepointOf(withoutSubsystem(name)));

  constructor(file: string, dialect: Dialect, visit: (record: KernelRecord) => void) {
    this.file = file;
    this.head = new LineHead(dialect);
    this.visit = visit;
  }

  /** The lines of bytes[0, end), which ends with a newline. */
  read(bytes: Uint8Array, end: number): void {
    const { cursor, slot } = this;
    cursor.bytes = bytes;
    cursor.at = 0;
    while (cursor.at < end) {
      slot.line = ++this.lines;
      this.readLine();
      this.visit(slot as unknown as KernelRecord);
    }
  }

  /** A last line without newline: nobody knows how much of it is missing. */
  cutLine(): void {
    this.slot.line = ++this.lines;
    this.slot.kind = 'cut';
    this.visit(this.slot as unknown as KernelRecord);
  }

  private readLine(): void {
    const { cursor, slot } = this;
    const start = cursor.at;
    try {
      const isKnown =
        this.readTracepoint(this.head.readColumns(cursor, slot), start) ||
        readPlainLine(cursor, slot) ||
        this.readTracepoint(this.head.readAnyhow(cursor, slot), start);
      if (!isKnown) throw new Malformed(this.expectation());
      finishLine(cursor);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      cursor.at = start;
      throw this.malformed(error.expected);
    }
  }

  /** With the cursor behind the head of the line. If it is no tracepoint: false, and the cursor back at the start. */
  private readTracepoint(hasHead: boolean, start: number): boolean {
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
    } else {
      cursor.at = start;
    }
    return isTracepoint;
  }

  private expectation(): string {
    return `a line of ${this.head.dialect.name} such as "${this.head.dialect.example}"`;
  }

  private malformed(expected: string): ImportError {
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
function skipName(cursor: LineCursor): boolean {
  const { bytes } = cursor;
  let at = cursor.at;
  for (let start = at; ; start = ++at) {
    while (IS_WORD[bytes[at]!] === 1) at++;
    if (bytes[at] !== COLON || at === start) return false;
    if (IS_WORD[bytes[at + 1]!] !== 1) break;
  }
  cursor.at = at;
  return true;
}

/** perf says `kmem:mm_page_alloc` where the others say `mm_page_alloc`. */
function withoutSubsystem(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}
