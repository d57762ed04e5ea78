/** The list of areas: what /proc/vmallocinfo shows. */
import { expect, test } from 'vitest';
import { vmallocAreas } from '../../../core/index.ts';
import { ioremap, MIB, PAGE, sessionOf } from '../../support/rows.ts';

test.each([
  ['linux-3g1g', 0xf7ffe000n - 0x800000n],
  ['linux-x86_64', 0xffffc90000000000n],
])('areas ascend, each with its guard page: %s', (layout, start) => {
  const session = sessionOf(layout, 1024).given(
    { kind: 'vmalloc', object: 9, size: 2 * PAGE },
    ioremap(5, 4096, 0xfee00),
    { kind: 'vmalloc', object: 7, size: MIB },
  );
  const common = { physical: undefined, object: 9, kind: 'vmalloc', vpages: false };
  expect(vmallocAreas(session.machine)).toEqual([
    { ...common, start, end: start + 0x3000n, sizeBytes: 12288, nrPages: 2 },
    {
      kind: 'ioremap',
      start: start + 0x3000n,
      end: start + 0x5000n,
      sizeBytes: 8192,
      nrPages: 0,
      vpages: false,
      physical: 0xfee00000n,
      object: 5,
    },
    {
      ...common,
      object: 7,
      start: start + 0x5000n,
      end: start + 0x106000n,
      sizeBytes: 1052672,
      nrPages: 256,
    },
  ]);
});

test('of more pages than a page of pointers names, the array has an area too, and so on', () => {
  const session = sessionOf('linux-x86_64', 1024).given({ kind: 'vmalloc', object: 7, size: 4 * MIB });
  const areas = vmallocAreas(session.machine).map(({ nrPages, vpages, object }) => ({
    nrPages,
    vpages,
    object,
  }));
  expect(areas).toEqual([
    { nrPages: 1024, vpages: true, object: 7 },
    { nrPages: 2, vpages: false, object: 7 },
  ]);
});
