/**
 * The same events under several layouts, compared event by event.
 *
 * An event differs when its status, the type of address it gave, or the fault it took is not the same in all
 * lanes. One that differs only because an earlier one did (it uses an object that some lane could not allocate)
 * is a consequence: counted, but not shown. Where an address was found (TLB level) differs nearly always, and
 * has a counter of its own.
 *
 * Columns are compared a word, that is four events, at a time; only words that differ are looked into.
 */
import { type Batch, eventAt, sliceBatch } from '../core/event/batch.ts';
import { KIND_NAMES, type KindName, type MemoryEvent } from '../core/event/kinds.ts';
import { fold } from '../core/fold.ts';
import {
  ADDRESS_SHIFT,
  EXISTS,
  FAULT_MASK,
  NO_OBJECT,
  NO_PROCESS,
  type Outcomes,
  TLB_MASK,
} from '../core/outcome.ts';
import { FOUR_ACCESSES, wordsOf } from './columns.ts';
import { machineAt, type Step } from './engine.ts';
import { describeEvent } from './event-text.ts';
import { describeOutcome, type LaneOutcome } from './outcome-text.ts';
import { CREATES, subjectOf } from './tally.ts';

export const CATEGORIES = ['status', 'addressType', 'fault'] as const;
export type Category = (typeof CATEGORIES)[number];

/** A sort of difference: same kind of event, same statuses, address types and faults in the lanes. */
export interface Difference {
  /** Number of the first such event. */
  readonly event: number;
  readonly kind: KindName;
  /** The event, in a line, and its fields. */
  readonly request: string;
  readonly fields: MemoryEvent;
  readonly category: Category;
  /** How many events differ in this way. */
  readonly count: number;
  /** By name of the lane. */
  readonly outcomes: Readonly<Record<string, LaneOutcome>>;
  /** What happened and why, by name of the lane, and all of it in a sentence. */
  readonly stories: Readonly<Record<string, string>>;
  readonly why: string;
}

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
const TELLING_FLAGS = (~TLB_MASK & 0xff) * 0x01010101;
const TLB_FLAGS = TLB_MASK * 0x01010101;
const LOW_BITS = 0x01010101;

type Open<T> = { -readonly [K in keyof T]: T[K] };

export class Lockstep {
  private readonly names: readonly string[];
  private readonly limit: number;
  private events = 0;
  private total = 0;
  private consequences = 0;
  private tlbLevel = 0;
  private readonly byCategory: Record<Category, number> = { status: 0, addressType: 0, fault: 0 };
  private readonly byKind = new Float64Array(256);
  /** By signature: the sorts seen, in order. */
  private readonly sorts = new Map<string, Open<Difference>>();
  /** Things that are not the same in all lanes any more; what happens to them next is a consequence. */
  private readonly uneven = new Set<number>();

  constructor(names: readonly string[], options: LockstepOptions = {}) {
    this.names = names;
    this.limit = options.first ?? 10;
  }

  /** Compares what the lanes made of the next batch. */
  add(batch: Batch, steps: readonly Step[]): void {
    const outcomes = steps.map((step) => step.outcomes);
    const words = this.compare(outcomes, batch.count);
    const kinds = wordsOf(batch.kind, batch.count);
    for (let word = 0; word < words.length; word++) {
      // Creations that went well everywhere end a consequence; they matter only while there are any.
      if (words[word] === 0 && (this.uneven.size === 0 || kinds[word] === FOUR_ACCESSES)) continue;
      const end = Math.min(4 * word + 4, batch.count);
      for (let at = 4 * word; at < end; at++) this.addOne(batch, steps, outcomes, at);
    }
    this.events += batch.count;
  }

  result(): DifferencesResult {
    const byKind: { [K in KindName]?: number } = {};
    this.byKind.forEach((count, code) => {
      const name = KIND_NAMES[code];
      if (count > 0 && name !== undefined) byKind[name] = count;
    });
    return {
      total: this.total,
      byCategory: { ...this.byCategory },
      byKind,
      consequences: this.consequences,
      tlbLevel: this.tlbLevel,
      first: [...this.sorts.values()].map((sort) => ({ ...sort })),
    };
  }

