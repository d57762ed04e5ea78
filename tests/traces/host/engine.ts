/** What the engine makes of files, as text: it runs in Node as it is, and bundled with what browsers have. */
import { buildLayout } from '../../../core/layout/catalog/catalog.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { recognise } from '../../../replay/advise/index.ts';
import { newLane } from '../../../replay/lane/lane.ts';
import { replay } from '../../../replay/run/pipeline.ts';
import { openedTrace, unpackedText } from '../../../replay/spec/index.ts';
import { VIEWS } from '../../../replay/views/index.ts';
import { importTrace } from '../../../traces/import/index.ts';
import { MemorySink } from '../../../traces/io/sink.ts';
import { memorySource } from '../../../traces/io/source.ts';
import { tarEntries } from '../../../traces/io/tar.ts';
import { unpacked } from '../../../traces/io/unpack.ts';
import { looksLikeTrace } from '../../../traces/vmt/magic.ts';
import { TraceWriter } from '../../../traces/vmt/writer.ts';

// What a page has beside it: bundled too, so that nothing of Node is in it.
export { advise } from '../../../replay/advise/index.ts';
export { eventColumns } from '../../../replay/events/columns.ts';
export { EXPORTERS } from '../../../replay/export/index.ts';
export { findFit } from '../../../replay/fit/index.ts';
export { reportText } from '../../../replay/report/index.ts';
export { Keyframes } from '../../../replay/seek/keyframes.ts';
export { seek } from '../../../replay/seek/seek.ts';
export { lanesOf, sourceOf } from '../../../replay/spec/index.ts';
export { TraceStats } from '../../../replay/stats/trace-stats.ts';
export { timeline } from '../../../replay/timeline/timeline.ts';
export { verifyKernelTrace } from '../../../replay/verify/index.ts';
export { blobSource } from '../../../traces/io/blob-source.ts';
export { urlSource } from '../../../traces/io/url-source.ts';

const BLOCK_BYTES = 10_000;
const ORIGIN = { tool: 'test', toolVersion: '0', seed: 1, parameters: {} };

/** A trace of any kind: imported, written and read again, replayed; with the checksum of the written trace in it. */
export async function replayed(name: string, bytes: Uint8Array): Promise<string> {
  const trace = looksLikeTrace(bytes) ? new Uint8Array(bytes) : await importedTrace(name, bytes);
  const events = await openedTrace(memorySource(trace, name));
  const lanes = ['linux-3g1g', 'linux-x86_64'].map((layout) =>
    newLane(buildLayout(layout, { ramBytes: 2n ** 29n })),
  );
  const { layouts, differences } = await replay(events.batches(), lanes);
  return json({
    notes: events.notes,
    last: [...trace.subarray(-64)],
    layouts: layouts.map(({ eventsPerSecond: _, ...layout }) => layout),
    differences,
  });
}

async function importedTrace(name: string, bytes: Uint8Array): Promise<Uint8Array> {
  const sink = new MemorySink();
  const writer = await TraceWriter.create(sink, ORIGIN, { chunkEvents: 5000 });
  const { notes = {}, lines, events, ignored } = await importTrace({ name, blocks: inBlocks(bytes) }, writer);
  writer.note({ ...notes, lines, events, ignored });
  await writer.finish();
  return sink.bytes();
}

/** The kernel's own files, as text, of a machine at its beginning, with its digest. */
export function viewed(): string {
  const { machine } = newLane(buildLayout('linux-3g1g', { ramBytes: 2n ** 30n }));
  return [stateDigest(machine), ...VIEWS.map(({ text }) => text(machine))].join('\n');
}

/** What a log or a file of /proc tells. */
export async function told(name: string, bytes: Uint8Array): Promise<string> {
  return json(recognise(await unpackedText(bytes, name, 'a log'), name));
}

/** Names and sizes of what is in an archive. */
export async function listed(archive: Uint8Array): Promise<string> {
  const entries = await tarEntries(archive);
  return json(entries?.map(({ name, content }) => [name, [...content]]));
}

/** What is packed, or why it cannot be had. */
export async function plain(name: string, bytes: Uint8Array): Promise<string> {
  const parts: number[] = [];
  try {
    for await (const part of (await unpacked(inBlocks(bytes), name)).blocks) parts.push(...part);
    return json(parts);
  } catch (error) {
    return String(error);
  }
}

async function* inBlocks(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) yield bytes.subarray(at, at + BLOCK_BYTES);
}

function json(value: unknown): string {
  return JSON.stringify(value, (_, field) => {
    if (typeof field === 'bigint') return `${field}n`;
    return field instanceof Map ? [...field] : field;
  });
}
