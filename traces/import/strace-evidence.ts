/**
 * What the lines of a process tell of the program that it has just started: where the heap begins, and what is made
 * read-only of that which the program has not mapped itself, which is RELRO of it and of its dynamic linker.
 */
import { readArguments } from '../strace/arguments.ts';
import { returnedBy } from '../strace/call.ts';
import { SeenCalls } from './exec-evidence.ts';
import type { ExecEvidence } from './program-image.ts';
import type { TimedLine } from './strace-coming.ts';

/** @param pid as lines name the process; those without a name are its own too */
export function evidenceIn(coming: Iterable<TimedLine>, pid: number): ExecEvidence {
  const found = new SeenCalls();
  let begun = '';
  for (const { pid: other, form, text, name } of coming) {
    if (other !== undefined && other !== pid) continue;
    if (form === 'exit' || form === 'superseded') break;
    if (form === 'begin') begun = text;
    if (form !== 'call' && form !== 'resumed') continue;
    const result = returnedBy(text);
    if (name.startsWith('execve') && result === 0) break;
    const whole = form === 'call' ? text : `${begun}${text}`;
    const args = result === undefined ? [] : (readArguments(whole, whole.indexOf('(') + 1)?.args ?? []);
    if (result !== undefined) found.see(name, args, result);
  }
  return found;
}
