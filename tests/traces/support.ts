/** Batches, traces in memory, and how they are compared; for the tests of this folder. */
import fc from 'fast-check';
import { type Batch, BatchBuilder, batchOf, sliceBatch } from '../../core/event/batch.ts';
import { allKinds } from '../../core/event/vocabulary.ts';
import {
  MemorySink,
  memorySource,
  openTrace,
  type TraceOrigin,
  TraceWriter,
  type WriterOptions,
} from '../../traces/index.ts';

export const ORIGIN: TraceOrigin = { tool: 'test', toolVersion: '1', seed: 42, parameters: { by: 'hand' } };

/** kind, cpu, thinkNs, object, a, b, c */
export type Row = readonly [number, number, number, number, number, number, number];

export function batchOfRows(rows: readonly Row[]): Batch {
  const builder = new BatchBuilder(rows.length);
  for (const row of rows) builder.push(...row);
  return builder.take();
}

/** What lies beyond `count` has no meaning, so batches are compared as rows. */
export function rowsOf(batches: Batch | readonly Batch[]): Row[] {
  const rows: Row[] = [];
  for (const { count, kind, cpu, thinkNs, object, a, b, c } of [batches].flat()) {
    for (let i = 0; i < count; i++) {
      rows.push([kind[i]!, cpu[i]!, thinkNs[i]!, object[i]!, a[i]!, b[i]!, c[i]!]);
    }
  }
  return rows;
}

export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

export async function traceOf(batches: readonly Batch[], options?: WriterOptions): Promise<Uint8Array> {
  const sink = new MemorySink();
  const writer = await TraceWriter.create(sink, ORIGIN, options);
  for (const batch of batches) await writer.write(batch);
  await writer.finish();
  return sink.bytes();
}

export async function readRows(bytes: Uint8Array, fromEvent = 0): Promise<Row[]> {
  const trace = await openTrace(memorySource(bytes));
  return rowsOf(await collect(trace.batches(fromEvent)));
}

/** Bytes as they may come from a pipe. */
export async function* inBlocks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The batch cut at the given places. */
export function cutAt(batch: Batch, places: readonly number[]): Batch[] {
  const cuts = [0, ...places.map((place) => place % (batch.count + 1)), batch.count].sort((x, y) => x - y);
  return cuts.slice(1).map((end, i) => sliceBatch(batch, cuts[i]!, end));
}

const uint8 = fc.integer({ min: 0, max: 0xff });
const uint32 = fc.oneof(fc.nat({ max: 3 }), fc.nat({ max: 300 }), fc.integer({ min: 0, max: 0xffff_ffff }));

const anyKind = fc.constantFrom(...allKinds().map(({ row }) => row.code));

/** Rows without anything in common. */
export const wildRows: fc.Arbitrary<Row[]> = fc.array(
  fc.tuple(anyKind, uint8, uint32, uint32, uint32, uint32, uint32),
  { minLength: 1, maxLength: 60 },
);

/** Rows as programs make them: few kinds, objects and sizes, and offsets that mostly move a little. */
export const programRows: fc.Arbitrary<Row[]> = fc
  .array(
    fc.tuple(
      fc.nat({ max: 2 }),
      fc.constantFrom(1, 4, 8),
      fc.constantFrom(0, 3),
      fc.integer({ min: -9, max: 99 }),
    ),
    { minLength: 1, maxLength: 300 },
  )
  .map((moves) => {
    let offset = 0;
    return moves.map(([object, size, mode, move]): Row => {
      offset = (offset + move) >>> 0;
      return [21, 0, 0, object, offset, size, mode];
    });
  });

/** A small trace of every sort of event, in five chunks. */
export function smallTrace(): Promise<Uint8Array> {
  const batch = batchOf([
    { kind: 'spawn', cpu: 0, thinkNs: 0, pid: 1 },
    { kind: 'switch', cpu: 0, thinkNs: 5, pid: 1 },
    { kind: 'mmap', cpu: 0, thinkNs: 0, object: 7, length: 8192, flags: 3, file: 0 },
    ...Array.from({ length: 40 }, (_, i) => ({
      kind: 'access' as const,
      cpu: 0,
      thinkNs: 0,
      object: 7,
      offset: 8 * i,
      size: 8,
      mode: i % 2,
    })),
    { kind: 'kmalloc', cpu: 1, thinkNs: 900, object: 8, size: 100_000, gfp: 0xcc0 },
    { kind: 'exit', cpu: 0, thinkNs: 0 },
  ]);
  return traceOf([batch], { chunkEvents: 10 });
}
