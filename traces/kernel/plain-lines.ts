/** Lines of a kernel trace that are no tracepoint, by what they look like. */
import { latin1 } from '../host/index.ts';
import { NEWLINE } from '../text/bytes.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { LineCursor } from './cursor.ts';
import { ABSENT, type KernelRecordKind, type RecordSlot } from './record.ts';

interface Rule {
  readonly kind: KernelRecordKind;
  readonly pattern: RegExp;
  readonly read?: (found: RegExpExecArray, record: RecordSlot) => void;
}

/** The first that fits says what the line is. Each pattern reads a line once: none tries two ways over the same text. */
const RULES: readonly Rule[] = [
  // tracing_buffers of kernel/trace/trace.c, and trace-cmd's words for the same
  {
    kind: 'lost',
    pattern: /^(?:\S{1,64}: )? {0,32}CPU:(\d{1,5}) \[(?:LOST )?(?:(\d{1,18}) )?EVENTS(?: DROPPED)?\]$/,
    read(found, record) {
      record.cpu = Number(found[1]);
      record.count = found[2] === undefined ? -1 : Number(found[2]);
    },
  },
  // perf script --show-lost-events
  {
    kind: 'lost',
    pattern: /\[(\d{1,5})\] {1,16}\d{1,15}\.\d{1,9}: {1,16}PERF_RECORD_LOST(?:_SAMPLES)? lost (\d{1,18})$/,
    read(found, record) {
      record.cpu = Number(found[1]);
      record.count = Number(found[2]);
    },
  },
  {
    kind: 'buffer',
    pattern: /^# entries-in-buffer\/entries-written: (\d{1,18})\/(\d{1,18}) {1,16}#P:\d{1,5}$/,
    read(found, record) {
      record.entries = Number(found[1]);
      record.written = Number(found[2]);
    },
  },
  { kind: 'buffer_start', pattern: /^##### CPU \d+ buffer started ####$|CPU:\d+ \[SUBBUFFER START\]/ },
  { kind: 'banner', pattern: /^#/ },
  { kind: 'banner', pattern: /^(?:version = \d+|cpus=\d+|CPU \d+ is empty)$/ },
  { kind: 'page', pattern: /^<$/ },
  { kind: 'blank', pattern: /^\s*$/ },
  // tracefs with the options stacktrace or userstacktrace, perf record -g
  { kind: 'callchain', pattern: /^ {1,2}=> {1,2}\S|: <(?:user )?stack trace>$/ },
  { kind: 'callchain', pattern: /^\t\s*[0-9a-f]{1,16} \S/ },
];

/** The same, its first blank not a tab: a task may be called `beef`, so a line is this if it is no event. */
const SPACED_CALLCHAIN = /^ {1,24}[0-9a-f]{1,16} \S/;

/** Of the line behind a head, or without any: what it is, the first that fits. */
const FOREIGN_RULES: readonly (readonly [name: string, pattern: RegExp])[] = [
  // trace_output.c: print_fn_trace
  ['function tracer', / <-[\w.$]/],
  // trace_syscalls.c: print_syscall_exit and print_syscall_enter
  ['system call', /^[\w.]{1,64} -> |^sys_\w{1,64}\(/],
  // trace_print_bprintk_msg_only and its like: `function+0x10/0x20: text`, `0xffffffff81000000: text`
  ['trace_printk', /^[\w.$]{1,128}(?:\+0x[0-9a-f]+\/0x[0-9a-f]+)?(?: \[\w{1,64}\])?: /],
  ['function_graph', /^ {0,24}(?:\d{1,12}\.\d{1,9} \| {0,8})?\d{1,4}\)[ !+#*@$]|^ ?-{20,}$/],
];
export const UNKNOWN_TEXT = 'text that is no tracepoint';

/** Fills the record if the line at the cursor is one of these, and moves to its end. */
export function readPlainLine(cursor: LineCursor, record: RecordSlot): boolean {
  const line = lineAt(cursor);
  for (const { kind, pattern, read } of RULES) {
    const found = pattern.exec(line);
    if (found === null) continue;
    record.kind = kind;
    record.bytes = cursor.bytes;
    record.commStart = record.commEnd = cursor.at;
    read?.(found, record);
    cursor.at += line.length;
    return true;
  }
  return false;
}

/** The same for a line of a call chain without its tab. */
export function readSpacedCallchain(cursor: LineCursor, record: RecordSlot): boolean {
  const line = lineAt(cursor);
  if (!SPACED_CALLCHAIN.test(line)) return false;
  record.kind = 'callchain';
  cursor.at += line.length;
  return true;
}

/** A line of another tracer or of none, from the cursor on. */
export function readForeign(cursor: LineCursor, record: RecordSlot, hasHead: boolean): void {
  const line = lineAt(cursor);
  const found = FOREIGN_RULES.find(
    ([name, pattern]) => (hasHead || name === 'function_graph') && pattern.test(line),
  );
  if (!hasHead) {
    record.cpu = ABSENT;
    record.pid = ABSENT;
    record.timeNs = ABSENT;
    record.hasTicks = false;
    record.bytes = cursor.bytes;
    record.commStart = record.commEnd = cursor.at;
  }
  record.kind = 'foreign';
  record.name = found?.[0] ?? (hasHead ? UNKNOWN_TEXT : UNRECOGNISED.other);
  record.textStart = cursor.at;
  cursor.at += line.length;
  record.textEnd = cursor.at;
}

/** The line from the cursor on, without its end. */
export function lineAt({ bytes, at }: LineCursor): string {
  return latin1(bytes.subarray(at, bytes.indexOf(NEWLINE, at))).replace(/\r$/, '');
}
