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
 * says are implied by a rule, named and counted too. A call in two halves happens at its second half. A call that failed
 * for want of memory is said, with a note of that, and what it gets given back at once; MAP_FIXED or not.
 *
 * Simplified. strace does not say which cpu a process runs on: all run on cpu 0 in turn. Think time is the time
 * between two lines. Nothing is known of which pages are touched, so that only MAP_POPULATE and mlock take memory
 * beside page tables. What execve maps of the program itself and its dynamic linker comes from their files or a maps file
 * (exec-images.ts); without them it appears only where later calls show it. Lengths are rounded up to pages of 4 KiB.
 */
import { Malformed } from '../base/errors.ts';
import { readArguments } from '../strace/arguments.ts';
import { numberIn, parseCall, returnedBy, type SystemCall } from '../strace/call.ts';
import { StraceClock } from '../strace/clock.ts';
import { flagsOf, LINUX_MAP_FIXED, MAPPING_FLAGS } from '../strace/flags.ts';
import { headOf, isSystemCall, parseLine, type StraceForm, type StraceLine } from '../strace/line.ts';
import { unquoted } from '../strace/quoted.ts';
import { isOfLtrace, isOfStrace, isSystemCallName } from '../strace/tools.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { EventStream } from './event-stream.ts';
import { ExecImages } from './exec-images.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';
import { loadImage } from './load-image.ts';
import { ComingLines, isFork, LINES_AHEAD, type TimedLine } from './strace-coming.ts';
import { evidenceIn } from './strace-evidence.ts';
import { MappingCalls } from './strace-mappings.ts';
import { type Process, TracedProcesses } from './strace-processes.ts';
import { importLines, type LineCounts } from './text-import.ts';

export const strace: Importer = {
  name: 'strace',
  describe: 'strace -f, with -o FILE or not: system calls that change address spaces, of a tree of processes',
  grammar: [
    '11242 15:00:04.810773 mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|MAP_ANONYMOUS, -1, 0) = 0x7f21c000',
    '[pid 11421] <... execve resumed>) = 0      the end of a line with <unfinished ...>',
    '[pid 11421] +++ exited with 0 +++          with whatever -f -t -r -i -n -y -Y -T -X -k -C put before or behind',
  ],
  sniff: (head) =>
    evidenceOf(head, {
      what: 'system calls',
      isOwn: (line) => isSystemCall(headOf(line).body),
      isShared: (line) => SHARED_FORMS.has(parseLine(line).form),
      isAgainst: (line) => isOfOthers(line),
    }),
  isUnrecognised: (rule) => rule === UNRECOGNISED.output || rule === NO_SYSTEM_CALL,
  import: (input, output) => new StraceImport(input, output).run(),
};

/** What ltrace words its own way, and a call that is no system call: a function of a library. */
function isOfOthers(line: string): boolean {
  const { form, name } = parseLine(line);
  const { body } = headOf(line);
  const isOfLibrary = form === 'call' && !isSystemCallName(name) && !isOfStrace(body);
  return isOfLibrary || isOfLtrace(body);
}

/** Forms of lines that other tools have too, or that say nothing of what the file is. */
const SHARED_FORMS: ReadonlySet<StraceForm> = new Set<StraceForm>(['signal', 'exit', 'detail', 'summary']);

const CPU = 0;
const EXECS = new Set(['execve', 'execveat']);
const EXITS = new Set(['exit', 'exit_group', '_exit']);
const SEGMENT_CALLS = new Set(['shmget', 'shmctl']);
/** include/uapi/asm-generic/errno-base.h, of all architectures. */
const ENOMEM_AS_NUMBER = 'errno 12';
const EARLY = 'second half of a call that took effect before';
const TORN = 'call that output of the program tore';
const NO_SYSTEM_CALL = 'call that is no system call of Linux';

/** Output of the program between a call and its rest; each line of it is tried as that rest. */
const MAX_LINES_BETWEEN = 100;
const MAX_SPLIT_LETTERS = 0x1_0000;

const FORMAT = {
  name: 'strace',
  wanted: 'a call that changes an address space',
  remedy:
    'Record again, into a file of its own, that the output of the program does not get in between: ' +
    'strace -f -tt -e trace=memory,process -o FILE PROGRAM',
  ahead: LINES_AHEAD,
};

