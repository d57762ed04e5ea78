/**
 * The same events under several layouts, compared event by event.
 *
 * An event differs when its status, the type of address it gave, or the fault it took is not the same in all
 * lanes. One that differs only because an earlier one did (it uses an object that some lane could not allocate)
 * is a consequence: counted, but not shown. Where an address was found (TLB level) differs nearly always, and
 * has a counter of its own; times are compared by the clocks at the end only.
 *
 * Only events are looked into that may differ (compared-words.ts). What was found is a value: comparing another batch
 * makes the next one.
 */
import { fourOf, wordsOf } from '../../core/base/columns.ts';
import type { Batch } from '../../core/event/batch.ts';
import { EVENT_KINDS, type KindName } from '../../core/event/kinds.ts';
import { KIND_CODES, kindOf } from '../../core/event/vocabulary.ts';
import { STATUSES } from '../../core/outcome/outcome.ts';
import { Table, type TableEdit, type TableShape } from '../../core/state/table.ts';
import type { Step } from '../lane/lane.ts';
import { creates, isNote, NUMBER_SPACES, numberSpaceOf, subjectOf } from '../lane/tally.ts';
import { allAlike, type ComparedWords, compareWords, levelsIn } from './compared-words.ts';
import {
  type Category,
  categoryOf,
  type Difference,
  explainDifference,
  type Made,
  madeBy,
  type Scene,
  sortOf,
} from './difference.ts';

export type { Difference } from './difference.ts';

/** What was found, as plain data. */
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

/** What is kept of what is found. */
export interface LockstepOptions {
  /** How many sorts of differences to keep; default 10. */
  readonly first?: number;
}

const FOUR_ACCESSES = fourOf(EVENT_KINDS.access.code);

/** What was found so far. */
export interface Differences {
  /** Of the lanes, in their order. */
  readonly names: readonly string[];
  /** How many sorts to keep. */
  readonly limit: number;
  readonly events: number;
  readonly total: number;
  readonly consequences: number;
  readonly tlbLevel: number;
  readonly byCategory: Readonly<Record<Category, number>>;
  /** By kind code. */
  readonly byKind: readonly number[];
  /** Numbers of the events of the last batch that differ, consequences apart. */
  readonly latest: readonly number[];
  /** The sorts seen, in order: the first of each, with how many are like it. */
  readonly sorts: ReadonlyMap<string, Difference>;
  /** Differences that were the last event of their cpu: the next one may say that they failed where they were recorded. */
  readonly awaited: readonly Awaited[];
  /** By number and number space: 1 where a thing is not the same in all lanes any more. */
  readonly uneven: Table;
  readonly nrUneven: number;
}

interface Awaited {
  readonly sort: string;
  readonly cpu: number;
  readonly subject: number;
}

const UNEVEN_SHAPE: TableShape = { cells: 'int32', stride: NUMBER_SPACES, leafBits: 8 };

/** Nothing compared yet. `names` are those of the lanes, in their order. */
export function noDifferences(names: readonly string[], { first = 10 }: LockstepOptions = {}): Differences {
  return {
    names,
    limit: first,
    events: 0,
    total: 0,
    consequences: 0,
    tlbLevel: 0,
    byCategory: { status: 0, addressType: 0, fault: 0 },
    byKind: new Array<number>(KIND_CODES).fill(0),
    latest: [],
    sorts: new Map(),
    awaited: [],
    uneven: Table.empty(UNEVEN_SHAPE),
    nrUneven: 0,
  };
}

/** Compares what the lanes made of the next batch; `steps` are in the order of the names. */
export function addDifferences(before: Differences, batch: Batch, steps: readonly Step[]): Differences {
  return compareMade(before, batch.count, () => batch, steps.map(madeBy));
}

/** The same of lanes that may be elsewhere: `batchOf` is asked only if the batch, of `count` events, has to be looked at. */
export function compareMade(
  before: Differences,
  count: number,
  batchOf: () => Batch,
  made: readonly Made[],
): Differences {
  const isAwaited = before.awaited.length > 0;
  const outcomes = made.map((one) => one.outcomes);
  const events = before.events + count;
  const isEven = before.nrUneven === 0;
  const words = isEven && allAlike(outcomes) ? undefined : compareWords(outcomes, count);
  const tlbLevel = before.tlbLevel + (words === undefined ? 0 : levelsIn(words));
  const isAlike = isEven && (words === undefined || words.differs.every((word) => word === 0));
  if (isAlike && !isAwaited) return { ...before, tlbLevel, events, latest: [] };
  const batch = batchOf();
  const found = { ...(isAwaited ? withNotes(before, batch) : before), tlbLevel };
  if (isAlike) return { ...found, events, latest: [] };
  const scene = { batch, firstEvent: found.events, names: found.names, made, outcomes };
  const draft = new DifferencesDraft(found, scene, words!);
  draft.look();
  const sealed = draft.seal();
  return { ...found, ...sealed, awaited: [...found.awaited, ...sealed.awaited], events };
}

/** With what the batch says of the last differences before it. */
function withNotes(found: Differences, batch: Batch): Differences {
  const sorts = new Map(found.sorts);
  const awaited = found.awaited.filter((one) => {
    const isNoted = noteOf(batch, 0, one);
    if (isNoted) countNote(sorts, one.sort);
    return isNoted === undefined;
  });
  return { ...found, sorts, awaited };
}

