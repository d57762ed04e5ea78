/**
 * Frames by age, as far as a kernel knows it: where on the lists of reclaim a page stands. Pages join at the front, and
 * those at the back of the inactive lists are the next to go. A machine that does not reclaim keeps no lists.
 */
import type { Machine } from '../../../core/machine/machine.ts';
import { isInactive, LRU_LISTS, lruList } from '../../../core/pages/lru.ts';
import { FRAME, USE_FREE, USE_NONE, USE_PCP } from '../../../core/phys/frames.ts';
import type { CellCounts } from './cells.ts';
import { ASK, classByUse, forEachRun } from './frame-runs.ts';

export const AGE_CLASSES = [
  'free',
  'active, newer half',
  'active, older half',
  'inactive, newer half',
  'inactive, older half: next to go',
  'never reclaimed',
  'no RAM',
] as const;

const FREE = 0;
const ACTIVE = 1;
const INACTIVE = 3;
const NEVER = 5;
const NO_RAM = 6;

const CLASSES = classByUse({ [USE_FREE]: FREE, [USE_PCP]: FREE, [USE_NONE]: NO_RAM }, NEVER);

export function paintAges(machine: Machine, cells: CellCounts): void {
  const nothing = (): number => ASK;
  forEachRun(machine, cells.first, cells.end, CLASSES, nothing, (from, to, cls) => cells.add(from, to, cls));
  for (const list of LRU_LISTS) {
    const pfns = lruList(machine, list);
    const newest = isInactive(list) ? INACTIVE : ACTIVE;
    pfns.forEach((pfn, i) => {
      const cls = newest + (2 * i < pfns.length ? 0 : 1);
      cells.move(pfn, 2 ** machine.frames.get(pfn, FRAME.order), NEVER, cls);
    });
  }
}
