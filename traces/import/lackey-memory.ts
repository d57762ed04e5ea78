/**
 * Imports a lackey trace that has system calls too (`--trace-mem=yes --trace-syscalls=yes`): mappings, references, and
 * the buffers of calls, in one stream. What execve mapped comes from the file beside it that `-d -d` writes, else from the files of
 * the program.
 *
 * Valgrind's own library and what it maps of it are left out, with what refers to it. Threads share the stream and the
 * process; whose a reference is tells lackey-runners.ts.
 */
import { EXECUTE, KERNEL_MODE, MODIFY, READ, WRITE } from '../../core/event/access-mode.ts';
import { Malformed } from '../base/errors.ts';
import { numberIn } from '../strace/call.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import { referenceCounts } from '../vmt/totals.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { AddressSpace } from './address-space.ts';
import { bufferOf } from './call-buffers.ts';
import { EventStream } from './event-stream.ts';
import { ExecImages } from './exec-images.ts';
import type { ImportInput, ImportResult } from './importer.ts';
import { A_CALL, type LackeyCall, LackeyCalls } from './lackey-calls.ts';
import { LackeyRunners } from './lackey-runners.ts';
import { imageOfSegments, type ProgramImage } from './program-image.ts';
import { StraceBeside } from './strace-beside.ts';
import { ANONYMOUS, pageUp } from './strace-objects.ts';
import { importLines } from './text-import.ts';
import { TracedMemory } from './traced-memory.ts';
import { VALGRIND_PIE, VALGRIND_STACK_TOP, VALGRIND_STACK_TOP_32 } from './valgrind-places.ts';

const REFERENCE = /^[ I]?[ILSM]? +([0-9a-fA-F]{1,16}),(\d{1,3})$/;
const MODES: Readonly<Record<string, number>> = { I: EXECUTE, L: READ, S: WRITE, M: MODIFY };
const STARTS = 'program that runs from the first line on';
const ENDS = 'program that runs up to the last line';
const PATHS = 'string that a call reads';
const OWN = 'of valgrind itself';
const OWN_FILE = /\/valgrind\/vgpreload/;
const OPENS: ReadonlySet<string> = new Set(['open', 'openat', 'openat2', 'creat']);
/** What a real run has from the vdso, which valgrind hides. */
const CLOCKS: ReadonlySet<string> = new Set([
  'clock_gettime',
  'gettimeofday',
  'time',
  'getcpu',
  'clock_getres',
]);
const FORKS: ReadonlySet<string> = new Set(['clone', 'clone3', 'fork', 'vfork']);
const SIGUSR2 = 12;
/** include/uapi/linux/sched.h. */
const CLONE_CHILD_SETTID = 0x100_0000;
/**
 * The kernel writes a thread's struct rseq when it returns from a fork (rseq_handle_notify_resume); glibc keeps it in struct
 * pthread, so far behind the tid that clone is told to write (nptl/descr.h of glibc 2.35 to 2.39, x86-64). Valgrind has no rseq.
 */
const RSEQ_BEHIND_TID = 0x658;
const CPU = 0;

const FORMAT = {
  name: 'lackey',
  ahead: 1024,
  wanted: 'a reference or a system call',
  remedy:
    'Record with valgrind --tool=lackey --trace-mem=yes --trace-syscalls=yes -d -d --log-fd=9 PROGRAM 9> FILE',
};

export class LackeyMemoryImport {
  private readonly input: ImportInput;
  private readonly output: BatchSink;
  private readonly events = new EventStream();
  private readonly memory = new TracedMemory(this.events);
  private readonly calls = new LackeyCalls();
  private readonly warnings: string[] = [];
  private readonly files = new OpenFiles();
  private readonly strace: StraceBeside;
  private readonly images: ExecImages;
  private readonly own = new AddressSpace();
  private readonly runners = new LackeyRunners();
  /** As the banner has it, or the first call. */
  private firstPid: number | undefined;
  /** As the banner has it. */
  private command: string | undefined;
  /** Lines. */
  private firstStore: string | undefined;
  private firstFetch: string | undefined;
  private isBegun = false;
  private is32Bits = false;

  constructor(input: ImportInput, output: BatchSink) {
    this.input = input;
    this.output = output;
    this.strace = new StraceBeside(input.beside ?? []);
    this.images = new ExecImages({ programs: input.programs });
  }

