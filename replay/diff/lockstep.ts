/**
 * The same events under several layouts, compared event by event.
 *
 * An event differs when its status, the type of address it gave, or the fault it took is not the same in all
 * lanes. One that differs only because an earlier one did (it uses an object that some lane could not allocate)
 * is a consequence: counted, but not shown. Where an address was found (TLB level) differs nearly always, and
 * has a counter of its own; times are compared by the clocks at the end only.
 *
 * Whole columns are compared at once, then a word, that is four events, at a time; only words that differ are
 * looked into.
 */
import type { Batch } from '../../core/event/batch.ts';
import { KIND_NAMES, type KindName } from '../../core/event/kinds.ts';
import { EXISTS, NO_OBJECT, NO_PROCESS, type Outcomes, TLB_MASK } from '../../core/outcome/outcome.ts';
import { FOUR_ACCESSES, wordsOf } from '../lane/columns.ts';
import type { Step } from '../lane/lane.ts';
import { CREATES, subjectOf } from '../lane/tally.ts';
import { Rewind } from '../seek/rewind.ts';
import {
  type Category,
  categoryOf,
  type Difference,
  explainDifference,
  type Scene,
  sortOf,
} from './difference.ts';

export type { Difference } from './difference.ts';

export interface DifferencesResult {
  /** Differing events, consequences apart. */
  readonly total: number;
  readonly byCategory: Readonly<Record<Category, number>>;
  readonly byKind: { readonly [K in KindName]?: number };
  /** Events that differ only because an object was there in some lanes and not in others. */
  readonly consequences: number;
  /** Accesses that were translated by different levels of the TLBs. */
  readonly tlbLevel: number;
  /** The first of each sort, in order, up to the number asked for. */
  readonly first: readonly Difference[];
}

export interface LockstepOptions {
  /** How many sorts of differences to keep; default 10. */
  readonly first?: number;
}

/** Flag bits that make a difference, in each of four events. */
const TELLING_FLAGS = ~(TLB_MASK * 0x01010101);
const TLB_FLAGS = TLB_MASK * 0x01010101;
const LOW_BITS = 0x01010101;

/** Statuses which show that some lane has, or lacks, what the others lack or have. */
const MISSING_OR_LEFT_OVER: ReadonlySet<number> = new Set([NO_OBJECT, NO_PROCESS, EXISTS]);

/** Compares the outcomes of several lanes, batch by batch, and keeps the first differences of each sort. */
export class Lockstep {
  private readonly names: readonly string[];
  private readonly limit: number;
  private events = 0;
  private total = 0;
  private consequences = 0;
  private tlbLevel = 0;
  private readonly byCategory: Record<Category, number> = { status: 0, addressType: 0, fault: 0 };
  private readonly byKind = new Float64Array(256);
  /** The sorts seen, in order, each with how often. */
  private readonly sorts = new Map<string, { readonly first: Difference; count: number }>();
  /** Things that are not the same in all lanes any more; what happens to them next is a consequence. */
  private readonly uneven = new Set<number>();
  private readonly work: [Int32Array, Int32Array] = [new Int32Array(0), new Int32Array(0)];

  /** `names` are those of the lanes, in their order. */
  constructor(names: readonly string[], { first = 10 }: LockstepOptions = {}) {
    this.names = names;
    this.limit = first;
  }

  /** Compares what the lanes made of the next batch. */
  add(batch: Batch, steps: readonly Step[]): void {
    const scene = this.sceneOf(batch, steps);
    if (this.uneven.size > 0 || !allAlike(scene.outcomes)) this.look(scene);
    this.events += batch.count;
  }

  result(): DifferencesResult {
    const kinds = [...this.byKind].map((count, code) => [KIND_NAMES[code], count] as const);
    return {
      total: this.total,
      byCategory: { ...this.byCategory },
      byKind: Object.fromEntries(kinds.filter(([, count]) => count > 0)),
      consequences: this.consequences,
      tlbLevel: this.tlbLevel,
      first: [...this.sorts.values()].map(({ first, count }) => ({ ...first, count })),
    };
  }

