/** The events of a recording: of a trace as they are, of another tool's output as an importer makes them. */
import { basename } from 'node:path';
import type { Batch } from '../../../core/index.ts';
import { type BatchSink, importTrace, ObjectNames } from '../../../traces/index.ts';
import { type Events, sourceOf } from '../../spec/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { runFiles } from './run-files.ts';
import { openBytes } from './trace-input.ts';

const TRACE = /\.vmt(?:\.\w{2,4})?$/;

/** Who opens them closes them. */
export async function recordedEvents(terminal: Terminal, path: string): Promise<Events> {
  if (TRACE.test(path)) return sourceOf({ events: { trace: path } }, runFiles(terminal));
  const batches: Batch[] = [];
  const sink: BatchSink = { write: (batch) => void batches.push(batch) };
  const { name, byteLength, blocks } = await openBytes(path, 'a trace', terminal);
  const progress = terminal.progress(`reading ${basename(name)}`, 'bytes', byteLength);
  const result = await importTrace({ name, byteLength, blocks }, sink, {
    onProgress: (bytes) => progress.update(bytes),
  }).finally(() => progress.stop());
  const cpus = Number(result.notes?.cpus ?? 1);
  const names = (): ObjectNames => ObjectNames.in(result.notes ?? {});
  return { name, batches, total: result.events, cpus, names, lost: () => undefined, close() {} };
}
