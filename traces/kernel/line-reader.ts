/** Lines of a kernel trace as records, one by one. */
import { ImportError, Malformed } from '../base/errors.ts';
import { NEWLINE } from '../text/bytes.ts';
import { ByteTable } from './byte-table.ts';
import type { LineClock } from './clock.ts';
import { LineCursor } from './cursor.ts';
import type { Dialect } from './dialect.ts';
import { endOfName, LineHead } from './head.ts';
import { lineAt, readForeign, readPlainLine, readSpacedCallchain } from './plain-lines.ts';
import { type KernelRecord, NO_TRACEPOINTS, RecordSlot } from './record.ts';
import { finishLine, readNamedFields, SAYS_EVENT, type Tracepoint, tracepointOf } from './tracepoints.ts';

const LETTERS_SHOWN = 160;

export class LineReader {
  lines = 0;
  private readonly file: string;
  private readonly dialect: Dialect;
  private readonly clock: LineClock;
  private readonly visit: (record: KernelRecord) => void;
  private readonly cursor = new LineCursor();
  private readonly slot = new RecordSlot();
  private readonly tracepoints = new ByteTable((name) => tracepointOf(withoutSubsystem(name)));
  /** Of the line, where it has one, and where its fields begin. */
  private tracepoint: Tracepoint | undefined;
  private fieldsStart = 0;
  private readonly head = new LineHead((bytes, start, end) => this.isKnown(bytes, start, end));

  constructor(file: string, dialect: Dialect, clock: LineClock, visit: (record: KernelRecord) => void) {
    this.file = file;
    this.dialect = dialect;
    this.clock = clock;
    this.visit = visit;
  }

  /** The lines of bytes[0, end), which ends with a newline. */
  read(bytes: Uint8Array, end: number): void {
    const { cursor, slot, clock } = this;
    cursor.bytes = bytes;
    cursor.at = 0;
    while (cursor.at < end) {
      slot.line = ++this.lines;
      this.readLine();
      if (clock.isSum) this.addTime();
      this.visit(slot as unknown as KernelRecord);
    }
  }

  /** The same, passing over what cannot be read. */
  readLeniently(bytes: Uint8Array, end: number): void {
    const { cursor } = this;
    for (let at = 0; at < end; at = cursor.at) {
      const next = bytes.indexOf(NEWLINE, at) + 1;
      try {
        this.read(bytes.subarray(at, next), next - at);
      } catch (error) {
        if (!(error instanceof ImportError)) throw error;
      }
      cursor.at = next;
    }
  }

  /** A last line without newline: nobody knows how much of it is missing. */
  cutLine(): void {
    this.slot.line = ++this.lines;
    this.slot.kind = 'cut';
    this.visit(this.slot as unknown as KernelRecord);
  }

  private addTime(): void {
    const { slot } = this;
    if (!NO_TRACEPOINTS.has(slot.kind)) slot.timeNs = this.clock.at(slot.timeNs);
  }

  private readLine(): void {
    const { cursor, slot } = this;
    const start = cursor.at;
    slot.lineStart = start;
    this.tracepoint = undefined;
    try {
      if (!this.readTracepoint(this.head.readColumns(cursor, slot), start) && !readPlainLine(cursor, slot))
        this.readRareLine(start);
      finishLine(cursor);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      if (this.readNamed()) return;
      cursor.at = start;
      throw this.malformed(error.expected);
    }
  }

  /** A line in other columns, or one of another tracer. */
  private readRareLine(start: number): void {
    const { cursor, slot } = this;
    const hasHead = this.head.readAnyhow(cursor, slot);
    const textStart = cursor.at;
    if (this.readTracepoint(hasHead, start) || readSpacedCallchain(cursor, slot)) return;
    if (SAYS_EVENT.test(lineAt(cursor))) throw new Malformed(this.expectation());
    if (hasHead) cursor.at = textStart;
    readForeign(cursor, slot, hasHead);
  }

  /** With the cursor behind the head of the line. If it is no tracepoint: false, and the cursor back at the start. */
  private readTracepoint(hasHead: boolean, start: number): boolean {
    const { cursor, slot } = this;
    const { bytes, at } = cursor;
    const nameEnd = hasHead ? endOfName(bytes, at) : at;
    if (nameEnd === at) {
      cursor.at = start;
      return false;
    }
    const tracepoint = this.tracepoints.get(bytes, at, nameEnd);
    slot.kind = tracepoint.kind;
    slot.name = tracepoint.name;
    slot.nameStart = at;
    slot.nameEnd = nameEnd;
    cursor.at = nameEnd + 1;
    cursor.skipSpaces();
    this.tracepoint = tracepoint;
    this.fieldsStart = cursor.at;
    tracepoint.read(cursor, slot);
    return true;
  }

  /** The fields of the line's tracepoint by name, when they are not in the order of its words. */
  private readNamed(): boolean {
    const { cursor, slot, tracepoint } = this;
    if (tracepoint === undefined) return false;
    cursor.at = this.fieldsStart;
    try {
      if (!readNamedFields(tracepoint, cursor, slot)) return false;
      finishLine(cursor);
      return true;
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      return false;
    }
  }

  private isKnown(bytes: Uint8Array, start: number, end: number): boolean {
    const { kind, name } = this.tracepoints.get(bytes, start, end);
    return kind !== 'other' || end - start > name.length;
  }

  private expectation(): string {
    return `a line of ${this.dialect.name} such as "${this.dialect.example}"`;
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

/** perf says `kmem:mm_page_alloc` where the others say `mm_page_alloc`. */
function withoutSubsystem(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}
