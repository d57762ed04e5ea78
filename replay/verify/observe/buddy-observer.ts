/**
 * Watches the buddy allocator: predicts each block that it gives by asking the simulated one, whose free lists are as
 * the trace has shown them, then takes over what the kernel did.
 */
import type { Zone } from '../../../core/phys/zones.ts';
import type { Pagetypeinfo } from '../../../traces/index.ts';
import type { Front, KnownBlocks } from '../model/known-blocks.ts';
import type { Moment } from '../model/moment.ts';
import type { Here } from '../score/here.ts';
import { hex } from '../score/here.ts';
import type { Scores } from '../score/rules.ts';

const UNSEEN = 'blocks of before the trace come first';
/** As pagetypeinfo names the types that have lists, by number. */
const TYPES = ['Unmovable', 'Movable', 'Reclaimable'];

/** What mm_page_alloc_extfrag says. */
interface Theft {
  readonly pfn: number;
  readonly order: number;
  readonly migratetype: number;
  readonly fallbackOrder: number;
  readonly fallbackMigratetype: number;
  readonly changeOwnership: number;
}

export class BuddyObserver {
  private readonly blocks: KnownBlocks;
  private readonly scores: Scores;
  private readonly zones: readonly Zone[];
  /** Zones and types of which blocks moved since a snapshot began to be read. */
  private readonly moved = new Set<string>();
  /** Zones in which nothing moved while the last snapshot was read. */
  private wasQuiet: ReadonlySet<Zone> = new Set();

  constructor(blocks: KnownBlocks, zones: readonly Zone[], scores: Scores) {
    this.blocks = blocks;
    this.zones = zones;
    this.scores = scores;
  }

  /** mm_page_alloc_zone_locked. */
  given(zone: Zone, pfn: number, order: number, migratetype: number, here: Here): void {
    this.moved.add(key(zone, migratetype));
    const front = this.blocks.front(zone, order, migratetype);
    if (typeof front === 'object' && front.pfn >= 0) this.compare(zone, pfn, order, migratetype, front, here);
    else {
      this.unpredicted(zone, pfn, front, migratetype, here);
      const atLeast = typeof front === 'object' ? front.order : order;
      this.blocks.take(zone, pfn, order, migratetype, migratetype, atLeast);
    }
    this.blocks.use(zone, pfn, order);
  }

  private compare(
    zone: Zone,
    pfn: number,
    order: number,
    migratetype: number,
    front: Front,
    here: Here,
  ): void {
    const predicted = this.blocks.predict(zone, order, migratetype);
    this.scores.check('buddy', predicted === pfn, here, () => ({
      expected: hex(predicted),
      because: `the first free block of order ${front.order}, and there is none between that and ${order}`,
      found: hex(pfn),
      known: '',
    }));
    if (predicted === pfn) return;
    this.blocks.putBack(zone, predicted, order, migratetype);
    this.blocks.take(zone, pfn, order, migratetype);
  }

  private unpredicted(
    zone: Zone,
    pfn: number,
    front: Front | string | undefined,
    migratetype: number,
    here: Here,
  ): void {
    if (typeof front === 'string') this.scores.unpredictable('buddy', front);
    else if (front !== undefined) {
      this.scores.unpredictable('buddy', UNSEEN);
      if (front.order > 0)
        this.scores.check('smallest-order', pfn % 2 ** front.order === 0, here, () => ({
          expected: `a multiple of 0x${(2 ** front.order).toString(16)}`,
          because: `order ${front.order} is the smallest that has free blocks of type ${migratetype} in ${zone.name}`,
          found: hex(pfn),
          known: '',
        }));
    } else
      this.scores.check('steal', false, here, () => ({
        expected: 'a block of another migrate type',
        because: `${zone.name} has no free block of type ${migratetype} left`,
        found: hex(pfn),
        known: '',
      }));
  }

  /** A block is in use, or on a list of a cpu. */
  inUse(zone: Zone, pfn: number, order: number): void {
    this.blocks.use(zone, pfn, order);
  }

