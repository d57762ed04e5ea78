/** Areas that a kernel had in its vmalloc window when a trace began. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootMachine, machineFromBytes } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import type { KernelArea } from '../../../core/kmap/kernel-areas.ts';
import { vmallocAreas } from '../../../core/kmap/list-areas.ts';
import { buildLayout, type Layout } from '../../../core/layout/catalog/index.ts';
import { machineBytes } from '../../../core/machine/codec.ts';
import { vmallocinfo } from '../../../replay/views/vmallocinfo.ts';
import { initialAreas, initialStateFrom } from '../../../traces/index.ts';
import { atDepth } from '../../support/depth.ts';
import { Session, vmalloc } from '../../support/rows.ts';

const layout = buildLayout('linux-3g1g');
const START = layout.vmalloc.start;
const area = (page: number, pages: number): KernelArea => ({
  kind: 'vmalloc',
  start: START + BigInt(page) * 4096n,
  end: START + BigInt(page + pages) * 4096n,
  nrPages: pages - 1,
  caller: 'n_tty_open+0x11/0x80',
});
const windowPages = Number((layout.vmalloc.end - START) / 4096n);

/** Areas that do not overlap, in any order. */
const AREAS = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 2, max: 600 })), { maxLength: 30 })
  .map((pairs) => {
    let at = 0;
    return pairs.map(([gap, pages]) => {
      const one = area(at + gap, pages);
      at += gap + pages;
      return one;
    });
  });

const placesOf = (given: readonly KernelArea[], under: Layout) =>
  vmallocAreas(bootMachine(under, { vmallocAreas: given })).map(({ start, end }) => [start, end]);

describe('under their own layout', () => {
  test('they lie where they lay, the machine is sound, and survives as bytes', () => {
    fc.assert(
      fc.property(AREAS, (areas) => {
        const machine = bootMachine(layout, { vmallocAreas: areas });
        expect(vmallocAreas(machine).map(({ start, end }) => [start, end])).toEqual(
          areas.map(({ start, end }) => [start, end]),
        );
        expect(checkMachine(machine)).toEqual([]);
        expect(placesOf(areas, layout)).toEqual(
          vmallocAreas(machineFromBytes(machineBytes(machine))).map(({ start, end }) => [start, end]),
        );
      }),
      { numRuns: atDepth({ quick: 7, full: 20 }) },
    );
  });

  test('what is allocated goes around them', () => {
    const machine = bootMachine(layout, { vmallocAreas: [area(0, 3), area(5, 1000)] });
    const session = new Session(machine).given(vmalloc(1, 4096), vmalloc(2, 8192));
    const places = vmallocAreas(session.machine).filter(({ object }) => object !== undefined);
    expect(places.map(({ start }) => Number((start - START) / 4096n))).toEqual([3, 1005]);
    expect(checkMachine(session.machine)).toEqual([]);
  });

  test('and are listed with who asked for them', () => {
    const machine = bootMachine(layout, { vmallocAreas: [area(2, 5)] });
    expect(vmallocinfo.text(machine)).toMatch(/ 20480 n_tty_open\+0x11\/0x80 pages=4 vmalloc\n/);
  });
});

test('in another window they take the lowest holes, and one that is too small is refused', () => {
  const other = buildLayout('linux-x86_64');
  const areas = [area(10, 20), area(100, 30)];
  const start = other.vmalloc.start;
  expect(placesOf(areas, other)).toEqual([
    [start, start + 20n * 4096n],
    [start + 20n * 4096n, start + 50n * 4096n],
  ]);
  const tight = buildLayout('linux-3g1g', { ramBytes: 4n << 30n, vmallocBytes: 1 << 20 });
  expect(() => bootMachine(tight, { vmallocAreas: [area(0, windowPages)] })).toThrow(
    /has no room for an area/,
  );
});

test('/proc/vmallocinfo of a snapshot: what has addresses and is in use', () => {
  const report = (name: string, text: string) => ({
    label: undefined,
    name,
    text,
    place: { file: name, firstLine: 1 },
  });
  const zoneinfo =
    'Node 0, zone      DMA\n  pages free     10\n        min      1\n        low      2\n        high     3\n        spanned  4095\n' +
    '        present  3998\n        managed  3977\n        protection: (0)\n  pagesets\n    cpu: 0\n              count: 0\n' +
    '              high:  0\n              batch: 1\n  node_unreclaimable:  0\n  start_pfn:           1\n';
  const state = initialStateFrom(
    [
      report('zoneinfo', zoneinfo),
      report(
        'buddyinfo',
        'Node 0, zone      DMA      0      1      0      0      0      0      0      0      0      0      0 \n',
      ),
      report(
        'vmallocinfo',
        '0xf7bfe000-0xf7c00000    8192 hpet_enable+0x2f/0x26b phys=fed00000 ioremap\n0xf7c00000-0xf7c05000   20480 unpurged vm_area\n' +
          '0x(ptrval)-0x(ptrval)   20480 n_tty_open+0x11/0x80 pages=4 vmalloc\n',
      ),
    ],
    'snapshot',
  );
  expect(initialAreas(state)).toEqual([
    {
      kind: 'ioremap',
      start: 0xf7bfe000n,
      end: 0xf7c00000n,
      nrPages: 0,
      physical: 0xfed00000n,
      caller: 'hpet_enable+0x2f/0x26b',
    },
  ]);
});
