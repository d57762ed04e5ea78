/** The trace folder's public surface: the `.vmt` container and the importers of other tools' traces. */
export { looksLikeTrace } from './contents.js';
export { ImportError, NewerTraceError, TraceError } from './errors.js';
export { FORMAT, VERSION, } from './format.js';
export { IMPORTERS, importTrace } from './import/index.js';
export { traceInfo } from './info.js';
export { readKernelRecords, } from './kernel/reader.js';
export * from './proc/index.js';
export { openTrace } from './reader.js';
export { fileSink, MemorySink, streamSink } from './sink.js';
export { fileSource, memorySource, openInput } from './source.js';
export { openTraceStream } from './stream-reader.js';
export { TotalsCounter } from './totals.js';
export { TraceWriter } from './writer.js';
//# sourceMappingURL=index.js.map