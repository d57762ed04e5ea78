/** One scale for several address spaces. */
import { expect, test } from 'vitest';
import { addressSpaceOf } from '../../../../replay/page/models/address-space.ts';
import { commonRanges } from '../../../../replay/page/models/common-scale.ts';
import { scaleOf } from '../../../../replay/page/models/scale.ts';
import { access, machineOf, mmap, PAGE, RUNNING, Session, vmalloc } from '../../../support/rows.ts';

test('cut wherever something begins or ends in one of them', () => {
  const one = [
    { start: 0n, end: 30n, pieces: [{ start: 5n, end: 10n }] },
    { start: 30n, end: 40n, isHole: true },
  ];
  const other = [
    { start: 0n, end: 20n, pieces: [{ start: 8n, end: 12n }] },
    { start: 20n, end: 40n, isHole: true },
  ];
  expect(commonRanges([one, other])).toEqual([
    {
      ...{ start: 0n, end: 20n, isHole: false },
      pieces: [
        { start: 5n, end: 8n },
        { start: 8n, end: 10n },
        { start: 10n, end: 12n },
      ],
    },
    { start: 20n, end: 30n, isHole: false, pieces: [] },
    { start: 30n, end: 40n, isHole: true, pieces: [] },
  ]);
});

test('of one space it is what that space is', () => {
  const { regions } = addressSpaceOf(machineOf('linux-3g1g', 512));
  expect(scaleOf(commonRanges([regions]))).toEqual(scaleOf(regions));
});

test('every edge of every space is a cut, and all addresses are there', () => {
  const spaces = ['linux-3g1g', 'linux-2g2g', 'linux-arm-3g1g'].map((name) => {
    const session = new Session(machineOf(name, 512));
    session.given(...RUNNING, mmap(1, 8 * PAGE), access(1, 0, 8), vmalloc(2, 3 * PAGE));
    return addressSpaceOf(session.machine);
  });
  const { cuts } = scaleOf(commonRanges(spaces.map(({ regions }) => regions)));
  expect([cuts[0], cuts.at(-1)]).toEqual([0n, 1n << 32n]);
  const known = new Set(cuts);
  for (const { regions } of spaces)
    for (const { start, pieces } of regions)
      for (const edge of [start, ...pieces.flatMap((piece) => [piece.start, piece.end])])
        expect(known.has(edge)).toBe(true);
});
