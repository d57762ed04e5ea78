/**
 * glibc's mtrace (MALLOC_TRACE):
 *
 *   = Start
 *   @ ./chasem:[0x11a2] + 0x563341bde4a0 0x5dc0        malloc
 *   @ ./chasem:[0x1293] - 0x563341bf91b0               free
 *   @ ./a.out:[0x1234] < 0x563341bde4a0                realloc: the old block,
 *   @ ./a.out:[0x1234] > 0x563341bde4a0 0x100          and the new one
 *   @ ./a.out:[0x1234] ! 0x563341bde4a0 0x100          realloc that failed
 *    [0x80481eb] + 0x8064c48 0x14                      malloc, where no object is known
 */
import { Malformed } from '../base/errors.ts';
import { evidenceOf } from '../text/evidence.ts';
import { readCall } from './call.ts';
import { type HeapDialect, type HeapLine, type HeapReader, ignored } from './record.ts';

/**
 * An operation, an address, a size; before them where the call was made: `@ OBJECT:[ADDRESS]`, and in older ones only
 * ` [ADDRESS]`, or nothing.
 */
const OPERATION = /^([-+<>!]) (0x[0-9a-f]+|\(nil\)|0)(?: (0x[0-9a-f]+|0))?$/;

/** The operation at the end of a line, in two words or three. */
function operationAt(line: string): RegExpExecArray | null {
  const [last, middle] = [line.lastIndexOf(' '), line.lastIndexOf(' ', line.lastIndexOf(' ') - 1)];
  const first = line.lastIndexOf(' ', middle - 1);
  for (const [at, next] of [
    [middle, last],
    [first, middle],
  ] as const) {
    const found = next > 0 ? OPERATION.exec(line.slice(at + 1)) : null;
    if (found !== null && isCaller(line.slice(0, Math.max(0, at)))) return found;
  }
  return null;
}

function isCaller(text: string): boolean {
  const where = text.trimStart();
  return where === '' || where.startsWith('@ ') || /^\[0x[0-9a-f]+\]$/.test(where);
}

/** A failed call has NULL for a block. */
const NULL = '0';

export const mtrace: HeapDialect = {
  name: 'mtrace',
  describe: 'glibc mtrace (MALLOC_TRACE): every malloc, realloc and free of a program',
  grammar: [
    '@ ./a.out:[0x11a2] + 0x563341bde4a0 0x5dc0   malloc; - is free, < and > are the two halves of realloc',
    '= Start',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'calls by mtrace',
      isOwn: (line) => operationAt(line) !== null,
      isMark: (line) => line === '= Start',
    }),
  pidsAre: 'processes',
  allocator: 'glibc',
  command: 'MALLOC_TRACE=FILE LD_PRELOAD=libc_malloc_debug.so.0 PROGRAM, where the program calls mtrace()',
  reader: () => new MtraceReader(),
};

class MtraceReader implements HeapReader {
  private old: string | undefined;

  read(line: string): HeapLine {
    if (line === '= Start' || line === '= End') return ignored('banner');
    const [, operation, address, size = NULL] = operationAt(line.trimEnd()) ?? [];
    if (operation === undefined || address === undefined) throw new Malformed(A_LINE);
    switch (operation) {
      case '<':
        this.old = address;
        return ignored('first half of a realloc');
      case '>':
        return call('realloc', `${this.takeOld()}, ${size}`, address);
      case '!':
        return call('realloc', `${address}, ${size}`, NULL);
      case '+':
        return call('malloc', size, address);
      default:
        return call('free', address, undefined);
    }
  }

  warnings(): string[] {
    return [];
  }

  private takeOld(): string {
    const { old } = this;
    if (old === undefined) throw new Malformed('a line with < before that with >');
    this.old = undefined;
    return old;
  }
}

function call(name: string, args: string, result: string | undefined): HeapLine {
  return { record: readCall(name, args, result)! };
}

const A_LINE = 'a line such as "@ ./chasem:[0x11a2] + 0x563341bde4a0 0x5dc0"';
