/**
 * Imports `strace -f` of a tree of processes: the calls that make, change and end mappings and processes, as events
 * of one cpu. traces/strace reads the lines.
 *
 *   mmap, munmap, brk, mprotect, mremap, madvise, mlock, munlock   the same (strace-mappings.ts)
 *   fork, vfork, clone, clone3                                     fork; CLONE_VM shares the address space
 *   execve that succeeds                                           exec, and the stack and vdso of the new program
 *   +++ exited with 0 +++, +++ killed by SIGKILL +++               exit
 *
 * Each line is said as one event, or ignored by a rule that is named and counted, or an error; events that no line
 * says are implied by a rule, named and counted too. A call in two halves happens at its second half.
 *
 * Simplified. strace does not say which cpu a process runs on: all run on cpu 0 in turn. Think time is the time
 * between two lines. Nothing is known of which pages are touched, so that only MAP_POPULATE and mlock take memory
 * beside page tables. What execve maps of the program itself and its dynamic linker appears only where later calls
 * show it; lengths are rounded up to pages of 4 KiB.
 */
import { Malformed } from '../base/errors.ts';
import { hasFlag, numberIn, parseCall, type SystemCall } from '../strace/call.ts';
import { StraceClock } from '../strace/clock.ts';
import { isSystemCall, parseHead, parseLine, type StraceForm, type StraceLine } from '../strace/line.ts';
import { isOfLtrace } from '../strace/tools.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { EventStream } from './event-stream.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';
import { MappingCalls, RULES } from './strace-mappings.ts';
import { type Process, TracedProcesses } from './strace-processes.ts';
import { importLines, type LineCounts } from './text-import.ts';

export const strace: Importer = {
  name: 'strace',
  describe: 'strace -f, with -o FILE or not: system calls that change address spaces, of a tree of processes',
  grammar: [
    '11242 15:00:04.810773 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f21c000',
    '[pid 11421] <... execve resumed>) = 0      the end of a line with <unfinished ...>',
    '[pid 11421] +++ exited with 0 +++          pid and time as asked: -f, -t, -tt, -ttt, -r',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'system calls',
      isOwn: (line) => isSystemCall(parseHead(line).body),
      isShared: (line) => /^(?:\+\+\+|---) .* (?:\+\+\+|---)$/.test(parseHead(line).body),
      isAgainst: (line) => isOfLtrace(parseHead(line).body),
    }),
  import: (input, output) => new StraceImport(input, output).run(),
};

const CPU = 0;
const FORKS = new Set(['fork', 'vfork', 'clone', 'clone2', 'clone3']);
const EXECS = new Set(['execve', 'execveat']);
const EXITS = new Set(['exit', 'exit_group']);
const EARLY = 'second half of a call that took effect before';

const FORMAT = {
  name: 'strace',
  wanted: 'a call that changes an address space',
  remedy:
    'Record again, into a file of its own, that the output of the program does not get in between: ' +
    'strace -f -tt -e trace=memory,process -o FILE PROGRAM',
};

class StraceImport {
  private readonly input: ImportInput;
  private readonly output: BatchSink;
  private readonly events = new EventStream();
  private readonly clock = new StraceClock();
  private readonly processes = new TracedProcesses(this.events);
  private readonly mappings = new MappingCalls(this.events);
  /** A line that a message of strace interrupted. */
  private split: StraceLine | undefined;

  constructor(input: ImportInput, output: BatchSink) {
    this.input = input;
    this.output = output;
  }

  async run(): Promise<ImportResult> {
    const { input, output, events } = this;
    const counts = await importLines(input, output, events, FORMAT, (line) => this.parsed(this.joined(line)));
    await events.end(output);
    return this.result(counts);
  }

  /** The line, or the one that goes on in it after a message of strace. */
  private joined(text: string): StraceLine {
    const line = parseLine(text);
    const { split } = this;
    if (split === undefined || line.form !== 'other' || line.pid !== undefined) return line;
    const { form, text: whole } = parseLine(split.text + text);
    if (form === 'other') return line;
    this.split = undefined;
    return { ...split, form, text: whole };
  }

