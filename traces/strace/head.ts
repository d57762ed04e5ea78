/**
 * What stands before the text of a line of strace, and of ltrace: who, when, and where in the program. Whatever
 * options asked for it, in the order in which both print it (printleader() of strace.c, begin_of_line() of ltrace's
 * output.c):
 *
 *   20 | [pid    20] | 20<bash>          -f to a file, to a terminal, with -Y
 *   10:00:00.000001 | 1700000000.000001  -t, -tt, -ttt, to whole seconds, ms, us or ns
 *        0.000012 | (+     0.000012)     -r, -tt -r: since the line before
 *   [  12] [00007f12aa001122] [init_t]   -n, -i, --secontext
 *
 * One pass over the characters, whatever they are.
 */

export interface Stamp {
  /** Of day; since 1970; since the line before. */
  readonly kind: 'day' | 'epoch' | 'since';
  readonly seconds: number;
  readonly ns: number;
}

export interface LineHead {
  readonly pid: number | undefined;
  readonly stamp: Stamp | undefined;
  /** The rest of the line, from its first character that is no space. */
  readonly body: string;
}

/** PID_MAX_LIMIT of 64-bit kernels, include/linux/threads.h: a larger number is a time in seconds. */
const PID_MAX = 0x40_0000;
/** Seconds since 1970 are more than these, seconds since the line before fewer. */
const EPOCH_MIN_SECONDS = 1e8;
/** Longer than what any option puts between brackets. */
const MAX_BRACKET = 200;
const PID_TAG = '[pid ';

const SPACE = 0x20;
const OPENING_BRACKET = 0x5b;
const OPENING_PARENTHESIS = 0x28;
const LESS = 0x3c;
const COLON = 0x3a;
const POINT = 0x2e;
const ZERO = 0x30;

/** A value and where what follows it begins. */
interface Read<T> {
  readonly value: T;
  readonly next: number;
}

export function parseHead(line: string): LineHead {
  const named = readPid(line);
  let stamp: Stamp | undefined;
  let hasDifference = false;
  let at = named?.next ?? 0;
  for (;;) {
    at = skipSpaces(line, at);
    const code = line.charCodeAt(at);
    const time = isDigit(code) || code === OPENING_PARENTHESIS ? readStamp(line, at) : undefined;
    if (time !== undefined) {
      const isDifference = time.value.kind === 'since';
      // one of each at most: what follows is a number that a program printed
      if (isDifference ? hasDifference : stamp !== undefined && stamp.kind !== 'since') break;
      hasDifference ||= isDifference;
      // an absolute time says more than the one since the line before, wherever that stands
      if (stamp === undefined || !isDifference) stamp = time.value;
    }
    const next = time?.next ?? (code === OPENING_BRACKET ? skipBracket(line, at) : undefined);
    if (next === undefined) break;
    at = next;
  }
  return { pid: named?.value, stamp, body: at === 0 ? line : line.slice(at) };
}

/** `[pid    20] `, `20 `, `20<bash> `. */
function readPid(line: string): Read<number> | undefined {
  const isTagged = line.startsWith(PID_TAG);
  const start = isTagged ? skipSpaces(line, PID_TAG.length) : 0;
  let at = skipDigits(line, start);
  if (at === start) return undefined;
  const value = Number(line.slice(start, at));
  if (line.charCodeAt(at) === LESS) at = line.indexOf('>', at) + 1;
  if (at === 0 || value > PID_MAX) return undefined;
  if (!isTagged) return line.charCodeAt(at) === SPACE ? { value, next: at + 1 } : undefined;
  return line.startsWith('] ', at) ? { value, next: at + 2 } : undefined;
}

/** A time with a space behind it. */
function readStamp(line: string, start: number): Read<Stamp> | undefined {
  const isAddition = line.startsWith('(+', start);
  let at = isAddition ? skipSpaces(line, start + 2) : start;
  let isOfDay = false;
  let seconds = 0;
  for (;;) {
    const end = skipDigits(line, at);
    if (end === at) return undefined;
    seconds = 60 * seconds + Number(line.slice(at, end));
    at = end;
    if (line.charCodeAt(at) !== COLON) break;
    isOfDay = true;
    at++;
  }
  const fraction = at + 1;
  if (line.charCodeAt(at) === POINT) at = skipDigits(line, fraction);
  const ns = at > fraction ? nsOf(line.slice(fraction, at)) : 0;
  if (isAddition && line[at++] !== ')') return undefined;
  if (line.charCodeAt(at) !== SPACE) return undefined;
  const kind = isOfDay ? 'day' : seconds >= EPOCH_MIN_SECONDS ? 'epoch' : 'since';
  return { value: { kind, seconds, ns }, next: at + 1 };
}

function nsOf(fraction: string): number {
  const digits = Math.min(fraction.length, 9);
  return Number(fraction.slice(0, digits)) * 10 ** (9 - digits);
}

/** `[  12] `: the number of a call, an address, a security context; not `[ Process PID=20 runs in 32 bit mode. ]`. */
function skipBracket(line: string, start: number): number | undefined {
  const end = line.slice(start, start + MAX_BRACKET).indexOf('] ');
  if (end < 0) return undefined;
  return /^[\w:.,?+! -]*$/.test(line.slice(start + 1, start + end)) ? start + end + 2 : undefined;
}

function skipSpaces(line: string, start: number): number {
  let at = start;
  while (line.charCodeAt(at) === SPACE) at++;
  return at;
}

function skipDigits(line: string, start: number): number {
  let at = start;
  while (isDigit(line.charCodeAt(at))) at++;
  return at;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code < ZERO + 10;
}
