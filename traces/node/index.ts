/** Traces as files, pipes and standard output: what the traces folder has for Node alone. */

export { type FileSink, fileSink } from './file-sink.ts';
export { type FileSource, fileSource, openInput } from './file-source.ts';
export { programsUnder } from './programs.ts';
export { streamSink } from './stream-sink.ts';