  async run(): Promise<ImportResult> {
    const { input, output, events, memory } = this;
    this.events.on(CPU);
    const format = {
      ...FORMAT,
      parse: (text: string) => this.parse(text),
      say: (text: string) => this.say(text),
    };
    const counts = await importLines(input, output, events, format);
    for (const pid of this.runners.all) memory.exit(pid, ENDS);
    await events.end(output);
    return {
      ...counts,
      format: FORMAT.name,
      events: events.count,
      eventLines: events.said,
      references: referenceCounts(memory.counts),
      implied: events.implied,
      processes: memory.processCount,
      warnings: [...counts.warnings, ...this.warnings, ...this.images.warnings()],
      images: this.images.images,
      notes: memory.notes(),
    };
  }

  private parse(text: string): string {
    if (this.firstStore === undefined && text.startsWith(' S ')) this.firstStore = text;
    if (this.firstFetch === undefined && text.startsWith('I ')) this.firstFetch = text;
    this.command ??= /^==\d+== Command: (\S+)/.exec(text)?.[1];
    this.runners.foresee(text);
    return text;
  }

  private say(text: string): string | undefined {
    const mode = MODES[text[0] === ' ' ? text[1]! : text[0]!];
    const reference = mode === undefined ? null : REFERENCE.exec(text);
    if (reference !== null)
      return this.reference(Number.parseInt(reference[1]!, 16), Number(reference[2]), mode!);
    if (A_CALL.test(text)) return this.callLine(text);
    const banner = /^==(\d+)==/.exec(text);
    if (banner !== null) return this.banner(Number(banner[1]));
    if (/^(--|\*\*)\d+\1/.test(text)) return 'valgrind message';
    if (/^ ?[ILSM] +[0-9a-fA-F]+,/.test(text)) throw new Malformed('a reference such as " L 1ffefffe08,8"');
    if (this.runners.returns(text)) return 'second half of a fork';
    return text.trim() === '' ? 'empty line' : UNRECOGNISED.output;
  }

  private banner(pid: number): string {
    this.firstPid ??= pid;
    return 'valgrind banner';
  }

  private reference(address: number, bytes: number, mode: number): string | undefined {
    this.begin();
    if (this.isOwn(address)) return `reference ${OWN}`;
    const { owner, twin } = this.runners;
    const rule = this.memory.touch(owner, address, bytes, mode);
    if (twin !== undefined) this.memory.touchToo(twin, address, bytes, mode);
    return rule;
  }

  /** The first process has run its program when the trace begins. */
  private begin(): void {
    if (this.isBegun) return;
    this.isBegun = true;
    this.firstPid ??= 1;
    const image = this.startImage();
    if (image === undefined) this.warnings.push(NO_IMAGE);
    this.memory.revealsUnknown = image === undefined;
    this.is32Bits = (image?.stackTop ?? Number.POSITIVE_INFINITY) <= 2 ** 32;
    this.memory.exec(this.firstPid, image && { ...image, stackShift: this.stackShift() }, STARTS);
    this.runners.start(this.firstPid);
  }

  /** As -d -d tells it, else by the files of the program, which valgrind puts where it always does. */
  private startImage(): ProgramImage | undefined {
    const { beside = [] } = this.input;
    const told = beside.map(({ text }) => imageOfSegments(text)).find((image) => image !== undefined);
    const entry = addressIn(this.firstFetch);
    if (told !== undefined || entry === undefined) return told;
    const path = this.strace.program ?? this.command;
    const isWide = (addressIn(this.firstStore) ?? 0) >= 2 ** 32;
    const stackTop = isWide ? VALGRIND_STACK_TOP : VALGRIND_STACK_TOP_32;
    return this.images.imageOf(this.firstPid!, path, { entry, programBase: VALGRIND_PIE, stackTop });
  }

  /** The first store of a program is a return address, which its dynamic linker pushes. */
  private stackShift(): number {
    const [, digits, bytes] = REFERENCE.exec(this.firstStore ?? '') ?? [];
    if (digits === undefined) return 0;
    return this.strace.stackShift(Number.parseInt(digits, 16) + Number(bytes), Number(bytes));
  }

  private callLine(text: string): string | undefined {
    const call = this.calls.read(text);
    if (call === undefined) return 'system call that valgrind does not know';
    this.firstPid ??= call.pid;
    this.begin();
    this.runners.calls(call);
    this.runners.returns(text);
    if (call.isPending) return 'first half of a call';
    for (const string of call.strings)
      if (!this.isOwn(string.address))
        this.memory.touch(call.pid, string.address, string.text.length + 1, READ | KERNEL_MODE, PATHS);
    return this.effect(call);
  }

