/** The free lists of a zone as a question tells them: blocks of each order, the one that is taken next first. */
import type { Machine } from '../../../core/machine/machine.ts';
import { FRAME } from '../../../core/phys/frames.ts';
import { headOf } from '../../../core/phys/free-lists.ts';

/** By order: the first frame of each block. */
export function freeListsOf(machine: Machine, zone: number, migrateType: number): number[][] {
  return Array.from({ length: machine.platform.maxOrder }, (_, order) => {
    const blocks: number[] = [];
    for (
      let pfn = headOf(machine, zone, order, migrateType);
      pfn >= 0;
      pfn = machine.frames.get(pfn, FRAME.next) - 1
    )
      blocks.push(pfn);
    return blocks;
  });
}
