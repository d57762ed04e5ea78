/** A script carried out on a machine: what it did at every mark, whom it took, and how often it had to. */
import {
  batchOf,
  bootMachine,
  countersOf,
  type Folded,
  fold,
  GFP_KERNEL,
  MAP_SHARED,
  type MemoryEvent,
  OK,
  OOM_KILLED,
  PROT_READ,
  PROT_WRITE,
  READ,
  SLAB_RECLAIM_ACCOUNT,
  WRITE,
} from '../../../core/index.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { endVpn } from '../../../core/mm/vma.ts';
import { isSwapPte, pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf } from '../../../core/paging/tables.ts';
import { freePagesOf } from '../../../core/phys/free-lists.ts';
import type { ReclaimWatch } from '../../../core/reclaim/watch.ts';
import type { PressureCapture } from './capture.ts';
import type { PressureMachine } from './machine.ts';
import { runScript, type ScriptMachine } from './script.ts';

/** Figures of /proc/vmstat, since the machine began. */
export interface PressureCounts {
  readonly pswpout: number;
  readonly pswpin: number;
  readonly scanned: number;
  readonly stolen: number;
  readonly kswapdRuns: number;
  readonly directReclaims: number;
}

/** Where the pages of a mapping are: slot of the swap area, PRESENT, or ABSENT. */
export type PagePlaces = Int32Array;
export const ABSENT = 0;
export const PRESENT = -1;

export interface PressureMark {
  readonly name: string;
  readonly counts: PressureCounts;
  /** By the name of the mapping. */
  readonly places: ReadonlyMap<string, PagePlaces>;
  /** By the name of the file: whether its pages are in the page cache. */
  readonly cached: ReadonlyMap<string, Uint8Array>;
}

/** Free pages of each zone when somebody began to reclaim. */
export type FreeAtStart = Readonly<Record<string, number>>;

export interface PressurePrediction {
  readonly marks: readonly PressureMark[];
  /** Processes in the order in which they were killed, by name. */
  readonly killed: readonly string[];
  /** Pages of files in the order in which they left the cache, by the file's name. */
  readonly evicted: ReadonlyMap<string, readonly number[]>;
  readonly direct: readonly FreeAtStart[];
  readonly kswapd: readonly FreeAtStart[];
  /** Events that the machine refused. */
  readonly refused: number;
}

const BATCH = 512;
const PAGE_BYTES = 4096;
/** oom_score_adj is told as a number of 32 bits without a sign. */
const ADJ_ZERO = 1000;

export function predictPressure(
  { script, given }: Pick<PressureCapture, 'script' | 'given'>,
  { layout, options }: PressureMachine,
): PressurePrediction {
  const run = new PressureRun(bootMachine(layout, options));
  runScript(script, given, run);
  return run.result();
}

interface Mapping {
  readonly object: number;
  readonly pid: number;
  readonly pages: number;
}

class PressureRun implements ScriptMachine {
  private machine: Machine;
  private waiting: MemoryEvent[] = [];
  private readonly processes = new Map<number, string>();
  private readonly mappings = new Map<string, Mapping>();
  private readonly files = new Map<string, { readonly file: number; readonly pages: number }>();
  private readonly caches = new Map<string, number>();
  private readonly marks: PressureMark[] = [];
  private readonly killed: number[] = [];
  private readonly evicted = new Map<number, number[]>();
  private readonly direct: FreeAtStart[] = [];
  private readonly kswapd: FreeAtStart[] = [];
  private lastId = 0;
  private refused = 0;

  constructor(machine: Machine) {
    this.machine = machine;
  }

  result(): PressurePrediction {
    this.flush();
    const fileName = new Map([...this.files].map(([name, { file }]) => [file, name]));
    return {
      marks: this.marks,
      killed: this.killed.map((pid) => this.processes.get(pid) ?? String(pid)),
      evicted: new Map([...this.evicted].map(([file, pages]) => [fileName.get(file) ?? String(file), pages])),
      direct: this.direct,
      kswapd: this.kswapd,
      refused: this.refused,
    };
  }

  process(name: string, adj: number): void {
    const pid = this.processes.size + 1;
    this.processes.set(pid, name);
    this.add({ kind: 'spawn', ...HERE, pid });
    this.add({ kind: 'switch', ...HERE, pid });
    if (adj !== 0) this.add({ kind: 'oom_score_adj', ...HERE, pid, adj: adj + ADJ_ZERO });
  }

  exit(): void {
    this.add({ kind: 'exit', ...HERE });
  }

  anon(name: string, pages: number): void {
    this.map(name, pages, PROT_READ | PROT_WRITE, 0);
  }

  file(name: string, pages: number): void {
    const file = ++this.lastId;
    this.files.set(name, { file, pages });
    this.add({ kind: 'file', ...HERE, file, length: pages * PAGE_BYTES });
  }

  mapFile(name: string, file: string, pages: number): void {
    this.map(name, pages, PROT_READ | MAP_SHARED, this.files.get(file)?.file ?? 0);
  }