class StraceImport {
  private readonly input: ImportInput;
  private readonly output: BatchSink;
  private readonly events = new EventStream();
  private readonly clock = new StraceClock();
  private readonly coming = new ComingLines();
  private readonly processes = new TracedProcesses(this.events, this.coming);
  private readonly mappings = new MappingCalls(this.events, this.coming);
  private readonly images: ExecImages;
  /** A line that a message of strace interrupted, and how many lines may still go on in it. */
  private split: StraceLine | undefined;
  private splitLeft = 0;
  /** The line before was a call that output of the program tore. */
  private tornOpen = false;

  constructor(input: ImportInput, output: BatchSink) {
    this.input = input;
    this.output = output;
    this.images = new ExecImages(input);
  }

  async run(): Promise<ImportResult> {
    const { input, output, events } = this;
    const format = {
      ...FORMAT,
      parse: (text: string) => this.parse(text),
      say: (line: TimedLine) => this.sayNext(line),
    };
    const counts = await importLines(input, output, events, format);
    await events.end(output);
    return this.result(counts);
  }

  private parse(text: string): TimedLine {
    const parsed = parseLine(text);
    const timeNs = this.clock.ns(parsed.stamp);
    const { form, pid, name, text: said, attached, threads } = this.joined(parsed, text);
    const line = {
      form,
      pid,
      name,
      text: said,
      attached,
      threads,
      hasTime: parsed.stamp !== undefined,
      timeNs,
    };
    if (form === 'split') this.interrupted(parsed);
    this.coming.enter(line);
    return line;
  }

  /** The line, or the one that goes on in it after a message of strace. */
  private joined(line: StraceLine, text: string): StraceLine {
    const { split } = this;
    if (split === undefined || line.form !== 'other' || line.pid !== undefined) return line;
    if (--this.splitLeft === 0) this.split = undefined;
    const whole = parseLine(split.text + text);
    if (whole.form === 'other') return line;
    this.split = undefined;
    return { ...whole, pid: split.pid };
  }

  private interrupted(line: StraceLine): void {
    this.split = line.text.length > MAX_SPLIT_LETTERS ? undefined : line;
    this.splitLeft = MAX_LINES_BETWEEN;
  }

  private sayNext(line: TimedLine): string | undefined {
    this.coming.leave();
    if (line.attached !== 0) this.processes.announce(line);
    if (line.form === 'other') return this.otherText(line);
    const rule = RULE_OF_FORM[line.form];
    if (rule !== undefined) return rule;
    if (line.name !== '' && !isSystemCallName(line.name)) return NO_SYSTEM_CALL;
    this.events.at(CPU, line.timeNs);
    return this.ofProcess(line, this.processes.of(line));
  }

  private otherText({ pid, hasTime, text }: TimedLine): string {
    const isTorn = this.isTorn(text);
    this.tornOpen = isTorn && !text.startsWith(')');
    if (isTorn) return TORN;
    if ((pid !== undefined && hasTime) || hidesCall(text)) throw new Malformed(A_LINE);
    return text.trim() === '' ? 'empty line' : UNRECOGNISED.output;
  }

  /** A call that changes no address space, `write(1, "ready", 5ready`, or its rest, `) = 5`. */
  private isTorn(text: string): boolean {
    if (this.tornOpen && /^\) *= /.test(text)) return true;
    const name = /^([a-z_]\w{0,40})\(/.exec(text)?.[1] ?? '';
    return isSystemCallName(name) && !this.matters(name);
  }

  private matters(name: string): boolean {
    return this.mappings.calls.has(name) || isFork(name) || EXECS.has(name) || EXITS.has(name);
  }

  private ofProcess({ form, name, text }: TimedLine, process: Process): string | undefined {
    switch (form) {
      case 'begin':
        this.processes.begins(process, name, text);
        return 'first half of a call';
      case 'resumed':
        return this.resumed(process, name, text);
      case 'exit':
        this.processes.exited(process);
        return undefined;
      case 'superseded':
        return this.processes.superseded(process, Number(text));
      default:
        return this.call(process, text);
    }
  }

  private resumed(process: Process, name: string, rest: string): string | undefined {
    const pending = this.processes.returns(process, name);
    if (pending === undefined) return 'second half of a call whose first is not in the trace';
    const { text, effect } = pending;
    if (effect === true) return EARLY;
    if (effect === undefined) return this.call(process, text + rest);
    return returnedBy(rest) === effect.tracedPid ? EARLY : this.call(process, text + rest);
  }

