/** The shape of the MMU, as the layout and the options make it. */
import { describe, expect, test } from 'vitest';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { mmuGeometry } from '../../../core/paging/geometry.ts';
import type { MmuOptions } from '../../../core/tlb/options.ts';

const geometry = (layout: string, options: Partial<MmuOptions> = {}) =>
  mmuGeometry(buildLayout(layout, { ramBytes: 256n << 20n }), options);

describe('the levels of a walk: table entries, pages under one entry, large pages', () => {
  test.each([
    [
      '3g1g',
      [
        [1024, 1024, true],
        [1024, 1, false],
      ],
    ],
    [
      'linux-3g1g-pae',
      [
        [4, 2 ** 18, false],
        [512, 512, true],
        [512, 1, false],
      ],
    ],
    [
      'linux-x86_64',
      [
        [512, 2 ** 27, false],
        [512, 2 ** 18, true],
        [512, 512, true],
        [512, 1, false],
      ],
    ],
    [
      'linux-x86_64-la57',
      [
        [512, 2 ** 36, false],
        [512, 2 ** 27, false],
        [512, 2 ** 18, true],
        [512, 512, true],
        [512, 1, false],
      ],
    ],
  ] as [string, [number, number, boolean][]][])('%s', (name, levels) => {
    expect(geometry(name).levels.map(({ mask, span, mayBeLarge }) => [mask + 1, span, mayBeLarge])).toEqual(
      levels,
    );
  });
});

test('PCID is for 64 bits, unless one says otherwise', () => {
  expect([geometry('3g1g').pcid, geometry('linux-x86_64').pcid]).toEqual([false, true]);
  expect(geometry('linux-x86_64', { pcid: false }).pcid).toBe(false);
});

test.each([
  [{ sets: 1, ways: 1 }, true],
  [{ sets: 65_536, ways: 1024 }, true],
  [{ sets: 0, ways: 4 }, false],
  [{ sets: 12, ways: 4 }, false],
  [{ sets: 131_072, ways: 4 }, false],
  [{ sets: 16, ways: 0 }, true],
  [{ sets: 16, ways: -1 }, false],
  [{ sets: 16, ways: 1025 }, false],
  [{ sets: 16, ways: 1.5 }, false],
  [{ sets: 0.5, ways: 4 }, false],
])('a TLB of %o is allowed: %s', (l2, allowed) => {
  const build = () => geometry('3g1g', { l2 });
  if (allowed) expect(build().l2).toEqual(l2);
  else expect(build).toThrow(/^TLB l2: \S+ sets of \S+ ways; expected a power of two up to 65536 sets/);
});
