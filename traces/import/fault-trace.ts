/**
 * Imports a tracefs trace of page faults and of the system calls that change address spaces: exceptions:page_fault_user,
 * page_fault_kernel; syscalls:sys_enter_ and sys_exit_ of mmap, munmap, brk, mprotect, mremap, madvise, mlock, munlock,
 * tgkill; task:task_newtask; sched:sched_process_exec, sched_process_exit.
 *
 *   true-29619  [001] d....  2004.340092: page_fault_user: address=0x7ffff7fe4b70 ip=0x7ffff7fe4b70 error_code=0x14
 *   true-29619  [001] .....  2004.340310: sys_mmap(addr: 0, len: 0x2000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)
 *   true-29619  [001] .....  2004.340310: sys_mmap -> 0x7ffff7fc0000
 *
 * A fault is a reference, and all that the trace knows of references: what a machine that maps less at once would fault
 * in beside these is not in it. Those of execve, which clears what is bss of a page of the new program and of its dynamic
 * linker, come before the line that tells of the program. What execve mapped comes from a maps file of the process (beside),
 * or from the files of the programs, of which the first fault shows the dynamic linker; the names of files from there or from
 * a strace of the same run.
 */
import { EXECUTE, KERNEL_MODE, READ, WRITE } from '../../core/event/access-mode.ts';
import { CLONE_VM } from '../../core/event/clone-flags.ts';
import { Malformed } from '../base/errors.ts';
import { numberIn, type SystemCall } from '../strace/call.ts';
import { evidenceOf } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import { referenceCounts } from '../vmt/totals.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { ComingPrograms, type UserFault } from './coming-programs.ts';
import { EventStream } from './event-stream.ts';
import { ExecImages } from './exec-images.ts';
import { type FaultLine, faultLine, isCallLine, isFaultLine } from './fault-lines.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';
import { importLines } from './text-import.ts';
import { TracedMemory } from './traced-memory.ts';

const NAME = 'fault-trace';

export const faultTrace: Importer = {
  name: NAME,
  describe:
    'tracefs with exceptions:* and syscalls:* of mmap, munmap, brk ...: page faults and mappings of programs',
  grammar: [
    'true-29619 [001] d.... 2004.340092: page_fault_user: address=0x7ffff7fe4b70 ip=0x7ffff7fe4b70 error_code=0x14',
    'true-29619 [001] ..... 2004.340310: sys_mmap(addr: 0, len: 0x2000, prot: 3, flags: 0x22, fd: 0xffffffff, off: 0)',
    'true-29619 [001] ..... 2004.340310: sys_mmap -> 0x7ffff7fc0000',
  ],
  sniff(head) {
    const evidence = evidenceOf(head, {
      what: 'page faults and system calls of tracefs',
      isOwn: (line) => isFaultLine(line) || isCallLine(line),
      isShared: (line) => line.startsWith('#') || /: (?:task_newtask|sched_process_\w+): /.test(line),
    });
    // faults alone are samples; both among other tracepoints are those of a kernel trace
    const hasBoth = head.lines.some(isFaultLine) && head.lines.some(isCallLine);
    return hasBoth ? evidence : { ...evidence, score: 0 };
  },
  import: (input, output) => new FaultImport(input, output).run(),
};

const FORMAT = {
  name: NAME,
  wanted: 'a page fault or a call that changes an address space',
  ahead: 4096,
  remedy: 'Record again with the events of exceptions and syscalls, and `cat trace > FILE`',
};

/** PF_ bits of arch/x86/include/asm/trap_pf.h. */
const PF_WRITE = 1 << 1;
const PF_USER = 1 << 2;
const PF_INSTR = 1 << 4;
/** Functions that clear bss while execve loads a program: fs/binfmt_elf.c of v6.1 and v6.10, and what they call. */
const CLEARS =
  /^(?:elf_load|load_elf_\w+|padzero|set_brk|__clear_user|clear_user\w*|rep_stos_alternative)(?:\+|$)/;
const SIGUSR2 = 12;
/** Of a reference that faulted only its address is known. */
const ONE_BYTE = 1;

class FaultImport {
  private readonly input: ImportInput;
  private readonly output: BatchSink;
  private readonly events = new EventStream();
  private readonly memory = new TracedMemory(this.events);
  private readonly images: ExecImages;
  private readonly coming = new ComingPrograms();
  private readonly warnings: string[] = [];
  /** Calls that have not returned, by task. */
  private readonly pending = new Map<number, SystemCall>();
  /** The first thread of each task's process. */
  private readonly leaders = new Map<number, number>();
  /** Addresses that an execve under way has cleared, by task. */
  private readonly cleared = new Map<number, number[]>();
  private firstNs = 0;

  constructor(input: ImportInput, output: BatchSink) {
    this.input = input;
    this.output = output;
    this.images = new ExecImages(input);
  }

