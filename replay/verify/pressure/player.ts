/** The machine of a script while it is carried out: events in batches, who runs, what was mapped, and who looked on. */
import {
  batchOf,
  type Folded,
  fold,
  type MemoryEvent,
  OK,
  OOM_KILLED,
  UsageError,
} from '../../../core/index.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import type { ReclaimWatch } from '../../../core/reclaim/watch.ts';
import type { ExtentShrinker } from './extents.ts';
import type { Mapping } from './mappings.ts';

/** Free pages of each zone when somebody began to reclaim. */
export type FreeAtStart = Readonly<Record<string, number>>;

/** A fold that may not be what is to stay. */
interface Tried extends Folded {
  readonly seen: readonly (() => void)[];
  readonly extents: ExtentShrinker | undefined;
}

const BATCH = 512;
export const HERE = { cpu: 0, thinkNs: 0 } as const;

export class Player {
  machine: Machine;
  /** Names by pid. */
  readonly processes = new Map<number, string>();
  /** The process that runs. */
  pid = 0;
  readonly mappings = new Map<string, Mapping>();
  readonly killed: number[] = [];
  readonly evicted = new Map<number, number[]>();
  readonly direct: FreeAtStart[] = [];
  readonly kswapd: FreeAtStart[] = [];
  refused = 0;
  /** What ext4 remembers of files. */
  extents: ExtentShrinker | undefined;
  private waiting: MemoryEvent[] = [];
  private lastId = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  newId(): number {
    return ++this.lastId;
  }

  mapping(name: string): Mapping {
    const mapping = this.mappings.get(name);
    if (mapping === undefined)
      throw new UsageError(
        `found mapping '${name}', expected one of ${[...this.mappings.keys()].join(', ') || 'none: nothing is mapped yet'}`,
      );
    return mapping;
  }

  add(event: MemoryEvent): void {
    this.waiting.push(event);
    if (this.waiting.length >= BATCH) this.flush();
  }

  flush(): void {
    const events = this.waiting;
    this.waiting = [];
    if (events.length === 0) return;
    const whole = this.folded(events);
    const { status } = whole.outcomes;
    const end = status.subarray(0, events.length).indexOf(OOM_KILLED);
    // The dead do nothing more: what they did up to there is folded once more, without the rest.
    const count = end < 0 ? events.length : end + 1;
    const { machine, seen, extents } = end < 0 ? whole : this.folded(events.slice(0, count));
    this.machine = machine;
    this.extents = extents;
    extents?.takeIn(machine);
    this.refused += status.subarray(0, count).filter((one) => one !== OK).length;
    for (const note of seen) note();
  }

  private folded(events: readonly MemoryEvent[]): Tried {
    const seen: (() => void)[] = [];
    const extents = this.extents?.copy();
    const shrinkers = extents === undefined ? [] : [extents];
    const watch = this.watching(seen);
    return { ...fold(this.machine, batchOf(events), { watch, shrinkers }), seen, extents };
  }

  /** What is seen counts once it is known that it is to stay. */
  private watching(seen: (() => void)[]): ReclaimWatch {
    return {
      direct: (draft) => {
        const free = freeByZone(draft);
        seen.push(() => this.direct.push(free));
      },
      kswapd: (draft) => {
        const free = freeByZone(draft);
        seen.push(() => this.kswapd.push(free));
      },
      killed: (pid) => seen.push(() => this.killed.push(pid)),
      victim: (of, page, isFile) => {
        if (isFile) seen.push(() => this.evict(of, page));
      },
    };
  }

  private evict(file: number, page: number): void {
    const pages = this.evicted.get(file) ?? [];
    this.evicted.set(file, pages);
    pages.push(page);
  }
}

function freeByZone(of: Parameters<NonNullable<ReclaimWatch['direct']>>[0]): FreeAtStart {
  return Object.fromEntries(of.platform.zones.map(({ name, index }) => [name, freePagesOf(of, index)]));
}
