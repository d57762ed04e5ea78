/**
 * The three texts that kernel traces come as. They differ in what stands before the tracepoint's name:
 *
 *   ftrace       `            bash-24475   [000] .....  1264.666734: mm_page_alloc: ...`   tracefs: trace, trace_pipe
 *   perf-script  `            conf 17336 [000]  1070.976255:    kmem:mm_page_alloc: ...`   perf script
 *   trace-cmd    `tcx:             bash-20851 [001]  1130.705057: kmem_cache_free:  ...`   trace-cmd report
 *
 * The name of the task fills 16 columns, and may contain anything, so columns and not words say where it ends.
 * A line with other columns (an editor took the blanks away) is split at the last place that could be the end.
 * Options of the tools are taken as they come: record-tgid's column, flags of 4 or 5 letters or none,
 * microseconds or nanoseconds, PID/TID.
 */

import { Malformed } from '../base/errors.ts';
import { latin1, NEWLINE, SPACE } from '../text/bytes.ts';
import type { LineCursor } from './cursor.ts';
import type { RecordSlot } from './record.ts';

export interface Dialect {
  readonly name: 'ftrace' | 'perf-script' | 'trace-cmd';
  /** A line for people. */
  readonly describe: string;
  /** A whole line of it, for people. */
  readonly example: string;
  /** A line that no other dialect has. */
  readonly sniff: RegExp;
  /** What stands between the name of the task and the number. */
  readonly separator: number;
  /** Up to the end of the task's name, for lines with other columns. */
  readonly task: RegExp;
}

const DASH = 0x2d;
const OPENING_BRACKET = 0x5b;
const OPENING_PARENTHESIS = 0x28;
const SLASH = 0x2f;
const COLON = 0x3a;
const POINT = 0x2e;

/** TASK_COMM_LEN, include/linux/sched.h; the tools pad to it. */
const COMM_COLUMNS = 16;
const NS_PER_SECOND = 1e9;
const MAX_FRACTION_DIGITS = 9;

const FLAGS_AND_TIME = String.raw`\[\d+\] [^\s\d]\S{3,5} +\d+\.\d+: \w+: `;
const TIME = String.raw`\[\d+\] +\d+\.\d+: +`;

export const DIALECTS: readonly Dialect[] = [
  {
    name: 'ftrace',
    describe:
      "tracefs' trace or trace_pipe with events of kmem and vmalloc: pages and slab objects of a kernel",
    example:
      '            bash-24475   [000] .....  1264.666734: mm_page_free: page=00000000e50330ae pfn=0x23d424 order=0',
    sniff: new RegExp(String.raw`^# tracer: |^ *\S.*-\d+ +(\([ \d-]+\) +)?${FLAGS_AND_TIME}`, 'm'),
    separator: DASH,
    task: /^\s*.+(?=-\d+\s+(\([ \d-]+\)\s+)?\[\d+\]\s)/,
  },
  {
    name: 'perf-script',
    describe: "perf script after perf record -e 'kmem:*': the same",
    example:
      '            conf 17336 [000]  1070.976255: kmem:mm_page_free: page=0x1afe8c pfn=0x1afe8c order=0',
    sniff: new RegExp(String.raw`^ *\S.* \d+(\/\d+)? +${TIME}\w+:\w+: `, 'm'),
    separator: SPACE,
    task: /^\s*.*\S(?=\s+\d+(\/\d+)?\s+\[\d+\]\s)/,
  },
  {
    name: 'trace-cmd',
    describe: 'trace-cmd report: the same',
    example: '            bash-21129 [000]  1156.798189: mm_page_free: page=0x20a0e3 pfn=0x20a0e3 order=0',
    sniff: new RegExp(String.raw`^cpus=\d+$|^(\S+: +)?.*\S-\d+ +${TIME}\w+: `, 'm'),
    separator: DASH,
    task: /^(\S+: +)?\s*.+(?=-\d+\s+\[\d+\]\s)/,
  },
];

