/** Free blocks that may have merged with a buddy of unknown state, so that they may be part of larger ones. */

import type { Draft } from '../../../core/machine/draft.ts';
import { FRAME, FRAME_MIGRATE_TYPE } from '../../../core/phys/frames.ts';
import { MIGRATE_PCPTYPES } from '../../../core/phys/migrate.ts';
import { MAX_ORDER, type Zone } from '../../../core/phys/zones.ts';

export class DoubtfulBlocks {
  private readonly draft: Draft;
  /** By first frame: the cell of `counts` that counts it. */
  private readonly blocks = new Map<number, number>();
  /** By zone, migrate type and order. */
  private readonly counts: number[] = [];

  constructor(draft: Draft) {
    this.draft = draft;
  }

  add(zone: Zone, pfn: number): void {
    this.delete(pfn);
    const { frames } = this.draft;
    const cell = cellOf(zone, frames.get(pfn, FRAME_MIGRATE_TYPE), frames.get(pfn, FRAME.order));
    this.blocks.set(pfn, cell);
    this.counts[cell] = (this.counts[cell] ?? 0) + 1;
  }

  delete(pfn: number): void {
    const cell = this.blocks.get(pfn);
    if (cell === undefined) return;
    this.blocks.delete(pfn);
    this.counts[cell]!--;
  }

  includes(pfn: number): boolean {
    return this.blocks.has(pfn);
  }

  /** Whether there are any below an order. */
  has(zone: Zone, migratetype: number, below: number): boolean {
    for (let order = 0; order < below; order++)
      if (this.counts[cellOf(zone, migratetype, order)]) return true;
    return false;
  }

  of(zone: Zone, migratetype: number): number[] {
    const first = cellOf(zone, migratetype, 0);
    return [...this.blocks]
      .filter(([, cell]) => cell >= first && cell < first + MAX_ORDER)
      .map(([pfn]) => pfn);
  }
}

function cellOf(zone: Zone, migratetype: number, order: number): number {
  return (zone.index * MIGRATE_PCPTYPES + migratetype) * MAX_ORDER + order;
}
