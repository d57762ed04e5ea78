/**
 * A line of ltrace, less what options put before it (strace/head.ts). Grammar of output.c and handle_event.c of ltrace
 * 0.7.91: `LIB->NAME(ARGUMENTS) = RESULT`, `NAME@LIB(...)`, `NAME(...)`; with -C names of C++ hold their own
 * parentheses, `operator new(unsigned long)(64, 1, 2, 3)`; with -T the time that the call took follows.
 */
import { resultStart, UNFINISHED } from '../strace/line.ts';
import { isAllocator } from './call.ts';

export type LtraceForm =
  /** A call with its result. */
  | 'call'
  /** A call that has not returned. */
  | 'begin'
  /** The end of one. */
  | 'resumed'
  /** A call that never returned; alone on its line, without a name, when output of the program tore the line. */
  | 'no return'
  /** The beginning of a call of the allocator, and then something else. */
  | 'torn'
  /** What such a call ends with. */
  | 'rest'
  | 'exit'
  | 'exec'
  | 'signal'
  /** Where in the program the call before was made (-w). */
  | 'detail'
  | 'other';

export interface LtraceLine {
  readonly form: LtraceForm;
  /** Of the function, without library and parameter types. */
  readonly name: string;
  readonly args: string;
  readonly result: string | undefined;
}

const NO_RETURN = '<no return ...>';
const RESUMED = ' resumed>';

export function parseBody(body: string): LtraceLine {
  if (body.startsWith('+++ ') && body.endsWith(' +++')) return only('exit');
  if (body.startsWith('--- ') && body.endsWith(' ---'))
    return only(body === '--- Called exec() ---' ? 'exec' : 'signal');
  if (body === NO_RETURN) return only('no return');
  if (body.startsWith('<... ')) return secondHalf(body);
  if (body.startsWith('> ')) return only('detail');
  if (body.startsWith(')')) return resultStart(body) === undefined ? only('other') : only('rest');
  return callOf(body);
}

function only(form: LtraceForm): LtraceLine {
  return { form, name: '', args: '', result: undefined };
}

/** `<... realloc resumed> ) = 0x55d0ac6874b0` */
function secondHalf(body: string): LtraceLine {
  const end = body.indexOf(RESUMED);
  const rest = body.slice(end + RESUMED.length);
  const resultAt = resultStart(rest);
  if (end < 0 || resultAt === undefined) return only('other');
  const args = rest.slice(0, rest.lastIndexOf(')', resultAt));
  const name = functionName(body.slice('<... '.length, end), 0)?.name ?? '';
  return { form: 'resumed', name, args, result: firstWord(rest, resultAt) };
}

function callOf(body: string): LtraceLine {
  const named = functionName(body, libraryEnd(body));
  if (named === undefined) return only('other');
  const { name, end } = named;
  const start = body.indexOf('(', end) + 1;
  for (const [mark, form] of [
    [UNFINISHED, 'begin'],
    [NO_RETURN, 'no return'],
  ] as const)
    if (body.endsWith(mark)) return { form, name, args: body.slice(start, -mark.length), result: undefined };
  const resultAt = resultStart(body);
  if (start > 0 && resultAt !== undefined && resultAt > start) {
    const args = body.slice(start, body.lastIndexOf(')', resultAt));
    return { form: 'call', name, args, result: firstWord(body, resultAt) };
  }
  const isTorn = isAllocator(name) && start === end + 1 && !body.includes('= ', start);
  return isTorn ? { ...only('torn'), name } : only('other');
}

/** Where the name begins: behind `libc.so.6->`. */
function libraryEnd(body: string): number {
  const arrow = body.indexOf('->');
  const open = body.indexOf('(');
  return arrow > 0 && arrow < open && !body.slice(0, arrow).includes(' ') ? arrow + 2 : 0;
}

const OPERATOR = /operator (?:new|delete)(?:\[\])?/y;
const WORD = /[\w.$~:]+/y;

interface Named {
  readonly name: string;
  /** Where the name ends, with the types of its parameters and its library. */
  readonly end: number;
}

/** The name of the function that begins there; undefined where none does. */
function functionName(text: string, start: number): Named | undefined {
  const operator = matchAt(OPERATOR, text, start);
  const name = operator ?? matchAt(WORD, text, start);
  if (name === undefined) return undefined;
  let end = start + name.length;
  if (operator !== undefined && text[end] === '(') end = typesEnd(text, end);
  if (text[end] === '@') end = Math.max(end, text.indexOf('(', end));
  const next = text[end];
  return next === undefined || next === '(' || operator !== undefined ? { name, end } : undefined;
}

function matchAt(pattern: RegExp, text: string, start: number): string | undefined {
  pattern.lastIndex = start;
  return pattern.exec(text)?.[0];
}

/** Behind `(unsigned long)`, if the arguments, the library or nothing more follow; else these are the arguments. */
function typesEnd(text: string, open: number): number {
  const close = text.indexOf(')', open);
  const next = text[close + 1];
  return close > 0 && (next === '(' || next === '@' || next === undefined) ? close + 1 : open;
}

function firstWord(text: string, start: number): string {
  const end = text.indexOf(' ', start);
  return text.slice(start, end < 0 ? undefined : end);
}

/** Whether output of the program runs into a call of the allocator that would be lost. */
export function hidesCall(text: string): boolean {
  const at = text.search(/\b(?:malloc|calloc|realloc|free)(?:@[\w.]+)?\(/);
  return at >= 0 && (text.lastIndexOf('= ') > at || text.endsWith(UNFINISHED));
}