  async run(): Promise<ImportResult> {
    const { input, output, events, memory } = this;
    const format = {
      ...FORMAT,
      parse: (text: string) => this.parse(text),
      say: (line: FaultLine | string) => this.say(line),
    };
    const counts = await importLines(input, output, events, format);
    await events.end(output);
    return {
      ...counts,
      format: NAME,
      events: events.count,
      eventLines: events.said,
      references: referenceCounts(memory.counts),
      implied: events.implied,
      processes: memory.processCount,
      warnings: [...counts.warnings, ...new Set(this.warnings), ...this.images.warnings()],
      images: this.images.images,
      notes: memory.notes(),
    };
  }

  /** By which rule it is no event, where that is plain. */
  private parse(text: string): FaultLine | string {
    if (text.startsWith('#')) return 'comment';
    const line = faultLine(text);
    if (line === undefined) return text.trim() === '' ? 'empty line' : UNRECOGNISED.other;
    this.coming.foresee(line, userFaultOf(line));
    return line;
  }

  private say(line: FaultLine | string): string | undefined {
    if (typeof line === 'string') return line;
    this.firstNs ||= line.timeNs;
    this.events.at(0, line.timeNs - this.firstNs);
    return this.lineOf(line);
  }

  private lineOf(line: FaultLine): string | undefined {
    const { name, pid, fields } = line;
    switch (name) {
      case 'page_fault_user':
      case 'page_fault_kernel':
        return this.fault(pid, fields);
      case 'task_newtask':
        return this.newTask(pid, fields);
      case 'sched_process_exec':
        return this.exec(pid, fields.get('filename'));
      case 'sched_process_exit':
        return this.exit(pid);
      default:
        return line.call === undefined ? `line of ${name}` : this.callLine(line.call, line);
    }
  }

  private fault(pid: number, fields: ReadonlyMap<string, string>): string | undefined {
    const [address, code] = [numberIn(fields.get('address')), numberIn(fields.get('error_code'))];
    if (address === undefined || code === undefined) throw new Malformed('address= and error_code=');
    const operation = (code & PF_INSTR) !== 0 ? EXECUTE : (code & PF_WRITE) !== 0 ? WRITE : READ;
    const mode = operation | ((code & PF_USER) === 0 ? KERNEL_MODE : 0);
    if (mode === (WRITE | KERNEL_MODE) && CLEARS.test(fields.get('ip') ?? '')) {
      this.cleared.set(pid, [...(this.cleared.get(pid) ?? []), address]);
      return 'fault of execve, which is one of the new program';
    }
    return this.memory.touch(pid, address, ONE_BYTE, mode);
  }

  private newTask(parent: number, fields: ReadonlyMap<string, string>): string | undefined {
    const pid = numberIn(fields.get('pid'));
    const flags = Number.parseInt(fields.get('clone_flags') ?? '', 16);
    if (pid === undefined || Number.isNaN(flags)) throw new Malformed('pid= and clone_flags=');
    const shares = (flags & CLONE_VM) !== 0;
    this.memory.fork(parent, pid, shares ? flags & CLONE_MASK : 0, shares);
    if ((flags & CLONE_THREAD) !== 0) this.leaders.set(pid, this.leaders.get(parent) ?? parent);
    return undefined;
  }

  private exec(pid: number, path: string | undefined): undefined {
    const cleared = this.cleared.get(pid) ?? [];
    const image = this.images.imageOf(pid, path, { ...this.coming.take(pid), cleared });
    if (image === undefined) this.warnings.push(NO_IMAGE);
    this.memory.exec(pid, image && { ...image, cleared });
    this.cleared.delete(pid);
  }

  private exit(pid: number): string | undefined {
    if (!this.memory.isAlive(pid)) return 'end of a task of before the trace';
    if (!this.leaders.has(pid)) this.memory.mark(pid, 'exit');
    this.memory.exit(pid);
    return undefined;
  }

  private callLine(call: SystemCall, { pid, isReturn }: FaultLine): string | undefined {
    if (!isReturn) {
      this.pending.set(pid, call);
      return 'first half of a call';
    }
    const begun = this.pending.get(pid);
    this.pending.delete(pid);
    if (begun?.name !== call.name) return 'second half of a call whose first is not in the trace';
    const whole = { ...begun, result: call.result, error: call.error };
    const isMark = call.name === 'tgkill' && numberIn(begun.args[2]?.text) === SIGUSR2;
    if (isMark) this.memory.mark(pid, 'mark');
    return this.memory.call(pid, this.images.maps.named(pid, whole));
  }
}

function userFaultOf({ name, fields }: FaultLine): UserFault | undefined {
  const [address, code] = [numberIn(fields.get('address')), numberIn(fields.get('error_code'))];
  if (name !== 'page_fault_user' || address === undefined || code === undefined) return undefined;
  return { address, isInstruction: (code & PF_INSTR) !== 0 };
}

const CLONE_THREAD = 0x1_0000;
/** What events know of them. */
const CLONE_MASK = CLONE_VM | CLONE_THREAD;

const NO_IMAGE =
  'what execve mapped is not known, so faults in it are left out: import /proc/PID/maps of the process too';
