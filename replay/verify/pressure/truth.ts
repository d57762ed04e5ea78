/** What the captured kernel did, in the form of a prediction. */
import type { PressureCapture } from './capture.ts';
import { bouncePhases } from './disk-requests.ts';
import { type DumpedMark, namedNumbers, type PageRun } from './dumps.ts';
import { ABSENT, type PagePlaces, PRESENT } from './mappings.ts';
import type { PressureCounts, PressureMark } from './run.ts';

export interface PressureTruth {
  readonly marks: readonly PressureMark[];
  readonly killed: readonly string[];
  /** Of the file of which most pages went; empty where the trace does not tell. */
  readonly evicted: readonly number[];
  /** Sizes of what was copied to and from bounce buffers, in order. */
  readonly bounced: readonly number[];
}

export function pressureTruth(capture: PressureCapture): PressureTruth {
  const { dumps, script, trace } = capture;
  const start = dumps.marks.findIndex(({ name }) => name === script.begin);
  const [begin, ...marks] = dumps.marks.slice(start);
  const base = vmstatCounts(begin!);
  const own = ownCompaction(trace);
  return {
    marks: marks.map((mark) => ({ ...markOf(mark, base), ownCompaction: own?.get(mark.name) })),
    killed: killedIn(trace, dumps.notes),
    evicted: evictedIn(trace),
    bounced: bouncePhases(trace).flatMap(({ bounces }) => bounces.map(({ bytes }) => bytes)),
  };
}

function markOf(mark: DumpedMark, base: PressureCounts): PressureMark {
  const now = vmstatCounts(mark);
  const counts = Object.fromEntries(
    Object.entries(now).map(([name, value]) => [name, value - base[name as keyof PressureCounts]]),
  ) as unknown as PressureCounts;
  const cached = [...mark.cached].map(([name, runs]): [string, Uint8Array] => {
    const pages = new Uint8Array(lengthOf(runs));
    for (const run of runs) if (run.cached) pages.fill(1, run.first, run.first + run.count);
    return [name, pages];
  });
  const places = [...mark.pagemaps].map(([name, runs]): [string, PagePlaces] => [
    name,
    placesOf(runs, /^\/\S+\s/m.test(mark.files.get('/proc/swaps') ?? '')),
  ]);
  return { name: mark.name, counts, places: new Map(places), cached: new Map(cached) };
}

function lengthOf(runs: readonly { readonly first: number; readonly count: number }[]): number {
  const last = runs.at(-1);
  return last === undefined ? 0 : last.first + last.count;
}

/** Without a swap area an entry that names no frame is of a page that is being moved. */
function placesOf(runs: readonly PageRun[], hasSwap: boolean): PagePlaces {
  const places = new Int32Array(lengthOf(runs));
  for (const { first, count, state, value, step } of runs)
    for (let i = 0; i < count; i++)
      places[first + i] =
        state === 'none' ? ABSENT : state === 'present' || !hasSwap ? PRESENT : value + i * step;
  return places;
}

const COMPACTED =
  /: tracing_mark_write: mark (\S+)$|^(\S+) .*: mm_(?:migrate_pages: nr_succeeded=(\d+)|compaction_isolate_migratepages: .*nr_scanned=(\d+))/gm;

/** By mark: pages that others than kcompactd moved and looked at until then; undefined if the trace does not tell. */
function ownCompaction(trace: string): Map<string, { migrated: number; migrateScanned: number }> | undefined {
  if (!trace.includes(': mm_compaction_isolate_migratepages: ')) return undefined;
  const until = new Map<string, { migrated: number; migrateScanned: number }>();
  const own = { migrated: 0, migrateScanned: 0 };
  for (const [, mark, task, migrated, scanned] of trace.matchAll(COMPACTED)) {
    if (mark !== undefined) until.set(mark, { ...own });
    else if (!task!.startsWith('kcompactd')) {
      own.migrated += Number(migrated ?? 0);
      own.migrateScanned += Number(scanned ?? 0);
    }
  }
  return until;
}

/** Direct reclaims are counted by the zone that was asked for, kswapd's runs as pageoutrun. */
function vmstatCounts({ files }: DumpedMark): PressureCounts {
  const vmstat = namedNumbers(files.get('/proc/vmstat') ?? '');
  const of = (name: string): number => vmstat.get(name) ?? 0;
  const stalls = [...vmstat].filter(([name]) => name.startsWith('allocstall'));
  return {
    pswpout: of('pswpout'),
    pswpin: of('pswpin'),
    scanned: of('pgscan_kswapd') + of('pgscan_direct'),
    stolen: of('pgsteal_kswapd') + of('pgsteal_direct'),
    kswapdRuns: of('pageoutrun'),
    directReclaims: stalls.reduce((sum, [, value]) => sum + value, 0),
    compactStalls: of('compact_stall'),
    compactSuccesses: of('compact_success'),
    migrated: of('pgmigrate_success'),
    migrateScanned: of('compact_migrate_scanned') + of('compact_daemon_migrate_scanned'),
  };
}

/** By their names: the notes give pids of those that were there before (`holder 0: pid 81`). */
function killedIn(trace: string, notes: readonly string[]): string[] {
  const names = new Map<string, string>();
  for (const note of notes) {
    const [, name, pid] = /^([\w ]+): pid (\d+)/.exec(note) ?? [];
    if (name !== undefined) names.set(pid!, name.replaceAll(' ', '_'));
  }
  return [...trace.matchAll(/: mark_victim: pid=(\d+)/g)].map(([, pid]) => names.get(pid!) ?? UNNAMED);
}

/** A process of which the capture gives no name: who asked. */
export const UNNAMED = 'another';

const EVICTED =
  /: mm_filemap_delete_from_page_cache: dev (\S+) ino (\w+) .*?(?:page=(\d+) pages=(\d+) step=(-?\d+)|ofs=(\d+))/g;
const PAGE_BYTES = 4096;

function evictedIn(trace: string): number[] {
  const byFile = new Map<string, number[]>();
  for (const [, device, inode, page, count, step, offset] of trace.matchAll(EVICTED)) {
    const key = `${device} ${inode}`;
    const pages = byFile.get(key) ?? [];
    byFile.set(key, pages);
    if (offset !== undefined) pages.push(Number(offset) / PAGE_BYTES);
    else for (let i = 0; i < Number(count); i++) pages.push(Number(page) + i * Number(step));
  }
  return [...byFile.values()].sort((a, b) => b.length - a.length)[0] ?? [];
}
