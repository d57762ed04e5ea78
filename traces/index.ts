/** The trace folder's public surface: the `.vmt` container and the importers of other tools' traces. */

export { type Lost, looksLikeTrace, type ReadOptions } from './contents.ts';
export { ImportError, NewerTraceError, TraceError } from './errors.ts';
export {
  type ChunkTable,
  FORMAT,
  type Notes,
  type ReferenceCounts,
  type TraceHeader,
  type TraceTotals,
  VERSION,
} from './format.ts';
export type { Importer, ImportOptions, ImportResult } from './import/importer.ts';
export { checkImporter, IMPORTERS, type ImportRequest, importTrace } from './import/index.ts';
export { type InfoOptions, type TraceInfo, traceInfo } from './info.ts';
export {
  type KernelInput,
  type KernelReadOptions,
  type KernelReadResult,
  readKernelRecords,
} from './kernel/reader.ts';
export type { KernelEvent, KernelLine, KernelRecord, KernelRecordKind } from './kernel/record.ts';
export { type PackedData, packedData, unpackCommand } from './packed.ts';
export * from './proc/index.ts';
export { type OpenOptions, openTrace, type Trace } from './reader.ts';
export { type FileSink, fileSink, MemorySink, type Sink, streamSink } from './sink.ts';
export { fileSource, memorySource, type OnProgress, openInput, type Source } from './source.ts';
export { openTraceStream, type TraceStream } from './stream-reader.ts';
export { TotalsCounter } from './totals.ts';
export { type BatchSink, type TraceOrigin, TraceWriter, type WriterOptions } from './writer.ts';
