/**
 * Mutated traces. No crash: what is thrown is one of our errors. No endless loop: it ends. No wrong event: what is given
 * is what another decoder, which shares no code with ours, makes of the same bytes. No doubt: what `check` finds sound is
 * complete for every reader; what it does not is complete for none that has read it to its end.
 */
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { UsageError } from '../../core/base/errors.ts';
import type { Batch } from '../../core/event/batch.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import {
  checkTrace,
  memorySource,
  openTrace,
  openTraceStream,
  type Trace,
  type TraceCheck,
  type TraceHeader,
  TraceWriter,
  traceInfo,
} from '../../traces/index.ts';
import { MemorySink } from '../../traces/io/sink.ts';
import { currentKinds, limitsAfter } from '../../traces/vmt/format.ts';
import { valueEnd } from '../../traces/vmt/measure.ts';
import type { Prng } from '../../workloads/engine/prng.ts';
import { naiveRows } from '../models/naive-vmt.ts';
import { batchOfRows, collect, inBlocks, ORIGIN, type Row, smallTrace, traceOf } from '../traces/support.ts';
import { fuzz, law, pick } from './fuzz.ts';
import { assembled, changedFile, type Fields, mutate, recordsOf } from './vmt-mutations.ts';

const FILE = 'fuzz.vmt';
const OURS = currentKinds();
const corpus: Fields[][] = [];
let all: Fields[] = [];

beforeAll(async () => {
  const rows = (count: number, row: (i: number) => Row) => [
    batchOfRows(Array.from({ length: count }, (_, i) => row(i))),
  ];
  const traces = [
    await smallTrace(),
    await traceOf([]),
    // Steps with one and two bytes a token; columns; every coding of a column.
    await traceOf(
      rows(60, (i) => [21, 0, 0, i % 2, 8 * i, 8, i % 2]),
      { chunkEvents: 30 },
    ),
    await traceOf(
      rows(20, (i) => [13, i % 3, 7 * i, 1000 * i, (i * 2654435761) >>> 0, i, 0]),
      { chunkEvents: 7 },
    ),
  ];
  for (const trace of traces) corpus.push(recordsOf(trace).map(withFewKinds));
  all = corpus.flat();
});

/** Headers name the kinds of the corpus only, so that a case costs what is tried and not the table. */
function withFewKinds(fields: Fields): Fields {
  if (fields.kinds === undefined) return fields;
  const names = ['spawn', 'switch', 'mmap', 'access', 'kmalloc', 'kfree', 'exit'] as const;
  const codes = names.map((name) => String(EVENT_KINDS[name].code));
  return {
    ...fields,
    kinds: Object.fromEntries(
      Object.entries(fields.kinds as Fields).filter(([code]) => codes.includes(code)),
    ),
  };
}

function hostileTrace(random: Prng): Uint8Array {
  // The last is the greatest by far.
  const base = random.chance(1, 40) ? corpus.at(-1)! : pick(random, corpus.slice(0, -1));
  const bytes = assembled(mutate(random, base, all), random.chance(2, 3));
  return changedFile(random, bytes, random.chance(1, 2) ? bytes : assembled(pick(random, corpus), true));
}

/** Seven numbers an event, one after the other. */
type Flat = Uint32Array;
const WIDTH = 7;

/** What comes out before the end or the error, which has to be one of ours. */
async function readAll(
  batches: () => AsyncGenerator<Batch> | Promise<AsyncGenerator<Batch>>,
): Promise<{ flat: Flat; failed: boolean }> {
  const parts: Flat[] = [];
  try {
    for await (const batch of await batches()) parts.push(flatOf(batch));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return { flat: joined(parts), failed: true };
  }
  return { flat: joined(parts), failed: false };
}

function flatOf({ count, kind, cpu, thinkNs, object, a, b, c }: Batch): Flat {
  const flat = new Uint32Array(WIDTH * count);
  [kind, cpu, thinkNs, object, a, b, c].forEach((column, at) => {
    for (let i = 0; i < count; i++) flat[WIDTH * i + at] = column[i]!;
  });
  return flat;
}

function joined(parts: readonly Flat[]): Flat {
  const flat = new Uint32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    flat.set(part, at);
    at += part.length;
  }
  return flat;
}

