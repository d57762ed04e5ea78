/** What one thing that a workload does changes in the kernel's reports. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { __GFP_RECLAIMABLE, GFP_HIGHUSER, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MAP_POPULATE, MAP_SHARED, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { SLAB_RECLAIM_ACCOUNT } from '../../../core/event/slab-flags.ts';
import { bootMachine, buildLayout, parseMemoryMap } from '../../../core/index.ts';
import { activate, addToLru } from '../../../core/pages/lru.ts';
import { USE_ANON } from '../../../core/phys/frames.ts';
import { boostCell } from '../../../core/phys/free-lists.ts';
import { allocPages } from '../../../core/phys/page-alloc.ts';
import { viewNamed } from '../../../replay/views/index.ts';
import {
  formatPagetypeinfo,
  type Meminfo,
  parseBuddyinfo,
  parseIomem,
  parseMeminfo,
  parsePagetypeinfo,
  parseSlabinfo,
  parseZoneinfo,
} from '../../../traces/index.ts';
import { FIXTURES, reportsOf } from '../../captures/proc-files.ts';
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
  RW,
  type Session,
  type Step,
  sessionOf,
} from '../../support/rows.ts';

const textOf = (session: Session, view: string): string => viewNamed(view).text(session.machine);
const meminfoOf = (session: Session): Meminfo => parseMeminfo(textOf(session, 'meminfo'));

const PROCESS: Step[] = [
  { kind: 'spawn', pid: 1 },
  { kind: 'switch', pid: 1 },
];
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
    const session = sessionOf('linux-3g1g', 1024).given(...PROCESS);
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
    ...PROCESS,
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

describe('zoneinfo', () => {
  test.each([
    ['linux-arm-3g1g', ['Normal', 'HighMem', 'Movable']], // of a captured kernel; its CONFIG_ZONE_DMA is off
    ['linux-arm-3g1g-nohighmem', ['Normal', 'Movable']],
    ['linux-arm64-39', ['DMA', 'DMA32', 'Normal', 'Movable']],
  ])('%s: only zones that the kernel is built with', (layout, names) => {
    const zones = parseZoneinfo(viewNamed('zoneinfo').text(bootMachine(buildLayout(layout))));
    expect(zones.map(({ zone }) => zone)).toEqual(names);
    expect(zones.map(({ protection }) => protection.length)).toEqual(names.map(() => names.length));
  });

  test('has the lists of the cpus that run', () => {
    const layout = buildLayout('linux-3g1g', { ramBytes: 256n << 20n, cpus: 4, onlineCpus: 2 });
    const zones = parseZoneinfo(viewNamed('zoneinfo').text(bootMachine(layout)));
    expect(zones[1]!.pagesets.map(({ cpu }) => cpu)).toEqual([0, 1]);
  });

  test('has the lists of every cpu that did something, present or not', () => {
    const session = sessionOf('linux-3g1g', 256).given({ ...pages(1, 0), cpu: 3 });
    const zones = parseZoneinfo(textOf(session, 'zoneinfo'));
    expect(zones[1]!.pagesets.map(({ cpu }) => cpu)).toEqual([0, 1, 2, 3]);
  });

  test('counts a cpu its own lists, and the node what meminfo counts', () => {
    const session = sessionOf('linux-x86_64', 1024, { cpus: 2 }).given(
      ...PROCESS,
      mmap(2, 8 * PAGE),
      access(2, 0, 1, WRITE),
    );
    session.given({ ...pages(3, 0), cpu: 1 });
    const zones = parseZoneinfo(textOf(session, 'zoneinfo'));
    const { pagesets, statistics } = zones.find(({ zone }) => zone === 'DMA32')!;
    expect(pagesets.map(({ cpu, count }) => [cpu, count > 0])).toEqual([
      [0, true],
      [1, true],
    ]);
    expect(statistics.nr_zone_inactive_anon).toBe(1);
    expect(zones[0]!.nodeStatistics).toMatchObject({
      nr_inactive_anon: 1,
      nr_anon_pages: 1,
      nr_page_table_pages: 2, // a pte table and its pmd table
      nr_kernel_stack: 16,
    });
  });

  test('shared memory is on the lists of anonymous pages, and slabs are counted once', () => {
    const session = sessionOf('linux-x86_64', 1024).given(
      ...PROCESS,
      mmap(2, 4 * PAGE, RW | MAP_SHARED),
      access(2, 0, 1, WRITE),
      access(2, PAGE, 1, WRITE),
      kmalloc(3, 4096, GFP_KERNEL | __GFP_RECLAIMABLE),
    );
    const zones = parseZoneinfo(textOf(session, 'zoneinfo'));
    const { statistics } = zones.find(({ zone }) => zone === 'DMA32')!;
    expect(statistics).toMatchObject({ nr_zone_inactive_anon: 2, nr_zone_inactive_file: 0 });
    const { Slab = 0, SReclaimable = 0 } = meminfoOf(session);
    expect(zones[0]!.nodeStatistics).toMatchObject({
      nr_slab_reclaimable: SReclaimable / 4,
      nr_slab_unreclaimable: (Slab - SReclaimable) / 4,
    });
    expect(SReclaimable).toBe(32);
  });

  test('prints marks with the boost that a fallback leaves behind', () => {
    const { machine } = sessionOf('linux-3g1g', 1024);
    const normal = machine.platform.zones[1]!;
    const freeLists = machine.freeLists.slice();
    freeLists[boostCell(normal.index)] = 1024;
    const text = viewNamed('zoneinfo').text({ ...machine, freeLists });
    const { pages, min, low, high } = parseZoneinfo(text)[1]!;
    expect(pages.boost).toBe(1024);
    expect([min, low, high]).toEqual([normal.min + 1024, normal.low + 1024, normal.high + 1024]);
  });
});

describe('other reports', () => {
  test('vmallocinfo names the object, the pages behind an area, or the device', () => {
    const session = sessionOf('linux-3g1g-pae', 1024).given(
      { kind: 'vmalloc', object: 7, size: 3 * PAGE },
      { kind: 'ioremap', object: 8, size: PAGE, pfn: 0xfebf0, offset: 0 },
    );
    expect(textOf(session, 'vmallocinfo')).toBe(
      '0xf7dfe000-0xf7e02000   16384 object_7+0x0/0x4000 pages=3 vmalloc\n' +
        '0xf7e02000-0xf7e04000    8192 object_8+0x0/0x2000 phys=0x00000000febf0000 ioremap\n',
    );
    const mapped = textOf(session, 'kernel_page_tables')
      .split('\n')
      .filter((line) => /^0xf7(df|e0)/.test(line));
    expect(mapped).toEqual([
      '0xf7dfe000-0xf7e01000          12K     RW                 GLB NX pte',
      '0xf7e01000-0xf7e02000           4K                               pte',
      '0xf7e02000-0xf7e03000           4K     RW     PCD         GLB NX pte',
      '0xf7e03000-0xf8000000        2036K                               pte',
    ]);
  });

  test('vmallocinfo: an area that needs an array of its own for its pages, get_vm_area, and what waits for a purge', () => {
    const session = sessionOf('linux-3g1g', 1024).given(
      { kind: 'vmalloc', object: 7, size: 8 << 20 },
      { kind: 'vm_area', object: 8, size: PAGE, align: PAGE },
      { kind: 'free_vm_area', object: 8 },
    );
    expect(textOf(session, 'vmallocinfo').replace(/0x\w{8}-0x\w{8} /g, '')).toBe(
      '8392704 object_7+0x0/0x801000 pages=2048 vmalloc vpages\n' +
        '  12288 object_7+0x0/0x3000 pages=2 vmalloc\n' +
        '   8192 unpurged vm_area\n',
    );
    expect(meminfoOf(session).VmallocUsed).toBe(8192 + 8);
  });

  test('kernel page tables show what a cpu has mapped for a moment', () => {
    const session = sessionOf('linux-3g1g', 1024).given(pages(2, 0, GFP_HIGHUSER));
    const fixmap = () => textOf(session, 'kernel_page_tables').split('Fixmap area ]---\n')[1]!.split('\n');
    expect(fixmap()[0]).toBe('0xfff3b000-0xffffb000         768K                               pte');
    const vpn = session.do({ kind: 'kmap_local', object: 2, page: 0 }).vpn;
    const start = `0x${(vpn * PAGE).toString(16)}`;
    const slot = fixmap().filter((line) => line.startsWith(start));
    expect(slot).toEqual([expect.stringMatching(/ {11}4K {5}RW {17}GLB x {2}pte$/)]);
    session.given({ kind: 'kunmap_local', object: 2, page: 0 });
    expect(fixmap()[0]).toBe('0xfff3b000-0xffffb000         768K                               pte');
  });

  test('slabinfo has the caches of the workload before the older ones of the kernel', () => {
    const session = sessionOf('linux-3g1g', 1024).given(
      cache(7, 1000, 0, SLAB_RECLAIM_ACCOUNT),
      fromCache(2, 7),
    );
    const [first, second] = parseSlabinfo(textOf(session, 'slabinfo'));
    expect(first).toMatchObject({ name: 'cache-7', objectBytes: 1000, objects: 8, slabs: 1 });
    expect(second!.name).toBe('dma-kmalloc-8k');
  });

  test('pagetypeinfo: a block that is taken is missed in its type; the kernel counts to 100,000 only', () => {
    const session = sessionOf('linux-3g1g', 1024);
    const normal = () =>
      parsePagetypeinfo(textOf(session, 'pagetypeinfo')).free.filter(({ zone }) => zone === 'Normal');
    const before = normal();
    session.given(pages(2, 10));
    const taken = normal().map(({ freeBlocks }, type) => before[type]!.freeBlocks[10]! - freeBlocks[10]!);
    expect(taken.filter((count) => count !== 0)).toEqual([1]);
    const many = { ...parsePagetypeinfo(textOf(session, 'pagetypeinfo')) };
    const free = many.free.map((row, i) =>
      i === 1 ? { ...row, freeBlocks: [100_000, 2], uncounted: [0] } : row,
    );
    const text = formatPagetypeinfo({ ...many, free });
    expect(text).toContain('Node    0, zone      DMA, type      Movable >100000      2 \n');
    expect(parsePagetypeinfo(text).free[1]).toEqual(free[1]);
  });
});

test.each([
  [99_999, '99999'],
  [100_000, '>100000'],
  [100_001, '>100000'],
])('pagetypeinfo: %i blocks on a list are %s', (blocks, shown) => {
  const memory = [{ zone: 'DMA32', freeBlocks: [[], [blocks], []] }];
  const text = textOf(sessionOf('linux-x86_64', 1024, {}, { memory }), 'pagetypeinfo');
  const [movable] = text.split('\n').filter((line) => /DMA32, type +Movable/.test(line));
  expect(movable!.trim().split(/ +/)[6]).toBe(shown);
});

describe('the host of the kernel traces, 24 GiB with a hole below 4 GiB', () => {
  const reports = new Map(
    ['iomem', 'zoneinfo', 'pagetypeinfo', 'buddyinfo'].map((name) => [
      name,
      reportsOf(join(FIXTURES, 'linux-6.18', name))[0]!.text,
    ]),
  );
  const memoryMap = parseMemoryMap(reports.get('iomem')!);
  const machine = bootMachine(buildLayout('linux-x86_64', { memoryMap, cpus: 2 }));
  const viewed = (name: string): string => viewNamed(name).text(machine);

  test('has the same zones', () => {
    const spans = (text: string) =>
      parseZoneinfo(text)
        .filter(({ present }) => present > 0)
        .map(({ zone, spanned, present, startPfn }) => ({ zone, spanned, present, startPfn }));
    expect(spans(viewed('zoneinfo'))).toEqual(spans(reports.get('zoneinfo')!));
    expect(parseBuddyinfo(viewed('buddyinfo')).map(({ zone }) => zone)).toEqual(['DMA', 'DMA32', 'Normal']);
  });

  test('has pageblocks where there is memory only', () => {
    const blocks = (text: string): number[] =>
      parsePagetypeinfo(text).blocks.map(({ blocks }) =>
        Object.values(blocks).reduce((sum, n) => sum + n, 0),
      );
    expect(blocks(viewed('pagetypeinfo')).slice(0, 2)).toEqual(
      blocks(reports.get('pagetypeinfo')!).slice(0, 2),
    );
  });

  test('has its RAM where it has it', () => {
    const ram = (text: string) => parseIomem(text).filter(({ name }) => name === 'System RAM');
    expect(ram(viewed('iomem'))).toEqual(ram(reports.get('iomem')!));
  });
});
