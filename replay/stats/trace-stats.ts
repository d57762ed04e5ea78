/** What a trace is like, in one pass and bounded memory: counts, locality, sizes and lifetimes. No machine is asked. */
import { CONTINUED, OPERATION_MASK, OPERATION_NAMES } from '../../core/event/access-mode.ts';
import { EVENT_KINDS, type KindName } from '../../core/event/kinds.ts';
import { KIND_CODES } from '../../core/event/vocabulary.ts';
import { kindName } from '../events/columns.ts';
import type { Pass } from '../events/passes.ts';
import { ReuseDistances, type ReuseOptions } from './reuse-distance.ts';
import { type ThingCounts, Things } from './things.ts';
import { WINDOWS, WorkingSets } from './working-set.ts';

/** A bar of a histogram: values from `from` to below `to`. */
export interface Bar {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** What a trace is like, as plain data. */
export interface TraceStatsResult {
  readonly events: number;
  /** The latest clock, clocks being sums of the times between events. */
  readonly thinkNs: number;
  /** By kind, most frequent first; accesses by operation, without the second parts of those that were cut. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly references: Readonly<Record<string, number>>;
  readonly pages: {
    /** Of 4 KiB, each of an object; a reference of two pages counts twice. */
    readonly touched: number;
    readonly references: number;
    /** Part of the pages that was looked at; 1: the figures are exact. */
    readonly sampledRate: number;
    /** Mean pages in the last so many references; null for windows longer than the trace. */
    readonly workingSets: readonly { readonly window: number; readonly pages: number | null }[];
    /** Other pages touched since a page was touched last. */
    readonly reuseDistances: readonly Bar[];
    readonly firstTouches: number;
  };
  readonly objects: readonly ObjectStats[];
}

export interface ObjectStats {
  readonly kind: KindName;
  readonly count: number;
  readonly bytes: number;
  /** Those that failed where they were recorded. */
  readonly recordedAsFailed: number;
  readonly aliveAtEnd: number;
  readonly sizes: readonly Bar[];
  readonly lifetimeEvents: readonly Bar[];
  readonly lifetimeNs: readonly Bar[];
}

const ACCESS = EVENT_KINDS.access.code;
const PAGE_BYTES = 4096;
/** Offsets are below 4 GiB. */
const PAGES_PER_OBJECT = 2 ** 20;

/** Adds up passes, in order and from the first event on. */
export class TraceStats {
  private events = 0;
  private latestNs = 0;
  private readonly kinds = new Float64Array(KIND_CODES);
  private readonly operations = new Float64Array(OPERATION_NAMES.length);
  private readonly reuse: ReuseDistances;
  private readonly sets: WorkingSets;
  private readonly things = new Things();

  constructor(options: ReuseOptions = {}) {
    this.reuse = new ReuseDistances(options);
    this.sets = new WorkingSets(options);
  }

  add({ batch, firstEvent, startNs }: Pass): void {
    const { count, kind, object, a, b, c } = batch;
    for (let at = 0; at < count; at++) {
      this.kinds[kind[at]!]!++;
      const ns = startNs![at]!;
      if (ns > this.latestNs) this.latestNs = ns;
      if (kind[at] === ACCESS) this.touch(object[at]!, a[at]!, b[at]!, c[at]!);
      else this.things.add(batch, at, firstEvent + at, ns);
    }
    this.events += count;
  }

  private touch(object: number, offset: number, bytes: number, mode: number): void {
    if ((mode & CONTINUED) === 0) this.operations[mode & OPERATION_MASK]!++;
    const base = object * PAGES_PER_OBJECT;
    const first = Math.floor(offset / PAGE_BYTES);
    const last = Math.floor((offset + Math.max(1, bytes) - 1) / PAGE_BYTES);
    for (let page = first; page <= last; page++) {
      this.reuse.add(base + page);
      this.sets.add(base + page);
    }
  }

  result(): TraceStatsResult {
    const { reuse, sets } = this;
    reuse.finish();
    const means = sets.means();
    return {
      events: this.events,
      thinkNs: this.latestNs,
      kinds: this.kindCounts(),
      references: Object.fromEntries(OPERATION_NAMES.map((name, i) => [name, this.operations[i]!])),
      pages: {
        touched: reuse.pages,
        references: reuse.references,
        sampledRate: reuse.rate,
        workingSets: WINDOWS.map((window, i) => ({ window, pages: means[i] ?? null })),
        reuseDistances: barsOf(reuse.counts),
        firstTouches: reuse.firsts,
      },
      objects: [...this.things.byKind].map(([kind, counts]) => objectStats(kind, counts)),
    };
  }

  private kindCounts(): Record<string, number> {
    const found = [...this.kinds.entries()].filter(([, count]) => count > 0);
    return Object.fromEntries(
      found.sort(([, x], [, y]) => y - x).map(([code, count]) => [kindName(code), count]),
    );
  }
}

function objectStats(kind: KindName, counts: ThingCounts): ObjectStats {
  const { count, bytes, refused, ended, sizes, lifetimeEvents, lifetimeNs } = counts;
  return {
    kind,
    count,
    bytes,
    recordedAsFailed: refused,
    aliveAtEnd: count - ended,
    sizes: barsOf(sizes),
    lifetimeEvents: barsOf(lifetimeEvents),
    lifetimeNs: barsOf(lifetimeNs),
  };
}

/** Those that are not empty. */
function barsOf(counts: Float64Array): Bar[] {
  return [...counts.entries()]
    .map(([bucket, count]) => ({ from: bucket === 0 ? 0 : 2 ** (bucket - 1), to: 2 ** bucket, count }))
    .filter(({ count }) => count > 0);
}
