/**
 * What the lines of a process tell of the program that it has just started: where the heap begins, and what is made
 * read-only of that which the program has not mapped itself, which is RELRO of it and of its dynamic linker.
 */
import { PROT_READ } from '../../core/event/mmap-flags.ts';
import { type Argument, readArguments } from '../strace/arguments.ts';
import { numberIn, returnedBy } from '../strace/call.ts';
import { flagsOf, PROTECTIONS } from '../strace/flags.ts';
import type { ExecEvidence } from './program-image.ts';
import type { TimedLine } from './strace-coming.ts';
import { pageUp, type Range } from './strace-objects.ts';

const MAPS: ReadonlySet<string> = new Set(['mmap', 'mmap2', 'old_mmap', 'mremap', 'shmat']);

/** @param pid as lines name the process; those without a name are its own too */
export function evidenceIn(coming: Iterable<TimedLine>, pid: number): ExecEvidence {
  const found = new Evidence();
  let begun = '';
  for (const { pid: other, form, text, name } of coming) {
    if (other !== undefined && other !== pid) continue;
    if (form === 'exit' || form === 'superseded') break;
    if (form === 'begin') begun = text;
    if (form !== 'call' && form !== 'resumed') continue;
    const whole = form === 'call' ? text : `${begun}${text}`;
    const result = returnedBy(text);
    if (name.startsWith('execve') && result === 0) break;
    found.see(name, whole, result);
  }
  return found;
}

class Evidence implements ExecEvidence {
  heapStart: number | undefined;
  readonly madeReadOnly: Range[] = [];
  private readonly mapped: Range[] = [];

  see(name: string, text: string, result: number | undefined): void {
    if (name === 'brk') this.heapStart ??= result;
    const isMap = MAPS.has(name);
    if ((!isMap && name !== 'mprotect') || result === undefined) return;
    const args = readArguments(text, text.indexOf('(') + 1)?.args ?? [];
    if (isMap) this.mapped.push({ start: result, end: result + lengthIn(args) });
    else this.protects(args);
  }

  private protects(args: readonly Argument[]): void {
    const start = numberIn(args[0]?.text) ?? 0;
    const end = start + pageUp(lengthIn(args));
    const isOwn = this.mapped.some((range) => range.start <= start && start < range.end);
    if (!isOwn && flagsOf(args[2], PROTECTIONS) === PROT_READ) this.madeReadOnly.push({ start, end });
  }
}

function lengthIn(args: readonly Argument[]): number {
  return numberIn(args[1]?.text) ?? 0;
}
