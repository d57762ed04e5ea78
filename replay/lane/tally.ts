/**
 * What became of the events of one lane: counts by kind and status, types of addresses given, and which failures
 * were the first of their sort. Accesses that went well are passed over four at a time; the machine counts those.
 * A tally is a value: adding a batch makes another one, which shares what did not change.
 */
import { fourOf, wordsOf } from '../../core/base/columns.ts';
import { CONTINUED } from '../../core/event/access-mode.ts';
import type { Batch } from '../../core/event/batch.ts';
import { SPACES, type Space } from '../../core/event/field-types.ts';
import { EVENT_KINDS, type KindName } from '../../core/event/kinds.ts';
import { allKinds, kindNamed, kindOf } from '../../core/event/vocabulary.ts';
import {
  ADDRESS_SHIFT,
  ADDRESSES,
  type AddressName,
  EXISTS,
  OK,
  type Outcomes,
  REFUSED_TOO,
  STATUSES,
  type StatusName,
} from '../../core/outcome/outcome.ts';
import { Table, type TableEdit, type TableShape } from '../../core/state/table.ts';
import type { Origin } from '../text/reasons.ts';

const ACCESS = EVENT_KINDS.access.code;
const FOUR_ACCESSES = fourOf(ACCESS);

/** What says of the request before that it failed where it was recorded: events that do nothing themselves. */
const NOTES: ReadonlySet<number> = new Set([EVENT_KINDS.refused.code, EVENT_KINDS.refused_fork.code]);

/** Whether an event says of the request before that it failed where it was recorded. */
export function isNote(kind: number): boolean {
  return NOTES.has(kind);
}

/** Requests that failed where they were recorded, by what became of them here. */
export interface RefusedRequests {
  readonly succeed: number;
  readonly fail: number;
}

export function refusedRequests({ counts }: Tally): RefusedRequests {
  let [succeed, fail] = [0, 0];
  for (const note of NOTES) {
    succeed += counts.get(note, OK);
    fail += counts.get(note, REFUSED_TOO);
  }
  return { succeed, fail };
}

/** Kinds that ask for memory or for an address, and all others. */
export function kindsByUse(): { readonly allocating: KindName[]; readonly others: KindName[] } {
  const allocating = allKinds().filter(({ row }) => row.allocates);
  const others = allKinds().filter(({ row }) => !row.allocates && !NOTES.has(row.code));
  return { allocating: allocating.map(({ name }) => name), others: others.map(({ name }) => name) };
}

/** Whether what a kind is about is there from then on, if it goes well. */
export function creates(kind: number): boolean {
  return kindOf(kind)?.row.creates ?? false;
}

export const NUMBER_SPACES = SPACES.length;
const SPACE_BASE = Object.fromEntries(SPACES.map((space, i) => [space, i * 2 ** 32])) as Record<
  Space,
  number
>;

/** Names what an event is about, whatever its number space. */
export function subjectOf(batch: Batch, at: number): number {
  return SPACE_BASE[kindOf(batch.kind[at]!)?.subject ?? 'object'] + batch.object[at]!;
}

/** Which number space a subject is of; its number there is the low 32 bits. */
export function numberSpaceOf(subject: number): number {
  return Math.floor(subject / 2 ** 32);
}

/** Names what an event lacked: mostly what it is about, but an object may lack its cache, or its device. */
function missingOf(batch: Batch, at: number, status: number): number {
  const { lacks } = STATUSES[status]!;
  if (lacks === undefined) return subjectOf(batch, at);
  const field = kindOf(batch.kind[at]!)!.fields.find(({ type }) => type.space === lacks);
  if (field === undefined) return subjectOf(batch, at);
  const value = batch[field.column][at]!;
  return SPACE_BASE[lacks] + (field.type.idOf?.(value) ?? value);
}

export type StatusCounts = { [S in StatusName]?: number };

/** A failure of a kind and status not seen before. */
export interface NewFailure {
  /** Index in the batch. */
  readonly at: number;
  readonly status: StatusName;
  readonly origin: Origin | undefined;
}

export interface Tally {
  readonly events: number;
  /** Accesses that failed, as the machine counts references: the second parts of cut ones left out. */
  readonly failedReferences: number;
  /** By kind code and status. */
  readonly counts: Table;
  /** By type of address: how many were given. */
  readonly addresses: readonly number[];
  /** By number and number space: the event that should have made the thing, and its kind code, 0 when it is there. */
  readonly origins: Table;
}

const COUNTS_SHAPE: TableShape = { cells: 'float64', stride: STATUSES.length, leafBits: 3 };
const ORIGINS_SHAPE: TableShape = { cells: 'float64', stride: 2 * NUMBER_SPACES, leafBits: 6 };

export const NO_TALLY: Tally = {
  events: 0,
  failedReferences: 0,
  counts: Table.empty(COUNTS_SHAPE),
  addresses: ADDRESSES.map(() => 0),
  origins: Table.empty(ORIGINS_SHAPE),
};

