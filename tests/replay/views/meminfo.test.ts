/** What one thing that a workload does changes in meminfo, and where else the same figures are. */
import { describe, expect, test } from 'vitest';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { __GFP_RECLAIMABLE, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MAP_POPULATE, MAP_SHARED, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { SLAB_RECLAIM_ACCOUNT } from '../../../core/event/slab-flags.ts';
import { activate, addToLru } from '../../../core/pages/lru.ts';
import { USE_ANON } from '../../../core/phys/frames.ts';
import { allocPages } from '../../../core/phys/page-alloc.ts';
import { type Meminfo, parseZoneinfo } from '../../../traces/index.ts';
import { frameOf, within } from '../../core/reclaim/looks.ts';
import {
  access,
  cache,
  fromCache,
  kmalloc,
  mlock,
  mmap,
  PAGE,
  pages,
  RUNNING,
  RW,
  type Step,
  sessionOf,
} from '../../support/rows.ts';
import { meminfoOf, textOf } from './reports.ts';

const FILE = 50;

// What is done, on 3g1g after a process was made, and what it adds to meminfo, in KiB.
const CHANGES: [what: string, steps: Step[], change: Meminfo][] = [
  ['a mapping that nobody uses', [mmap(2, 100 * PAGE)], { Committed_AS: 400, AnonPages: 0 }],
  [
    'five pages written',
    [mmap(2, 100 * PAGE), access(2, 0, 1, WRITE), ...[1, 2, 3, 4].map((i) => access(2, i * PAGE, 1, WRITE))],
    { AnonPages: 20, 'Inactive(anon)': 20, Inactive: 20, PageTables: 4, Mapped: 0, Cached: 0 },
  ],
  [
    'a page read: the zero page',
    [mmap(2, PAGE), access(2, 0, 1, READ)],
    { AnonPages: 0, Committed_AS: 4, PageTables: 4 },
  ],
  [
    'pages of two page tables',
    [mmap(2, 4096 * PAGE), access(2, 0, 1, WRITE), access(2, 2048 * PAGE, 1, WRITE)],
    { AnonPages: 8, PageTables: 8 },
  ],
  [
    'a file read, not mapped',
    [
      { kind: 'file', file: FILE, length: 10 * PAGE },
      { kind: 'file_read', file: FILE, offset: 0, length: 3 * PAGE },
    ],
    { Cached: 12, 'Inactive(file)': 12, Mapped: 0, Shmem: 0 },
  ],
  [
    'locked pages: on no list of what may be reclaimed',
    [mmap(2, 3 * PAGE, RW | MAP_POPULATE), mlock(2, 0, 2 * PAGE)],
    { AnonPages: 12, Mlocked: 8, Unevictable: 8, 'Inactive(anon)': 4 },
  ],
  [
    'a file mapped, read-only',
    [
      { kind: 'file', file: FILE, length: 10 * PAGE },
      mmap(2, 10 * PAGE, PROT_READ, FILE),
      access(2, 0, 1),
      access(2, 5 * PAGE, 1),
    ],
    { Cached: 8, Mapped: 8, 'Inactive(file)': 8, Committed_AS: 0 },
  ],
  [
    'shared memory',
    [mmap(2, 4 * PAGE, RW | MAP_SHARED), access(2, 0, 1, WRITE), access(2, PAGE, 1, WRITE)],
    {
      Shmem: 8,
      Cached: 8,
      Mapped: 8,
      'Inactive(anon)': 8,
      'Inactive(file)': 0,
      AnonPages: 0,
      Committed_AS: 16,
    },
  ],
  ['kmalloc in a slab', [kmalloc(2, 4096)], { Slab: 32, SUnreclaim: 32, SReclaimable: 0 }],
  ['kmalloc without a slab', [kmalloc(2, 100_000)], { Slab: 128, SUnreclaim: 128 }],
  [
    'kmalloc of what can be reclaimed',
    [kmalloc(2, 4096, GFP_KERNEL | __GFP_RECLAIMABLE)],
    { Slab: 32, SReclaimable: 32, KReclaimable: 32, SUnreclaim: 0 },
  ],
  [
    'a cache of what can be reclaimed',
    [cache(7, 1000, 0, SLAB_RECLAIM_ACCOUNT), fromCache(2, 7)],
    { SReclaimable: 8, SUnreclaim: 0 },
  ],
  ['vmalloc', [{ kind: 'vmalloc', object: 2, size: 10 * PAGE }], { VmallocUsed: 40 }],
  [
    'ioremap: no memory',
    [{ kind: 'ioremap', object: 2, size: PAGE, pfn: 0xfebf0, offset: 0 }],
    { VmallocUsed: 0 },
  ],
  ['another process', [{ kind: 'spawn', pid: 2 }], { KernelStack: 8 }],
  ['pages for nobody in particular', [pages(2, 3)], { Slab: 0, Cached: 0, AnonPages: 0 }],
];

describe('meminfo', () => {
  test.each(CHANGES)('%s', (_what, steps, change) => {
    const session = sessionOf('linux-3g1g', 1024).given(...RUNNING);
    const before = meminfoOf(session);
    const after = meminfoOf(session.given(...steps));
    const changed = Object.fromEntries(
      Object.keys(change).map((name) => [name, after[name]! - before[name]!]),
    );
    expect(changed).toEqual(change);
  });

  test('of a page cache smaller than the low marks half is available: the rest is worked with', () => {
    const session = sessionOf('linux-3g1g', 1024).given({ kind: 'file', file: FILE, length: 100 * PAGE });
    const before = meminfoOf(session);
    const after = meminfoOf(session.given({ kind: 'file_read', file: FILE, offset: 0, length: 100 * PAGE }));
    const lost = (name: string): number => before[name]! - after[name]!;
    expect(lost('MemFree')).toBeGreaterThanOrEqual(400);
    expect(lost('MemAvailable')).toBe(lost('MemFree') - 200);
  });

  test('what may be committed: half of the memory, and all of the swap area', () => {
    const limitOf = (swapBytes: bigint): Meminfo =>
      meminfoOf(sessionOf('linux-3g1g', 256, {}, { reclaim: { swapBytes } }));
    const [without, with64] = [limitOf(0n), limitOf(64n << 20n)];
    expect(with64.SwapTotal).toBeGreaterThan(65_000);
    expect(with64.CommitLimit! - without.CommitLimit!).toBe(with64.SwapTotal);
    expect(without.CommitLimit).toBe(Math.floor(without.MemTotal! / 8) * 4);
  });
});

describe('active pages', () => {
  /** A page of a file read twice, and two private pages that reclaim found in use, of which high memory has one. */
  const session = sessionOf('3g1g', 128, { highmemBytes: 64n << 20n }, { reclaim: {} }).given(
    ...RUNNING,
    { kind: 'file', file: FILE, length: PAGE },
    { kind: 'file_read', file: FILE, offset: 0, length: PAGE },
    { kind: 'file_read', file: FILE, offset: 0, length: PAGE },
    mmap(2, 4 * PAGE, RW | MAP_POPULATE),
  );
  within(session, (draft) => {
    const low = allocPages(draft, 0, GFP_KERNEL, USE_ANON, 0);
    addToLru(draft, low, false, 2, 9);
    for (const pfn of [low, frameOf(session, 1, 2, 0)]) activate(draft, pfn, 0);
  });

  test('are the same in meminfo and zoneinfo, in all and by zone', () => {
    const figures = meminfoOf(session);
    expect(figures).toMatchObject({ Active: 12, 'Active(anon)': 8, 'Active(file)': 4, 'Inactive(anon)': 12 });
    const zones = parseZoneinfo(textOf(session, 'zoneinfo'));
    const node = zones.find(({ nodeStatistics }) => nodeStatistics !== undefined)!.nodeStatistics!;
    expect(node).toMatchObject({
      nr_active_anon: 2,
      nr_active_file: 1,
      nr_inactive_anon: 3,
      nr_inactive_file: 0,
    });
    const of = (statistic: string) =>
      Object.fromEntries(zones.map(({ zone, statistics }) => [zone, statistics[statistic]]));
    expect(of('nr_zone_active_anon')).toMatchObject({ DMA: 0, Normal: 1, HighMem: 1 });
    expect(of('nr_zone_inactive_anon')).toMatchObject({ DMA: 0, Normal: 0, HighMem: 3 });
    expect(of('nr_zone_active_file')).toMatchObject({ DMA: 0, Normal: 0, HighMem: 1 });
  });
});
