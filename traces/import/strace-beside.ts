/**
 * A strace of the same program beside a lackey trace: valgrind runs it in another environment, so that some mappings have
 * other lengths, and paths of files are other links. The mappings of both are paired in order, process by process.
 */
import { readArguments } from '../strace/arguments.ts';
import { numberIn, parseCall, type SystemCall } from '../strace/call.ts';
import { flagsOf, LINUX_MAP_ANONYMOUS, MAPPING_FLAGS, PROTECTIONS } from '../strace/flags.ts';
import { parseLine } from '../strace/line.ts';
import { unquoted } from '../strace/quoted.ts';
import type { BesideText } from './importer.ts';
import { PAGE_BYTES } from './strace-objects.ts';

/** So many mappings of the strace may have no partner in the lackey trace, one after the other. */
const MOST_SKIPPED = 4;

export class StraceBeside {
  /** Successful mmaps, by process, in the order in which processes first have a line. */
  private readonly mappings: SystemCall[][] = [];
  private readonly processes: number[] = [];
  /** Path of the first program, as execve names it. */
  readonly program: string | undefined;
  private readonly told: { readonly argc: number; readonly envp: number } | undefined;

  constructor(beside: readonly BesideText[]) {
    const text = beside.find(({ text }) => /^(?:\d+ +)?\S* ?execve\(/m.test(text))?.text ?? '';
    this.program = unquoted(/\bexecve\(("[^"]*"),/.exec(text)?.[1] ?? '');
    this.told = execIn(text);
    const byPid = new Map<number, SystemCall[]>();
    for (const line of text.split('\n')) {
      const { form, name, pid = 0, text: said } = parseLine(line);
      if (form !== 'call') continue;
      const calls = byPid.get(pid) ?? [];
      byPid.set(pid, calls);
      const call = name.startsWith('mmap') ? parseCall(said) : undefined;
      if (call?.result !== undefined) calls.push(call);
    }
    this.mappings.push(...byPid.values());
  }

  /**
   * How much lower a stack pointer at the start of the program lies in its page than in the run that is told of. There argc
   * lies, then argv and envp (create_elf_tables of fs/binfmt_elf.c). Execve tells where envp is in strace, which starts the
   * program: with the same environment, and with its own arguments before those of the program, so that it lies lower by
   * their length, 48 to 64 bytes in captures.
   */
  stackShift(stackPointer: number, wordBytes: number): number {
    if (this.told === undefined) return 0;
    const apart = (this.told.envp - (this.told.argc + 2) * wordBytes - stackPointer) % PAGE_BYTES;
    const shift = (apart + PAGE_BYTES) % PAGE_BYTES;
    return shift > PAGE_BYTES / 2 ? shift - PAGE_BYTES : shift;
  }

  /** A mmap of a lackey trace as the strace has it; as it is where that has none. */
  mmap<Call extends SystemCall>(pid: number, call: Call): Call {
    if (!this.processes.includes(pid)) this.processes.push(pid);
    const waiting = this.mappings[this.processes.indexOf(pid)] ?? [];
    const at = waiting.slice(0, MOST_SKIPPED).findIndex((other) => isSame(call, other));
    if (at < 0) return call;
    const [partner] = waiting.splice(0, at + 1).slice(-1);
    const fd = partner!.args[4]!;
    const args = call.args.map((arg, i) => (i === 4 && fd.text.includes('<') ? fd : arg));
    const bytes = numberIn(partner!.args[1]?.text);
    return { ...call, args, ...(bytes !== undefined && bytes !== numberIn(call.args[1]?.text) && { bytes }) };
  }
}

const EXECVE = /\bexecve\((?:"[^"]*"), \[(.*)\], (0x[0-9a-f]+) \/\* \d+ vars? \*\/\) += 0$/m;

/** Of the first program; undefined where not all arguments are shown. */
function execIn(text: string): { readonly argc: number; readonly envp: number } | undefined {
  const [, argv, envp] = EXECVE.exec(text) ?? [];
  if (argv === undefined || argv.endsWith('...')) return undefined;
  return { argc: readArguments(`${argv})`, 0)?.args.length ?? 0, envp: Number(envp) };
}

/** Of the same kind: what protection and flags say, and for a file the offset and length. */
function isSame(left: SystemCall, right: SystemCall): boolean {
  const [flags, otherFlags] = [left, right].map(({ args }) => flagsOf(args[3], MAPPING_FLAGS) & KNOWN_FLAGS);
  const [prot, otherProt] = [left, right].map(({ args }) => flagsOf(args[2], PROTECTIONS));
  if (flags !== otherFlags || prot !== otherProt) return false;
  const isOfFile = (flags! & LINUX_MAP_ANONYMOUS) === 0;
  return !isOfFile || [1, 5].every((i) => numberIn(left.args[i]?.text) === numberIn(right.args[i]?.text));
}

/** MAP_TYPE, MAP_FIXED, MAP_ANONYMOUS. */
const KNOWN_FLAGS = 0x3f;
