/** A system call as strace prints it, in words and numbers. */
import { Malformed } from '../base/errors.ts';

export interface SystemCall {
  readonly name: string;
  /** As written, less comments: numbers, names of flags, `{...}`. */
  readonly args: readonly string[];
  /** The number returned; undefined when the call failed or did not return. */
  readonly result: number | undefined;
  /** `ENOMEM` and the like, when it failed. */
  readonly error: string | undefined;
}

const CALL = /^([\w?]+)\((.*)\)\s*= (\S+)(?: ([A-Z]\w*))?/s;
const COMMENT = /\s*\/\*.*?\*\//g;

/** Undefined when the text is no whole call. */
export function parseCall(text: string): SystemCall | undefined {
  const parts = CALL.exec(text);
  if (parts === null) return undefined;
  const [, name, args, returned, word] = parts;
  const failed = returned === '-1' && word !== undefined;
  return {
    name: name!,
    args: args!.replace(COMMENT, '').split(', '),
    result: failed ? undefined : numberIn(returned),
    error: failed ? word : undefined,
  };
}

const NUMBER = /^(?:0x[0-9a-f]+|-?\d+)$/;

/** A decimal or hexadecimal number, or NULL; undefined for anything else. Above 2^53 it is not exact. */
export function numberIn(text: string | undefined): number | undefined {
  if (text === 'NULL') return 0;
  return text !== undefined && NUMBER.test(text) ? Number(text) : undefined;
}

/** @param index from 0 */
export function numberArgument(args: readonly string[], index: number): number {
  const number = numberIn(args[index]);
  if (number === undefined) throw new Malformed(`a number as argument ${index + 1}`);
  return number;
}

/** Whether `flag` is among `A|B|C`, wherever these are in the text. */
export function hasFlag(text: string | undefined, flag: string): boolean {
  return text?.split(/[^\w]/).includes(flag) ?? false;
}

/** The values of the names in `A|B|C` that are known, or-ed. */
export function flagsIn(text: string | undefined, values: Readonly<Record<string, number>>): number {
  return (text ?? '').split('|').reduce((bits, name) => bits | (values[name] ?? 0), 0);
}
