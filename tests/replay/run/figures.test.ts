/**
 * Every counter and every figure of a replay's JSON tells something: for each there is a machine on which it comes to
 * differ from what it was before the first event, or, of what the layout decides, two machines that differ in it.
 */
import { expect, test } from 'vitest';
import { EXECUTE, KERNEL_MODE, READ, WRITE } from '../../../core/event/access-mode.ts';
import { type Batch, batchOf } from '../../../core/event/batch.ts';
import { CLONE_VM } from '../../../core/event/clone-flags.ts';
import { DMA_TO_DEVICE } from '../../../core/event/dma-flags.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MAP_POPULATE,
  MAP_SHARED,
  PROT_EXEC,
  PROT_READ,
} from '../../../core/event/mmap-flags.ts';
import { buildLayout, type LayoutOptions } from '../../../core/layout/catalog/index.ts';
import { COUNTER_NAMES } from '../../../core/outcome/counters.ts';
import { type LaneOptions, newLane } from '../../../replay/lane/lane.ts';
import { replay } from '../../../replay/run/pipeline.ts';
import { workload } from '../../../workloads/index.ts';
import {
  access,
  device,
  dmaMap,
  eventOf,
  HIGH,
  kmalloc,
  MIB,
  madvise,
  mmap,
  munmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  type Step,
  vmalloc,
} from '../../support/rows.ts';

interface Run {
  readonly what: string;
  readonly layout: string;
  readonly mib: number;
  readonly layoutOptions?: LayoutOptions;
  readonly options?: LaneOptions;
  readonly events: readonly Batch[];
}

const told = (...steps: readonly Step[]): Batch[] => [batchOf(steps.map(eventOf))];
const times = (count: number, step: (i: number) => Step): Step[] =>
  Array.from({ length: count }, (_, i) => step(i));
const touches = (object: number, nrPages: number, mode: number): Step[] =>
  times(nrPages, (page) => access(object, page * PAGE, 8, mode));
/** Long enough for khugepaged to look several times. */
const SLEEP: readonly Step[] = [
  { kind: 'switch', pid: 1, thinkNs: 40e6 },
  { kind: 'switch', pid: 1 },
];
const NR_SMALL = 9216;
const WAYS_4 = { sets: 1, ways: 4 };

