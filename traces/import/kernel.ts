/**
 * Imports the traces of kernels: tracefs, perf script, trace-cmd report, with the events of kmem (pages and slab
 * objects) and vmalloc. traces/kernel reads the lines; kernel-events.ts makes events of them.
 */
import { ImportError } from '../base/errors.ts';
import { type KernelBeginning, look } from '../kernel/beginning.ts';
import { DIALECTS, type Dialect } from '../kernel/dialect.ts';
import { UNKNOWN_TEXT } from '../kernel/plain-lines.ts';
import { readKernelRecords } from '../kernel/reader.ts';
import type { Evidence, TraceHead } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { BatchSink } from '../vmt/writer.ts';
import type { Importer, ImportInput, ImportResult } from './importer.ts';
import { KernelEvents } from './kernel-events.ts';

export const kernelImporters: readonly Importer[] = DIALECTS.map((dialect) => ({
  name: dialect.name,
  describe: dialect.describe,
  grammar: [
    dialect.example,
    'what stands before the name may be less, or in other columns, as the options of the tools have it',
    'other tracepoints, tracers and call chains are counted by kind',
  ],
  sniff: (head) => kernelEvidence(head, dialect),
  isUnrecognised: (rule) => rule === UNRECOGNISED.other || rule === UNKNOWN_TEXT,
  import: (input, output) => importKernelTrace(input, output, dialect.name),
}));

/** Tracepoints that no event comes of speak for a kernel trace, but less than any format that reads them. */
const UNREAD_WEIGHT = 0.1;
/** One beginning is looked at once, for all dialects. */
const beginnings = new WeakMap<TraceHead, KernelBeginning>();

function kernelEvidence(head: TraceHead, { name }: Dialect): Evidence {
  const { dialect, events, others, foreign, plain } = beginningOf(head);
  const asked = events + others + foreign;
  const why = `${events + others} of the first ${asked} lines are tracepoints, ${events} of them of kmem or vmalloc`;
  if (dialect?.name !== name) return { score: 0, why };
  if (asked === 0) return { score: plain > 0 ? UNREAD_WEIGHT : 0, why: 'a banner of a kernel trace' };
  // events are lost among others of the same trace: one is enough to be sure that others are of it
  const share = (events + others) / asked;
  return { score: share * (events > 0 ? 1 : UNREAD_WEIGHT), why };
}

function beginningOf(head: TraceHead): KernelBeginning {
  let beginning = beginnings.get(head);
  if (beginning === undefined) {
    beginning = look(head.bytes);
    beginnings.set(head, beginning);
  }
  return beginning;
}

const DIFFERENCES =
  'the times go back again and again: they are taken as differences to the line before (perf script --deltatime)';

const SINCE_FIRST =
  'the first time is 0: the times are taken as since then (perf script --reltime); if they are differences ' +
  '(--deltatime), print them again without';

/** @param format the importer's name, where it is not that of the dialect */
export async function importKernelTrace(
  input: ImportInput,
  output: BatchSink,
  dialect: Dialect['name'],
  format: string = dialect,
): Promise<ImportResult> {
  const events = new KernelEvents(input.name, format, input.callers);
  const { lines, areDifferences, mayBeDifferences } = await readKernelRecords(
    { name: input.name, blocks: input.blocks, dialect },
    (record) => events.line(record),
    { onBlock: () => events.writeFull(output) },
  );
  if (areDifferences) events.warn(DIFFERENCES);
  if (mayBeDifferences) events.warn(SINCE_FIRST);
  if (!events.hasEvents) throw noEvents(input.name, lines);
  return events.end(output, lines);
}

export function noEvents(file: string, lines: number): ImportError {
  return new ImportError({
    file,
    found: `${lines} lines, none of them an allocation or a free`,
    expected: 'tracepoints of kmem (mm_page_alloc, mm_page_free, kmalloc, kfree, ...) or vmalloc',
    remedy: 'Record these events: echo 1 > events/kmem/enable in tracefs, perf record -e kmem:*',
  });
}
