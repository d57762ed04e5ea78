/**
 * Reads a kernel trace line by line: tracefs' trace and trace_pipe, perf script, trace-cmd report.
 *
 *   await readKernelRecords({ name, blocks }, (record) => { if (record.kind === 'mm_page_alloc') ... });
 *
 * Every line is a record, or an ImportError with its number.
 */
import { UsageError } from '../../core/base/errors.ts';
import { ImportError } from '../base/errors.ts';
import { peek } from '../io/blocks.ts';
import { unpacked } from '../io/unpack.ts';
import { lineSpans } from '../text/lines.ts';
import { look } from './beginning.ts';
import { areDifferences, beginAtZero, LineClock } from './clock.ts';
import { DIALECTS, type Dialect } from './dialect.ts';
import { LineReader } from './line-reader.ts';
import type { KernelRecord } from './record.ts';

export interface KernelInput {
  /** Path, or `<stdin>`; only for messages. */
  readonly name: string;
  /** Text, or gzip of it. */
  readonly blocks: AsyncIterable<Uint8Array>;
  /** Found by the first lines when absent. */
  readonly dialect?: Dialect['name'] | undefined;
}

export interface KernelReadOptions {
  /** Called, and awaited, after each block of lines (1 MiB or less): the time for writes. */
  readonly onBlock?: () => Promise<void> | void;
}

export interface KernelReadResult {
  readonly dialect: Dialect['name'];
  readonly lines: number;
  /** Its times are differences to the line before (perf script --deltatime): records have their sums. */
  readonly areDifferences: boolean;
  /** They may be, but are as like to be times since the first (--reltime): records have them as they are. */
  readonly mayBeDifferences: boolean;
}

/** As much of the text as a look at it gets to see: past the banner of tracefs. */
const SNIFF_BYTES = 0x1_0000;

/**
 * Calls `visit` for each line, in order. The record is one object that is filled anew for each line: take out of it
 * what you keep, before `visit` returns.
 */
export async function readKernelRecords(
  { name, blocks, dialect }: KernelInput,
  visit: (record: KernelRecord) => void,
  { onBlock }: KernelReadOptions = {},
): Promise<KernelReadResult> {
  const plain = await unpacked(blocks, name);
  const { first, blocks: text } = await peek(plain.blocks, SNIFF_BYTES);
  const beginning = look(first.subarray(0, SNIFF_BYTES));
  const known = dialect === undefined ? (beginning.dialect ?? unknown(first, name)) : named(dialect);
  const clock = new LineClock(areDifferences(beginning.timesNs));
  const reader = new LineReader(name, known, clock, visit);
  for await (const { bytes, end, cut } of lineSpans(text, name)) {
    if (cut) reader.cutLine();
    else reader.read(bytes, end);
    await onBlock?.();
  }
  return {
    dialect: known.name,
    lines: reader.lines,
    areDifferences: clock.isSum,
    mayBeDifferences: !clock.isSum && known.name === 'perf-script' && beginAtZero(beginning.timesNs),
  };
}

/** Which dialect a text that begins like this is in. */
export function dialectOf(firstBytes: Uint8Array): Dialect | undefined {
  return look(firstBytes).dialect;
}

function unknown(firstBytes: Uint8Array, file: string): never {
  throw new ImportError({
    file,
    found: firstBytes.length === 0 ? 'an empty file' : 'text or data of no known format',
    expected: `a kernel trace as one of: ${names()}`,
    remedy: "Record one: tracefs' trace_pipe, perf script, trace-cmd report",
  });
}

function named(name: string): Dialect {
  const dialect = DIALECTS.find((candidate) => candidate.name === name);
  if (dialect !== undefined) return dialect;
  throw new UsageError(`found the format '${name}', expected one of: ${names()}`);
}

function names(): string {
  return DIALECTS.map(({ name }) => name).join(', ');
}