  /** A word for every four events: not zero where some lane tells another story than the first. */
  private compare(outcomes: readonly Outcomes[], count: number): Uint32Array {
    const differs = new Uint32Array((count + 3) >> 2);
    const levels = new Uint32Array(differs.length);
    const [first, ...others] = outcomes;
    const status = wordsOf(first!.status, count);
    const flags = wordsOf(first!.flags, count);
    for (const other of others) {
      const otherStatus = wordsOf(other.status, count);
      const otherFlags = wordsOf(other.flags, count);
      for (let word = 0; word < differs.length; word++) {
        const flagBits = flags[word]! ^ otherFlags[word]!;
        const statusBits = status[word]! ^ otherStatus[word]!;
        if ((flagBits | statusBits) === 0) continue;
        differs[word]! |= (flagBits & TELLING_FLAGS) | statusBits;
        levels[word]! |= flagBits & TLB_FLAGS;
      }
    }
    for (const bits of levels) if (bits !== 0) this.tlbLevel += bytesWithBits(bits);
    return differs;
  }

  private addOne(batch: Batch, steps: readonly Step[], outcomes: readonly Outcomes[], at: number): void {
    const category = categoryOf(outcomes, at);
    const kind = batch.kind[at]!;
    if (category === undefined) {
      if (CREATES[kind] === 1) this.uneven.delete(subjectOf(batch, at));
      return;
    }
    if (this.isConsequence(batch, outcomes, at)) {
      this.consequences++;
      return;
    }
    if (category === 'status') this.uneven.add(subjectOf(batch, at));
    this.total++;
    this.byCategory[category]++;
    this.byKind[kind]!++;
    this.sort(batch, steps, outcomes, at, category);
  }

  private isConsequence(batch: Batch, outcomes: readonly Outcomes[], at: number): boolean {
    const followsOn = outcomes.some(({ status }) => MISSING_OR_LEFT_OVER.has(status[at]!));
    return followsOn || (CREATES[batch.kind[at]!] === 0 && this.uneven.has(subjectOf(batch, at)));
  }

  /** Counts the sort of a difference, and explains the first of each. */
  private sort(
    batch: Batch,
    steps: readonly Step[],
    outcomes: readonly Outcomes[],
    at: number,
    category: Category,
  ): void {
    const signature = signatureOf(batch, outcomes, at);
    const known = this.sorts.get(signature);
    if (known !== undefined) known.count++;
    else if (this.sorts.size < this.limit)
      this.sorts.set(signature, this.explain(batch, steps, at, category));
  }

  /** Folds the batch again up to the event, in every lane, to see the machines as they were. */
  private explain(batch: Batch, steps: readonly Step[], at: number, category: Category): Difference {
    const fields = eventAt(batch, at)!;
    const event = sliceBatch(batch, at, at + 1);
    const request = describeEvent(fields);
    const outcomes: Record<string, LaneOutcome> = {};
    const stories: Record<string, string> = {};
    steps.forEach((step, lane) => {
      const name = this.names[lane]!;
      const before = machineAt(step.before, batch, at);
      const { outcome, story } = describeOutcome(before, fold(before, event), fields);
      outcomes[name] = outcome;
      stories[name] = story;
    });
    const sentence = Object.entries(stories).map(([name, story]) => `${name}: ${story}`);
    const why = `${request}: ${sentence.join('; ')}`;
    const { kind } = fields;
    return { event: this.events + at, kind, request, fields, category, count: 1, outcomes, stories, why };
  }
}

/** Statuses which show that some lane has, or lacks, what the others lack or have. */
const MISSING_OR_LEFT_OVER: ReadonlySet<number> = new Set([NO_OBJECT, NO_PROCESS, EXISTS]);

/** In what the outcomes of one event differ, the weightiest first; undefined when they agree. */
function categoryOf(outcomes: readonly Outcomes[], at: number): Category | undefined {
  const first = outcomes[0]!;
  let flagBits = 0;
  for (const { status, flags } of outcomes) {
    if (status[at] !== first.status[at]) return 'status';
    flagBits |= flags[at]! ^ first.flags[at]!;
  }
  if (flagBits >>> ADDRESS_SHIFT !== 0) return 'addressType';
  return (flagBits & FAULT_MASK) !== 0 ? 'fault' : undefined;
}

function signatureOf(batch: Batch, outcomes: readonly Outcomes[], at: number): string {
  let signature = String.fromCharCode(batch.kind[at]!);
  for (const { status, flags } of outcomes) {
    signature += String.fromCharCode(status[at]!, flags[at]! & ~TLB_MASK);
  }
  return signature;
}

/** Number of bytes of a word in which one of the two low bits is set. */
function bytesWithBits(word: number): number {
  return Math.imul((word | (word >>> 1)) & LOW_BITS, LOW_BITS) >>> 24;
}
