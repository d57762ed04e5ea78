/**
 * What became of the events of one lane: counts by kind and status, types of addresses given, and which failures
 * were the first of their sort. Accesses that went well are passed over four at a time; the machine counts those.
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

export class Tally {
  private events = 0;
  /** Accesses that failed, as the machine counts references: the second parts of cut ones left out. */
  failedReferences = 0;
  private readonly counts = new Float64Array(KIND_CODES * STATUSES.length);
  private readonly addresses = new Float64Array(ADDRESS_NAMES.length);
  /** Where the creation of things that do not exist failed. */
  private readonly origins = new Map<number, Origin>();

  /** Takes in the next batch; returns the failures that are the first of their sort. */
  add(batch: Batch, outcomes: Outcomes): NewFailure[] {
    const { count, kind } = batch;
    const { status } = outcomes;
    const kinds = wordsOf(kind, count);
    const statuses = wordsOf(status, count);
    const news: NewFailure[] = [];
    for (let word = 0; word < kinds.length; word++) {
      if (kinds[word] === FOUR_ACCESSES && statuses[word] === 0) continue;
      const end = Math.min(4 * word + 4, count);
      for (let at = 4 * word; at < end; at++) {
        if (kind[at] !== ACCESS || status[at] !== 0) this.addOne(batch, outcomes, at, news);
      }
    }
    this.events += count;
    return news;
  }

  /** By kind: how many came out with which status. */
  byKind(kinds: readonly KindName[]): { [K in KindName]?: StatusCounts } {
    const table: { [K in KindName]?: StatusCounts } = {};
    for (const kind of kinds) {
      const counts = this.statusCounts(EVENT_KINDS[kind].code);
      if (Object.keys(counts).length > 0) table[kind] = counts;
    }
    return table;
  }

  /** By type of address: how many were given. */
  addressTypes(): { [N in (typeof ADDRESS_NAMES)[number]]: number } {
    return Object.fromEntries(ADDRESS_NAMES.map((name, i) => [name, this.addresses[i]!])) as {
      [N in (typeof ADDRESS_NAMES)[number]]: number;
    };
  }

  private statusCounts(code: number): StatusCounts {
    const counts: StatusCounts = {};
    STATUSES.forEach(({ name }, status) => {
      const count = this.counts[code * STATUSES.length + status]!;
      if (count > 0) counts[name] = count;
    });
    return counts;
  }

  private addOne(batch: Batch, outcomes: Outcomes, at: number, news: NewFailure[]): void {
    const kind = batch.kind[at]!;
    const status = outcomes.status[at]!;
    const seen = ++this.counts[kind * STATUSES.length + status]!;
    if (status === 0) {
      const type = outcomes.flags[at]! >>> ADDRESS_SHIFT;
      if (type !== 0) this.addresses[type]!++;
      if (this.origins.size > 0 && CREATES[kind] === 1) this.origins.delete(subjectOf(batch, at));
      return;
    }
    if (kind === ACCESS && (batch.c[at]! & CONTINUED) === 0) this.failedReferences++;
    const subject = subjectOf(batch, at);
    if (seen === 1) {
      const origin = this.origins.get(missingOf(batch, at, status));
      news.push({ at, status: STATUSES[status]!.name, origin });
    }
    if (CREATES[kind] === 1 && status !== EXISTS && !this.origins.has(subject)) {
      this.origins.set(subject, { event: this.events + at, kind: KIND_NAMES[kind]! });
    }
  }
}
