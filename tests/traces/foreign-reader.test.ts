/** The specification is enough: a reader written from FORMAT.md alone, in another language, finds the same events. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Batch, eventsOf } from '../../core/event/batch.ts';
import { importTrace } from '../../traces/import/index.ts';
import { memorySource, openTrace } from '../../traces/index.ts';
import { MemorySink } from '../../traces/io/sink.ts';
import { openInput } from '../../traces/node/index.ts';
import { TraceWriter } from '../../traces/vmt/writer.ts';
import { WORKLOADS } from '../../workloads/index.ts';
import { atDepth, FULL } from '../support/depth.ts';
import { batchOfRows, collect, ORIGIN, type Row, smallTrace, traceOf } from './support.ts';

const READER = join(import.meta.dirname, 'reader.py');
const folder = mkdtempSync(join(tmpdir(), 'vmsplit-'));
afterAll(() => rmSync(folder, { recursive: true }));

const hasPython =
  spawnSync('python3', ['-c', 'import sys; sys.exit(sys.version_info < (3, 8))']).status === 0;

function python(bytes: Uint8Array, ...options: string[]): { out: string; err: string } {
  const file = join(folder, 'a.vmt');
  writeFileSync(file, bytes);
  const { stdout, stderr } = spawnSync('python3', [READER, ...options, file], { maxBuffer: 1 << 28 });
  return { out: stdout.toString(), err: stderr.toString() };
}

/** Of every shape, so that two bytes a token are needed. */
const manyShapes = (): Row[] =>
  Array.from({ length: 4000 }, (_, i): Row => [21, i % 3, i % 5, i % 2, 3 * i, i % 900, 0]);
const apart = (): Row[] =>
  Array.from(
    { length: 300 },
    (_, i): Row => [13, i % 7, 4_000_000_000 + i, i * 7919, (i * 2654435761) >>> 0, i % 300, 0],
  );

async function imported(path: string): Promise<Uint8Array> {
  const sink = new MemorySink();
  const writer = await TraceWriter.create(sink, ORIGIN);
  await importTrace(await openInput(path), writer, {});
  await writer.finish();
  return sink.bytes();
}

describe.skipIf(!hasPython)('reader.py', () => {
  const TRACES: [string, () => Promise<Uint8Array>][] = [
    ['every sort of event', smallTrace],
    ['more shapes than a byte counts', () => traceOf([batchOfRows(manyShapes())])],
    ['the golden file', async () => readFileSync(join(import.meta.dirname, '../fixtures/vmt/version-1.vmt'))],
    ['no events', () => traceOf([])],
    ['events that have nothing in common', () => traceOf([batchOfRows(apart())], { chunkEvents: 128 })],
    ...WORKLOADS.slice(0, 2).map(({ name, generate }): [string, () => Promise<Uint8Array>] => [
      `workload ${name}`,
      () => traceOf([...generate(5, {}, 2000)], { chunkEvents: 700 }),
    ]),
    ['an import of strace', () => imported('tests/fixtures/strace/gcc.strace.gz')],
  ];
  const SHOWN = TRACES.slice(0, atDepth({ quick: 2, full: TRACES.length }));
  test.each(SHOWN)('reads %s as we do', async (_, make) => {
    const bytes = await make();
    const batches: Batch[] = await collect((await openTrace(memorySource(bytes))).batches());
    const { out, err } = python(bytes);
    expect(err).toBe('');
    const lines = out.split('\n').slice(0, -1);
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual(
      batches.flatMap((batch) => [...eventsOf(batch)]),
    );
  });

  test.runIf(FULL)('counts the events', async () => {
    const bytes = await traceOf([batchOfRows(apart())], { chunkEvents: 128 });
    expect(python(bytes, '--count').out).toBe('300\n');
  });

  test('finds a wrong byte, and a trace without its end', async () => {
    const bytes = await smallTrace();
    expect(python(bytes.with(3000, bytes[3000]! ^ 1)).err).toMatch(/AssertionError|Error/);
    expect(python(bytes.subarray(0, -18)).err).not.toBe('');
  });
});

test('it is short: what it takes to read a trace elsewhere', () => {
  expect(readFileSync(READER, 'utf8').trimEnd().split('\n').length).toBeLessThanOrEqual(60);
});