/** Reads what stands before the tracepoint's name. */
export class LineHead {
  readonly dialect: Dialect;
  /** trace-cmd begins the lines of a named buffer with `NAME: `; seen in the last line that was out of columns. */
  private prefix: Uint8Array = new Uint8Array(0);

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  /** Moves the cursor to the name of the tracepoint; false if the line has other columns or is none. */
  readColumns(cursor: LineCursor, record: RecordSlot): boolean {
    if (this.prefix.length > 0) cursor.optionalKey(this.prefix);
    const { bytes, at: start } = cursor;
    const commEnd = start + COMM_COLUMNS;
    for (let at = start; at < commEnd; at++) if (bytes[at] === NEWLINE) return false;
    if (bytes[commEnd] !== this.dialect.separator) return false;
    cursor.at = commEnd;
    return this.readTask(cursor, record, start);
  }

  /** The same for a line in whatever columns. */
  readAnyhow(cursor: LineCursor, record: RecordSlot): boolean {
    const { bytes, at: start } = cursor;
    const found = this.dialect.task.exec(latin1(bytes.subarray(start, bytes.indexOf(NEWLINE, start))));
    if (found === null) return false;
    const prefix = this.dialect.name === 'trace-cmd' ? (found[1] ?? '') : '';
    if (prefix !== '') this.prefix = bytes.slice(start, start + prefix.trimEnd().length + 1);
    cursor.at = start + found[0].length;
    return this.readTask(cursor, record, start + prefix.length);
  }

  /** From the end of the task's name on. */
  private readTask(cursor: LineCursor, record: RecordSlot, commStart: number): boolean {
    const { bytes } = cursor;
    record.bytes = bytes;
    record.commStart = commStart;
    record.commEnd = cursor.at;
    if (this.dialect.separator === DASH) cursor.at++;
    else cursor.skipSpaces();
    if (!cursor.isDigit()) return false;
    record.pid = cursor.decimal();
    skipThreadId(cursor, record);
    if (bytes[cursor.at] !== OPENING_BRACKET) return false;
    cursor.at++;
    record.cpu = cursor.decimal();
    cursor.at++;
    readTime(cursor, record);
    return true;
  }
}

/** perf's `PID/TID`, of which the second is the task; tracefs' `(  TGID)` behind the task. */
function skipThreadId(cursor: LineCursor, record: RecordSlot): void {
  const { bytes } = cursor;
  if (bytes[cursor.at] === SLASH) {
    cursor.at++;
    record.pid = cursor.decimal();
  }
  cursor.skipSpaces();
  if (bytes[cursor.at] !== OPENING_PARENTHESIS) return;
  cursor.at++;
  cursor.skipSpaces();
  cursor.skipWord();
  cursor.skipSpaces();
}

function readTime(cursor: LineCursor, record: RecordSlot): void {
  const { bytes } = cursor;
  cursor.skipSpaces();
  if (!cursor.isDigit()) cursor.skipWord(); // irqs off, need-resched, hard or soft irq, preempt depth, ...
  cursor.skipSpaces();
  const seconds = cursor.decimal();
  if (bytes[cursor.at++] !== POINT) throw new Malformed('a time such as 1264.666734:');
  const start = cursor.at;
  const fraction = cursor.decimal();
  const digits = cursor.at - start;
  if (bytes[cursor.at++] !== COLON || digits > MAX_FRACTION_DIGITS) {
    throw new Malformed('a time such as 1264.666734:');
  }
  cursor.skipSpaces();
  record.timeNs = seconds * NS_PER_SECOND + fraction * NS_PER_DIGITS[digits]!;
}

/** By the number of digits behind the point, what the last of them stands for. */
const NS_PER_DIGITS = Array.from({ length: MAX_FRACTION_DIGITS + 1 }, (_, digits) => 10 ** (9 - digits));
