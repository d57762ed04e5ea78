/**
 * What became of the events of one lane: counts by kind and status, types of addresses given, and which failures
 * were the first of their sort. Accesses that went well are passed over four at a time; the machine counts those.
 * A tally is a value: adding a batch makes another one, which shares what did not change.
 */
import { CONTINUED } from '../../core/event/access-mode.ts';
import type { Batch } from '../../core/event/batch.ts';
import { transferDevice } from '../../core/event/dma-flags.ts';
import { EVENT_KINDS, type FieldColumn, KIND_NAMES, type KindName } from '../../core/event/kinds.ts';
import {
  ADDRESS_NAMES,
  ADDRESS_SHIFT,
  EXISTS,
  NO_CACHE,
  NO_DEVICE,
  type Outcomes,
  STATUSES,
  type StatusName,
} from '../../core/outcome/outcome.ts';
import { Table, type TableEdit, type TableShape } from '../../core/state/table.ts';
import type { Origin } from '../text/reasons.ts';
import { FOUR_ACCESSES, wordsOf } from './columns.ts';

const ACCESS = EVENT_KINDS.access.code;
const KIND_CODES = 256;

/** Kinds that ask for memory or for an address. */
export const ALLOCATING_KINDS = [
  'page_alloc',
  'kmalloc',
  'kmem_cache_alloc',
  'vmalloc',
  'ioremap',
  'vmap',
  'vm_area',
  'kmap',
  'kmap_local',
  'dma_alloc_coherent',
  'dma_map_single',
  'dma_map_page',
  'dma_map_sg',
  'mmap',
  'brk',
  'spawn',
  'fork',
  'clone',
] as const satisfies readonly KindName[];

/** Kinds that give something out without making anything new. */
const MAPS_ONLY: readonly KindName[] = ['dma_map_single', 'dma_map_page', 'dma_map_sg'];

/** By kind code: its object (or process) exists from here on, if it goes well. */
export const CREATES = new Uint8Array(KIND_CODES);
for (const kind of [...ALLOCATING_KINDS, 'file', 'kmem_cache_create', 'device'] as const)
  if (!MAPS_ONLY.includes(kind)) CREATES[EVENT_KINDS[kind].code] = 1;

/** Objects, processes, files, slab caches and devices are numbered apart. */
const SPACES = ['object', 'pid', 'file', 'cache', 'device'];
export const NUMBER_SPACES = SPACES.length;

/** By kind code: the number space of its `object` column. */
const NUMBER_SPACE = new Uint8Array(KIND_CODES);
for (const { code, fields } of Object.values(EVENT_KINDS)) {
  const subject = Object.entries(fields).find(([, column]) => column === 'object');
  NUMBER_SPACE[code] = subject === undefined ? 0 : SPACES.indexOf(subject[0]);
}

/** Names what an event is about, whatever its number space. */
export function subjectOf(batch: Batch, at: number): number {
  return NUMBER_SPACE[batch.kind[at]!]! * 2 ** 32 + batch.object[at]!;
}

/** Which number space a subject is of; its number there is the low 32 bits. */
export function numberSpaceOf(subject: number): number {
  return Math.floor(subject / 2 ** 32);
}

/** Names what an event lacked: mostly what it is about, but an object may lack its cache, or its device. */
function missingOf(batch: Batch, at: number, status: number): number {
  if (status !== NO_CACHE && status !== NO_DEVICE) return subjectOf(batch, at);
  const fields: Readonly<Record<string, FieldColumn>> = EVENT_KINDS[KIND_NAMES[batch.kind[at]!]!].fields;
  const name = status === NO_CACHE ? 'cache' : 'device';
  const number = batch[fields[name] ?? 'a'][at]!;
  return SPACES.indexOf(name) * 2 ** 32 + ('transfer' in fields ? transferDevice(number) : number);
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
  addresses: ADDRESS_NAMES.map(() => 0),
  origins: Table.empty(ORIGINS_SHAPE),
};

/** Takes in the next batch; tells which failures are the first of their sort. */
export function addToTally(
  tally: Tally,
  batch: Batch,
  outcomes: Outcomes,
): { readonly tally: Tally; readonly news: readonly NewFailure[] } {
  const { count, kind } = batch;
  const { status } = outcomes;
  const kinds = wordsOf(kind, count);
  const statuses = wordsOf(status, count);
  const draft = new TallyDraft(tally);
  for (let word = 0; word < kinds.length; word++) {
    if (kinds[word] === FOUR_ACCESSES && statuses[word] === 0) continue;
    const end = Math.min(4 * word + 4, count);
    for (let at = 4 * word; at < end; at++) {
      if (kind[at] !== ACCESS || status[at] !== 0) draft.add(batch, outcomes, at);
    }
  }
  return { tally: draft.seal(count), news: draft.news };
}

/** By kind: how many came out with which status. */
export function countsByKind(
  { counts }: Tally,
  kinds: readonly KindName[],
): { [K in KindName]?: StatusCounts } {
  const table: { [K in KindName]?: StatusCounts } = {};
  for (const kind of kinds) {
    const found = statusCounts(counts, EVENT_KINDS[kind].code);
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
export function addressTypeCounts({ addresses }: Tally): { [N in (typeof ADDRESS_NAMES)[number]]: number } {
  return Object.fromEntries(ADDRESS_NAMES.map((name, i) => [name, addresses[i]!])) as {
    [N in (typeof ADDRESS_NAMES)[number]]: number;
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
      if (CREATES[kind] === 1) this.forgetOrigin(subjectOf(batch, at));
      return;
    }
    if (kind === ACCESS && (batch.c[at]! & CONTINUED) === 0) this.failedReferences++;
    if (seen === 1) {
      const origin = this.originOf(missingOf(batch, at, status));
      this.news.push({ at, status: STATUSES[status]!.name, origin });
    }
    if (CREATES[kind] === 1 && status !== EXISTS) this.noteOrigin(subjectOf(batch, at), at, kind);
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
    const kind = KIND_NAMES[this.origins.get(subject >>> 0, field + KIND)];
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
