/**
 * What stands before the name of a tracepoint. The tools and their options print it in many ways:
 *
 *   `            bash-24475   [000] .....  1264.666734: `         tracefs; also without flags, with `(  TGID)`
 *   `            bash-24475   [000] .....  123456: `              tracefs, a clock that counts ticks
 *   `    bash-24475    0d..2.   12us+: `                          tracefs, latency-format; trace-cmd report -l
 *   `            bash   24475   0 1 00000001 00000000 [4d2] 0.001ms (+0.002ms): `   latency-format and verbose
 *   ` 0)   0.125 us    |  /* ... `                                tracefs, function_graph around an event
 *   `            bash-24475 [000]-0x1  1264.666734: (+12)  `      trace-cmd report -R --ts-diff
 *   `            bash 24475/24475 [000]  1264.666734:          1 `   perf script -F pid,tid,cpu,time,period
 *   `bash 24475 ` or nothing at all                               perf script -F, tracefs with nocontext-info
 *
 * A head is a name of a task and tokens behind it, each of which its first bytes tell apart, in one order: task, tgid,
 * cpu, flags, time, time since, period. The name fills 16 columns and may contain anything, so columns say where it
 * ends; in a line with other columns the first place does from which on all the rest is tokens of a head.
 * (trace_print_context and trace_print_lat_context of kernel/trace/trace_output.c, trace_show_data of trace-cmd's
 * trace-read.c, perf_sample__fprintf_start of tools/perf/builtin-script.c.)
 */
import { latin1 } from '../host/index.ts';
import { NEWLINE, SPACE } from '../text/bytes.ts';
import type { LineCursor } from './cursor.ts';
import {
  BROKEN,
  COMM_COLUMNS,
  isDigit,
  NOTHING,
  NS_PER_DIGITS,
  NS_PER_SECOND,
  readTokens,
  readUsualTokens,
  TIME,
} from './head-tokens.ts';
import { ABSENT, type RecordSlot } from './record.ts';

const DASH = 0x2d;
const COLON = 0x3a;

/** Heads are shorter, whatever the options: the search for the end of a name goes no further. */
const HEAD_BYTES = 256;

/** latency-format with verbose: PID CPU FLAGS PREEMPT-COUNT INDEX [TIME] SINCE-START (+TO-NEXT). */
const VERBOSE =
  /^(.{1,40}?) +(\d{1,10}) +(\d{1,4}) \d{1,3} [0-9a-f]{8} (?:[0-9a-f]{8,16} )?\[([0-9a-f]{1,16})\] (?:\d{1,12}\.\d{3}(ms) \(\+-?\d{1,12}\.\d{3}ms\)|\d{1,18} \(\+-?\d{1,18}\)): /;
/** function_graph: [TIME |] CPU) [TASK |]. */
const GRAPH =
  /^(?: {0,20}(\d{1,12})\.(\d{1,9}) \|)? {0,8}(\d{1,4})\)(?: {1,20}[^|\n]{1,32}?-(\d{1,10}) {1,20}\|)?/;
/** dmesg's time before each line that ftrace_dump_on_oops prints. */
const DMESG = /^(?:<\d{1,2}>)?\[ {0,8}\d{1,10}\.\d{6}\] /;

/** Whether a tracepoint of this name may follow a head that has neither cpu nor time. */
export type IsKnownName = (bytes: Uint8Array, start: number, end: number) => boolean;

export class LineHead {
  private readonly isKnownName: IsKnownName;
  /** trace-cmd begins the lines of a named buffer with `NAME: `; seen in the last line that was out of columns. */
  private prefix: Uint8Array = new Uint8Array(0);

  constructor(isKnownName: IsKnownName) {
    this.isKnownName = isKnownName;
  }

  /** Moves the cursor to what is behind the head; false if the line has other columns or is none. */
  readColumns(cursor: LineCursor, record: RecordSlot): boolean {
    if (this.prefix.length > 0) cursor.optionalKey(this.prefix);
    const { bytes, at: start } = cursor;
    const commEnd = start + COMM_COLUMNS;
    if (bytes[start] !== SPACE) return false;
    for (let at = start; at < commEnd; at++) if (bytes[at] === NEWLINE) return false;
    if (bytes[commEnd] !== DASH && bytes[commEnd] !== SPACE) return false;
    if (readUsualTokens(cursor, record, start, commEnd)) return true;
    const stage = readTokens(cursor, record, start, commEnd);
    if (stage === BROKEN) return false;
    if (record.pid !== ABSENT && hasMoment(record)) return true;
    // with less, the columns may be others that have a blank here by chance: those of perf say a subsystem
    if (beginsWithDigit(bytes, start)) return false;
    if (record.pid !== ABSENT) return this.isTracepoint(cursor, record);
    return hasMoment(record) && hasSubsystem(bytes, cursor.at);
  }

