/** The importers, and the one way into them. Only this file knows which there are. */
import { UsageError } from '../../core/base/errors.ts';
import { nearest } from '../../core/base/nearest.ts';
import { ImportError } from '../base/errors.ts';
import { packedData, unpackCommand } from '../base/packed.ts';
import { latin1Bytes } from '../host/index.ts';
import { peek, withProgress } from '../io/blocks.ts';
import { unpacked } from '../io/unpack.ts';
import type { AreaCallers } from '../proc/area-callers.ts';
import { sampleOf, traceHead } from '../text/evidence.ts';
import { UNRECOGNISED } from '../text/rules.ts';
import type { BatchSink } from '../vmt/writer.ts';
import { addressList } from './address-list.ts';
import { bpftrace } from './bpftrace.ts';
import { chooseFormat, type FormatChoice, forcedFormat } from './choice.ts';
import { csim } from './csim.ts';
import { damon } from './damon.ts';
import { din } from './din.ts';
import { drmemtrace } from './drmemtrace.ts';
import { eventLines } from './event-lines.ts';
import { faultTrace } from './fault-trace.ts';
import { heapImporters } from './heap.ts';
import type { BesideText, ImportedTrace, Importer, ImportOptions, ImportResult } from './importer.ts';
import { kernelImporters } from './kernel.ts';
import { lackey } from './lackey.ts';
import { pageOwner } from './page-owner.ts';
import { perfSamples } from './perf-samples.ts';
import { perfTrace } from './perf-trace.ts';
import { pinatrace } from './pinatrace.ts';
import type { ProgramImages } from './program-image.ts';
import { strace } from './strace.ts';
import { systrace } from './systrace.ts';

/** The formats that `importTrace` reads, one importer each; all are asked about the first lines. */
export const IMPORTERS: readonly Importer[] = [
  lackey,
  faultTrace,
  ...kernelImporters,
  systrace,
  perfTrace,
  bpftrace,
  pageOwner,
  perfSamples,
  damon,
  strace,
  ...heapImporters,
  csim,
  pinatrace,
  drmemtrace,
  din,
  addressList,
  eventLines,
];

const NAMES = IMPORTERS.map(({ name }) => name);

/** As much of the text as a sniff gets to see: past the banners of any tool. */
const SNIFF_BYTES = 0x1_0000;

/** A text of another tool that is to become a trace, and how it is to be read. */
export interface ImportRequest {
  /** Path, or `<stdin>`. */
  readonly name: string;
  readonly byteLength?: number | undefined;
  /** Text, or gzip of it. */
  readonly blocks: AsyncIterable<Uint8Array>;
  /** Name of an importer; found by the first bytes when absent. */
  readonly from?: string | undefined;
  /** Who has areas of the vmalloc window after the trace: its own areas, where they lie there. */
  readonly callers?: AreaCallers | undefined;
  /** Other files of the same run. */
  readonly beside?: readonly BesideText[] | undefined;
  /** What execve maps of programs that the trace names, where their files are at hand. */
  readonly programs?: ProgramImages | undefined;
  /** What is known to be wrong with it, to be told and noted with the rest. */
  readonly warnings?: readonly string[] | undefined;
}

/** Throws a UsageError for a name that no importer has. */
export function checkImporter(name: string): void {
  named(name);
}

/** A format with so large a share of the first lines is not there by chance. */
const SURELY = 1 / 2;

/** Whether a text, which begins like this, is a trace of any format. */
export function readsAsTrace(text: string): boolean {
  const bytes = latin1Bytes(text.slice(0, SNIFF_BYTES));
  const head = sampleOf(traceHead(bytes, text.length <= SNIFF_BYTES));
  return IMPORTERS.some((importer) => importer.sniff(head).score >= SURELY);
}

/** Imports all of the input. When it throws, what went to the output is of no use. */
export async function importTrace(
  request: ImportRequest,
  output: BatchSink,
  { onProgress }: ImportOptions = {},
): Promise<ImportedTrace> {
  const { name, byteLength, from, callers, beside, programs, warnings = [] } = request;
  const wanted = from === undefined ? undefined : named(from);
  const counted =
    onProgress === undefined ? request.blocks : withProgress(request.blocks, byteLength, onProgress);
  const text = await unpacked(counted, name);
  const { first, blocks, close } = await peek(text.blocks, SNIFF_BYTES);
  const head = traceHead(first.subarray(0, SNIFF_BYTES), first.length < SNIFF_BYTES);
  const chosen =
    wanted === undefined
      ? chooseFormat(IMPORTERS, head)
      : { importer: wanted, choice: forcedFormat(IMPORTERS, wanted, head) };
  if (chosen !== undefined) {
    const { importer, choice } = chosen;
    const result = await importer.import({ name, blocks, callers, beside, programs }, output);
    return told(importer, choice, { ...result, warnings: [...warnings, ...result.warnings] });
  }
  await close();
  throw unknownFormat(first, name);
}

/** The result with what the choice of the format says of it, for who reads it now, and who reads the trace later. */
function told(importer: Importer, choice: FormatChoice, result: ImportResult): ImportedTrace {
  const { format, forced, why } = choice;
  const warnings = [...choice.doubts, ...result.warnings, ...unrecognised(importer, result)];
  const notes = { ...result.notes, imported: { format, forced, why, warnings } };
  return { ...result, warnings, notes, choice };
}

/** A trace most of which is none of its format. */
function unrecognised(importer: Importer, { lines, ignored }: ImportResult): string[] {
  const isOther = importer.isUnrecognised ?? ((rule) => OTHER_RULES.has(rule));
  const rules = Object.entries(ignored).filter(([rule, count]) => count > 0 && isOther(rule));
  const count = rules.reduce((sum, [, each]) => sum + each, 0);
  if (2 * count <= lines) return [];
  const names = rules.map(([rule]) => rule).join(', ');
  return [
    `MOST LINES ARE NO LINES OF ${importer.name.toUpperCase()}: ${count} of ${lines} (${names}); ` +
      'what they tell is not in the trace. Is it another format? Name it with --format',
  ];
}

const OTHER_RULES: ReadonlySet<string> = new Set(Object.values(UNRECOGNISED));

function named(name: string): Importer {
  const importer = IMPORTERS.find((candidate) => candidate.name === name);
  if (importer !== undefined) return importer;
  const near = nearest(name, NAMES);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new UsageError(`unknown format '${name}', expected one of: ${NAMES.join(', ')}${hint}`);
}

function unknownFormat(first: Uint8Array, file: string): ImportError {
  const packed = packedData(first);
  if (packed !== undefined)
    return new ImportError({
      file,
      found: packed.what,
      expected: 'text, or text packed with gzip',
      remedy: `Run ${unpackCommand(packed, file, 'vmsplit import -')}`,
    });
  return new ImportError({
    file,
    found: first.length === 0 ? 'an empty file' : 'text or data of no known format',
    expected: `a trace in one of the formats: ${NAMES.join(', ')}`,
    remedy:
      'Name the format with --format if you know it; `vmsplit import --list` shows how lines of each look',
  });
}
