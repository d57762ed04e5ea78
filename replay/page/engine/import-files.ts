/** Dropped files as a run: a trace of ours as it is, another tool's imported, with the /proc files beside it. */
import { UsageError } from '../../../core/base/errors.ts';
import {
  type BlobLike,
  blobSource,
  isUnpacked,
  MAGIC_BYTES,
  openTrace,
  type Source,
  TraceWriter,
  tarEntries,
  unpacked,
} from '../../../traces/index.ts';
import {
  A_CAPTURE,
  baseName,
  blocksIn,
  captureIn,
  captureOfTar,
  contentOf,
  type ImportSource,
  importInto,
  importLines,
  importParameters,
  importStem,
  MOST_CAPTURE_BYTES,
  ofCapture,
} from '../../brought/index.ts';
import { type LaneSpec, reproduceLine, runSpecToJson } from '../../spec/index.ts';
import { formatBytes, formatCount } from '../../text/units.ts';
import { BlobSink } from './blob-sink.ts';
import { kindOfFile } from './kinds-of-files.ts';
import type { PageRun } from './protocol.ts';
import { usualLanes } from './usual-lanes.ts';
import { type DroppedFile, sourceOfDropped, TOOL, type Work } from './work.ts';

/** A run, and what `import` says of where it comes from. */
export interface ImportedRun {
  readonly run: PageRun;
  /** Lines as on a terminal; empty for a trace of ours. */
  readonly lines: readonly string[];
  readonly warnings: readonly string[];
}

export interface ImportFilesOptions {
  /** Name of an importer; found by the first bytes when absent. */
  readonly format?: string | undefined;
  /** As `--layouts` takes them: under which machines it is shown. */
  readonly lanes?: readonly LaneSpec[] | undefined;
}

export async function importFiles(
  files: readonly DroppedFile[],
  { format, lanes }: ImportFilesOptions,
  work: Work,
): Promise<ImportedRun> {
  const sources = files.map((file) => sourceOfDropped(file, work));
  const traces = await onlyTraces(sources);
  if (traces.length > 1) throw severalTraces(traces);
  if (traces.length === 1) return openedRun(files[sources.indexOf(traces[0]!)]!, traces[0]!, lanes);
  return importedRun(await recordedIn(sources), { format, lanes }, work);
}

async function onlyTraces(sources: readonly Source[]): Promise<Source[]> {
  const traces: Source[] = [];
  for (const source of sources) if ((await kindOfFile(source)) === 'trace') traces.push(source);
  return traces;
}

function severalTraces(traces: readonly Source[]): UsageError {
  const names = traces.map(({ name }) => name).join(' or ');
  return new UsageError(`found ${traces.length} traces, expected one: drop ${names} alone`);
}

/** The file itself where it is not packed: then it is never read whole. */
async function openedRun(
  { name, blob }: DroppedFile,
  source: Source,
  lanes: readonly LaneSpec[] | undefined,
): Promise<ImportedRun> {
  const isPacked = isUnpacked(await source.read(0, MAGIC_BYTES));
  return { lines: [], ...(await runOf(name, isPacked ? await unpackedBlob(source) : blob, lanes)) };
}

async function unpackedBlob(source: Source): Promise<Blob> {
  const sink = new BlobSink();
  const { blocks } = await unpacked(blocksIn(source), source.name);
  for await (const block of blocks) sink.write(block);
  return sink.blob();
}

interface Recorded {
  readonly source: ImportSource;
  /** How the trace names what it was made from. */
  readonly file: string;
  /** What `vmsplit import` takes for the same. */
  readonly args: readonly string[];
}

/** One file, which may be an archive, or a recording with other files of the same kernel. */
async function recordedIn(sources: readonly Source[]): Promise<Recorded> {
  const [only] = sources;
  if (sources.length === 1) {
    const source = await sourceIn(only!);
    return { source, file: baseName(only!.name), args: [only!.name] };
  }
  const paths = sources.map(({ name }) => name).join(' ');
  const capture = await captureIn(paths, sources);
  const { name } = capture.trace;
  const snapshot = capture.initialState === undefined ? [] : ['--snapshot', 'FOLDER'];
  return { source: { ...ofCapture(paths, capture), name }, file: baseName(name), args: [name, ...snapshot] };
}

async function sourceIn(file: Source): Promise<ImportSource> {
  const { name, byteLength } = file;
  if ((await kindOfFile(file)) !== 'archive') return { name, byteLength, blocks: blocksIn(file) };
  const bytes = await contentOf(file, MOST_CAPTURE_BYTES, A_CAPTURE);
  return ofCapture(name, await captureOfTar(name, bytes, (await tarEntries(bytes)) ?? []));
}

async function importedRun(
  { source, file, args }: Recorded,
  { format, lanes }: ImportFilesOptions,
  { told, version }: Work,
): Promise<ImportedRun> {
  const parameters = importParameters(file, format, source.capture?.initialState);
  const sink = new BlobSink();
  const writer = await TraceWriter.create(sink, {
    tool: TOOL,
    toolVersion: version,
    seed: null,
    parameters,
  });
  const onProgress = (done: number): void => told.progress(`importing ${file}`, done, source.byteLength);
  const result = await importInto(writer, source, format, onProgress);
  await writer.finish();
  const name = `${importStem(file)}.vmt`;
  const forced = format === undefined ? [] : ['--format', format];
  const [input, ...others] = args;
  const { run, warnings } = await runOf(name, sink.blob(), lanes);
  return {
    run,
    lines: [
      `${name}: ${formatCount(writer.eventCount)} events, ${formatBytes(sink.blob().size)}`,
      ...importLines(result, undefined),
      `reproduce: ${reproduceLine('import', [input!, '-o', name, ...forced, ...others])}`,
    ],
    warnings: [...result.warnings, ...warnings],
  };
}

/** Under these machines, or the usual ones. */
async function runOf(
  name: string,
  blob: BlobLike,
  lanes: readonly LaneSpec[] | undefined,
): Promise<Pick<ImportedRun, 'run' | 'warnings'>> {
  const trace = await openTrace(blobSource(blob, name));
  const usual = lanes === undefined ? await usualLanes(trace) : { lanes, warnings: [] };
  const run = { events: { trace: name }, machine: {}, lanes: usual.lanes };
  return {
    run: { spec: JSON.stringify(runSpecToJson(run)), files: {}, trace: { blob } },
    warnings: usual.warnings,
  };
}
