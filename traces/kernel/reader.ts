/**
 * Reads a kernel trace line by line: tracefs' trace and trace_pipe, perf script, trace-cmd report.
 *
 *   await readKernelRecords({ name, blocks }, (record) => { if (record.kind === 'mm_page_alloc') ... });
 *
 * Every line is a record, or an ImportError with its number.
 */
import { UsageError } from '../../core/base/errors.ts';
import { ImportError, Malformed } from '../base/errors.ts';
import { latin1, NEWLINE, SPACE } from '../text/bytes.ts';
import { gunzipped, peek } from '../text/input.ts';
import { lineSpans } from '../text/lines.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import { ByteTable } from './byte-table.ts';
import { areDifferences, LineClock } from './clock.ts';
import { LineCursor } from './cursor.ts';
import { DIALECTS, type Dialect } from './dialect.ts';
import { endOfName, LineHead } from './head.ts';
import { lineAt, readForeign, readPlainLine, readSpacedCallchain } from './plain-lines.ts';
import { ABSENT, type KernelRecord, NO_TRACEPOINTS, RecordSlot } from './record.ts';
import { finishLine, readNamedFields, SAYS_EVENT, type Tracepoint, tracepointOf } from './tracepoints.ts';

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
  /** Its times are differences to the line before (perf script --deltatime): records have their sums. */
  readonly areDifferences: boolean;
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
  const beginning = look(first.subarray(0, SNIFF_BYTES));
  const known = dialect === undefined ? (beginning.dialect ?? unknown(first, name)) : named(dialect);
  const clock = new LineClock(areDifferences(beginning.timesNs));
  const reader = new LineReader(name, known, clock, visit);
  for await (const { bytes, end, cut } of lineSpans(text, name)) {
    if (cut) reader.cutLine();
    else reader.read(bytes, end);
    await onBlock?.();
  }
  return { dialect: known.name, lines: reader.lines, areDifferences: clock.isSum };
}

/** Which dialect a text that begins like this is in. */
export function dialectOf(firstBytes: Uint8Array): Dialect | undefined {
  return look(firstBytes).dialect;
}

function unknown(firstBytes: Uint8Array, file: string): never {
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

/** What the first lines of a text say of it. */
export interface KernelBeginning {
  /** Undefined where no line is of a kernel trace. */
  readonly dialect: Dialect | undefined;
  readonly timesNs: readonly number[];
  /** Lines that have a head and are tracepoints whose fields are read, other tracepoints, and neither. */
  readonly events: number;
  readonly others: number;
  readonly foreign: number;
  /** Lines that only a kernel trace has beside them: banners, call chains, notes of lost events. */
  readonly plain: number;
}

/** Reads some whole lines, whatever is wrong with them. */
export function look(firstBytes: Uint8Array): KernelBeginning {
  const end = firstBytes.lastIndexOf(NEWLINE) + 1;
  const seen = new Beginning();
  if (end > 0)
    new LineReader('', DIALECTS[0]!, new LineClock(false), seen.visit).readLeniently(firstBytes, end);
  return seen;
}

class Beginning implements KernelBeginning {
  readonly timesNs: number[] = [];
  events = 0;
  others = 0;
  foreign = 0;
  plain = 0;
  /** Names with a subsystem before them, as perf has them; with blanks behind them, as trace-cmd pads them. */
  private subsystems = 0;
  private padded = 0;
  private tracefs = 0;
  private traceCmd = 0;

  readonly visit = (record: KernelRecord): void => {
    if (record.kind === 'banner') this.banner(record as unknown as RecordSlot);
    else if ('timeNs' in record && isHeaded(record)) this.tracepoint(record as unknown as RecordSlot);
    else if (record.kind !== 'foreign' && record.kind !== 'blank') this.plain++;
    else if (record.kind === 'foreign') this.foreign++;
  };

  get dialect(): Dialect | undefined {
    const { events, others, subsystems, padded, tracefs, traceCmd } = this;
    if (events + others + tracefs + traceCmd === 0) return undefined;
    if (2 * subsystems > events + others) return DIALECTS[1];
    return DIALECTS[traceCmd > 0 || (tracefs === 0 && 2 * padded > events + others) ? 2 : 0];
  }

  private banner({ bytes, lineStart }: RecordSlot): void {
    const line = latin1(bytes.subarray(lineStart, lineStart + LETTERS_SHOWN));
    if (line.startsWith('# tracer: ')) this.tracefs++;
    else if (/^(?:cpus=|version = )\d/.test(line)) this.traceCmd++;
    this.plain++;
  }

  private tracepoint(slot: RecordSlot): void {
    if (slot.timeNs !== ABSENT) this.timesNs.push(slot.timeNs);
    if (slot.kind === 'foreign') this.foreign++;
    else if (slot.kind === 'other') this.others++;
    else this.events++;
    this.subsystems += Number(slot.hasSubsystem);
    this.padded += Number(slot.isPadded);
  }
}

function isHeaded(record: KernelRecord): boolean {
  return (
    !NO_TRACEPOINTS.has(record.kind) && (record.kind !== 'foreign' || record.name !== UNRECOGNISED.other)
  );
}

class LineReader {
  lines = 0;
  private readonly file: string;
  private readonly dialect: Dialect;
  private readonly clock: LineClock;
  private readonly visit: (record: KernelRecord) => void;
  private readonly cursor = new LineCursor();
  private readonly slot = new RecordSlot();
  private readonly tracepoints = new ByteTable((name) => tracepointOf(withoutSubsystem(name)));
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
    try {
      if (!this.readTracepoint(this.head.readColumns(cursor, slot), start) && !readPlainLine(cursor, slot))
        this.readRareLine(start);
      finishLine(cursor);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
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
    slot.hasSubsystem = bytes[nameEnd - tracepoint.name.length - 1] === COLON;
    slot.isPadded = bytes[nameEnd + 1] === SPACE && bytes[nameEnd + 2] === SPACE;
    cursor.at = nameEnd + 1;
    cursor.skipSpaces();
    this.readFields(tracepoint);
    return true;
  }

  /** In the order of the words of the tracepoint, else by name. */
  private readFields(tracepoint: Tracepoint): void {
    const { cursor, slot } = this;
    const start = cursor.at;
    try {
      tracepoint.read(cursor, slot);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      cursor.at = start;
      if (!this.readNamed(tracepoint)) throw error;
    }
  }

  private readNamed(tracepoint: Tracepoint): boolean {
    try {
      return readNamedFields(tracepoint, this.cursor, this.slot);
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

const COLON = 0x3a;

/** perf says `kmem:mm_page_alloc` where the others say `mm_page_alloc`. */
function withoutSubsystem(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}