/** The chunks from the front, while they can be told apart, by the naive decoder. */
function naive(bytes: Uint8Array, length: number): Flat {
  const parts: Flat[] = [];
  let at = valueEnd(bytes, 0, limitsAfter(0))!;
  for (let found = 0; found < length; found += parts.at(-1)!.length) {
    const end = valueEnd(bytes, at, limitsAfter(1000))!;
    parts.push(Uint32Array.from(naiveRows(bytes.subarray(at, end)).flat()));
    at = end;
  }
  return joined(parts);
}

/** As far as both go. `exact`: else fields may have moved, and kind, cpu and time are compared. */
function expectSame(found: Flat, expected: Flat, exact = true): void {
  const length = Math.min(found.length, expected.length);
  let same = true;
  for (let i = 0; i < length; i++) same &&= found[i] === expected[i] || (!exact && i % WIDTH > 2);
  if (!same) expect(found.subarray(0, length)).toEqual(expected.subarray(0, length));
}

async function tryTrace(random: Prng): Promise<string> {
  const bytes = hostileTrace(random);
  const checked = await checkTrace(inBlocks(bytes, random.chance(1, 30) ? 37 : 0x10_0000), FILE);
  let trace: Trace | undefined;
  const fromFile = await readAll(async () => {
    trace = await openTrace(memorySource(bytes, FILE));
    return trace.batches();
  });
  if (trace === undefined) {
    law(checked.fault !== undefined, 'what cannot be opened is not sound');
    return 'refused';
  }
  const { flat, failed } = fromFile;
  expectSame(flat, naive(bytes, Math.max(flat.length, WIDTH * checked.events)), hasOurFields(trace.header));
  await tryStream(bytes, flat, checked);
  await tryInfo(bytes, checked);
  const isWhole = trace.complete && !failed && flat.length === WIDTH * checked.events;
  law(!checked.complete || isWhole, 'what is sound is read whole');
  if (random.chance(1, 20)) await tryRecover(bytes);
  return checked.fault === undefined ? 'sound' : 'flagged';
}

function hasOurFields({ kinds }: TraceHeader): boolean {
  return Object.entries(kinds).every(([code, entry]) => isDeepStrictEqual(entry, OURS[code]));
}

async function tryStream(bytes: Uint8Array, fromFile: Flat, checked: TraceCheck): Promise<void> {
  const stream = await openTraceStream(inBlocks(bytes, 1000), FILE);
  const { flat, failed } = await readAll(() => stream.batches());
  law(!failed, 'a stream tells what is lost, and throws nothing');
  expectSame(flat, fromFile);
  law(stream.complete === (stream.lost === undefined), 'complete, or something is lost');
  law(!checked.complete || stream.complete, 'what is sound is complete as a stream');
  law(!stream.complete || flat.length === fromFile.length, 'as many events from a stream as from a file');
}

async function tryInfo(bytes: Uint8Array, checked: TraceCheck): Promise<void> {
  try {
    const info = await traceInfo(memorySource(bytes, FILE), { verify: true });
    const isSame = info.complete && info.events === checked.events;
    law(!checked.complete || isSame, 'info says what check says');
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    law(!checked.complete, 'info of what is sound throws nothing');
  }
}

/** What can be read can be written again, and is sound then. */
async function tryRecover(bytes: Uint8Array): Promise<void> {
  const stream = await openTraceStream(inBlocks(bytes, 1000), FILE);
  const sink = new MemorySink();
  const writer = await TraceWriter.create(sink, ORIGIN);
  for await (const batch of stream.batches()) await writer.write(batch);
  await writer.finish({ complete: stream.complete });
  const again = await checkTrace(inBlocks(sink.bytes(), 1000), FILE);
  const stray = again.fault?.found.match(/in column/);
  if (!stray) expect(again.fault).toBeUndefined();
}

test('mutated traces', { timeout: 36_000_000 }, async () => {
  const outcomes = await fuzz({ name: 'vmt', percent: 45 }, tryTrace);
  const total = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  // Not all is refused at the door: the mutations reach what lies behind.
  if (total >= 1000)
    for (const outcome of ['sound', 'flagged', 'refused'])
      expect(outcomes[outcome], outcome).toBeGreaterThan(total / 50);
});

test('the naive decoder and ours agree on what is whole', async () => {
  for (const records of corpus) {
    const bytes = assembled(records, true);
    const flat = joined((await collect((await openTrace(memorySource(bytes))).batches())).map(flatOf));
    expect(naive(bytes, flat.length)).toEqual(flat);
    expect(await checkTrace(inBlocks(bytes, 1000), FILE)).toMatchObject({ complete: true });
  }
});
