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
  const common = { physical: undefined, object: 9, kind: 'vmalloc' };
  expect(vmallocAreas(session.machine)).toEqual([
    { ...common, start, end: start + 0x3000n, sizeBytes: 12288, nrPages: 2 },
    {
      kind: 'ioremap',
      start: start + 0x3000n,
      end: start + 0x5000n,
      sizeBytes: 8192,
      nrPages: 0,
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