  /** mm_page_alloc_extfrag; `twice`: mm_page_alloc_zone_locked named the same block. */
  stolen(zone: Zone, theft: Theft, twice: boolean, here: Here): void {
    const { pfn, order, migratetype, fallbackOrder, fallbackMigratetype, changeOwnership } = theft;
    for (const type of [migratetype, fallbackMigratetype]) this.moved.add(key(zone, type));
    if (twice) {
      // The free blocks of a pageblock changed their lists: which ones, nobody says.
      for (const type of [migratetype, fallbackMigratetype]) this.blocks.forgetCounts(zone, type);
      return;
    }
    this.scoreTheft(zone, theft, here);
    const restType = changeOwnership === 1 ? migratetype : fallbackMigratetype;
    this.blocks.take(zone, pfn, order, fallbackMigratetype, restType, fallbackOrder);
    this.blocks.use(zone, pfn, order);
  }

  private scoreTheft(zone: Zone, { order, migratetype, fallbackOrder }: Theft, here: Here): void {
    const front = this.blocks.front(zone, order, migratetype);
    if (typeof front === 'string') this.scores.unpredictable('steal', front);
    else {
      const largest = this.largestOther(zone, migratetype);
      this.scores.check('steal', front === undefined && largest === fallbackOrder, here, () => ({
        expected:
          front === undefined ? `a block of order ${largest}` : `a block of order ${front.order}, not stolen`,
        because: 'it is the largest of the other types',
        found: `one of order ${fallbackOrder}`,
        known: '',
      }));
    }
  }

  private largestOther(zone: Zone, migratetype: number): number {
    const has = (order: number): boolean =>
      TYPES.some((_, type) => type !== migratetype && this.blocks.length(zone, order, type) > 0);
    let order = 10;
    while (order > 0 && !has(order)) order--;
    return order;
  }

  /** A block came back; its pageblock is of this type, if that is known. */
  freed(zone: Zone, pfn: number, order: number, migratetype: number | undefined): void {
    if (migratetype === undefined || migratetype >= TYPES.length) {
      for (const type of TYPES.keys()) this.blocks.forgetCounts(zone, type);
      return;
    }
    this.moved.add(key(zone, migratetype));
    this.blocks.free(zone, pfn, order, migratetype);
  }

  /** Events are missing. */
  forget(): void {
    for (const zone of this.zones) for (const type of TYPES.keys()) this.blocks.forgetCounts(zone, type);
  }

  beginReading(): void {
    this.moved.clear();
  }

  /** Takes over the counts of pagetypeinfo; those of types that moved while it was read may be old. */
  endReading({ pagetypeinfo }: Moment, here: Here): void {
    this.takeCounts(pagetypeinfo, here);
    this.wasQuiet = new Set(this.zones.filter((zone) => this.isQuiet(zone)));
  }

  private takeCounts(pagetypeinfo: Pagetypeinfo | undefined, here: Here): void {
    for (const { zone: name, migrateType, freeBlocks } of pagetypeinfo?.free ?? []) {
      const zone = this.zones.find((candidate) => candidate.name === name);
      const type = TYPES.indexOf(migrateType);
      if (zone === undefined || type < 0 || this.moved.has(key(zone, type))) continue;
      this.scoreCounts(zone, type, freeBlocks, here);
      this.blocks.count(zone, type, freeBlocks);
    }
  }

  private isQuiet(zone: Zone): boolean {
    return ![...TYPES.keys()].some((type) => this.moved.has(key(zone, type)));
  }

  /** The counts of a zone are sure only if nothing moved in it while they were read, now and before. */
  private scoreCounts(zone: Zone, type: number, found: readonly number[], here: Here): void {
    if (!this.blocks.isCounted(zone, type)) return;
    if (!this.isQuiet(zone) || !this.wasQuiet.has(zone)) {
      this.scores.unpredictable('buddyinfo', 'the buddy allocator was at work while it was read');
      return;
    }
    const expected = found.map((_, order) => this.blocks.length(zone, order, type));
    if (!this.blocks.isSure(zone, type))
      this.scores.unpredictable('buddyinfo', 'a block may have merged with one of before the trace');
    else
      this.scores.check('buddyinfo', expected.join() === found.join(), here, () => ({
        expected: `${zone.name}, ${TYPES[type]}: ${expected.join(' ')}`,
        because: 'blocks given, broken up, freed and merged since it was read last',
        found: found.join(' '),
        known: '',
      }));
  }
}

function key(zone: Zone, migratetype: number): string {
  return `${zone.index}/${migratetype}`;
}
