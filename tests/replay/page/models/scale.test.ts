/** The scale of addresses: its laws over any cuts, and what it promises of sizes. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { layoutNames } from '../../../../core/layout/catalog/index.ts';
import { addressSpaceOf } from '../../../../replay/page/models/address-space.ts';
import {
  addressAt,
  positionOf,
  type Scale,
  type ScaledRange,
  scaleOf,
} from '../../../../replay/page/models/scale.ts';
import { machineOf } from '../../../support/rows.ts';

const KIB = 1n << 10n;
const TIB = 1n << 40n;

/** Ranges that follow one another, some with pieces in them. */
const ranges: fc.Arbitrary<ScaledRange[]> = fc
  .array(
    fc.record({
      bytes: fc.oneof(fc.bigInt(1n, 1n << 14n), fc.bigInt(1n, 1n << 62n)),
      isHole: fc.boolean(),
      edges: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 }),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => {
    let start = 0n;
    return parts.map(({ bytes, isHole, edges }) => {
      const range = { start, end: start + bytes, isHole, pieces: piecesAt(start, bytes, edges) };
      start += bytes;
      return range;
    });
  });

function piecesAt(start: bigint, bytes: bigint, edges: readonly number[]): { start: bigint; end: bigint }[] {
  const cuts = edges.map((edge) => start + BigInt(Math.floor(Number(bytes - 1n) * edge)));
  const ascending = [...new Set(cuts)].filter((cut) => cut < start + bytes).sort((a, b) => (a < b ? -1 : 1));
  return ascending.flatMap((from, i) =>
    i % 2 === 0 && i + 1 < ascending.length ? [{ start: from, end: ascending[i + 1]! }] : [],
  );
}

const rule = fc.constantFrom('log' as const, 'size' as const);

function shareOf(scale: Scale, start: bigint, end: bigint): number {
  return positionOf(scale, end) - positionOf(scale, start);
}

describe('laws', () => {
  test('cuts and positions ascend, from 0 to 1, over all ranges', () => {
    fc.assert(
      fc.property(ranges, rule, (of, rule) => {
        const { cuts, positions } = scaleOf(of, { rule });
        expect([cuts[0], cuts.at(-1)]).toEqual([of[0]!.start, of.at(-1)!.end]);
        expect([positions[0], positions.at(-1)]).toEqual([0, 1]);
        for (let i = 1; i < cuts.length; i++) {
          expect(cuts[i]! > cuts[i - 1]!).toBe(true);
          expect(positions[i]!).toBeGreaterThanOrEqual(positions[i - 1]!);
        }
      }),
    );
  });

  test('a higher address never lies lower', () => {
    fc.assert(
      fc.property(ranges, rule, fc.bigInt(0n, 1n << 65n), fc.bigInt(0n, 1n << 65n), (of, rule, a, b) => {
        const scale = scaleOf(of, { rule });
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(positionOf(scale, low)).toBeLessThanOrEqual(positionOf(scale, high));
      }),
    );
  });

  test('an address comes back from its position, as near as a double tells', () => {
    fc.assert(
      fc.property(ranges, fc.double({ min: 0, max: 1, noNaN: true }), (of, where) => {
        const scale = scaleOf(of);
        const end = of.at(-1)!.end;
        const address = BigInt(Math.floor(Number(end) * where));
        fc.pre(address < end);
        const back = addressAt(scale, positionOf(scale, address));
        const off = back > address ? back - address : address - back;
        // Of the part that it lies in, which has at least a thousandth of the scale.
        expect(Number(off)).toBeLessThanOrEqual(1 + Number(end) * 2 ** -40);
      }),
    );
  });

  test('a position comes back from its address, where a part has addresses enough', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (position) => {
        const scale = scaleOf([{ start: 0n, end: 1n << 40n }]);
        expect(positionOf(scale, addressAt(scale, position))).toBeCloseTo(position, 9);
      }),
    );
  });

  test('where something begins the scale is exact', () => {
    fc.assert(
      fc.property(ranges, (of) => {
        const scale = scaleOf(of);
        for (const { start, pieces = [] } of of)
          for (const edge of [start, ...pieces.map((piece) => piece.start)])
            expect(scale.cuts).toContain(edge);
      }),
    );
  });
});

test('by log a page weighs 1, and each doubling 1 more', () => {
  const of = [
    { start: 0n, end: 4n * KIB },
    { start: 4n * KIB, end: 12n * KIB },
    { start: 12n * KIB, end: 12n * KIB + 128n * TIB },
  ];
  const { positions } = scaleOf(of);
  expect(positions).toEqual([0, 1 / 39, 3 / 39, 1]);
  expect(scaleOf([of[0]!, { ...of[1]!, isHole: true }]).positions, 'nothing: a quarter').toEqual([
    0,
    2 / 3,
    1,
  ]);
});

test('by size a byte is a byte', () => {
  const of = [
    { start: 0n, end: 3n << 30n },
    { start: 3n << 30n, end: 4n << 30n },
  ];
  expect(scaleOf(of, { rule: 'size' }).positions).toEqual([0, 0.75, 1]);
});

test('what lies in a region divides its share and takes nothing from its neighbours', () => {
  const user = { start: 0n, end: 3n << 30n };
  const kernel = { start: 3n << 30n, end: 4n << 30n };
  const pieces = Array.from({ length: 1000 }, (_, i) => {
    const start = kernel.start + BigInt(i) * 8n * KIB;
    return { start, end: start + 4n * KIB };
  });
  const full = scaleOf([user, { ...kernel, pieces }]);
  expect(positionOf(full, kernel.start)).toBe(positionOf(scaleOf([user, kernel]), kernel.start));
});

test('a view is what it shows and no more', () => {
  const of = [
    { start: 0n, end: 1000n * KIB },
    { start: 1000n * KIB, end: 2000n * KIB },
  ];
  const view = { start: 900n * KIB, end: 1004n * KIB };
  const { cuts, positions } = scaleOf(of, { view });
  expect(cuts).toEqual([900n * KIB, 1000n * KIB, 1004n * KIB]);
  expect(positions[1]).toBeCloseTo((1 + Math.log2(25)) / (2 + Math.log2(25)));
});

test.each(layoutNames().map(({ name }) => name))('%s: every region can be seen', (name) => {
  const { regions, pageBytes } = addressSpaceOf(machineOf(name, 512));
  const scale = scaleOf(regions, { pageBytes });
  for (const { start, end, isHole } of regions)
    expect(shareOf(scale, start, end)).toBeGreaterThan(isHole ? 0.001 : 0.002);
});
