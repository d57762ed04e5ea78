/**
 * ltrace of an allocator's functions, with -f, -t, -tt, -ttt, -r, -i, -n, -T, -C or none, with -e or -x:
 *
 *   chase->malloc(56)                                = 0x55f4ce79c2a0
 *   11889 15:01:01.268122 malloc@libc.so.6(56) = 0x5583d2cd4b00
 *   realloc@libc.so.6(0, 1600 <unfinished ...>
 *   malloc@libc.so.6(1600) = 0x55d0ac6874b0
 *   <... realloc resumed> ) = 0x55d0ac6874b0
 *
 * On programs linked with -z now, ltrace -e reads wrong arguments and results; what cannot be a heap is refused.
 */
import { Malformed } from '../base/errors.ts';
import { parseHead } from '../strace/head.ts';
import { isOfLtrace, isOfStrace, isSystemCallName } from '../strace/tools.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import { isAllocator, readCall } from './call.ts';
import { hidesCall, type LtraceLine, parseBody } from './ltrace-line.ts';
import type { HeapDialect, HeapLine, HeapReader, HeapRecord } from './record.ts';

export const ltrace: HeapDialect = {
  name: 'ltrace',
  describe: 'ltrace -e malloc+calloc+realloc+free, or -x: the heap of a program, its threads too',
  grammar: [
    'chase->malloc(56) = 0x55f4ce79c2a0                           ltrace -e; LIB->NAME or NAME',
    '11889 15:01:01.268122 malloc@libc.so.6(56) = 0x5583d2cd4b00  ltrace -f -tt -x; pid and time as asked',
    'operator new(unsigned long)(64, 1, 2, 3) = 0x5580c0a012a0    ltrace -C',
    'free(0x55f4ce79c2a0) = <void>',
    '<... realloc resumed> ) = 0x55d0ac6874b0                     the end of a line with <unfinished ...>',
    '+++ exited (status 0) +++',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'calls of libraries by ltrace',
      isOwn: (line) => isOwn(parseHead(line).body),
      isShared: (line) => isShared(parseHead(line).body),
      isAgainst: (line) => isOfStrace(parseHead(line).body),
    }),
  pidsAre: 'threads',
  allocator: 'glibc',
  command: "ltrace -L -x 'malloc@libc.so*+calloc@libc.so*+realloc@libc.so*+free@libc.so*' -o FILE PROGRAM",
  reader: () => new LtraceReader(),
};

/** A call of a library, the allocator's among them, or an end as only ltrace words it. */
function isOwn(body: string): boolean {
  const { form, name } = parseBody(body);
  const isLibraryCall = form === 'call' && !isSystemCallName(name);
  return isOfLtrace(body) || isLibraryCall || (form !== 'other' && isAllocator(name));
}

/** What strace prints alike: functions that are called as system calls are. */
function isShared(body: string): boolean {
  const { form } = parseBody(body);
  return form !== 'other' && form !== 'torn';
}

interface Begun {
  readonly name: string;
  readonly args: string;
}

const RULES = {
  first: 'first half of a call',
  within: 'call within the allocator',
  never: 'call that never returned',
  torn: 'call that output of the program tore',
} as const;

class LtraceReader implements HeapReader {
  /** By pid: calls of the allocator that have not returned, the innermost last. */
  private readonly begun = new Map<number, Begun[]>();
  /** A call was torn, and how it ends is not seen yet. */
  private isTorn = false;
  private torn = 0;
  private never = 0;

  read(line: string): HeapLine {
    const { pid, stamp, body } = parseHead(line);
    return { record: this.record(parseBody(body), body, pid ?? 0), pid, stamp };
  }

  warnings(): string[] {
    const { torn, never } = this;
    const gone = `${never} calls never returned: ended by a signal, or by an error that the allocator found`;
    const lost = `${torn} calls are left out, as output of the program runs into them: write the trace with -o FILE`;
    return [...(never > 0 ? [gone] : []), ...(torn > 0 ? [lost] : [])];
  }

  private record(line: LtraceLine, body: string, pid: number): HeapRecord {
    switch (line.form) {
      case 'call':
        return finished(line, this.begun.get(pid));
      case 'begin':
        return this.begins(line, pid);
      case 'resumed':
        return this.resumes(line, pid);
      case 'no return':
        return this.neverReturns(line, pid);
      case 'torn':
        this.torn++;
        this.isTorn = true;
        return rule(RULES.torn);
      case 'rest':
        return rule(this.isTorn ? RULES.torn : UNRECOGNISED.output);
      case 'exit':
        this.begun.delete(pid);
        return { kind: 'end' };
      case 'exec':
        this.begun.delete(pid);
        return { kind: 'exec' };
      case 'signal':
        return rule('signal');
      case 'detail':
        return rule('stack of a call');
      case 'other':
        if (hidesCall(body)) throw new Malformed(A_LINE);
        return rule(body === '' ? 'empty line' : UNRECOGNISED.output);
    }
  }

  private begins({ name, args }: LtraceLine, pid: number): HeapRecord {
    if (name === 'fork') return { kind: 'ignored', rule: RULES.first, begins: 'fork' };
    if (!isAllocator(name)) return rule(`call of ${name}`);
    const stack = this.begun.get(pid);
    if (stack === undefined) this.begun.set(pid, [{ name, args }]);
    else stack.push({ name, args });
    return rule(RULES.first);
  }

  private resumes(line: LtraceLine, pid: number): HeapRecord {
    const stack = this.begun.get(pid) ?? [];
    const top = stack[stack.length - 1];
    if (top?.name !== line.name) return finished(line, stack);
    stack.pop();
    return finished({ ...line, args: top.args + line.args }, stack);
  }

  private neverReturns({ name }: LtraceLine, pid: number): HeapRecord {
    const isRest = name === '' && this.isTorn;
    if (!isRest && !isAllocator(name)) return rule(name === '' ? RULES.never : `call of ${name}`);
    if (isRest) this.torn--;
    this.isTorn = false;
    this.never++;
    this.begun.delete(pid);
    return rule(RULES.never);
  }
}

function rule(name: string): HeapRecord {
  return { kind: 'ignored', rule: name };
}

/** What one function of the allocator calls to do its work is no call of the program. */
function finished({ name, args, result }: LtraceLine, stack: readonly Begun[] = []): HeapRecord {
  if (name === 'fork') return forked(result);
  const record = isAllocator(name) ? readCall(name, args, result) : undefined;
  if (record === undefined) return rule(`call of ${name}`);
  return stack.length > 0 ? rule(RULES.within) : record;
}

/** In the child fork returns 0, and -1 where there is none. */
function forked(result: string | undefined): HeapRecord {
  const child = Number(result);
  return child > 0
    ? { kind: 'fork', child }
    : rule(child === 0 ? 'fork, as the child sees it' : 'fork that failed');
}

const A_LINE = 'a call such as "chase->malloc(56) = 0x55f4ce79c2a0"';