  private map(name: string, pages: number, flags: number, file: number): void {
    const object = ++this.lastId;
    this.mappings.set(name, { object, pid: this.processes.size, pages });
    this.add({ kind: 'mmap', ...HERE, object, length: pages * PAGE_BYTES, flags, file });
  }

  touch(name: string, first: number, count: number, writes: boolean): void {
    const object = this.mappings.get(name)?.object ?? 0;
    const mode = writes ? WRITE : READ;
    for (let page = first; page < first + count; page++)
      this.add({ kind: 'access', ...HERE, object, offset: page * PAGE_BYTES, size: 8, mode });
  }

  readFile(name: string, first: number, count: number): void {
    const file = this.files.get(name)?.file ?? 0;
    this.add({ kind: 'file_read', ...HERE, file, offset: first * PAGE_BYTES, length: count * PAGE_BYTES });
  }

  kmalloc(bytes: number, count: number): void {
    for (let i = 0; i < count; i++)
      this.add({ kind: 'kmalloc', ...HERE, object: ++this.lastId, size: bytes, gfp: GFP_KERNEL });
  }

  slab(name: string, bytes: number, count: number): void {
    let cache = this.caches.get(name);
    if (cache === undefined) {
      cache = this.caches.size + 1;
      this.caches.set(name, cache);
      const slabFlags = name.startsWith('rcl-') ? SLAB_RECLAIM_ACCOUNT : 0;
      this.add({ kind: 'kmem_cache_create', ...HERE, cache, size: bytes, align: 8, slabFlags });
    }
    for (let i = 0; i < count; i++)
      this.add({ kind: 'kmem_cache_alloc', ...HERE, object: ++this.lastId, cache, gfp: GFP_KERNEL });
  }

  isAlive(): boolean {
    this.flush();
    return this.machine.records.processes[this.processes.size] !== undefined;
  }

  mark(name: string): void {
    this.flush();
    this.marks.push({
      name,
      counts: countsOf(this.machine),
      places: new Map([...this.mappings].map(([mapping, what]) => [mapping, this.placesOf(what)])),
      cached: new Map([...this.files].map(([file, what]) => [file, this.cachedOf(what)])),
    });
  }

  private add(event: MemoryEvent): void {
    this.waiting.push(event);
    if (this.waiting.length >= BATCH) this.flush();
  }

  private flush(): void {
    const events = this.waiting;
    this.waiting = [];
    if (events.length === 0) return;
    const whole = this.folded(events);
    const { status } = whole.outcomes;
    const end = status.subarray(0, events.length).indexOf(OOM_KILLED);
    // The dead do nothing more: what they did up to there is folded once more, without the rest.
    const count = end < 0 ? events.length : end + 1;
    const { machine, seen } = end < 0 ? whole : this.folded(events.slice(0, count));
    this.machine = machine;
    this.refused += status.subarray(0, count).filter((one) => one !== OK).length;
    for (const note of seen) note();
  }

  private folded(events: readonly MemoryEvent[]): Folded & { readonly seen: readonly (() => void)[] } {
    const seen: (() => void)[] = [];
    return { ...fold(this.machine, batchOf(events), { watch: this.watching(seen) }), seen };
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

  private placesOf({ object, pid, pages }: Mapping): PagePlaces {
    const places = new Int32Array(pages);
    const { records } = this.machine;
    const process = records.processes[pid];
    if (process === undefined) return places;
    const { root, vmas } = records.mms[process.mm]!;
    for (const vma of vmas.filter((one) => one.object === object))
      for (let vpn = vma.startVpn; vpn < endVpn(vma); vpn++) {
        const { pte } = findLeaf(this.machine, root, vpn);
        const page = vpn - vma.startVpn + vma.objectPage;
        places[page] = pte === 0 ? ABSENT : isSwapPte(pte) ? pteFrame(pte) : PRESENT;
      }
    return places;
  }

  private cachedOf({ file, pages }: { readonly file: number; readonly pages: number }): Uint8Array {
    const { firstSlot } = this.machine.records.files[file]!;
    return Uint8Array.from({ length: pages }, (_, page) =>
      this.machine.pageCache.get(firstSlot + page, 0) > 0 ? 1 : 0,
    );
  }
}

const HERE = { cpu: 0, thinkNs: 0 } as const;

function freeByZone(of: Parameters<NonNullable<ReclaimWatch['direct']>>[0]): FreeAtStart {
  return Object.fromEntries(of.platform.zones.map(({ name, index }) => [name, freePagesOf(of, index)]));
}

function countsOf({ counters }: Machine): PressureCounts {
  const of = countersOf(counters);
  return {
    pswpout: of.pswpout,
    pswpin: of.pswpin,
    scanned: of.pgscanKswapd + of.pgscanDirect,
    stolen: of.pgstealKswapd + of.pgstealDirect,
    kswapdRuns: of.kswapdRuns,
    directReclaims: of.directReclaims,
  };
}
