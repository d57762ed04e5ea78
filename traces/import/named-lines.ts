/** Importing text of which a line names a tracepoint of kmem or vmalloc and its fields: what perf trace and bpftrace share. */
import { ImportError, Malformed } from '../base/errors.ts';
import type { NamedFields } from '../kernel/named-fields.ts';
import { ABSENT, type KernelRecord, RecordSlot } from '../kernel/record.ts';
import { tracepointOf } from '../kernel/tracepoints.ts';
import { textLines } from '../text/lines.ts';
import type { BatchSink } from '../vmt/writer.ts';
import type { ImportInput, ImportResult } from './importer.ts';
import { noEvents } from './kernel.ts';
import { KernelEvents } from './kernel-events.ts';

/** A tracepoint as a line says it; what the line does not say is ABSENT. */
export interface NamedTracepoint {
  readonly name: string;
  readonly fields: NamedFields;
  readonly timeNs?: number;
  readonly cpu?: number;
  readonly pid?: number;
}

/** The tracepoint of a line, or the rule by which it has none; may say what it assumed. */
export type ReadNamedLine = (line: string, assume: (rule: string) => void) => NamedTracepoint | string;

interface NamedFormat {
  readonly name: string;
  readonly remedy: string;
  readonly read: ReadNamedLine;
}

const LETTERS_SHOWN = 160;

export async function importNamedLines(
  { name, blocks }: ImportInput,
  output: BatchSink,
  { name: format, remedy, read }: NamedFormat,
): Promise<ImportResult> {
  const events = new KernelEvents(name, format);
  const slot = new RecordSlot();
  const assume = (rule: string): void => events.change(rule);
  let count = 0;
  for await (const { lines, cut } of textLines(blocks, name)) {
    for (const line of lines) {
      slot.line = ++count;
      const found = cut ? 'cut' : read(line, assume);
      if (cut) slot.kind = 'cut';
      else if (typeof found !== 'string') located(name, count, line, remedy, () => fill(slot, found));
      if (!cut && typeof found === 'string') events.ignore(found);
      else events.line(slot as unknown as KernelRecord);
    }
    await events.writeFull(output);
  }
  if (!events.hasEvents) throw noEvents(name, count);
  return events.end(output, count);
}

function fill(slot: RecordSlot, found: NamedTracepoint | string): void {
  if (typeof found === 'string') return;
  const { kind, name, readNamed } = tracepointOf(found.name);
  slot.kind = readNamed === undefined ? 'other' : kind;
  slot.name = name;
  slot.timeNs = found.timeNs ?? ABSENT;
  slot.cpu = found.cpu ?? ABSENT;
  slot.pid = found.pid ?? ABSENT;
  readNamed?.(found.fields, slot);
}

function located(file: string, line: number, text: string, remedy: string, read: () => void): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof Malformed)) throw error;
    const shown = text.length > LETTERS_SHOWN ? `${text.slice(0, LETTERS_SHOWN)}...` : text;
    throw new ImportError({ file, line, found: JSON.stringify(shown), expected: error.expected, remedy });
  }
}
