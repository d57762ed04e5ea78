/** A script carried out on a machine: what it did at every mark, whom it took, and how often it had to. */
import {
  bootMachine,
  countersOf,
  GFP_ATOMIC,
  GFP_KERNEL,
  MAP_SHARED,
  PROT_READ,
  PROT_WRITE,
  READ,
  SLAB_RECLAIM_ACCOUNT,
  WRITE,
} from '../../../core/index.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { objectBase } from '../../../core/vm/mapping.ts';
import { Calls, type Told } from './calls.ts';
import type { PressureCapture } from './capture.ts';
import { ExtentShrinker, type Made } from './extents.ts';
import type { PressureMachine } from './machine.ts';
import { objectOf, type PagePlaces, placesOf } from './mappings.ts';
import { type FreeAtStart, HERE, Player } from './player.ts';
import { runScript, type ScriptMachine } from './script.ts';
import type { StepCounts } from './step-counts.ts';

/** Figures of /proc/vmstat, since the machine began. */
export interface PressureCounts {
  readonly pswpout: number;
  readonly pswpin: number;
  readonly scanned: number;
  readonly stolen: number;
  readonly kswapdRuns: number;
  readonly directReclaims: number;
  /** Requests that compacted, of them those that got their block, pages moved and looked at. */
  readonly compactStalls: number;
  readonly compactSuccesses: number;
  readonly migrated: number;
  readonly migrateScanned: number;
}

export interface PressureMark {
  readonly name: string;
  readonly counts: PressureCounts;
  /** By the name of the mapping. */
  readonly places: ReadonlyMap<string, PagePlaces>;
  /** By the name of the file: whether its pages are in the page cache. */
  readonly cached: ReadonlyMap<string, Uint8Array>;
  /** Of what was compacted, what those did that had to, without kcompactd; undefined: nothing tells. */
  readonly ownCompaction?: Pick<PressureCounts, 'migrated' | 'migrateScanned'> | undefined;
}

export interface PressurePrediction {
  readonly marks: readonly PressureMark[];
  /** Processes in the order in which they were killed, by name. */
  readonly killed: readonly string[];
  /** Pages of files in the order in which they left the cache, by the file's name. */
  readonly evicted: ReadonlyMap<string, readonly number[]>;
  readonly direct: readonly FreeAtStart[];
  readonly kswapd: readonly FreeAtStart[];
  /** Counted at each step, by its number; and of the last one, once its process had ended. */
  readonly steps: ReadonlyMap<number, StepCounts>;
  readonly afterEnd: StepCounts | undefined;
  /** Sizes of what is copied to and from bounce buffers, in order. */
  readonly bounced: readonly number[];
  /** Events that the machine refused. */
  readonly refused: number;
}

const PAGE_BYTES = 4096;
/** struct extent_status of fs/ext4/extents_status.h, v6.1, 64 bits. */
const EXTENT_BYTES = 40;
/** oom_score_adj is told as a number of 32 bits without a sign. */
const ADJ_ZERO = 1000;

export function predictPressure(
  { script, given }: Pick<PressureCapture, 'script' | 'given'>,
  { layout, options }: PressureMachine,
  told: Told,
): PressurePrediction {
  const player = new Player(bootMachine(layout, options));
  const run = new PressureRun(player, new Calls(player, told));
  runScript(script, given, run);
  return run.result();
}

export class PressureRun implements ScriptMachine {
  readonly calls: Calls;
  private readonly player: Player;
  private readonly files = new Map<string, { readonly file: number; readonly pages: number }>();
  private readonly caches = new Map<string, number>();
  private readonly made: Made[] = [];
  private readonly marks: PressureMark[] = [];

  constructor(player: Player, calls: Calls) {
    this.player = player;
    this.calls = calls;
  }

  result(): PressurePrediction {
    const { player, calls } = this;
    player.flush();
    const { killed, evicted, processes, direct, kswapd, refused } = player;
    const fileName = new Map([...this.files].map(([name, { file }]) => [file, name]));
    return {
      marks: this.marks,
      killed: killed.map((pid) => processes.get(pid) ?? String(pid)),
      evicted: new Map([...evicted].map(([file, pages]) => [fileName.get(file) ?? String(file), pages])),
      ...{ direct, kswapd, refused, steps: calls.steps, afterEnd: calls.afterEnd },
      bounced: calls.disk.bounced,
    };
  }

  process(name: string, adj: number): void {
    const { player } = this;
    const pid = player.processes.size + 1;
    player.processes.set(pid, name);
    player.pid = pid;
    player.add({ kind: 'spawn', ...HERE, pid });
    player.add({ kind: 'switch', ...HERE, pid });
    if (adj !== 0) player.add({ kind: 'oom_score_adj', ...HERE, pid, adj: adj + ADJ_ZERO });
  }

  exit(): void {
    this.calls.end();
  }

  anon(name: string, pages: number): void {
    this.map(name, pages, PROT_READ | PROT_WRITE, 0);
  }

  hugeAnon(name: string, pages: number, spare: number): void {
    const { player } = this;
    const object = this.map(name, pages + spare, PROT_READ | PROT_WRITE, 0);
    player.flush();
    const { machine } = player;
    const mm = machine.records.mms[machine.records.processes[player.pid]!.mm]!;
    const base = objectBase(machine, mm, object);
    const head = (spare - (base % spare)) % spare;
    player.mappings.set(name, { ...player.mapping(name), pages, head, pieces: [{ first: -head, object }] });
  }

