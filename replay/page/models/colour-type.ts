/** Frames by the migrate type of their pageblock, free or not: whether large blocks can come about again. */
import type { Machine } from '../../../core/machine/machine.ts';
import { USE_FREE, USE_NONE } from '../../../core/phys/frames.ts';
import { migrateTypes } from '../../views/free-counts.ts';
import type { CellCounts } from './cells.ts';
import { ASK, classByUse, forEachRun } from './frame-runs.ts';

/** Of each type two classes: in use, and free; then what is no RAM. */
export function typeClasses(machine: Machine): string[] {
  return [...migrateTypes(machine).flatMap((type) => [`${type}, in use`, `${type}, free`]), 'no RAM'];
}

const IN_USE = 0;
const FREE = 1;
const HOLE = 2;
const CLASSES = classByUse({ [USE_FREE]: FREE, [USE_NONE]: HOLE }, IN_USE);

export function paintTypes(machine: Machine, cells: CellCounts): void {
  const { pageblocks, platform } = machine;
  const { pageblockOrder } = platform;
  const noRam = typeClasses(machine).length - 1;
  const nothing = (): number => ASK;
  forEachRun(machine, cells.first, cells.end, CLASSES, nothing, (start, end, cls) => {
    if (cls === HOLE) cells.add(start, end, noRam);
    else
      for (let from = start; from < end; ) {
        const pageblock = from >>> pageblockOrder;
        const next = Math.min((pageblock + 1) << pageblockOrder, end);
        cells.add(from, next, 2 * pageblocks.get(pageblock, 0) + cls);
        from = next;
      }
  });
}