  /** The same for a line in whatever columns. */
  readAnyhow(cursor: LineCursor, record: RecordSlot): boolean {
    const { bytes, at: lineStart } = cursor;
    const lineEnd = bytes.indexOf(NEWLINE, lineStart);
    const shown = latin1(bytes.subarray(lineStart, Math.min(lineEnd, lineStart + HEAD_BYTES)));
    if (readVerbose(shown, cursor, record, lineStart) || readGraph(shown, cursor, record)) return true;
    const start = lineStart + (DMESG.exec(shown)?.[0].length ?? 0);
    const limit = lineStart + shown.length;
    let text = NOTHING;
    for (let end = start; end < limit; end++) {
      if (!mayEndName(bytes, start, end)) continue;
      const stage = readTokens(cursor, record, start, end);
      if (stage === BROKEN || isTooLong(record)) continue;
      // perf alone names the subsystem, and puts no dash before a number; a name of a task without more may be any word
      const isOfPerf = hasSubsystem(bytes, cursor.at);
      if (isOfPerf ? bytes[end] === DASH && end > start : stage === NOTHING && end > start) continue;
      if (this.isTracepoint(cursor, record)) return this.learnPrefix(record, start);
      if (stage >= TIME && text === NOTHING) text = end;
    }
    if (text === NOTHING) return false;
    return readTokens(cursor, record, start, text) !== BROKEN;
  }

  /** Whether a name stands at the cursor; behind a head without cpu and time it must be one that we know. */
  private isTracepoint({ bytes, at }: LineCursor, record: RecordSlot): boolean {
    const end = endOfName(bytes, at);
    return end > at && (hasMoment(record) || this.isKnownName(bytes, at, end));
  }

  /** A word with a colon before the padded name of the task. */
  private learnPrefix(record: RecordSlot, start: number): true {
    const { bytes, commEnd } = record;
    const length = /^\S{1,64}: (?= )/.exec(latin1(bytes.subarray(start, commEnd)))?.[0].length ?? 0;
    if (length > 0 && commEnd - start - length === COMM_COLUMNS) {
      this.prefix = bytes.slice(start, start + length);
      record.commStart += length;
    }
    return true;
  }
}

/** Where the name of a tracepoint that begins at `start` ends: at the last colon of `kmem:kmalloc: `. */
export function endOfName(bytes: Uint8Array, start: number): number {
  for (let at = start, part = start; ; part = ++at) {
    while (IS_WORD[bytes[at]!] === 1) at++;
    if (bytes[at] !== COLON || at === part) return start;
    if (IS_WORD[bytes[at + 1]!] !== 1) return at;
  }
}

/** By byte: 1 for letters, digits and underscore. */
const IS_WORD = Uint8Array.from({ length: 256 }, (_, byte) => Number(/\w/.test(String.fromCharCode(byte))));

/** Whether a head says a cpu or a time, which no other text does in this way. */
function hasMoment({ cpu, timeNs, hasTicks }: RecordSlot): boolean {
  return cpu !== ABSENT || timeNs !== ABSENT || hasTicks;
}

function beginsWithDigit(bytes: Uint8Array, start: number): boolean {
  let at = start;
  while (bytes[at] === SPACE) at++;
  return isDigit(bytes[at]!);
}

function hasSubsystem(bytes: Uint8Array, start: number): boolean {
  const end = endOfName(bytes, start);
  return end > start && bytes.subarray(start, end).includes(COLON);
}

/** A name of a task without its number: longer than any that the kernel has. */
function isTooLong({ bytes, commStart, commEnd, pid }: RecordSlot): boolean {
  if (pid !== ABSENT) return false;
  let start = commStart;
  while (start < commEnd && bytes[start] === SPACE) start++;
  return commEnd - start > COMM_COLUMNS;
}

/** Whether the name of a task may end here: nothing before it, or blanks behind it, or a dash and a number. */
function mayEndName(bytes: Uint8Array, start: number, end: number): boolean {
  if (end === start) return true;
  if (bytes[end] === DASH) return isDigit(bytes[end + 1]!);
  return bytes[end] === SPACE && bytes[end - 1] !== SPACE;
}

function readVerbose(shown: string, cursor: LineCursor, record: RecordSlot, start: number): boolean {
  const found = shown.includes(' (+') ? VERBOSE.exec(shown) : null;
  if (found === null) return false;
  const [all, comm, pid, cpu, time, unit] = found;
  record.bytes = cursor.bytes;
  record.commStart = start;
  record.commEnd = start + comm!.length;
  record.pid = Number(pid);
  record.cpu = Number(cpu);
  // microseconds of the clock in hex, or ticks
  record.hasTicks = unit === undefined;
  record.timeNs = record.hasTicks ? ABSENT : Number.parseInt(time!, 16) * 1000;
  cursor.at = start + all.length;
  return true;
}

/** The event that function_graph prints as a comment. */
function readGraph(shown: string, cursor: LineCursor, record: RecordSlot): boolean {
  const { bytes, at: start } = cursor;
  const found = GRAPH.exec(shown);
  const comment = found === null ? -1 : shown.indexOf('/* ', found[0].length);
  if (found === null || comment < 0) return false;
  const [, seconds, fraction, cpu, pid] = found;
  record.bytes = bytes;
  record.commStart = record.commEnd = start;
  record.cpu = Number(cpu);
  record.pid = pid === undefined ? ABSENT : Number(pid);
  record.hasTicks = false;
  record.timeNs =
    fraction === undefined
      ? ABSENT
      : Number(seconds) * NS_PER_SECOND + Number(fraction) * NS_PER_DIGITS[fraction.length]!;
  cursor.at = start + comment + 3;
  return true;
}
