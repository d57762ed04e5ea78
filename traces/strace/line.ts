/**
 * A line of strace, taken apart: who, when, what. `strace -f -o FILE` writes a pid before each line, strace to a
 * terminal only while it follows several processes (`[pid N] `); -t, -tt and -ttt write a time.
 *
 *   11242 15:00:04.810271 execve("/usr/bin/sort", ["sort", "lines.txt"], 0x558aef28eec0 <unfinished ...>
 *   11242 15:00:04.810773 <... execve resumed>) = 0
 *   [pid 11421] 15:00:05.851855 +++ exited with 0 +++
 *   15:00:05.836314 clone(child_stack=NULL, flags=SIGCHLDstrace: Process 11421 attached
 *   , child_tidptr=0x7f655af8ba10) = 11421
 */

import { SYSTEM_CALLS } from './system-calls.ts';
import { isOfStrace } from './tools.ts';

/** What a line is. */
export type StraceForm =
  /** A call with its result; `text` is all of it. */
  | 'call'
  /** A call that has not returned; `text` is its beginning, `mmap(NULL, 4096`. */
  | 'begin'
  /** The same after a message of strace itself, on the same line. */
  | 'split'
  /** The end of such a call; `text` is what follows, `) = 0`. */
  | 'resumed'
  /** The process has ended. */
  | 'exit'
  /** The process has ended because another of its threads called execve; `text` is the pid of that thread. */
  | 'superseded'
  | 'signal'
  /** A message of strace. */
  | 'message'
  /** None of these. */
  | 'other';

export interface StraceLine {
  readonly form: StraceForm;
  readonly pid: number | undefined;
  /** As it is written: `15:00:04.810271` or `1700000000.810271`. */
  readonly time: string | undefined;
  readonly text: string;
  /** The child that strace says to follow now. */
  readonly attached?: number;
}

const ATTACHED = /strace: Process (\d+) attached$/;
const HEAD = /^(?:\[pid +(\d+)\] |(\d+) +)?(?:(\d\d:\d\d:\d\d(?:\.\d+)?|\d+\.\d+) )?(.*)$/;

/** The first that fits; the group is the text of the line, else all of it. */
const FORMS: readonly (readonly [form: StraceForm, pattern: RegExp])[] = [
  ['exit', /^\+\+\+ (?:exited with|killed by) .*\+\+\+$/],
  ['superseded', /^\+\+\+ superseded by execve in pid (\d+) \+\+\+$/],
  ['signal', /^--- .* ---$/],
  ['resumed', /^<\.\.\. [\w?]+ resumed>(.*)$/],
  ['begin', /^([\w?]+\(.*?) *<unfinished \.\.\.>$/],
  ['split', /^([\w?]+\(.*)strace: Process \d+ attached$/],
  ['call', /^[\w?]+\(.*\)\s*= \S.*$/],
  ['message', /^strace: |^\[ Process PID=\d+ runs in .* mode\. \]$/],
];

/** What stands before the text of a line, of ltrace too. */
export function parseHead(line: string): Pick<StraceLine, 'pid' | 'time'> & { readonly body: string } {
  const [, bracketed, plain, time, body] = HEAD.exec(line)!;
  const digits = bracketed ?? plain;
  return { pid: digits === undefined ? undefined : Number(digits), time, body: body! };
}

export function parseLine(line: string): StraceLine {
  const { pid, time, body } = parseHead(line);
  const child = ATTACHED.exec(body)?.[1];
  const attached = child === undefined ? {} : { attached: Number(child) };
  for (const [form, pattern] of FORMS) {
    const found = pattern.exec(body);
    if (found !== null) return { form, pid, time, text: found[1] ?? found[0], ...attached };
  }
  return { form: 'other', pid, time, text: body };
}

/** Whether the text of a line, less pid and time, is a system call, a half of one, or an end as strace words it. */
export function isSystemCall(body: string): boolean {
  const name = /^(?:<\.\.\. )?(\w+)(?:\(| resumed>)/.exec(body)?.[1];
  return name === undefined ? isOfStrace(body) : SYSTEM_CALLS.has(name);
}