  private look(scene: Scene): void {
    const { batch } = scene;
    const words = (batch.count + 3) >> 2;
    const differs = this.compare(scene.outcomes, batch.count, words);
    const kinds = wordsOf(batch.kind, batch.count);
    for (let word = 0; word < words; word++) {
      // Creations that went well everywhere end a consequence; they matter only while there are any.
      if (differs[word] === 0 && (this.uneven.size === 0 || kinds[word] === FOUR_ACCESSES)) continue;
      const end = Math.min(4 * word + 4, batch.count);
      for (let at = 4 * word; at < end; at++) this.addOne(scene, at);
    }
  }

  private sceneOf(batch: Batch, steps: readonly Step[]): Scene {
    const outcomes = steps.map((step) => step.outcomes);
    const rewinds = steps.map((step) => new Rewind(step.before, batch));
    return { batch, firstEvent: this.events, names: this.names, outcomes, rewinds };
  }

  /** A word for every four events: not zero where some lane tells another story than the first. */
  private compare([first, ...others]: readonly Outcomes[], count: number, words: number): Int32Array {
    const differs = this.scratch(0, words);
    const levels = this.scratch(1, words);
    const status = wordsOf(first!.status, count);
    const flags = wordsOf(first!.flags, count);
    for (const other of others) {
      const otherStatus = wordsOf(other.status, count);
      const otherFlags = wordsOf(other.flags, count);
      for (let word = 0; word < words; word++) {
        const flagBits = flags[word]! ^ otherFlags[word]!;
        const statusBits = status[word]! ^ otherStatus[word]!;
        if ((flagBits | statusBits) === 0) continue;
        differs[word]! |= (flagBits & TELLING_FLAGS) | statusBits;
        levels[word]! |= flagBits & TLB_FLAGS;
      }
    }
    for (let word = 0; word < words; word++) {
      if (levels[word] !== 0) this.tlbLevel += bytesWithBits(levels[word]!);
    }
    return differs;
  }

  /** Zeroed words to work on; kept from batch to batch. */
  private scratch(which: 0 | 1, words: number): Int32Array {
    if (this.work[which].length < words) this.work[which] = new Int32Array(words);
    return this.work[which].fill(0, 0, words);
  }

  private addOne(scene: Scene, at: number): void {
    const { batch, outcomes } = scene;
    const kind = batch.kind[at]!;
    const category = categoryOf(outcomes, at);
    if (category === undefined) {
      if (CREATES[kind] === 1) this.uneven.delete(subjectOf(batch, at));
    } else if (this.isConsequence(scene, at)) {
      this.consequences++;
    } else {
      if (category === 'status') this.uneven.add(subjectOf(batch, at));
      this.total++;
      this.byCategory[category]++;
      this.byKind[kind]!++;
      this.keep(scene, at, category);
    }
  }

  private isConsequence({ batch, outcomes }: Scene, at: number): boolean {
    if (outcomes.some(({ status }) => MISSING_OR_LEFT_OVER.has(status[at]!))) return true;
    return CREATES[batch.kind[at]!] === 0 && this.uneven.has(subjectOf(batch, at));
  }

  /** Counts the sort of a difference, and explains the first of each. */
  private keep(scene: Scene, at: number, category: Category): void {
    const sort = sortOf(scene, at);
    const known = this.sorts.get(sort);
    if (known !== undefined) known.count++;
    else if (this.sorts.size < this.limit)
      this.sorts.set(sort, { first: explainDifference(scene, at, category), count: 1 });
  }
}

/** By memcmp: whole columns in less than a microsecond. */
function allAlike([first, ...others]: readonly Outcomes[]): boolean {
  return others.every(
    ({ status, flags }) =>
      Buffer.compare(status, first!.status) === 0 && Buffer.compare(flags, first!.flags) === 0,
  );
}

/** Number of bytes of a word in which one of the two low bits is set. */
function bytesWithBits(word: number): number {
  return Math.imul((word | (word >>> 1)) & LOW_BITS, LOW_BITS) >>> 24;
}
