/** Lines of a kernel trace that are no tracepoint, by what they look like. */
import { latin1, NEWLINE } from '../text/bytes.ts';
import type { LineCursor } from './cursor.ts';
import type { KernelRecordKind, RecordSlot } from './record.ts';

interface Rule {
  readonly kind: KernelRecordKind;
  readonly pattern: RegExp;
  readonly read?: (found: RegExpExecArray, record: RecordSlot) => void;
}

/** The first that fits says what the line is. */
const RULES: readonly Rule[] = [
  // tracing_buffers of kernel/trace/trace.c, and trace-cmd's words for the same
  {
    kind: 'lost',
    pattern: /^(?:\S+: +)?CPU:(\d+) \[(?:LOST )?(?:(\d+) )?EVENTS(?: DROPPED)?\]$/,
    read(found, record) {
      record.cpu = Number(found[1]);
      record.count = found[2] === undefined ? -1 : Number(found[2]);
    },
  },
  // perf script --show-lost-events
  {
    kind: 'lost',
    pattern: /\[(\d+)\]\s+\d+\.\d+:\s+PERF_RECORD_LOST(?:_SAMPLES)? lost (\d+)$/,
    read(found, record) {
      record.cpu = Number(found[1]);
      record.count = Number(found[2]);
    },
  },
  {
    kind: 'buffer',
    pattern: /^# entries-in-buffer\/entries-written: (\d+)\/(\d+) +#P:\d+$/,
    read(found, record) {
      record.entries = Number(found[1]);
      record.written = Number(found[2]);
    },
  },
  { kind: 'buffer_start', pattern: /^##### CPU \d+ buffer started ####$/ },
  { kind: 'banner', pattern: /^#/ },
  { kind: 'banner', pattern: /^(version = \d+|cpus=\d+|CPU \d+ is empty)$/ },
  { kind: 'blank', pattern: /^\s*$/ },
  // tracefs with the option stacktrace, perf record -g
  { kind: 'callchain', pattern: /^ => \S|: <stack trace>$/ },
  // a task may be called `beef`: what follows its name is a number, a cpu and a time
  { kind: 'callchain', pattern: /^\s+[0-9a-f]{4,16} (?! *\d+(?:\/\d+)? +\[\d+\] )\S/ },
];

/** Fills the record if the line at the cursor is one of these, and moves to its end. */
export function readPlainLine(cursor: LineCursor, record: RecordSlot): boolean {
  const line = lineAt(cursor);
  for (const { kind, pattern, read } of RULES) {
    const found = pattern.exec(line);
    if (found === null) continue;
    record.kind = kind;
    read?.(found, record);
    cursor.at += line.length;
    return true;
  }
  return false;
}

/** The line from the cursor on, without its end. */
export function lineAt({ bytes, at }: LineCursor): string {
  return latin1(bytes.subarray(at, bytes.indexOf(NEWLINE, at))).replace(/\r$/, '');
}
