/**
 * The law of the books: what a zone has free changes by what the buddy allocator gives and gets, and by nothing else.
 *
 *   free pages = + drains + frees without per-cpu list - mm_page_alloc_zone_locked - mm_page_alloc_extfrag
 *
 * where a block that extfrag and zone_locked both name counts once; pages that are handed to a zone late
 * (`managed` grows) come on top.
 */
import type { Zone } from '../../../core/phys/zones.ts';
import { pagesOfBlocks } from '../../../traces/index.ts';
import { type Here, hex } from '../score/here.ts';
import type { Scores } from '../score/rules.ts';
import type { Moment } from './moment.ts';
import type { PcpCount } from './pcp-model.ts';
import { ReadFigure } from './range.ts';

/** What one moment tells of the time since the one before. */
export interface Phase {
  readonly label: string;
  /** By zone: change of free pages between this moment and the one before, as the events have it and as it was read. */
  readonly zones: readonly {
    readonly zone: string;
    readonly expected: string;
    readonly found: number;
    readonly agrees: boolean;
  }[];
  readonly pcp: readonly PcpCount[];
}

interface Book {
  readonly zone: Zone;
  readonly free: ReadFigure;
  lastRead: number;
  managed: number;
}

export class Accounting {
  private readonly books: Book[];
  private readonly scores: Scores;

  constructor(zones: readonly Zone[], scores: Scores) {
    this.books = zones.map((zone) => ({
      zone,
      free: new ReadFigure(),
      lastRead: Number.NaN,
      managed: zone.managedPages,
    }));
    this.scores = scores;
  }

  /** The buddy allocator got (or gave, negative) so many pages. */
  add(zone: Zone, pages: number): void {
    this.books[zone.index]!.free.add(pages);
  }

  /** An allocation that prefers one zone has got a page of another or the same: while pages are plenty, the same. */
  gave(preferred: Zone, from: Zone, pfn: number, order: number, here: Here): void {
    const free = this.freeIn(preferred);
    const spare = free - preferred.low - 2 ** order;
    if (Number.isNaN(spare)) this.scores.unpredictable('zone', 'free pages of the zone not known');
    else if (spare <= 0) this.scores.unpredictable('zone', 'near the low mark of the zone');
    else
      this.scores.check('zone', from === preferred, here, () => ({
        expected: `a page of ${preferred.name}`,
        because: `${free} pages are free, and its low mark is ${preferred.low}`,
        found: `${hex(pfn)}, of ${from.name}`,
        known: '',
      }));
  }

  /** Pages that are surely free in a zone, NaN when that is not known. */
  private freeIn(zone: Zone): number {
    return this.books[zone.index]!.free.value.low;
  }

  /** Some events are missing. */
  forget(): void {
    for (const { free } of this.books) free.forget();
  }

  beginReading(): void {
    for (const { free } of this.books) free.beginReading();
  }

  /** The zones whose free pages were known at the moment before. */
  endReading(moment: Moment, here: Here): Phase['zones'] {
    if (moment.buddyinfo === undefined) return [];
    return this.books.flatMap((book) => this.read(book, moment, here) ?? []);
  }

  private read(book: Book, { buddyinfo, zoneinfo }: Moment, here: Here): Phase['zones'][number] | undefined {
    const { zone, free, lastRead } = book;
    const blocks = buddyinfo?.find((candidate) => candidate.zone === zone.name)?.freeBlocks;
    if (blocks === undefined) return undefined;
    const managed = zoneinfo?.find((candidate) => candidate.zone === zone.name)?.managed ?? book.managed;
    free.correct(managed - book.managed);
    book.managed = managed;
    const found = pagesOfBlocks(blocks);
    book.lastRead = found;
    const wasKnown = free.isKnown;
    const expected = free.endReading(found);
    if (!wasKnown) return undefined;
    const agrees = expected.has(found);
    const change = { expected: changeOf(expected.low, expected.high, lastRead), found: found - lastRead };
    if (!expected.isExact)
      this.scores.unpredictable('accounting', 'the buddy allocator was at work while buddyinfo was read');
    else
      this.scores.check('accounting', agrees, here, () => ({
        expected: `${zone.name}: ${change.expected} pages`,
        because: 'drains and direct frees less what the buddy allocator gave',
        found: `${change.found} pages`,
        known: '',
      }));
    return { zone: zone.name, ...change, agrees };
  }
}

function changeOf(low: number, high: number, lastRead: number): string {
  return low === high ? String(low - lastRead) : `${low - lastRead} to ${high - lastRead}`;
}
