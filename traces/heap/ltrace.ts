/**
 * ltrace of an allocator's functions, with -f and -tt or without, with -e or -x:
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
import { parseHead } from '../strace/line.ts';
import { isOfLtrace, isOfStrace } from '../strace/tools.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import { readCall } from './call.ts';
import { type HeapDialect, type HeapLine, type HeapReader, ignored } from './record.ts';

const CALL = /^(?:.*->)?(\w+)(?:@[^(]*)?\((.*)\)\s*= (\S+)$/;
const BEGIN = /^(?:.*->)?(\w+)(?:@[^(]*)?\((.*?)\s*<unfinished \.\.\.>$/;
const RESUMED = /^<\.\.\. (\w+) resumed>(.*)\)\s*= (\S+)$/;

export const ltrace: HeapDialect = {
  name: 'ltrace',
  describe: 'ltrace -e malloc+calloc+realloc+free, or -x: the heap of a program, its threads too',
  grammar: [
    'chase->malloc(56) = 0x55f4ce79c2a0                          ltrace -e; LIB->NAME or NAME',
    '11889 15:01:01.268122 malloc@libc.so.6(56) = 0x5583d2cd4b00  ltrace -f -tt -x; pid and time as asked',
    'free(0x55f4ce79c2a0) = <void>',
    '<... realloc resumed> ) = 0x55d0ac6874b0                     the end of a line with <unfinished ...>',
    '+++ exited (status 0) +++',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'calls of an allocator by ltrace',
      isOwn: (line) => isOwn(parseHead(line).body),
      isShared: (line) => isShared(parseHead(line).body),
      isAgainst: (line) => isOfStrace(parseHead(line).body),
    }),
  command: "ltrace -L -x 'malloc@libc.so*+calloc@libc.so*+realloc@libc.so*+free@libc.so*' -o FILE PROGRAM",
  reader: () => new LtraceReader(),
};

/** A call of the allocator, anything with the name of a library, or an end as only ltrace words it. */
function isOwn(body: string): boolean {
  return OWN.test(body) || isOfLtrace(body);
}

/** Library calls that others may print alike: a format for system calls knows its own names. */
function isShared(body: string): boolean {
  return /^\w+\(.*\) += /.test(body) || /^<\.\.\. /.test(body);
}

const OWN =
  /^(?:malloc|calloc|realloc|free|operator (?:new|delete))\b.*(?:\)\s+= (?:0x|<void>|nil|0)|<unfinished \.\.\.>)/;

interface Begun {
  readonly name: string;
  readonly args: string;
}

class LtraceReader implements HeapReader {
  /** By pid: calls of the allocator that have not returned, the innermost last. */
  private readonly begun = new Map<number, Begun[]>();

  read(line: string): HeapLine {
    const { pid = 0, time, body } = parseHead(line);
    const stack = this.begun.get(pid) ?? [];
    this.begun.set(pid, stack);
    return { ...this.body(body, stack), time };
  }

  warnings(): string[] {
    const isMixed = this.begun.size > 1;
    return isMixed ? ['several processes or threads wrote into this trace: taken for threads of one'] : [];
  }

  private body(body: string, stack: Begun[]): HeapLine {
    const call = CALL.exec(body);
    if (call !== null) return finished(call[1]!, call[2]!, call[3]!, stack);
    const begin = BEGIN.exec(body);
    if (begin !== null) return begins(begin[1]!, begin[2]!, stack);
    const resumed = RESUMED.exec(body);
    if (resumed !== null) return resumes(resumed, stack);
    if (/^\+\+\+ .* \+\+\+$/.test(body)) return { record: { kind: 'end' } };
    if (/^--- .* ---$/.test(body)) return ignored('signal');
    if (/\b(?:malloc|calloc|realloc|free)\b.*\(/.test(body)) throw new Malformed(A_LINE);
    return ignored(body === '' ? 'empty line' : UNRECOGNISED.output);
  }
}

function begins(name: string, args: string, stack: Begun[]): HeapLine {
  const isAllocator = readCall(name, '0, 0, 0', undefined) !== undefined;
  if (!isAllocator) return ignored(`call of ${name}`);
  stack.push({ name, args });
  return ignored('first half of a call');
}

function resumes([, name, rest, result]: RegExpExecArray, stack: Begun[]): HeapLine {
  const top = stack[stack.length - 1];
  if (top?.name !== name) return ignored(`call of ${name}`);
  stack.pop();
  return finished(name!, top!.args + rest!, result!, stack);
}

/** What one function of the allocator calls to do its work is no call of the program. */
function finished(name: string, args: string, result: string, stack: readonly Begun[]): HeapLine {
  if (stack.length > 0) return ignored('call within the allocator');
  const record = readCall(name, args, result);
  return record === undefined ? ignored(`call of ${name}`) : { record };
}

const A_LINE = 'a call such as "chase->malloc(56) = 0x55f4ce79c2a0"';