const RUNS: readonly Run[] = [
  {
    what: 'windows, threads, devices and what fails',
    layout: '3g1g',
    mib: 128,
    layoutOptions: { cpus: 2, highmemBytes: 64n << 20n },
    options: { swiotlb: { bytes: MIB, belowBytes: 16 * MIB } },
    events: told(
      ...RUNNING,
      { kind: 'file', file: 1, length: 4 * PAGE },
      { kind: 'file_read', file: 1, offset: 0, length: PAGE },
      mmap(1, 4 * PAGE, RW | MAP_SHARED, 1),
      mmap(2, 8 * PAGE),
      ...[1, 2].flatMap((object) => [...touches(object, 4, READ), ...touches(object, 4, WRITE)]),
      { kind: 'clone', pid: 2, cloneFlags: CLONE_VM },
      { kind: 'switch', pid: 2, cpu: 1 },
      { ...access(2, 0, 8), cpu: 1 },
      munmap(2, 0, PAGE),
      kmalloc(10, 100),
      access(10, 0, 8, READ | KERNEL_MODE),
      vmalloc(11, 4 * PAGE),
      access(11, 0, 8, READ | KERNEL_MODE),
      vmalloc(15, 160 * PAGE),
      ...[1, 2].flatMap(() => touches(15, 160, EXECUTE | KERNEL_MODE)),
      pages(12, 0, HIGH),
      { kind: 'kmap', object: 12, page: 0 },
      kmalloc(13, 4 * PAGE),
      device(1, 24),
      dmaMap('single', 13, 1, 0, PAGE, DMA_TO_DEVICE),
      access(99, 0, 8),
      { kind: 'kfree', object: 99 },
      kmalloc(14, 2 ** 30),
    ),
  },
  {
    what: 'all of memory taken and given back',
    layout: '3g1g',
    mib: 128,
    layoutOptions: { cpus: 1, highmemBytes: 64n << 20n },
    events: told(
      ...times(400, (i) => pages(1 + i, 0)),
      ...times(400, (i): Step => ({ kind: 'page_free', object: 1 + i })),
      ...times(40, (i) => pages(1000 + i, 10, HIGH)),
      ...times(20_000, (i) => pages(2000 + i, 0)),
    ),
  },
  {
    what: 'more than memory holds',
    layout: 'linux-x86_64',
    mib: 32,
    options: { reclaim: { swapBytes: 32n << 20n } },
    events: told(
      ...RUNNING,
      { kind: 'file', file: 1, length: 8 * MIB },
      mmap(1, 8 * MIB, RW | MAP_SHARED, 1),
      mmap(2, 2 * MIB, PROT_READ | PROT_EXEC, 1),
      mmap(3, 20 * MIB),
      ...touches(2, 16, EXECUTE),
      ...touches(1, 1000, WRITE),
      ...touches(3, 5000, WRITE),
      ...touches(3, 2000, READ),
      ...touches(3, 5000, WRITE),
      ...times(4100, (i) => pages(10_000 + i, 0, GFP_KERNEL)),
    ),
  },
  {
    what: 'huge pages, until there is no block for one',
    layout: 'linux-x86_64',
    mib: 32,
    options: { thp: { mode: 'always', usesZeroPage: true }, reclaim: { swapBytes: 32n << 20n } },
    events: told(
      ...RUNNING,
      mmap(1, 8 * MIB),
      access(1, 4 * MIB, 8, READ),
      mmap(2, 8 * MIB),
      access(2, 4 * MIB, 8, WRITE),
      munmap(2, 4 * MIB, PAGE),
      mmap(3, 24 * MIB, RW | MAP_POPULATE),
      ...touches(3, 6144, WRITE),
      mmap(4, 8 * MIB, RW | MAP_POPULATE),
    ),
  },
  {
    what: 'khugepaged, for whom pages are read only, shared, in the swap area, and then no block is free',
    layout: 'linux-x86_64',
    mib: 32,
    options: {
      thp: { mode: 'always', usesZeroPage: true, scanSleepMs: 10, pagesToScan: 10 * 512 },
      reclaim: { swapBytes: 32n << 20n },
    },
    events: told(
      ...RUNNING,
      mmap(1, 8 * MIB),
      madvise(1, 0, 8 * MIB, MADV_NOHUGEPAGE),
      ...touches(1, 1024, WRITE),
      ...touches(1, 2048, READ),
      madvise(1, 0, 8 * MIB, MADV_HUGEPAGE),
      { kind: 'fork', pid: 2 },
      ...SLEEP,
      { kind: 'switch', pid: 2 },
      { kind: 'exit' },
      { kind: 'switch', pid: 1 },
      ...touches(1, 1100, WRITE),
      ...SLEEP,
      mmap(2, 24 * MIB),
      madvise(2, 0, 24 * MIB, MADV_NOHUGEPAGE),
      ...touches(2, 6000, WRITE),
      madvise(2, 0, 24 * MIB, MADV_HUGEPAGE),
      ...SLEEP,
      ...SLEEP,
    ),
  },
  {
    what: 'memory in pieces, which is compacted for huge pages until there is no more of it',
    layout: 'linux-x86_64',
    mib: 64,
    options: { thp: { mode: 'always', defrag: 'always' }, reclaim: { swapBytes: 64n << 20n } },
    events: told(
      ...RUNNING,
      mmap(1, NR_SMALL * PAGE),
      madvise(1, 0, 0, MADV_NOHUGEPAGE),
      ...touches(1, NR_SMALL, WRITE),
      // Of each 8 pages 2 stay.
      ...times(NR_SMALL / 8, (i) => madvise(1, (8 * i + 2) * PAGE, 6 * PAGE, MADV_DONTNEED)),
      mmap(2, 56 * MIB),
      madvise(2, 0, 0, MADV_HUGEPAGE),
      ...times(27, (i) => access(2, (i + 1) * 2 * MIB, 8, WRITE)),
    ),
  },
  {
    what: 'a build, with isolation and every walk cache',
    layout: 'linux-x86_64-la57',
    mib: 512,
    options: { mmu: { kpti: true, pdpteCache: WAYS_4, pml4eCache: WAYS_4, pml5eCache: WAYS_4 } },
    events: [...workload('build').generate(1, {}, 8000)],
  },
  {
    what: 'drivers, which fragment memory',
    layout: '3g1g',
    mib: 128,
    events: [...workload('drivers').generate(1, {}, 8000)],
  },
  {
    what: 'more RAM than entries reach, and objects of a kernel with other words',
    layout: '3g1g',
    mib: 5120,
    options: { recordedWordBits: 64 },
    events: told({ kind: 'refused', object: 1, request: 13, length: 0 }, kmalloc(1, 100), {
      kind: 'refused',
      object: 1,
      request: 13,
      length: 0,
    }),
  },
];

