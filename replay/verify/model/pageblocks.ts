/**
 * Migrate types of pageblocks, as far as a trace has told them. They decide to which list a freed page goes; the
 * type in mm_page_alloc is the one that was asked for, which is mostly but not always the same.
 */

import type { Draft } from '../../../core/machine/draft.ts';
import {
  MIGRATE_MOVABLE,
  MIGRATE_PCPTYPES,
  pageblockType,
  setPageblockType,
} from '../../../core/phys/migrate.ts';
import type { Zone } from '../../../core/phys/zones.ts';
import type { Pagetypeinfo } from '../../../traces/index.ts';

export class KnownPageblocks {
  private readonly draft: Draft;
  private readonly known = new Set<number>();

  constructor(draft: Draft) {
    this.draft = draft;
  }

  /** The type, undefined when nothing was seen of the pageblock yet. */
  typeOf(pfn: number): number | undefined {
    return this.known.has(this.blockOf(pfn)) ? pageblockType(this.draft, pfn) : undefined;
  }

  /** The type of the per-cpu list that a page is freed to: pageblocks set aside (HighAtomic, CMA) have no lists. */
  listTypeOf(pfn: number): number | undefined {
    const type = this.typeOf(pfn);
    return type !== undefined && type >= MIGRATE_PCPTYPES ? MIGRATE_MOVABLE : type;
  }

  /** True when that is news. */
  learn(pfn: number, type: number): boolean {
    const news = this.typeOf(pfn) !== type;
    this.known.add(this.blockOf(pfn));
    if (news) setPageblockType(this.draft, pfn, type);
    return news;
  }

  /** A zone whose pageblocks are all of one type. */
  learnZones(zones: readonly Zone[], { blocks }: Pagetypeinfo): void {
    const types = Object.keys(blocks[0]?.blocks ?? {});
    for (const { zone: name, blocks: counts } of blocks) {
      const present = types.filter((type) => counts[type]! > 0);
      const zone = zones.find((candidate) => candidate.name === name);
      if (present.length !== 1 || zone === undefined) continue;
      const end = zone.startPfn + zone.spannedPages;
      const step = 2 ** this.draft.platform.pageblockOrder;
      for (let pfn = zone.startPfn; pfn < end; pfn += step) this.learn(pfn, types.indexOf(present[0]!));
      this.learn(end - 1, types.indexOf(present[0]!));
    }
  }

  private blockOf(pfn: number): number {
    return pfn >>> this.draft.platform.pageblockOrder;
  }
}
