/** The trace folder's public surface: the `.vmt` container and the importers of other tools' traces; files are in node/. */

export { ImportError, NewerTraceError, TraceError } from './base/errors.ts';
export { type PackedData, packedData, unpackCommand } from './base/packed.ts';
export { appended, interleaved, type MergeInput, mergedObject } from './edit/merge.ts';
export { type SliceOptions, type SliceResult, sliced } from './edit/slice.ts';
export { concat, crc32, latin1, latin1Bytes } from './host/index.ts';
export type { FormatChoice } from './import/choice.ts';
export type { BesideText, ImportedTrace, Importer, ImportOptions, ImportResult } from './import/importer.ts';
export { checkImporter, IMPORTERS, type ImportRequest, importTrace, readsAsTrace } from './import/index.ts';
export type { ProgramImages } from './import/program-image.ts';
export { type FilterCounts, filteredReferences } from './import/reference-filter.ts';
export type { TraceMark } from './import/traced-memory.ts';
export { type BlobLike, blobSource } from './io/blob-source.ts';
export { type Blocks, peek } from './io/blocks.ts';
export { MemorySink, type Sink } from './io/sink.ts';
export { blocksOf, memorySource, type OnProgress, type Source } from './io/source.ts';
export { isTarHead, TAR_HEAD_BYTES, type TarEntry, tarEntries } from './io/tar.ts';
export { gunzipped, isUnpacked, MAGIC_BYTES, unpacked } from './io/unpack.ts';
export { type Fetch, type ResponseLike, urlSource } from './io/url-source.ts';
export {
  type KernelInput,
  type KernelReadOptions,
  type KernelReadResult,
  readKernelRecords,
} from './kernel/reader.ts';
export type { KernelEvent, KernelLine, KernelRecord, KernelRecordKind } from './kernel/record.ts';
export { type AreaCallers, areaCallers } from './proc/area-callers.ts';
export * from './proc/index.ts';
export * from './report/index.ts';
export { checkTrace, type TraceCheck } from './vmt/check.ts';
export type { Lost, ReadOptions } from './vmt/contents.ts';
export type { FilePart } from './vmt/file-names.ts';
export {
  type ChunkTable,
  FORMAT,
  type Notes,
  type ReferenceCounts,
  type TraceHeader,
  type TraceTotals,
  VERSION,
} from './vmt/format.ts';
export { type InfoOptions, type TraceInfo, traceInfo, unknownAmong } from './vmt/info.ts';
export { looksLikeTrace } from './vmt/magic.ts';
export { MAX_NAMED_OBJECTS, mergedNames, ObjectNames } from './vmt/object-names.ts';
export { type OpenOptions, openTrace, type Trace } from './vmt/reader.ts';
export { openTraceStream, type TraceStream } from './vmt/stream-reader.ts';
export { TotalsCounter } from './vmt/totals.ts';
export { type BatchSink, type TraceOrigin, TraceWriter, type WriterOptions } from './vmt/writer.ts';
