/** A system call as strace prints it, in words and numbers. */
import { Malformed } from '../base/errors.ts';
import { type Argument, readArguments, readFields } from './arguments.ts';
import { resultStart } from './line.ts';

export interface SystemCall {
  readonly name: string;
  readonly args: readonly Argument[];
  /** The number returned; undefined when the call failed or did not return. */
  readonly result: number | undefined;
  /** `ENOMEM`, or `errno 12` where strace gives the number, when it failed. */
  readonly error: string | undefined;
  /** Of a mmap whose length was another one in the run that is told of: that length. */
  readonly bytes?: number;
}

/** Undefined when the text is no whole call. */
export function parseCall(text: string): SystemCall | undefined {
  const open = text.indexOf('(');
  const list = listOf(text, open + 1);
  if (open <= 0 || list === undefined) return undefined;
  const returned = text.slice(list.resultAt).trim();
  const error = errorOf(returned);
  return {
    name: text.slice(0, open),
    args: list.args,
    result: error === undefined ? resultIn(returned) : undefined,
    error,
  };
}

interface CallList {
  readonly args: readonly Argument[];
  readonly resultAt: number;
}

function listOf(text: string, start: number): CallList | undefined {
  const list = readArguments(text, start);
  const sign = list === undefined ? null : equalsSign(text, list.end);
  if (list !== undefined && sign !== null) return { args: list.args, resultAt: sign };
  // Something is not closed, as a path with `>`: the last `) = ` ends the arguments.
  const resultAt = resultStart(text);
  if (resultAt === undefined) return undefined;
  const args = text.slice(start, text.lastIndexOf(')', resultAt)).split(',');
  return { args: args.map((arg) => ({ name: undefined, text: arg.trim(), comment: undefined })), resultAt };
}

/** Behind `= `, with any number of spaces before it. */
function equalsSign(text: string, start: number): number | null {
  let at = start;
  while (text[at] === ' ') at++;
  return text[at] === '=' ? at + 1 : null;
}

/** `-1 ENOMEM (Cannot allocate memory)`; `-1 (errno 12)` where arguments are raw. */
function errorOf(returned: string): string | undefined {
  if (returned !== '-1' && !returned.startsWith('-1 ')) return undefined;
  const [, name, number] = /^-1 (?:([A-Z][A-Z0-9_]{1,30})\b|\((errno \d{1,10})\))/.exec(returned) ?? [];
  return name ?? number ?? 'no reason given';
}

/** The number that a call returned, less what -y, -Y and --decode-pids=pidns say of it: `21<bash>`, `3</dev/null>`. */
export function resultIn(returned: string): number | undefined {
  const inOurs = /^\d+ \/\* (\d+) in strace's PID NS \*\//.exec(returned);
  return numberIn(inOurs?.[1] ?? /^(?:0x[0-9a-f]+|\d+)/.exec(returned)?.[0]);
}

/** The number that the end of a call returned: of `, child_tidptr=0x7f655af8ba10) = 11421`. */
export function returnedBy(text: string): number | undefined {
  const at = resultStart(text);
  return at === undefined ? undefined : resultIn(text.slice(at));
}

const NUMBER = /^(?:0x[0-9a-f]+|-?\d+)$/;

/** A decimal or hexadecimal number, or NULL; undefined for anything else. Above 2^53 it is not exact. */
export function numberIn(text: string | undefined): number | undefined {
  if (text === 'NULL') return 0;
  return text !== undefined && NUMBER.test(text) ? Number(text) : undefined;
}

/** An address, a length or a number of something. @param index from 0 */
export function numberArgument(args: readonly Argument[], index: number): number {
  const number = numberIn(args[index]?.text);
  if (number === undefined || number < 0) throw new Malformed(`a number as argument ${index + 1}`);
  return number;
}

/** The field of that name, wherever it is: `flags=SIGCHLD` among arguments, or in the structure that the first one is. */
export function fieldOf(text: string, name: string): Argument | undefined {
  const open = text.indexOf('(') + 1;
  const brace = text.indexOf('{', open);
  for (const start of [open, brace + 1]) {
    const args = readArguments(`${text})`, start)?.args ?? [];
    const at = args.find((arg) => arg.name === name);
    if (at !== undefined) return at;
  }
  return undefined;
}

/** The one structure that holds them all, as arguments: `old_mmap({addr=NULL, length=4096, ...})`. */
export function unfolded(args: readonly Argument[]): readonly Argument[] {
  const [only, ...others] = args;
  return only?.text.startsWith('{') && others.length === 0 ? readFields(only.text) : args;
}
