/** The events of a recording: of a trace as they are, of another tool's output as an importer makes them. */
import { basename } from 'node:path';
import type { Batch } from '../../../core/index.ts';
import {
  type BatchSink,
  concat,
  type ImportRequest,
  importTrace,
  looksLikeTrace,
  memorySource,
  ObjectNames,
  unpacked,
} from '../../../traces/index.ts';
import { type Events, openedTrace, sourceOf } from '../../spec/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { runFiles } from './run-files.ts';
import { openBytes } from './trace-input.ts';

const TRACE = /\.vmt(?:\.\w{2,4})?$/;

/** Of a file, or of one that is there already, out of an archive. Who opens them closes them. */
export async function recordedEvents(terminal: Terminal, path: string, packed?: Uint8Array): Promise<Events> {
  if (packed === undefined) {
    if (TRACE.test(path)) return sourceOf({ events: { trace: path } }, runFiles(terminal));
    return imported(terminal, await openBytes(path, 'a trace', terminal));
  }
  const content = await plain(packed, path);
  if (!looksLikeTrace(content))
    return imported(terminal, { name: path, byteLength: content.length, blocks: oneBlock(content) });
  const trace = () => openedTrace(memorySource(content, path));
  return sourceOf({ events: { trace: path } }, { ...runFiles(terminal), trace });
}

async function plain(packed: Uint8Array, path: string): Promise<Uint8Array> {
  const { blocks } = await unpacked(oneBlock(packed), path);
  const parts: Uint8Array[] = [];
  for await (const block of blocks) parts.push(block);
  return concat(parts);
}

async function* oneBlock(content: Uint8Array): AsyncGenerator<Uint8Array> {
  yield content;
}

async function imported(
  terminal: Terminal,
  { name, byteLength, blocks }: Pick<ImportRequest, 'name' | 'byteLength' | 'blocks'>,
): Promise<Events> {
  const batches: Batch[] = [];
  const sink: BatchSink = { write: (batch) => void batches.push(batch) };
  const progress = terminal.progress(`reading ${basename(name)}`, 'bytes', byteLength);
  const result = await importTrace({ name, byteLength, blocks }, sink, {
    onProgress: (bytes) => progress.update(bytes),
  }).finally(() => progress.stop());
  const cpus = Number(result.notes?.cpus ?? 1);
  const names = (): ObjectNames => ObjectNames.in(result.notes ?? {});
  return { name, batches, total: result.events, cpus, names, lost: () => undefined, close() {} };
}