/** Takes in the next batch; tells which failures are the first of their sort. */
export function addToTally(
  tally: Tally,
  batch: Batch,
  outcomes: Outcomes,
): { readonly tally: Tally; readonly news: readonly NewFailure[] } {
  const draft = eventful(tally, batch, outcomes);
  if (draft === undefined) return { tally: { ...tally, events: tally.events + batch.count }, news: [] };
  return { tally: draft.seal(batch.count), news: draft.news };
}

/**
 * With all in the batch that was more than an access that went well; undefined when there was nothing. A function of
 * its own and free of sums: V8 enters this loop in the middle, and what follows a loop would then be compiled on a
 * guess of its types, be wrong, and be compiled again for every batch.
 */
function eventful(tally: Tally, batch: Batch, outcomes: Outcomes): TallyDraft | undefined {
  const { count, kind } = batch;
  const { status } = outcomes;
  const kinds = wordsOf(kind, count);
  const statuses = wordsOf(status, count);
  let draft: TallyDraft | undefined;
  for (let word = 0; word < kinds.length; word++) {
    if (kinds[word] === FOUR_ACCESSES && statuses[word] === 0) continue;
    const end = Math.min(4 * word + 4, count);
    for (let at = 4 * word; at < end; at++) {
      if (kind[at] === ACCESS && status[at] === 0) continue;
      draft ??= new TallyDraft(tally);
      draft.add(batch, outcomes, at);
    }
  }
  return draft;
}

/** By kind: how many came out with which status. */
export function countsByKind(
  { counts }: Tally,
  kinds: readonly KindName[],
): { [K in KindName]?: StatusCounts } {
  const table: { [K in KindName]?: StatusCounts } = {};
  for (const kind of kinds) {
    const found = statusCounts(counts, kindNamed(kind)!.row.code);
    if (Object.keys(found).length > 0) table[kind] = found;
  }
  return table;
}

function statusCounts(counts: Table, code: number): StatusCounts {
  const found: StatusCounts = {};
  STATUSES.forEach(({ name }, status) => {
    const count = counts.get(code, status);
    if (count > 0) found[name] = count;
  });
  return found;
}

/** By type of address: how many were given. */
export function addressTypeCounts({ addresses }: Tally): { [N in AddressName]: number } {
  return Object.fromEntries(ADDRESSES.map(({ name, code }) => [name, addresses[code]!])) as {
    [N in AddressName]: number;
  };
}

/** A tally while a batch is added to it. */
class TallyDraft {
  readonly news: NewFailure[] = [];
  private readonly base: Tally;
  private failedReferences: number;
  private readonly counts: TableEdit;
  private readonly addresses: number[];
  private readonly origins: TableEdit;

  constructor(base: Tally) {
    this.base = base;
    this.failedReferences = base.failedReferences;
    this.counts = base.counts.edit();
    this.addresses = [...base.addresses];
    this.origins = base.origins.edit();
  }

  add(batch: Batch, outcomes: Outcomes, at: number): void {
    const kind = batch.kind[at]!;
    const status = outcomes.status[at]!;
    const seen = this.counts.add(kind, status, 1);
    if (status === 0) {
      const type = outcomes.flags[at]! >>> ADDRESS_SHIFT;
      if (type !== 0) this.addresses[type]!++;
      if (creates(kind)) this.forgetOrigin(subjectOf(batch, at));
      return;
    }
    if (kind === ACCESS && (batch.c[at]! & CONTINUED) === 0) this.failedReferences++;
    if (seen === 1) {
      const origin = this.originOf(missingOf(batch, at, status));
      this.news.push({ at, status: STATUSES[status]!.name, origin });
    }
    if (creates(kind) && status !== EXISTS) this.noteOrigin(subjectOf(batch, at), at, kind);
  }

  seal(count: number): Tally {
    return {
      events: this.base.events + count,
      failedReferences: this.failedReferences,
      counts: this.counts.seal(),
      addresses: this.addresses,
      origins: this.origins.seal(),
    };
  }

  private originOf(subject: number): Origin | undefined {
    const field = originField(subject);
    const kind = kindOf(this.origins.get(subject >>> 0, field + KIND))?.name;
    return kind === undefined ? undefined : { event: this.origins.get(subject >>> 0, field), kind };
  }

  /** The first failure is what the others come of. */
  private noteOrigin(subject: number, at: number, kind: number): void {
    const field = originField(subject);
    if (this.origins.get(subject >>> 0, field + KIND) !== 0) return;
    this.origins.set(subject >>> 0, field, this.base.events + at);
    this.origins.set(subject >>> 0, field + KIND, kind);
  }

  private forgetOrigin(subject: number): void {
    const field = originField(subject) + KIND;
    if (this.origins.get(subject >>> 0, field) !== 0) this.origins.set(subject >>> 0, field, 0);
  }
}

/** Beside the number of the event. */
const KIND = 1;

/** Of a row of `origins`, which is the number of the thing: the first of the two cells of its number space. */
function originField(subject: number): number {
  return 2 * numberSpaceOf(subject);
}
