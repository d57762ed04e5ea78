/** What part of a scale is shown: zooming keeps what is under the pointer, and time travel keeps the addresses. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  around,
  held,
  type Lens,
  lensOn,
  moved,
  WHOLE,
  yOf,
  zoomed,
} from '../../../replay/page/browser/ui/spaces/lens.ts';
import { scaleOf } from '../../../replay/page/models/scale.ts';

const GIB = 1n << 30n;
const empty = scaleOf([
  { start: 0n, end: 3n * GIB },
  { start: 3n * GIB, end: 4n * GIB },
]);
/** The same with something in it. */
const full = scaleOf([
  { start: 0n, end: 3n * GIB, pieces: [{ start: GIB, end: GIB + 4096n }] },
  { start: 3n * GIB, end: 4n * GIB },
]);

const lenses: fc.Arbitrary<Lens> = fc
  .tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0.001, max: 1, noNaN: true }))
  .map(([start, span]) => ({ from: start * (1 - span), to: start * (1 - span) + span }));

test('zooming and moving stay within the scale', () => {
  fc.assert(
    fc.property(
      lenses,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0.01, max: 100, noNaN: true }),
      fc.double({ min: -2, max: 2, noNaN: true }),
      (lens, where, factor, by) => {
        const centre = lens.from + (lens.to - lens.from) * where;
        for (const { from, to } of [zoomed(lens, centre, factor), moved(lens, by)]) {
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeLessThanOrEqual(1 + 1e-12);
          expect(to).toBeGreaterThan(from);
        }
      },
    ),
  );
});

test('what is under the pointer stays there, unless the end of the scale is reached', () => {
  const lens = { from: 0.4, to: 0.6 };
  const { from, to } = zoomed(lens, 0.45, 0.5);
  expect((0.45 - from) / (to - from)).toBeCloseTo((0.45 - lens.from) / (lens.to - lens.from));
});

test('higher addresses are above', () => {
  expect([yOf(empty, WHOLE, 100, 0n), yOf(empty, WHOLE, 100, 4n * GIB)]).toEqual([100, 0]);
});

test('a range is shown whole, with something around it', () => {
  const lens = around(empty, 3n * GIB, 4n * GIB);
  expect(yOf(empty, lens, 100, 3n * GIB)).toBeLessThan(100);
  expect(yOf(empty, lens, 100, 3n * GIB)).toBeGreaterThan(85);
});

test('on another scale a lens shows the same addresses', () => {
  const kept = held(empty, around(empty, 3n * GIB, 4n * GIB));
  const lens = lensOn(full, kept);
  for (const address of [kept.start, kept.end])
    expect(yOf(full, lens, 100, address)).toBeCloseTo(yOf(empty, kept.lens, 100, address), 3);
  expect(lensOn(full, held(empty, WHOLE)), 'all is all').toBe(WHOLE);
});