  file(name: string, pages: number): void {
    const file = this.player.newId();
    this.files.set(name, { file, pages });
    this.player.add({ kind: 'file', ...HERE, file, length: pages * PAGE_BYTES });
  }

  mapFile(name: string, file: string, pages: number): void {
    this.map(name, pages, PROT_READ | MAP_SHARED, this.files.get(file)?.file ?? 0);
  }

  private map(name: string, pages: number, flags: number, file: number): number {
    const { player } = this;
    const object = player.newId();
    const pieces = [{ first: 0, object }];
    player.mappings.set(name, { pid: player.pid, pages, head: 0, pieces, gone: [] });
    player.add({ kind: 'mmap', ...HERE, object, length: pages * PAGE_BYTES, flags, file });
    return object;
  }

  touch(name: string, first: number, count: number, writes: boolean): void {
    const mapping = this.player.mapping(name);
    const mode = writes ? WRITE : READ;
    for (let page = first; page < first + count; page++) {
      const offset = (mapping.head + page) * PAGE_BYTES;
      this.player.add({ kind: 'access', ...HERE, object: objectOf(mapping, page), offset, size: 8, mode });
    }
  }

  readFile(name: string, first: number, count: number): void {
    const file = this.files.get(name)?.file ?? 0;
    const [offset, length] = [first * PAGE_BYTES, count * PAGE_BYTES];
    this.player.add({ kind: 'file_read', ...HERE, file, offset, length });
  }

  kmalloc(bytes: number, count: number): void {
    const { player } = this;
    for (let i = 0; i < count; i++)
      player.add({ kind: 'kmalloc', ...HERE, object: player.newId(), size: bytes, gfp: GFP_KERNEL });
  }

  slab(name: string, bytes: number, count: number): void {
    const { player } = this;
    const cache = this.cache(name, bytes);
    for (let i = 0; i < count; i++)
      player.add({ kind: 'kmem_cache_alloc', ...HERE, object: player.newId(), cache, gfp: GFP_KERNEL });
  }

  private cache(name: string, bytes: number): number {
    const known = this.caches.get(name);
    if (known !== undefined) return known;
    const cache = this.caches.size + 1;
    this.caches.set(name, cache);
    const slabFlags = name.startsWith('rcl-') ? SLAB_RECLAIM_ACCOUNT : 0;
    this.player.add({ kind: 'kmem_cache_create', ...HERE, cache, size: bytes, align: 8, slabFlags });
    return cache;
  }

  extents(first: number, count: number): void {
    const { player, made } = this;
    player.extents ??= new ExtentShrinker(made);
    for (let at = first; at < first + count; at++) this.makeExtent(at);
  }

  private makeExtent(at: number): void {
    const { player, made } = this;
    const cache = this.cache('rcl-ext4_extent_status', EXTENT_BYTES);
    const object = player.newId();
    made.push({ object, at });
    player.add({ kind: 'kmem_cache_alloc', ...HERE, object, cache, gfp: GFP_ATOMIC });
  }

  recall(file: string, pages: number, step: number, leafPages: number): void {
    const { player } = this;
    player.flush();
    const leaves = this.leavesToRead(file, pages, step, leafPages);
    // Looked for before any is made again: what is still to be made takes long to look through.
    for (const at of this.forgotten(leaves, 2 * leafPages)) this.makeExtent(at);
  }

  private forgotten(leaves: Iterable<number>, leafExtents: number): number[] {
    const { extents } = this.player;
    const places: number[] = [];
    for (const leaf of leaves)
      for (let at = leaf * leafExtents; at < (leaf + 1) * leafExtents; at++)
        if (extents?.has(at) === false) places.push(at);
    return places;
  }

  private leavesToRead(name: string, pages: number, step: number, leafPages: number): Set<number> {
    const { file } = this.files.get(name)!;
    const leaves = new Set<number>();
    for (let page = 0; page < pages; page += step)
      if (!this.isCached(file, page)) leaves.add(Math.floor(page / leafPages));
    return leaves;
  }

  isAlive(): boolean {
    const { player } = this;
    player.flush();
    return player.machine.records.processes[player.pid] !== undefined;
  }

  mark(name: string): void {
    const { player } = this;
    player.flush();
    const { machine, mappings } = player;
    this.marks.push({
      name,
      counts: countsOf(machine),
      places: new Map([...mappings].map(([mapping, what]) => [mapping, placesOf(machine, what)])),
      cached: new Map([...this.files].map(([file, what]) => [file, this.cachedOf(what)])),
    });
  }

  private isCached(file: number, page: number): boolean {
    const { records, pageCache } = this.player.machine;
    return pageCache.get(records.files[file]!.firstSlot + page, 0) > 0;
  }

  private cachedOf({ file, pages }: { readonly file: number; readonly pages: number }): Uint8Array {
    const { records, pageCache } = this.player.machine;
    const { firstSlot } = records.files[file]!;
    const cached = new Uint8Array(pages);
    for (let page = 0; page < pages; page++) cached[page] = pageCache.get(firstSlot + page, 0) > 0 ? 1 : 0;
    return cached;
  }
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
    compactStalls: of.compactStall,
    compactSuccesses: of.compactSuccess,
    migrated: of.pgmigrateSuccess,
    migrateScanned: of.compactMigrateScanned,
  };
}