  private call(process: Process, text: string): string | undefined {
    const name = text.slice(0, text.indexOf('('));
    if (EXITS.has(name)) return this.quits(process, name);
    const handler = this.mappings.calls.get(name);
    const isSegment = SEGMENT_CALLS.has(name);
    if (!this.matters(name) && !isSegment) return `system call ${name}`;
    const call = parseCall(text);
    if (call === undefined) throw new Malformed(A_LINE);
    const { result, error } = call;
    if (error !== undefined) return this.failed(process, call, text);
    if (result === undefined) return 'call without a result';
    if (isFork(name)) return this.processes.forked(process, name, text, result);
    if (isSegment) return this.noted(call);
    this.processes.run(process);
    if (EXECS.has(name)) return this.execed(process, call);
    if (this.processes.unmapping.size > 0) this.giveUp(process, call);
    return handler!(process, call, result);
  }

  /** For want of memory or addresses, of which another layout may have more: asked for again. */
  private failed(process: Process, call: SystemCall, text: string): string | undefined {
    const { name, error } = call;
    const refused = this.mappings.refused.calls.get(name);
    const isRefused = error === 'ENOMEM' || error === ENOMEM_AS_NUMBER;
    if (!isRefused || (refused === undefined && !isFork(name))) return `${name} that failed: ${error}`;
    if (refused === undefined) return this.processes.refused(process, name, text);
    this.processes.run(process);
    return refused(process.space, call);
  }

  private noted(call: SystemCall): string {
    this.mappings.segments.note(call);
    return `system call ${call.name}`;
  }

  private execed(process: Process, { name, args }: SystemCall): undefined {
    this.processes.execed(process);
    const { events, mappings } = this;
    const { space, pid, tracedPid } = process;
    const path = unquoted(args[name === 'execveat' ? 1 : 0]?.text ?? '');
    const image = this.images.imageOf(pid, path, evidenceIn(this.coming, tracedPid));
    if (image === undefined) mappings.execve();
    else loadImage(events, mappings, space, image);
  }

  private quits(process: Process, name: string): string | undefined {
    if (this.coming.endsAreTold) return 'exit: the line with +++ says it';
    this.processes.quits(process, name);
    return undefined;
  }

  /** Addresses that the kernel gives to a mmap may be some that a munmap of another thread has given up already. */
  private giveUp({ space }: Process, { name, args, result }: SystemCall): void {
    if (!name.startsWith('mmap') || (flagsOf(args[3], MAPPING_FLAGS) & LINUX_MAP_FIXED) !== 0) return;
    const isTaken = space.within(result!, result! + (numberIn(args[1]?.text) ?? 0)).length > 0;
    for (const { pending } of isTaken ? this.processes.unmappingOf(space) : []) {
      const [start, length] = readArguments(`${pending!.text})`, pending!.text.indexOf('(') + 1)?.args ?? [];
      const [from, bytes] = [numberIn(start?.text), numberIn(length?.text)];
      if (from === undefined || bytes === undefined || pending!.effect === true) continue;
      this.mappings.unmap(space, 'munmap whose second half comes late', { start: from, end: from + bytes });
      pending!.effect = true;
    }
  }

  private result(counts: LineCounts): ImportResult {
    const { events, processes } = this;
    return {
      format: strace.name,
      ...counts,
      events: events.count,
      eventLines: events.said,
      references: { read: 0, write: 0, modify: 0, execute: 0 },
      implied: events.implied,
      processes: processes.count,
      warnings: [...counts.warnings, ...this.images.warnings(), ...this.warnings()],
      images: this.images.images,
      notes: { files: this.mappings.files.parts },
    };
  }

  private warnings(): string[] {
    const { lostNs } = this.events;
    const waits = `${(lostNs / 1e9).toFixed(1)} s without a line are left out: an event carries 4.29 s at most`;
    const forks = this.processes.unknownFlags;
    const flags = `${forks} clone without its flags: clone taken for fork, clone3 for a new thread`;
    const sizes = this.mappings.segments.unknownSizes;
    const segments = `${sizes} shared memory segments of unknown size: one page, or as much as calls show`;
    return [lostNs > 0 && waits, forks > 0 && flags, sizes > 0 && segments].filter((text) => text !== false);
  }
}

/** Whether output of the program runs into a call that would be lost. */
function hidesCall(text: string): boolean {
  const at = text.search(/(?:^|\W)(?:mmap2?|munmap|mremap|brk|clone3?|v?fork|execve)\(/);
  return at >= 0 && text.lastIndexOf('= ') > at;
}

const A_LINE = 'a line of strace such as "4711 15:00:04.810271 brk(NULL) = 0x5634aeeb8000"';

/** Forms of which no line is an event. */
const RULE_OF_FORM: Readonly<Partial<Record<StraceForm, string>>> = {
  signal: 'signal',
  split: 'first half of a call',
  message: 'message of strace',
  detail: 'stack of a call, or its data',
  summary: 'table of counts',
};
