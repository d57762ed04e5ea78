/** What a line of a heap trace says. Addresses and sizes are bytes; address 0 is NULL. */
import type { Stamp } from '../strace/head.ts';
import type { Evidence, TraceHead } from '../text/evidence.ts';

export type HeapRecord =
  /** malloc, calloc, which clears, memalign, which aligns, operator new: `address` is 0 when it failed. */
  | {
      readonly kind: 'alloc';
      readonly address: number;
      readonly size: number;
      readonly clears?: boolean;
      readonly alignment?: number;
    }
  | { readonly kind: 'free'; readonly address: number }
  | { readonly kind: 'realloc'; readonly old: number; readonly address: number; readonly size: number }
  /** The process has made a child. */
  | { readonly kind: 'fork'; readonly child: number }
  /** The process has another program from here on. */
  | { readonly kind: 'exec' }
  /** The program has ended. */
  | { readonly kind: 'end' }
  /** No event, by this rule. */
  | { readonly kind: 'ignored'; readonly rule: string; readonly begins?: 'program' | 'fork' };

export interface HeapLine {
  readonly record: HeapRecord;
  /** Whose line it is, where the trace says. */
  readonly pid?: number | undefined;
  readonly stamp?: Stamp | undefined;
}

/** Reads the lines of one trace, in order; throws Malformed. */
export interface HeapReader {
  read(line: string): HeapLine;
  /** What the recorder's own counts say against what was read. */
  warnings(): readonly string[];
}

export interface HeapDialect {
  readonly name: string;
  readonly describe: string;
  readonly grammar: readonly string[];
  sniff(head: TraceHead): Evidence;
  /** What a pid of a line that nobody forked is. */
  readonly pidsAre: 'processes' | 'threads';
  /** Whose addresses the blocks have: glibc's own malloc, or one that the tool has put in its place. */
  readonly allocator: 'glibc' | 'own';
  /** How to record such a trace. */
  readonly command: string;
  reader(): HeapReader;
}

export const ignored = (rule: string): HeapLine => ({ record: { kind: 'ignored', rule } });
