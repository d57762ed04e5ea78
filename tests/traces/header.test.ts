/** Headers of other versions and other vocabularies: followed as far as they can be, or refused. */
import { describe, expect, test } from 'vitest';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import { memorySource, NewerTraceError, openTraceStream, TraceError, traceInfo } from '../../traces/index.ts';
import { chunkOf, header, open } from './crafted.ts';
import { collect, inBlocks, readRows } from './support.ts';

describe('a header that is not as it should be', () => {
  test('a newer version is refused, and the remedy is a newer vmsplit', async () => {
    await expect(open(header({ version: 2 }))).rejects.toThrow(NewerTraceError);
    await expect(open(header({ version: 2, kinds: 'of another shape' }))).rejects.toThrow(/version 2/);
  });

  test.each([
    ['a unit of time other than ns', { tickUnit: 'ms' }],
    ['a seed that is text', { seed: 'x' }],
    ['no parameters', { parameters: null }],
    ['a kind under another name', { kinds: { 21: { name: 'kmalloc', fields: {} } } }],
    ['a version that is no number', { version: 'one' }],
  ])('%s', async (_, change) => {
    await expect(open(header(change))).rejects.toThrow(TraceError);
  });

  test('kinds of a later vocabulary are counted by the name they have there', async () => {
    const info = (bytes: Uint8Array) => traceInfo(memorySource(bytes));
    const chunk = chunkOf({ kind: 99 });
    const named = header({ kinds: { 99: { name: 'teleport', fields: { object: 'object' } } } });
    expect(await info(Buffer.concat([named, chunk]))).toMatchObject({
      kinds: { teleport: 3 },
      unknownKinds: ['teleport'],
    });
    expect(await info(Buffer.concat([header({}), chunk]))).toMatchObject({ kinds: { 'kind 99': 3 } });
  });
});

describe('the vocabulary of a header', () => {
  const kmalloc = EVENT_KINDS.kmalloc.code;
  const read = async (kinds: object, values: Readonly<Record<string, number>>) =>
    readRows(Buffer.concat([header({ kinds }), chunkOf(values)]));

  test('with fields in other columns is followed', async () => {
    const kinds = { [kmalloc]: { name: 'kmalloc', fields: { gfp: 'object', object: 'b', size: 'c' } } };
    const rows = await read(kinds, { kind: kmalloc, object: 1, b: 2, c: 3 });
    expect(rows[0]).toEqual([kmalloc, 0, 0, 2, 3, 1, 0]);
  });

  test('with fewer fields: the others are 0, as they were when it was written', async () => {
    const kinds = { [kmalloc]: { name: 'kmalloc', fields: { object: 'object', size: 'a' } } };
    expect((await read(kinds, { kind: kmalloc, object: 7, a: 8 }))[0]).toEqual([kmalloc, 0, 0, 7, 8, 0, 0]);
    await expect(read(kinds, { kind: kmalloc, object: 7, a: 8, b: 9 })).rejects.toThrow(
      /at byte \d+: found 9 in column b of an event kmalloc, expected a value only in columns that a field names/,
    );
  });

  test.each([
    ['a kind that this vmsplit lacks', 99, { 99: { name: 'teleport', fields: {} } }, /an event teleport/],
    [
      'a field that this vmsplit lacks',
      kmalloc,
      { [kmalloc]: { name: 'kmalloc', fields: { object: 'object', size: 'a', gfp: 'b', node: 'c' } } },
      /an event kmalloc with a field "node", expected fields that this vmsplit knows: object, size, gfp/,
    ],
  ])('with %s is for a newer vmsplit, once such an event comes', async (_, kind, kinds, message) => {
    await expect(read(kinds, { kind, object: 1 })).rejects.toThrow(NewerTraceError);
    await expect(read(kinds, { kind, object: 1 })).rejects.toThrow(message);
    const fine = { ...kinds, 14: { name: 'kfree', fields: { object: 'object' } } };
    expect(await read(fine, { kind: 14, object: 1 })).toHaveLength(3);
    const bytes = Buffer.concat([header({ kinds }), chunkOf({ kind, object: 1 })]);
    const stream = await openTraceStream(inBlocks(bytes, 100), '<stdin>');
    expect(await collect(stream.batches())).toEqual([]);
    expect(stream).toMatchObject({ complete: false, lost: { message: expect.stringMatching(message) } });
  });

  test('names every kind that occurs', async () => {
    await expect(read({}, { kind: kmalloc })).rejects.toThrow(
      /found an event of kind 13, expected kinds that the header names/,
    );
  });

  test.each([
    ['two fields in one column', { 13: { name: 'kmalloc', fields: { object: 'a', size: 'a' } } }],
    ['a field in no column', { 13: { name: 'kmalloc', fields: { object: 'd' } } }],
    ['a code beyond a byte', { 256: { name: 'kmalloc', fields: {} } }],
    ['a code that is no number', { constructor: { name: 'kmalloc', fields: {} } }],
  ])('cannot have %s', async (_, kinds) => {
    await expect(open(header({ kinds }))).rejects.toThrow(TraceError);
  });
});
