/** Cells of a map of frames in rows: every cell is in one zone, and is found where it is drawn. */
import { expect, test } from 'vitest';
import {
  cellAtPlace,
  cellOf,
  cellsFor,
  framesOf,
  gridsOf,
  roomOf,
} from '../../../replay/page/browser/ui/memory/grid.ts';
import { physicalMapOf } from '../../../replay/page/models/physical.ts';
import { machineOf } from '../../support/rows.ts';

const machine = machineOf('linux-3g1g', 1024);
const room = roomOf(600, 900, 2);

const VIEWS = [
  ['all of it', {}],
  ['a part across zones', { firstPfn: 0x36000, endPfn: 0x38000 }],
  ['a part that begins within a cell', { firstPfn: 1001, endPfn: 20_001 }],
  ['single frames', { firstPfn: 0x1000, endPfn: 0x1200 }],
] as const;

test.each(VIEWS)('%s', (_name, view) => {
  const map = physicalMapOf(machine, { colourBy: 'use', cells: cellsFor(room), ...view });
  const grids = gridsOf(map, room);
  expect(grids[0]!.first).toBe(0);
  expect(grids.at(-1)!.end).toBe(map.classOf.length);
  for (const [i, grid] of grids.entries()) {
    if (i > 0) expect(grid.first).toBe(grids[i - 1]!.end);
    for (const cell of [grid.first, grid.end - 1]) {
      const [first, end] = framesOf(map, cell);
      expect([cellOf(map, first), cellOf(map, end - 1)]).toEqual([cell, cell]);
      const at = cell - grid.first;
      const x = ((at % grid.columns) + 0.5) * grid.cellPx;
      const y = (Math.floor(at / grid.columns) + 0.5) * grid.cellPx;
      expect(cellAtPlace(grid, x, y)).toBe(cell);
    }
    expect(cellAtPlace(grid, grid.columns * grid.cellPx + 1, 1)).toBeUndefined();
  }
});

test('frames out of view have no cell', () => {
  const map = physicalMapOf(machine, { colourBy: 'use', cells: 100, firstPfn: 100, endPfn: 200 });
  expect([cellOf(map, 99), cellOf(map, 200)]).toEqual([undefined, undefined]);
});

test('the lanes of a page share the height of its window', () => {
  expect(roomOf(600, 1000, 3).height).toBe(200);
  expect(roomOf(600, 300, 6).height, 'but not to nothing').toBe(110);
});
