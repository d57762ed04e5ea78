/** The tokens of a head, behind the name of the task: a number is a task, a time, a cpu or a period by what follows it. */
import { DIGIT_0, SPACE } from '../text/bytes.ts';
import type { LineCursor } from './cursor.ts';
import { ABSENT, type RecordSlot } from './record.ts';

const DASH = 0x2d;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_PARENTHESIS = 0x28;
const CLOSING_PARENTHESIS = 0x29;
const PLUS = 0x2b;
const SLASH = 0x2f;
const COLON = 0x3a;
const POINT = 0x2e;
const LETTER_S = 0x73;
const LETTER_U = 0x75;

/** TASK_COMM_LEN, include/linux/sched.h; the tools pad to it, and a name has one byte less. */
export const COMM_COLUMNS = 16;
/** Columns that perf pads a period to (%10llu); a task it pads to fewer (%7d). */
const PERIOD_COLUMNS = 10;
/** Place of the flag of interrupts, and what is before its letters. */
const IRQ_FLAG = 2;
const LETTER_A = 0x41;
const MAX_FLAGS = 8;
const MAX_PARENTHESIS_BYTES = 24;
export const NS_PER_SECOND = 1e9;
const MAX_FRACTION_DIGITS = 9;
/** By the number of digits behind the point, what the last of them stands for. */
export const NS_PER_DIGITS = Array.from(
  { length: MAX_FRACTION_DIGITS + 1 },
  (_, digits) => 10 ** (9 - digits),
);

/** The tokens, in the order in which they are printed. */
export const NOTHING = 0;
const TASK = 1;
const TGID = 2;
const CPU = 3;
const FLAGS = 4;
export const TIME = 5;
const SINCE = 6;
const PERIOD = 7;
export const BROKEN = -1;

/** From the end of the task's name on; returns the last token, and leaves the cursor behind it. */
export function readTokens(
  cursor: LineCursor,
  record: RecordSlot,
  commStart: number,
  commEnd: number,
): number {
  const { bytes } = cursor;
  record.bytes = bytes;
  record.commStart = commStart;
  record.commEnd = commEnd;
  record.pid = ABSENT;
  record.cpu = ABSENT;
  record.timeNs = ABSENT;
  record.hasTicks = false;
  record.inInterrupt = false;
  cursor.at = bytes[commEnd] === DASH && commEnd > commStart ? commEnd + 1 : commEnd;
  let stage = NOTHING;
  for (;;) {
    cursor.skipSpaces();
    const byte = bytes[cursor.at]!;
    let token: number;
    if (isDigit(byte)) token = readNumber(cursor, record, stage, commStart);
    else if (byte === OPENING_BRACKET) token = readCpu(cursor, record);
    else if (byte === OPENING_PARENTHESIS) token = skipParenthesis(cursor);
    else if (stage === CPU && readFlags(cursor, record)) token = FLAGS;
    else return stage;
    if (token <= stage) return BROKEN;
    stage = token;
  }
}

/**
 * `-24475   [000] .....  1264.666734: ` and ` 24475 [000]  1264.666734: `, straight: most lines of most traces. False
 * for any other head.
 */
export function readUsualTokens(
  cursor: LineCursor,
  record: RecordSlot,
  commStart: number,
  commEnd: number,
): boolean {
  const { bytes } = cursor;
  cursor.at = commEnd + 1;
  cursor.skipSpaces();
  if (!cursor.isDigit()) return false;
  const pid = cursor.decimal();
  cursor.skipSpaces();
  if (bytes[cursor.at++] !== OPENING_BRACKET || !cursor.isDigit()) return false;
  const cpu = cursor.decimal();
  if (bytes[cursor.at++] !== CLOSING_BRACKET) return false;
  cursor.skipSpaces();
  record.inInterrupt = false;
  if (!cursor.isDigit() && !readFlags(cursor, record)) return false;
  cursor.skipSpaces();
  if (!cursor.isDigit()) return false;
  const seconds = cursor.decimal();
  if (bytes[cursor.at] !== POINT || !isDigit(bytes[cursor.at + 1]!)) return false;
  if (readFraction(cursor, record, seconds) === BROKEN) return false;
  cursor.skipSpaces();
  record.bytes = bytes;
  record.commStart = commStart;
  record.commEnd = commEnd;
  record.pid = pid;
  record.cpu = cpu;
  record.hasTicks = false;
  // what may follow the time is for the tokens
  return !cursor.isDigit() && bytes[cursor.at] !== OPENING_PARENTHESIS;
}

