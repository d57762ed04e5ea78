import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type Batch, batchOf, eventsOf } from '../../core/event/batch.ts';
import type { MemoryEvent } from '../../core/event/kinds.ts';
import { MemorySink, memorySource, openTrace, TraceWriter } from '../../traces/index.ts';
import { fileSource } from '../../traces/node/index.ts';
import { collect, ORIGIN } from './support.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/vmt/${name}`, import.meta.url));
const events = async () => JSON.parse(await readFile(fixture('version-1.json'), 'utf8')) as MemoryEvent[];

test('a trace of version 1 stays readable', async () => {
  const source = await fileSource(fixture('version-1.vmt'));
  const trace = await openTrace(source);
  expect(trace).toMatchObject({ complete: true, header: { version: 1, seed: 7, toolVersion: '0.1.0' } });
  const batches: Batch[] = await collect(trace.batches());
  expect(batches.flatMap((batch) => [...eventsOf(batch)])).toEqual(await events());
  await trace.close();
});

// The header grows with the vocabulary; the coding of chunks changes only together with the format's version.
test('the same events make the same chunk', async () => {
  const sink = new MemorySink();
  const writer = await TraceWriter.create(sink, ORIGIN, { chunkEvents: 20 });
  await writer.write(batchOf(await events()));
  await writer.finish();
  const golden = await firstChunk(await readFile(fixture('version-1.vmt')));
  expect(await firstChunk(sink.bytes())).toEqual(golden);
});

async function firstChunk(bytes: Uint8Array): Promise<Buffer> {
  const { offset } = (await openTrace(memorySource(bytes))).chunks;
  return Buffer.from(bytes.subarray(offset[0], offset[1]));
}
