/** What the calls of a program that has just started tell of it, one after the other: by these its file is known. */
import { PROT_READ } from '../../core/event/mmap-flags.ts';
import type { Argument } from '../strace/arguments.ts';
import { numberIn } from '../strace/call.ts';
import { flagsOf, PROTECTIONS } from '../strace/flags.ts';
import type { ExecEvidence } from './program-image.ts';
import { pageUp, type Range } from './strace-objects.ts';

const MAPS: ReadonlySet<string> = new Set(['mmap', 'mmap2', 'old_mmap', 'mremap', 'shmat']);

/** STACK_TOP of x86 without randomisation: of 64 bits, of 32 under such a kernel, of 32 (arch/x86/include/asm/processor.h, v6.1). */
const STACK_TOPS = [2 ** 47 - 4096, 2 ** 32 - 8192, 0xc000_0000] as const;
/** Usual RLIMIT_STACK. */
const STACK_BYTES = 8 << 20;

export class SeenCalls implements ExecEvidence {
  heapStart: number | undefined;
  entry: number | undefined;
  readonly madeReadOnly: Range[] = [];
  stackTop: number | undefined;
  private readonly mapped: Range[] = [];
  private highest = 0;

  /** A call that succeeded. */
  see(name: string, args: readonly Argument[], result: number): void {
    if (name === 'brk') this.heapStart ??= result;
    else if (MAPS.has(name)) this.mapped.push({ start: result, end: result + lengthIn(args) });
    else if (name === 'mprotect') this.protects(args);
  }

  /** A page fault. The stack lies above all else. @param isInstruction of one that the program was to run */
  fault(address: number, isInstruction: boolean): void {
    if (isInstruction) this.entry ??= address;
    if (address <= this.highest || address > STACK_TOPS[0]!) return;
    this.highest = address;
    const usual = STACK_TOPS.find((top) => address < top && top - address <= STACK_BYTES);
    this.stackTop = usual ?? pageUp(address + 1);
  }

  private protects(args: readonly Argument[]): void {
    const start = numberIn(args[0]?.text) ?? 0;
    const end = start + pageUp(lengthIn(args));
    const isOwn = this.mapped.some((range) => range.start <= start && start < range.end);
    if (!isOwn && flagsOf(args[2], PROTECTIONS) === PROT_READ) this.madeReadOnly.push({ start, end });
  }
}

function lengthIn(args: readonly Argument[]): number {
  return numberIn(args[1]?.text) ?? 0;
}
