/**
 * A strace of the program whose heap is traced: the calls that malloc makes by its model have to be in it, in that order,
 * among others that are no allocator's.
 */
import type { BesideText } from './importer.ts';

/** mmap2 is mmap on machines of 32 bits. */
const CALL = /\b(brk|mmap|munmap|mremap)2?\((.*)\) += (0x[0-9a-f]+|0)/;
const PAGE_BYTES = 4096;

export class HeapBeside {
  /** `brk 135168`: so large is the heap then; the others with their lengths. */
  private readonly real: readonly string[];
  private next = 0;
  private found = 0;
  private made = 0;
  private missing: string | undefined;

  constructor(beside: readonly BesideText[]) {
    this.real = beside.flatMap(({ text }) => callsIn(text));
  }

  /** A call that malloc makes: brk with the size of the heap, others with their length. */
  called(name: string, bytes: number): void {
    const call = `${name} ${bytes}`;
    this.made++;
    const at = this.real.indexOf(call, this.next);
    if (at < 0) this.missing ??= call;
    else this.next = at + 1;
    if (at >= 0) this.found++;
  }

  warnings(): string[] {
    const { missing, found, made, real } = this;
    if (real.length === 0 || missing === undefined) return [];
    return [
      `of ${made} calls that malloc makes ${found} are in the strace; the first that is not: ${missing} bytes. It is of another run`,
    ];
  }
}

function callsIn(strace: string): string[] {
  let heapStart: number | undefined;
  return strace.split('\n').flatMap((line) => {
    const [, name, list, result] = CALL.exec(line) ?? [];
    if (name === undefined) return [];
    const args = list!.split(', ');
    if (name === 'brk') {
      heapStart ??= Number(result);
      return /NULL|^0$/.test(args[0]!) ? [] : [`brk ${Number(result) - heapStart}`];
    }
    const bytes = Number(args[name === 'mremap' ? 2 : 1]);
    return [`${name} ${Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES}`];
  });
}
