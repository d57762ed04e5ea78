/** Page frames that follow one another and are of one class, as fast as the table of frames can be read. */
import type { Machine } from '../../../core/machine/machine.ts';
import { blockWith, FRAME, USE_NAMES, USE_NONE } from '../../../core/phys/frames.ts';
import type { Cells } from '../../../core/state/table.ts';

/** What class a block of frames is of, by its use; ASK: its row has to be looked at. */
export type ClassByUse = readonly number[];

export const ASK = -1;

/** A table of classes: `given` by use, and one for all others. That of USE_NONE is of frames that are in no block. */
export function classByUse(given: Readonly<Record<number, number>>, others: number): ClassByUse {
  return USE_NAMES.map((_, use) => given[use] ?? others);
}

/**
 * Every frame of [first, end) once, ascending, as runs [from, to) of a class. `ask` is given the first cell of the row
 * that tells of a block: `leaf[at + FRAME.owner]` and so on.
 */
export function forEachRun(
  { frames }: Machine,
  first: number,
  end: number,
  classes: ClassByUse,
  ask: (leaf: Cells, at: number) => number,
  visit: (from: number, to: number, cls: number) => void,
): void {
  const { leafBits, stride } = frames.shape;
  const mask = (1 << leafBits) - 1;
  let run = ASK;
  let from = first;
  for (let block = blockWith(frames, first) ?? first; block < end; ) {
    const leaf = frames.leafAt(block);
    const leafEnd = block - (block & mask) + mask + 1;
    while (block < leafEnd && block < end) {
      const at = (block & mask) * stride;
      const use = leaf[at + FRAME.use]!;
      const known = classes[use]!;
      const cls = known === ASK ? ask(leaf, at) : known;
      if (cls !== run) {
        if (block > from) visit(from, block, run);
        if (block > first) from = block;
        run = cls;
      }
      block = use === USE_NONE ? frames.nextUsed(block, end) : block + (1 << leaf[at + FRAME.order]!);
    }
  }
  if (from < end) visit(from, end, run);
}
