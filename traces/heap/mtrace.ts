/**
 * glibc's mtrace (MALLOC_TRACE):
 *
 *   = Start
 *   @ ./chasem:[0x11a2] + 0x563341bde4a0 0x5dc0        malloc
 *   @ ./chasem:[0x1293] - 0x563341bf91b0               free
 *   @ ./a.out:[0x1234] < 0x563341bde4a0                realloc: the old block,
 *   @ ./a.out:[0x1234] > 0x563341bde4a0 0x100          and the new one
 *   @ ./a.out:[0x1234] ! 0x563341bde4a0 0x100          realloc that failed
 */
import { Malformed } from '../base/errors.ts';
import { evidenceOf } from '../text/evidence.ts';
import { readCall } from './call.ts';
import { type HeapDialect, type HeapLine, type HeapReader, ignored } from './record.ts';

const LINE = /^@ .*? ?([-+<>!]) (0x[0-9a-f]+|\(nil\)|0)(?: (0x[0-9a-f]+|0))?$/;
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
      isOwn: (line) => /^@ \S.* [-+<>!] (?:0x[0-9a-f]+|\(nil\))/.test(line),
      isMark: (line) => line === '= Start',
    }),
  command: 'MALLOC_TRACE=FILE LD_PRELOAD=libc_malloc_debug.so.0 PROGRAM, where the program calls mtrace()',
  reader: () => new MtraceReader(),
};

class MtraceReader implements HeapReader {
  private old: string | undefined;

  read(line: string): HeapLine {
    if (line === '= Start' || line === '= End') return ignored('banner');
    const [, operation, address, size = NULL] = LINE.exec(line) ?? [];
    if (operation === undefined || address === undefined) throw new Malformed(A_LINE);
    switch (operation) {
      case '<':
        this.old = address;
        return ignored('first half of a realloc');
      case '>':
        return call('realloc', `${this.takeOld()}, ${size}`, address);
      case '!':
        return ignored('failed call');
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
