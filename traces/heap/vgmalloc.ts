/**
 * valgrind --trace-malloc=yes (memcheck):
 *
 *   --11914-- malloc(472) = 0x4B0B040
 *   --11914-- free(0x4B0B040)
 *   --12143-- realloc(0x0,1600)malloc(1600) = 0x4B0CA10
 *   ==12143==   total heap usage: 3,310 allocs, 3,310 frees, 580,522 bytes allocated
 *
 * Addresses are those of valgrind's allocator. Its summary is a checksum; a realloc counts as an alloc and a free.
 */
import { Malformed } from '../base/errors.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import { readCall } from './call.ts';
import { type HeapDialect, type HeapLine, type HeapReader, type HeapRecord, ignored } from './record.ts';

const CALL = /^--(\d+)-- (\w+)\(([^)]*)\)(?:(?:malloc|free)\([^)]*\))?(?: = (\S+))?$/;
const USAGE = /total heap usage: ([\d,]+) allocs, ([\d,]+) frees, ([\d,]+) bytes allocated/;

export const vgmalloc: HeapDialect = {
  name: 'vgmalloc',
  describe: 'valgrind --trace-malloc=yes: every malloc, realloc and free of a program',
  grammar: [
    '--11914-- malloc(472) = 0x4B0B040',
    '--12143-- realloc(0x0,1600)malloc(1600) = 0x4B0CA10',
    '==12143==   total heap usage: ...             banners of valgrind',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'calls of an allocator by valgrind',
      isOwn: (line) => /^--\d+-- (?:malloc|calloc|realloc|free|memalign|_Z[nd]\w+)\([^)]*\)/.test(line),
      isShared: (line) => /^(?:==|--|\*\*)\d+/.test(line),
    }),
  command: 'valgrind --trace-malloc=yes --log-file=FILE PROGRAM',
  reader: () => new VgmallocReader(),
};

class VgmallocReader implements HeapReader {
  private allocs = 0;
  private frees = 0;
  private bytes = 0;
  private readonly pids = new Set<string>();
  private usage: string | undefined;

  read(line: string): HeapLine {
    const call = CALL.exec(line);
    if (call !== null) return this.call(call);
    if (/^--\d+-- \w+\(/.test(line))
      throw new Malformed('a call such as "--11914-- malloc(472) = 0x4B0B040"');
    if (/^--\d+--/.test(line)) return ignored('valgrind message');
    if (!/^(?:==|\*\*)\d+/.test(line)) return ignored(line === '' ? 'empty line' : UNRECOGNISED.output);
    if (line.endsWith('HEAP SUMMARY:')) return { record: { kind: 'end' } };
    this.usage ??= USAGE.exec(line)?.slice(1).join(' ').replaceAll(',', '');
    return ignored('valgrind banner');
  }

  warnings(): string[] {
    const { pids, usage } = this;
    const counted = `${this.allocs} ${this.frees} ${this.bytes}`;
    const several = 'several processes wrote into this trace: record with valgrind --log-file=trace.%p';
    const none = 'there is no summary ("total heap usage:") at the end: the trace is a part of a run';
    if (pids.size > 1) return [several];
    if (usage === undefined) return [none];
    const words = `allocs, frees and bytes: valgrind counted ${usage}, the trace has ${counted}`;
    return usage === counted ? [] : [words];
  }

  private call([, pid, name, args, result]: RegExpExecArray): HeapLine {
    this.pids.add(pid!);
    const record = readCall(name!, args!, result);
    if (record === undefined) return ignored(`call of ${name}`);
    this.count(record);
    return { record };
  }

  private count(record: HeapRecord): void {
    const isBlock = 'address' in record && record.address !== 0;
    if (isBlock && record.kind !== 'free') {
      this.allocs++;
      this.bytes += record.size;
    }
    const frees = record.kind === 'free' ? isBlock : record.kind === 'realloc' && record.old !== 0;
    if (frees) this.frees++;
  }
}