  private parsed(line: StraceLine): string | undefined {
    const rule = RULE_OF_FORM[line.form];
    if (line.attached !== undefined) this.processes.announce(line.attached);
    if (line.form === 'split') this.split = line;
    if (line.form === 'other') return this.otherText(line);
    if (rule !== undefined) return rule;
    this.events.at(CPU, this.clock.ns(line.time));
    return this.ofProcess(line, this.processes.of(line.pid));
  }

  private otherText({ pid, time, text }: StraceLine): string {
    if (pid !== undefined && time !== undefined) throw new Malformed(A_LINE);
    if (/(?:^|\W)(?:mmap|munmap|mremap|brk|clone3?|v?fork|execve)\(.*= /.test(text))
      throw new Malformed(A_LINE);
    return text.trim() === '' ? 'empty line' : UNRECOGNISED.output;
  }

  private ofProcess({ form, text }: StraceLine, process: Process): string | undefined {
    switch (form) {
      case 'begin':
        process.pending = { text };
        return 'first half of a call';
      case 'resumed':
        return this.resumed(process, text);
      case 'exit':
        this.processes.exited(process);
        return undefined;
      case 'superseded':
        this.processes.superseded(process, Number(text));
        return undefined;
      default:
        return this.call(process, text);
    }
  }

  private resumed(process: Process, rest: string): string | undefined {
    const { pending } = process;
    process.pending = undefined;
    if (pending === undefined) return 'second half of a call whose first is not in the trace';
    const { text, effect } = pending;
    if (effect === true) return EARLY;
    if (effect === undefined) return this.call(process, text + rest);
    return parseCall(text + rest)?.result === effect.tracedPid ? EARLY : this.call(process, text + rest);
  }

  private call(process: Process, text: string): string | undefined {
    const call = parseCall(text);
    if (call === undefined) throw new Malformed(A_LINE);
    const { name, result, error } = call;
    if (EXITS.has(name)) return 'exit: the line with +++ says it';
    const handler = this.mappings.calls[name];
    if (handler === undefined && !FORKS.has(name) && !EXECS.has(name)) return `system call ${name}`;
    if (error !== undefined) return RULES.failed;
    if (result === undefined) return 'call without a result';
    if (FORKS.has(name)) return this.processes.forked(process, text, result);
    this.processes.run(process);
    if (EXECS.has(name)) return this.execed(process);
    this.giveUp(process, call);
    return handler!(process.space, call, result);
  }

  private execed(process: Process): undefined {
    this.processes.execed(process);
    this.mappings.execve();
  }

  /** Addresses that the kernel gives to a mmap may be some that a munmap of another thread has given up already. */
  private giveUp({ space }: Process, { name, args, result }: SystemCall): void {
    if (name !== 'mmap' || hasFlag(args[3], 'MAP_FIXED')) return;
    const isTaken = space.within(result!, result! + (numberIn(args[1]) ?? 0)).length > 0;
    for (const { pending } of isTaken ? this.processes.sharing(space) : []) {
      const range = /^munmap\((0x[0-9a-f]+), (\d+)/.exec(pending?.text ?? '');
      if (pending === undefined || range === null) continue;
      const start = Number(range[1]);
      this.mappings.unmap(space, 'munmap whose second half comes late', start, start + Number(range[2]));
      pending.effect = true;
    }
  }

  private result(counts: LineCounts): ImportResult {
    const { events, processes } = this;
    const waits = `${(events.lostNs / 1e9).toFixed(1)} s without a line are left out: an event carries 4.29 s at most`;
    return {
      format: strace.name,
      ...counts,
      events: events.count,
      eventLines: events.said,
      references: { read: 0, write: 0, modify: 0, execute: 0 },
      implied: events.implied,
      processes: processes.count,
      warnings: [...counts.warnings, ...(events.lostNs > 0 ? [waits] : [])],
    };
  }
}

const A_LINE = 'a line of strace such as "4711 15:00:04.810271 brk(NULL) = 0x5634aeeb8000"';

/** Forms of which no line is an event. */
const RULE_OF_FORM: Readonly<Partial<Record<StraceForm, string>>> = {
  signal: 'signal',
  split: 'first half of a call',
  message: 'message of strace',
};
