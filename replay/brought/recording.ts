/** The events of a recording that was brought: of a trace as they are, of another tool's output as an importer makes them. */
import type { Batch } from '../../core/event/batch.ts';
import {
  type BatchSink,
  concat,
  type ImportRequest,
  importTrace,
  looksLikeTrace,
  memorySource,
  ObjectNames,
  type OnProgress,
  type Source,
  unpacked,
} from '../../traces/index.ts';
import { type Events, openedTrace, sourceOf } from '../spec/index.ts';
import { blocksIn } from './content.ts';

const HEAD_BYTES = 64;

/** Who opens them closes them. */
export async function eventsOf(file: Source, onProgress?: OnProgress): Promise<Events> {
  const plain = await unpackedSource(file);
  if (looksLikeTrace(await plain.read(0, HEAD_BYTES))) return traceEvents(plain);
  const { name, byteLength } = plain;
  return importedEvents({ name, byteLength, blocks: blocksIn(plain) }, onProgress);
}

function traceEvents(source: Source): Promise<Events> {
  return sourceOf({ events: { trace: source.name } }, { trace: () => openedTrace(source) });
}

/** What is in packed data, in memory; all else as it is. */
export async function unpackedSource(file: Source): Promise<Source> {
  const { blocks, wasPacked } = await unpacked(blocksIn(file), file.name);
  if (!wasPacked) return file;
  const parts: Uint8Array[] = [];
  for await (const block of blocks) parts.push(block);
  return memorySource(concat(parts), file.name);
}

/** All events, in memory. */
export async function importedEvents(
  { name, byteLength, blocks }: Pick<ImportRequest, 'name' | 'byteLength' | 'blocks'>,
  onProgress?: OnProgress,
): Promise<Events> {
  const batches: Batch[] = [];
  const sink: BatchSink = { write: (batch) => void batches.push(batch) };
  const result = await importTrace({ name, byteLength, blocks }, sink, { onProgress });
  const cpus = Number(result.notes?.cpus ?? 1);
  const names = (): ObjectNames => ObjectNames.in(result.notes ?? {});
  return { name, batches, total: result.events, cpus, names, lost: () => undefined, close() {} };
}