  private effect(call: LackeyCall): string | undefined {
    const { name, pid, child, args } = call;
    if (child !== undefined) return this.forked(call, child, call.childIsBack ? 'both' : 'parent');
    const first = FORKS.has(name) && call.result === 0 ? this.runners.takeFirstChild() : undefined;
    if (first !== undefined) return this.forked(call, first, 'child');
    if (name === 'exit_group') return this.exit(pid);
    this.files.note(call);
    if (name === 'tgkill' && numberIn(args[2]?.text) === SIGUSR2) this.memory.mark(pid, 'mark');
    if (CLOCKS.has(name)) return this.memory.readClock(pid) ?? `system call ${name}`;
    if (this.memory.calls.calls.has(name)) return this.map(call);
    const buffer = call.result === undefined ? undefined : bufferOf(call);
    if (buffer === undefined || this.isOwn(buffer.address)) return `system call ${name}`;
    return this.memory.touch(pid, buffer.address, buffer.bytes, buffer.mode);
  }

  private forked({ pid, args }: LackeyCall, child: number, back: 'parent' | 'child' | 'both'): undefined {
    this.memory.fork(pid, child, 0, false);
    this.files.fork(pid, child);
    this.runners.forked(pid, child, back);
    const flags = Number.parseInt(args[0]?.text ?? '0', 16);
    // clone of 32-bit x86 has the place of TLS before that of the tid (CONFIG_CLONE_BACKWARDS)
    const tid = numberIn(args[this.is32Bits ? 4 : 3]?.text) ?? 0;
    if ((flags & CLONE_CHILD_SETTID) === 0) return;
    this.memory.touchToo(child, tid, 4, WRITE | KERNEL_MODE);
    for (const process of this.is32Bits ? [] : [pid, child])
      this.memory.touchToo(process, tid + RSEQ_BEHIND_TID, 8, WRITE | KERNEL_MODE);
  }

  private exit(pid: number): undefined {
    this.memory.mark(pid, 'exit');
    this.memory.exit(pid);
    this.runners.exited(pid);
  }

  /** What maps valgrind's own library, or changes it, is noted, and no event. */
  private map(call: LackeyCall): string | undefined {
    const path = call.name.startsWith('mmap') ? this.files.pathOf(call) : undefined;
    const isOwn = path !== undefined ? OWN_FILE.test(path) : this.isOwn(numberIn(call.args[0]?.text) ?? 0);
    if (!isOwn)
      return this.memory.call(call.pid, this.asTold(path === undefined ? call : withPath(call, path)));
    if (path !== undefined && call.result !== undefined)
      this.noteOwn(call.result, numberIn(call.args[1]?.text) ?? 0);
    return `system call ${OWN}`;
  }

  private asTold(call: LackeyCall): LackeyCall {
    return call.name.startsWith('mmap') ? this.strace.mmap(call.pid, call) : call;
  }

  private noteOwn(start: number, bytes: number): void {
    const end = pageUp(start + bytes);
    this.own.cut(start, end);
    this.own.add({ start, end, object: 0, base: start, region: 0, mapping: ANONYMOUS });
  }

  private isOwn(address: number): boolean {
    return this.own.pieceAt(address) !== undefined;
  }
}

function addressIn(line: string | undefined): number | undefined {
  const digits = REFERENCE.exec(line ?? '')?.[1];
  return digits === undefined ? undefined : Number.parseInt(digits, 16);
}

/** Which file a descriptor of a process is. */
class OpenFiles {
  private readonly paths = new Map<number, Map<number, string>>();

  note({ name, pid, result, strings, args }: LackeyCall): void {
    const path = strings[0]?.text;
    if (OPENS.has(name) && result !== undefined && path !== undefined) this.of(pid).set(result, path);
    if (name === 'close') this.of(pid).delete(numberIn(args[0]?.text) ?? -1);
  }

  fork(parent: number, child: number): void {
    this.paths.set(child, new Map(this.of(parent)));
  }

  /** Of the file that a mmap maps. */
  pathOf({ pid, args }: LackeyCall): string | undefined {
    return this.of(pid).get(numberIn(args[4]?.text) ?? -1);
  }

  private of(pid: number): Map<number, string> {
    const known = this.paths.get(pid) ?? new Map<number, string>();
    this.paths.set(pid, known);
    return known;
  }
}

/** As strace -y has it. */
function withPath(call: LackeyCall, path: string): LackeyCall {
  const args = call.args.map((arg, i) => (i === 4 ? { ...arg, text: `${arg.text}<${path}>` } : arg));
  return { ...call, args };
}

const NO_IMAGE =
  'what execve mapped is not known, so that it is cut into windows of 4 MiB: record with -d -d, and import the file with the ' +
  'block "Memory layout at client startup" too, or import where the program is';