/** Whether the next event of this cpu says that the one before failed where it was recorded; undefined: there is none. */
function noteOf(batch: Batch, from: number, { cpu, subject }: Awaited): boolean | undefined {
  const at = batch.cpu.subarray(0, batch.count).indexOf(cpu, from);
  return at < 0 ? undefined : isNote(batch.kind[at]!) && subjectOf(batch, at) === subject;
}

function countNote(sorts: Map<string, Difference>, sort: string): void {
  const known = sorts.get(sort)!;
  sorts.set(sort, { ...known, recordedAsFailed: known.recordedAsFailed + 1 });
}

/** As plain data. */
export function differencesResult(found: Differences): DifferencesResult {
  const { total, byCategory, byKind, consequences, tlbLevel, sorts } = found;
  const kinds = byKind.map((count, code) => [kindOf(code)?.name, count] as const);
  return {
    total,
    byCategory,
    byKind: Object.fromEntries(kinds.filter(([, count]) => count > 0)),
    consequences,
    tlbLevel,
    first: [...sorts.values()],
  };
}

/** Differences while a batch is looked into. */
class DifferencesDraft {
  private readonly scene: Scene;
  private readonly words: ComparedWords;
  private readonly limit: number;
  private total: number;
  private consequences: number;
  private readonly byCategory: Record<Category, number>;
  private readonly byKind: number[];
  private readonly latest: number[] = [];
  private readonly sorts: Map<string, Difference>;
  private readonly awaited: Awaited[] = [];
  private readonly uneven: TableEdit;
  private nrUneven: number;

  constructor(base: Differences, scene: Scene, words: ComparedWords) {
    this.scene = scene;
    this.words = words;
    this.limit = base.limit;
    this.total = base.total;
    this.consequences = base.consequences;
    this.byCategory = { ...base.byCategory };
    this.byKind = [...base.byKind];
    this.sorts = new Map(base.sorts);
    this.uneven = base.uneven.edit();
    this.nrUneven = base.nrUneven;
  }

  look(): void {
    const { batch } = this.scene;
    const { count } = batch;
    const { differs } = this.words;
    const kinds = wordsOf(batch.kind, count);
    for (let word = 0; word < differs.length; word++) {
      // Creations that went well everywhere end a consequence; they matter only while there are any.
      if (differs[word] === 0 && (this.nrUneven === 0 || kinds[word] === FOUR_ACCESSES)) continue;
      const end = Math.min(4 * word + 4, count);
      for (let at = 4 * word; at < end; at++) this.addOne(at);
    }
  }

  seal() {
    const { total, consequences, byCategory, byKind, latest, sorts, awaited, uneven, nrUneven } = this;
    return {
      total,
      consequences,
      byCategory,
      byKind,
      latest,
      sorts,
      awaited,
      uneven: uneven.seal(),
      nrUneven,
    };
  }

  private addOne(at: number): void {
    const { batch, outcomes } = this.scene;
    const kind = batch.kind[at]!;
    const category = categoryOf(outcomes, at);
    if (category === undefined) {
      if (creates(kind)) this.setUneven(at, 0);
    } else if (this.isConsequence(at)) {
      this.consequences++;
    } else {
      if (category === 'status') this.setUneven(at, 1);
      this.total++;
      this.latest.push(this.scene.firstEvent + at);
      this.byCategory[category]++;
      this.byKind[kind]!++;
      this.keep(at, category);
    }
  }

  private isConsequence(at: number): boolean {
    const { batch, outcomes } = this.scene;
    // Some lane has, or lacks, what the others lack or have.
    if (outcomes.some(({ status }) => STATUSES[status[at]!]!.follows)) return true;
    return !creates(batch.kind[at]!) && this.isUneven(subjectOf(batch, at));
  }

  private isUneven(subject: number): boolean {
    return this.nrUneven > 0 && this.uneven.get(subject >>> 0, numberSpaceOf(subject)) === 1;
  }

  private setUneven(at: number, to: 0 | 1): void {
    const subject = subjectOf(this.scene.batch, at);
    if (this.isUneven(subject) === (to === 1)) return;
    this.uneven.set(subject >>> 0, numberSpaceOf(subject), to);
    this.nrUneven += to === 1 ? 1 : -1;
  }

  /** Counts the sort of a difference, and explains the first of each. */
  private keep(at: number, category: Category): void {
    const sort = sortOf(this.scene, at);
    const known = this.sorts.get(sort);
    if (known !== undefined) this.sorts.set(sort, { ...known, count: known.count + 1 });
    else if (this.sorts.size < this.limit) this.sorts.set(sort, explainDifference(this.scene, at, category));
    else return;
    this.lookForNote(at, sort);
  }

  /** Whether the request failed where it was recorded, as far as the batch tells. */
  private lookForNote(at: number, sort: string): void {
    const { batch } = this.scene;
    const awaited = { sort, cpu: batch.cpu[at]!, subject: subjectOf(batch, at) };
    const isNoted = noteOf(batch, at + 1, awaited);
    if (isNoted === undefined) this.awaited.push(awaited);
    else if (isNoted) countNote(this.sorts, sort);
  }
}
