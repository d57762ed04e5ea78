/** Where records end, whatever pieces they come in; the library that decodes them is the oracle. */
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { MAX_DEPTH, ValueMeasure, valueEnd } from '../../traces/vmt/measure.ts';
import { recordsOf } from '../../traces/vmt/walk.ts';
import { collect, inBlocks } from './support.ts';

const LIMITS = { values: 1000, containers: 100 };
const packr = new Packr({ useRecords: false, variableMapSize: true });

const anyValue = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
  fc.string({ maxLength: 70_000 }),
  fc.array(fc.integer(), { maxLength: 40 }),
  fc.double(),
);

test('a value ends where the library that packed it ended', () => {
  fc.assert(
    fc.property(anyValue, fc.nat(20), (value, before) => {
      const packed = packr.pack(value);
      const bytes = Buffer.concat([Buffer.alloc(before), packed, Buffer.alloc(7, 0xff)]);
      expect(valueEnd(bytes, before, LIMITS)).toBe(before + packed.length);
      for (const cut of [1, packed.length >> 1, packed.length - 1])
        if (cut > 0 && cut < packed.length)
          expect(valueEnd(packed.subarray(0, cut), 0, LIMITS)).toBeUndefined();
    }),
  );
});

test('in whatever pieces it comes', () => {
  fc.assert(
    fc.property(anyValue, fc.integer({ min: 1, max: 50 }), (value, size) => {
      const packed = packr.pack(value);
      const measure = new ValueMeasure(LIMITS);
      for (let at = 0; at < packed.length; at += size) {
        const piece = packed.subarray(at, at + size);
        const isLast = at + size >= packed.length;
        expect(measure.take(piece, 0)).toBe(isLast ? piece.length : undefined);
      }
    }),
  );
});

describe('limits, on both sides', () => {
  const list = (count: number) => packr.pack(new Array(count).fill(0));
  const nested = (depth: number) => Buffer.concat([Buffer.alloc(depth, 0x91), Buffer.of(0)]);
  const maps = (count: number) => packr.pack(new Array(count).fill({}));

  test.each([
    ['values', list(LIMITS.values - 1), list(LIMITS.values)],
    ['lists and maps', maps(LIMITS.containers - 1), maps(LIMITS.containers)],
    ['depth', nested(MAX_DEPTH), nested(MAX_DEPTH + 1)],
  ])('%s', (_, most, tooMuch) => {
    expect(valueEnd(most, 0, LIMITS)).toBe(most.length);
    expect(() => valueEnd(tooMuch, 0, LIMITS)).toThrow(/^found (a record of more than|values nested)/);
  });

  test('a count beyond them is refused at its own bytes, not when its values come', () => {
    expect(() => valueEnd(Buffer.from([0xdd, 0x0f, 0x7f, 0x49, 0x00]), 0, LIMITS)).toThrow(
      /260000000 values/,
    );
    expect(() => valueEnd(Buffer.from([0xdf, 0xff, 0xff, 0xff, 0xff]), 0, LIMITS)).toThrow(/values/);
  });
});

test('a record of 3 MiB in blocks of 100 bytes is looked at once', async () => {
  const packed = packr.pack({ record: 'chunk', bytes: Buffer.alloc(3 * 1024 * 1024) });
  let looked = 0;
  const counted = new Proxy(packed, {
    get(target, key) {
      if (typeof key === 'string' && /^\d+$/.test(key)) looked++;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  expect(valueEnd(counted, 0, LIMITS)).toBe(packed.length);
  expect(looked).toBeLessThan(40);
  const records = await collect(recordsOf(inBlocks(packed, 100), 'some.vmt', 0));
  expect(records.map(({ bytes }) => Buffer.compare(bytes, packed))).toEqual([0]);
});