/** What no event changes: the layout and the machine decide. */
const DECIDED_AT_BOOT = [
  'name',
  'title',
  'ramBytes',
  'unusedRam',
  'unusedRam.bytes',
  'unusedRam.reason',
  'wordBits',
  'objectScale',
  'memory.low.totalBytes',
  'memory.high.totalBytes',
  ...['name', 'totalBytes', 'minBytes', 'lowBytes', 'highBytes'].map((field) => `memory.zones.${field}`),
  'vmalloc.totalBytes',
  'kmap.slots',
  'tlb.walkLevels.level',
];
/** Told as they come: what is in them depends on what happened. */
const LISTS = ['cpuNs', 'allocations', 'otherFailures', 'firstFailures'];

/** Every figure by its path, as text; those of all zones under one. */
function figuresOf(value: unknown, path = '', found = new Map<string, string>()): Map<string, string> {
  if (typeof value !== 'object' || value === null || LISTS.includes(path))
    return found.set(path, `${found.get(path) ?? ''} ${JSON.stringify(value)}`);
  const isList = Array.isArray(value);
  for (const [key, part] of Object.entries(value)) {
    const next = isList ? path : `${path}${path === '' ? '' : '.'}${key}`;
    figuresOf(part, next, found);
  }
  return found;
}

/** The figures of a lane that has seen these events, as the JSON has them. */
async function figuresAfter({ layout, mib, layoutOptions, options }: Run, events: readonly Batch[]) {
  let ms = 0;
  const clock = (): number => ++ms;
  const built = buildLayout(layout, { ramBytes: BigInt(mib) << 20n, ...layoutOptions });
  const result = await replay(events, [newLane(built, options)], { clock });
  return figuresOf(JSON.parse(JSON.stringify(result.layouts[0])));
}

const before = await Promise.all(RUNS.map((run) => figuresAfter(run, [])));
const after = await Promise.all(RUNS.map((run) => figuresAfter(run, run.events)));
const paths = [...new Set([...before, ...after].flatMap((figures) => [...figures.keys()]))];
const moves = (path: string): boolean =>
  before.some((figures, i) => figures.get(path) !== after[i]!.get(path));

test('the figures are those of every counter, and all others', () => {
  for (const name of COUNTER_NAMES) expect(paths).toContain(`counters.${name}`);
  for (const path of [...DECIDED_AT_BOOT, ...LISTS, 'faults.swapIn', 'tlb.walks'])
    expect(paths).toContain(path);
});

test.each(paths.filter((path) => !DECIDED_AT_BOOT.includes(path)))('%s changes as events come', (path) => {
  expect(moves(path)).toBe(true);
});

test.each(DECIDED_AT_BOOT)('%s differs between machines, and no event changes it', (path) => {
  expect(new Set(before.map((figures) => figures.get(path))).size).toBeGreaterThan(1);
  expect(moves(path)).toBe(false);
});

test('lowFreeLowest begins with all of low memory that is free, and falls to the lowest that it ever is', () => {
  const [start, end] = [before[1]!, after[1]!];
  const pagesOf = (figures: Map<string, string>): number =>
    Number(figures.get('memory.low.freeBytes')) / PAGE;
  expect(Number(start.get('counters.lowFreeLowest'))).toBe(pagesOf(start));
  expect(Number(end.get('counters.lowFreeLowest'))).toBeLessThan(0.1 * pagesOf(start));
  expect(Number(end.get('counters.lowFreeLowest'))).toBeLessThanOrEqual(pagesOf(end));
});
