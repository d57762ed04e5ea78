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
import type { Stamp } from '../strace/head.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import { isAllocator, readCall } from './call.ts';
import { type HeapDialect, type HeapLine, type HeapReader, type HeapRecord, ignored } from './record.ts';

/** `--77-- `, `==77== `; with --time-stamp=yes days, hours, minutes and seconds since the start before the pid. */
const PREFIX = /^(--|==|\*\*)(?:(\d+):(\d\d):(\d\d):(\d\d)\.(\d{3}) )?(\d+)\1 ?/;
const CALL = /^(\w+)\(([^)]*)\)(?:(?:malloc|free)\([^)]*\))?(?: = (\S+))?$/;
const USAGE = /total heap usage: ([\d,]+) allocs, ([\d,]+) frees, ([\d,]+) bytes allocated/;
/** What memcheck says first of a program: the tool names itself. */
const PROGRAM = 'Memcheck, a memory error detector';

export const vgmalloc: HeapDialect = {
  name: 'vgmalloc',
  describe: 'valgrind --trace-malloc=yes: every malloc, realloc and free of a program',
  grammar: [
    '--11914-- malloc(472) = 0x4B0B040',
    '--12143-- realloc(0x0,1600)malloc(1600) = 0x4B0CA10',
    '--00:00:00:00.660 77-- malloc(16) = 0x4D70140  with --time-stamp=yes',
    '==12143==   total heap usage: ...             banners of valgrind',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'calls of an allocator by valgrind',
      isOwn: (line) => isCall(line),
      isShared: (line) => PREFIX.test(line),
    }),
  pidsAre: 'processes',
  allocator: 'own',
  command: 'valgrind --trace-malloc=yes --log-file=FILE PROGRAM',
  reader: () => new VgmallocReader(),
};

function isCall(line: string): boolean {
  const prefix = PREFIX.exec(line);
  const call = prefix?.[1] === '--' ? CALL.exec(line.slice(prefix[0].length)) : null;
  return call !== null && isAllocator(call[1]!);
}

/** Of one process: what the trace has, and what valgrind says of it at the end. */
interface Tally {
  allocs: number;
  frees: number;
  bytes: number;
  /** The trace has all of it: it began with the program, and no fork. */
  readonly isWhole: boolean;
  usage: string | undefined;
}

class VgmallocReader implements HeapReader {
  private readonly tallies = new Map<number, Tally>();

  read(line: string): HeapLine {
    const prefix = PREFIX.exec(line);
    if (prefix === null) return ignored(line === '' ? 'empty line' : UNRECOGNISED.output);
    const [head, mark, , , , , , digits] = prefix;
    const pid = Number(digits);
    const stamp = prefix[2] === undefined ? undefined : stampOf(prefix.slice(2, 7).map(Number));
    const text = line.slice(head.length);
    return { record: mark === '--' ? this.call(pid, text) : this.banner(pid, text), pid, stamp };
  }

  warnings(): string[] {
    const whole = [...this.tallies.values()].filter(({ isWhole }) => isWhole);
    const [first] = this.tallies.values();
    if (first !== undefined && first.usage === undefined)
      return ['there is no summary ("total heap usage:") at the end: the trace is a part of a run'];
    return whole.flatMap(({ allocs, frees, bytes, usage }) => {
      const counted = `${allocs} ${frees} ${bytes}`;
      if (usage === undefined || usage === counted) return [];
      return [`allocs, frees and bytes: valgrind counted ${usage}, the trace has ${counted}`];
    });
  }

  private call(pid: number, text: string): HeapRecord {
    const call = CALL.exec(text);
    if (call === null && /^\w+\(/.test(text))
      throw new Malformed('a call such as "--11914-- malloc(472) = 0x4B0B040"');
    if (call === null) return { kind: 'ignored', rule: 'valgrind message' };
    const [, name, args, result] = call;
    const record = readCall(name!, args!, result);
    if (record === undefined) return { kind: 'ignored', rule: `call of ${name}` };
    count(record, this.tallyOf(pid));
    return record;
  }

  private banner(pid: number, text: string): HeapRecord {
    if (text === PROGRAM) {
      this.tallies.set(pid, newTally(true));
      return { kind: 'ignored', rule: 'valgrind banner', begins: 'program' };
    }
    if (text === 'HEAP SUMMARY:') return { kind: 'end' };
    const usage = USAGE.exec(text);
    if (usage !== null) this.tallyOf(pid).usage ??= usage.slice(1).join(' ').replaceAll(',', '');
    return { kind: 'ignored', rule: 'valgrind banner' };
  }

  /** Of a process without the banner of a program: the first, whose banner is not in the trace, or one that was forked. */
  private tallyOf(pid: number): Tally {
    const known = this.tallies.get(pid) ?? newTally(this.tallies.size === 0);
    this.tallies.set(pid, known);
    return known;
  }
}

function newTally(isWhole: boolean): Tally {
  return { allocs: 0, frees: 0, bytes: 0, isWhole, usage: undefined };
}

function count(record: HeapRecord, tally: Tally): void {
  const isBlock = 'address' in record && record.address !== 0;
  if (isBlock && record.kind !== 'free') {
    tally.allocs++;
    tally.bytes += record.size;
  }
  const frees = record.kind === 'free' ? isBlock : record.kind === 'realloc' && record.old !== 0;
  if (frees) tally.frees++;
}

/** Since the start of valgrind: no midnight passes. */
function stampOf([days, hours, minutes, seconds, ms]: readonly number[]): Stamp {
  return {
    kind: 'epoch',
    seconds: ((days! * 24 + hours!) * 60 + minutes!) * 60 + seconds!,
    ns: ms! * 1e6,
  };
}