/** A number is a task, a time, a cpu with its flags, or a period: what follows it tells. */
function readNumber(cursor: LineCursor, record: RecordSlot, stage: number, commStart: number): number {
  const { bytes } = cursor;
  const start = cursor.at;
  let value = 0;
  let at = start;
  while (isDigit(bytes[at]!)) value = value * 10 + bytes[at++]! - DIGIT_0;
  cursor.at = at;
  const next = bytes[at]!;
  if (next === SPACE) return plainNumber(cursor, record, stage, commStart, value);
  if (next === POINT && isDigit(bytes[at + 1]!)) return readFraction(cursor, record, value);
  if (next === COLON) return readTicks(cursor, record);
  if (next === SLASH) return readThread(cursor, record);
  if (next === LETTER_U && bytes[at + 1] === LETTER_S) return readMicros(cursor, record, value);
  return stage === TASK ? readCpuWithFlags(cursor, record, value) : BROKEN;
}

function plainNumber(
  cursor: LineCursor,
  record: RecordSlot,
  stage: number,
  commStart: number,
  value: number,
): number {
  if (stage !== NOTHING) return PERIOD;
  const { commEnd } = record;
  const columns = cursor.at - commEnd;
  // a task called `12`, in its 16 columns, is no number of a task
  if (commEnd === commStart && columns === COMM_COLUMNS) return BROKEN;
  if (columns >= PERIOD_COLUMNS) return PERIOD;
  record.pid = value;
  return TASK;
}

/** perf's `PID/TID`, of which the second is the task. */
function readThread(cursor: LineCursor, record: RecordSlot): number {
  cursor.at++;
  if (!cursor.isDigit()) return BROKEN;
  record.pid = cursor.decimal();
  return TASK;
}

/** `1264.666734:`, with the seconds read. */
function readFraction(cursor: LineCursor, record: RecordSlot, seconds: number): number {
  const { bytes } = cursor;
  const start = ++cursor.at;
  const fraction = cursor.decimal();
  const digits = cursor.at - start;
  if (bytes[cursor.at++] !== COLON || digits > MAX_FRACTION_DIGITS) return BROKEN;
  record.timeNs = seconds * NS_PER_SECOND + fraction * NS_PER_DIGITS[digits]!;
  return TIME;
}

/** `123456:`, of the clocks counter, uptime and x86-tsc. */
function readTicks(cursor: LineCursor, record: RecordSlot): number {
  if (cursor.bytes[++cursor.at]! > SPACE || record.cpu === ABSENT) return BROKEN;
  record.hasTicks = true;
  return TIME;
}

/** `12us+:`, of latency-format: microseconds since the buffer began, and a mark for how long until the next line. */
function readMicros(cursor: LineCursor, record: RecordSlot, micros: number): number {
  const { bytes } = cursor;
  cursor.at += bytes[cursor.at + 2] === COLON ? 2 : 3;
  if (bytes[cursor.at++] !== COLON) return BROKEN;
  record.timeNs = micros * 1000;
  return TIME;
}

/** `0d..2.`, of latency-format. */
function readCpuWithFlags(cursor: LineCursor, record: RecordSlot, cpu: number): number {
  if (!readFlags(cursor, record)) return BROKEN;
  record.cpu = cpu;
  return FLAGS;
}

/** `[001]`, of trace-cmd report -R `[001]-0x1`. */
function readCpu(cursor: LineCursor, record: RecordSlot): number {
  const { bytes } = cursor;
  cursor.at++;
  if (!cursor.isDigit()) return BROKEN;
  record.cpu = cursor.decimal();
  if (bytes[cursor.at++] !== CLOSING_BRACKET) return BROKEN;
  if (bytes[cursor.at] === DASH) cursor.skipWord();
  return bytes[cursor.at] === SPACE ? CPU : BROKEN;
}

/** tracefs' `(  TGID)` before the cpu; trace-cmd's `(+12)` behind the time. */
function skipParenthesis(cursor: LineCursor): number {
  const { bytes, at } = cursor;
  const isSince = bytes[at + 1] === PLUS;
  const end = bytes.indexOf(CLOSING_PARENTHESIS, at);
  if (end < 0 || end - at > MAX_PARENTHESIS_BYTES) return BROKEN;
  for (let i = at + 1; i < end; i++) {
    if (!isDigit(bytes[i]!) && bytes[i] !== DASH && bytes[i] !== PLUS && bytes[i] !== SPACE) return BROKEN;
  }
  cursor.at = end + 1;
  return isSince ? SINCE : TGID;
}

/**
 * irqs off, need-resched, hard or soft irq, preempt depth, ...: a short word without a colon. The third letter is h, H, s,
 * z or Z in an interrupt, and a point outside (trace_print_lat_fmt of kernel/trace/trace_output.c).
 */
function readFlags(cursor: LineCursor, record: RecordSlot): boolean {
  const { bytes, at } = cursor;
  let end = at;
  while (bytes[end]! > SPACE && bytes[end] !== COLON && end - at <= MAX_FLAGS) end++;
  if (end === at || end - at > MAX_FLAGS || bytes[end] !== SPACE) return false;
  record.inInterrupt = end - at > IRQ_FLAG && bytes[at + IRQ_FLAG]! > LETTER_A;
  cursor.at = end;
  return true;
}

export function isDigit(byte: number): boolean {
  return byte >= DIGIT_0 && byte <= DIGIT_0 + 9;
}
