import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ChunkDecoder, ChunkEncoder } from '../../traces/vmt/chunk.ts';
import { SameColumns } from '../../traces/vmt/column-room.ts';
import { currentKinds, MAX_CHUNK_EVENTS } from '../../traces/vmt/format.ts';
import { TraceVocabulary } from '../../traces/vmt/trace-vocabulary.ts';
import { batchOfRows, programRows, type Row, rowsOf, wildRows } from './support.ts';

const encoder = new ChunkEncoder();
const decoder = new ChunkDecoder(new TraceVocabulary(currentKinds()));

function encode(rows: readonly Row[]) {
  return { count: rows.length, ...encoder.encode(batchOfRows(rows)) };
}

function byteSize(columns: Readonly<Record<string, Uint8Array>>): number {
  return Object.values(columns).reduce((sum, bytes) => sum + bytes.length, 0);
}

/** Accesses that cycle through so many sizes, and so through so many shapes. */
function rowsOfShapes(shapes: number, count: number): Row[] {
  return Array.from({ length: count }, (_, i): Row => [21, 0, 0, 1, 8 * i, i % shapes, 0]);
}

describe('round trip', () => {
  // One coder for all runs: nothing of one chunk may show in the next.
  test.each([
    ['events without anything in common', wildRows],
    ['events of a program', programRows],
  ])('%s', (_, rows) => {
    fc.assert(
      fc.property(rows, (given) => {
        expect(rowsOf(decoder.decode(encode(given)))).toEqual(given);
      }),
    );
  });

  test.each([
    ['one event', rowsOfShapes(1, 1)],
    ['the greatest chunk', rowsOfShapes(7, MAX_CHUNK_EVENTS)],
    ['the greatest chunk, no two events alike', rowsOfShapes(MAX_CHUNK_EVENTS, MAX_CHUNK_EVENTS)],
    [
      'offsets that wrap around 2^32',
      [0, 0xffff_ffff, 1, 0x8000_0000].map((a): Row => [21, 0, 0, 1, a, 1, 0]),
    ],
  ])('%s', (_, rows) => {
    expect(rowsOf(decoder.decode(encode(rows)))).toEqual(rows);
  });
});

describe('the coding fits the events', () => {
  test('a loop over an array takes one byte an event, and little more', () => {
    const { steps, columns } = encode(rowsOfShapes(1, 16_384));
    expect(steps).toEqual({ lanes: 1, shapes: 1, steps: 1 });
    expect(byteSize(columns)).toBeLessThan(16_384 + 40);
  });

  test('256 shapes have tokens of one byte, 257 of two', () => {
    expect(encode(rowsOfShapes(256, 8192)).columns.tokens).toHaveLength(8192);
    expect(encode(rowsOfShapes(257, 8192)).columns.tokens).toHaveLength(2 * 8192);
  });

  test('events are told in columns when there is a shape for every four of them', () => {
    expect(encode(rowsOfShapes(100, 400)).steps).toBeDefined();
    expect(encode(rowsOfShapes(101, 400)).steps).toBeUndefined();
  });

  test('constant columns are shared by the batches, which nobody writes', () => {
    const chunk = encode(rowsOfShapes(2, 100));
    const [first, second] = [decoder.decode(chunk), decoder.decode(chunk)];
    expect(second.thinkNs).toBe(first.thinkNs);
    expect(second.kind).toBe(first.kind);
    expect(second.a).not.toBe(first.a);
  });

  test.each([
    ['in steps', rowsOfShapes(2, 101)],
    ['in columns', rowsOfShapes(101, 101)],
  ])('bytes %s end with a whole word, so that four events can be looked at at a time', (_, rows) => {
    const { kind, cpu } = decoder.decode(encode(rows.map((row, i) => row.with(1, i % 2) as unknown as Row)));
    expect([kind.byteLength % 4, cpu.byteLength % 4]).toEqual([0, 0]);
  });

  test.each([
    ['events without anything in common', wildRows],
    ['events of a program', programRows],
  ])('%s, chunk after chunk in the same columns', (_, rows) => {
    fc.assert(
      fc.property(fc.array(rows, { minLength: 2, maxLength: 4 }), (chunks) => {
        const reusing = new ChunkDecoder(new TraceVocabulary(currentKinds()), new SameColumns());
        for (const given of chunks) expect(rowsOf(reusing.decode(encode(given)))).toEqual(given);
      }),
    );
  });
});

describe('a chunk that is not well formed is refused', () => {
  const inSteps = encode(rowsOfShapes(2, 100));
  const inColumns = encode(rowsOfShapes(100, 100));
  const { lanes, shapes, steps } = inSteps.steps!;
  const constant = (value: number) => Uint8Array.of(0, value);

  test.each([
    ['no think times', { ...inSteps, columns: without('thinkNs', inSteps.columns) }],
    ['no tokens', { ...inSteps, columns: without('tokens', inSteps.columns) }],
    ['a column missing', { ...inColumns, columns: without('b', inColumns.columns) }],
    [
      'a kind above 255',
      { ...inColumns, columns: { ...inColumns.columns, kind: Uint8Array.of(0, 0x80, 2) } },
    ],
    ['no shapes', { ...inSteps, steps: { lanes, shapes: 0, steps } }],
    ['more lanes than shapes', { ...inSteps, steps: { lanes: 3, shapes, steps } }],
    ['more shapes than events', { ...inSteps, steps: { lanes, shapes: 101, steps } }],
    ['a dictionary beyond all tokens', { ...inSteps, steps: { lanes, shapes, steps: 0x1_0000 } }],
    ['a lane that is not there', { ...inSteps, columns: { ...inSteps.columns, shapeLane: constant(9) } }],
    ['a cpu above 255', { ...inSteps, columns: { ...inSteps.columns, shapeCpu: Uint8Array.of(0, 0x80, 2) } }],
    ['a shape that is not there', { ...inSteps, columns: { ...inSteps.columns, stepShape: constant(9) } }],
    ['too few tokens', { ...inSteps, columns: { ...inSteps.columns, tokens: new Uint8Array(99) } }],
    [
      'a token beyond the dictionary',
      {
        ...inSteps,
        columns: { ...inSteps.columns, tokens: new Uint8Array(100).fill(9), deltas: new Uint8Array(0) },
      },
    ],
    [
      'deltas that no token asks for',
      { ...inSteps, columns: { ...inSteps.columns, deltas: new Uint8Array(100) } },
    ],
    [
      'tokens that ask for more deltas',
      { ...inSteps, columns: { ...inSteps.columns, deltas: new Uint8Array(0) } },
    ],
  ])('%s', (_, chunk) => {
    expect(() => decoder.decode(chunk)).toThrow(/found .*expected/);
  });
});

function without(name: string, columns: Readonly<Record<string, Uint8Array>>): Record<string, Uint8Array> {
  return Object.fromEntries(Object.entries(columns).filter(([key]) => key !== name));
}
