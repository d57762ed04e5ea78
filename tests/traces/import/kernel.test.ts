import { describe, expect, test } from 'vitest';
import { type Batch, eventsOf } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { geometryOf } from '../../../traces/import/kernel-slabs.ts';
import { type ImportResult, importTrace } from '../../../traces/index.ts';
import { inBlocks } from '../support.ts';

const PID = 7;

/** A line of tracefs; the task and the cpu stay the same unless a test is about them. */
function at(timeUs: number, body: string, { cpu = 0, pid = PID } = {}): string {
  const [seconds, micros] = [Math.floor(timeUs / 1e6), String(timeUs % 1e6).padStart(6, '0')];
  return `            bash-${String(pid).padEnd(7)} [00${cpu}] ..... ${seconds}.${micros}: ${body}`;
}
const line = (body: string): string => at(1, body);
const alloc = (pfn: number, order = 0): string =>
  line(`mm_page_alloc: page=1 pfn=${pfn} order=${order} migratetype=0 gfp_flags=GFP_KERNEL`);
const free = (pfn: number, order = 0): string => line(`mm_page_free: page=1 pfn=${pfn} order=${order}`);
const kmalloc = (ptr: string, size = 16): string =>
  line(`kmalloc: call_site=f ptr=${ptr} bytes_req=${size} bytes_alloc=${size} gfp_flags=GFP_KERNEL node=-1`);
const kfree = (ptr: string): string => line(`kfree: call_site=f ptr=${ptr}`);
const cacheAlloc = (ptr: string, name: string, size = 104, room = size): string =>
  line(
    `kmem_cache_alloc: call_site=f ptr=${ptr} name=${name} bytes_req=${size} bytes_alloc=${room} gfp_flags=GFP_KERNEL`,
  );
const cacheFree = (ptr: string, name: string): string =>
  line(`kmem_cache_free: call_site=f ptr=${ptr} name=${name}`);
const area = (va: number, size: number, failed = 0): string =>
  line(`alloc_vmap_area: va_start: ${va} size=${size} align=4096 vstart=0x1 vend=0x2 failed=${failed}`);
const freeArea = (va: number): string =>
  line(`free_vmap_area_noflush: va_start=${va} nr_lazy=1 nr_lazy_max=2`);

async function importLines(
  lines: readonly string[],
): Promise<{ result: ImportResult; batches: Batch[]; told: string[] }> {
  const batches: Batch[] = [];
  const blocks = inBlocks(Buffer.from(`${lines.join('\n')}\n`), 1 << 20);
  const output = { write: (batch: Batch) => void batches.push(batch) };
  const result = await importTrace({ name: 'some.txt', blocks }, output);
  return { result, batches, told: tell(batches) };
}

/** `page_alloc object=1 order=0`, less what is the same for all. */
function tell(batches: readonly Batch[]): string[] {
  return batches
    .flatMap((batch) => [...eventsOf(batch)])
    .map(({ kind, cpu, thinkNs, ...fields }) => {
      const values = Object.entries(fields).filter(([name, value]) => name !== 'gfp' || value !== GFP_KERNEL);
      return [kind, ...values.map(([name, value]) => `${name}=${value}`)].join(' ');
    });
}

const START = [`spawn pid=${PID}`, `switch pid=${PID}`];
const TASK = { 'task seen for the first time': 1, 'another task on the cpu': 1 };

describe('lines become events', () => {
  test.each<[string, string[], string[]]>([
    ['pages', [alloc(5, 2), free(5, 2)], ['page_alloc object=1 order=2', 'page_free object=1']],
    ['kmalloc', [kmalloc('ff', 30), kfree('ff')], ['kmalloc object=1 size=30', 'kfree object=1']],
    [
      'a cache is created when it is first seen',
      [cacheAlloc('fe', 'filp', 184, 192), cacheAlloc('ff', 'filp', 184, 192), cacheFree('fe', 'filp')],
      [
        'kmem_cache_create cache=1 size=184 align=64 slabFlags=0',
        'kmem_cache_alloc object=1 cache=1',
        'kmem_cache_alloc object=2 cache=1',
        'kmem_cache_free object=1',
      ],
    ],
    [
      'caches are numbered in order of appearance; of one name, by size',
      [cacheAlloc('f1', 'b'), cacheAlloc('f2', 'a'), cacheAlloc('f3', 'b', 8), cacheAlloc('f4', 'b', 8)],
      [
        'kmem_cache_create cache=1 size=104 align=0 slabFlags=0',
        'kmem_cache_alloc object=1 cache=1',
        'kmem_cache_create cache=2 size=104 align=0 slabFlags=0',
        'kmem_cache_alloc object=2 cache=2',
        'kmem_cache_create cache=3 size=8 align=0 slabFlags=0',
        'kmem_cache_alloc object=3 cache=3',
        'kmem_cache_alloc object=4 cache=3',
      ],
    ],
    [
      'vmap areas, less their guard page',
      [area(0xffc0_0000, 20480), freeArea(0xffc0_0000)],
      ['vm_area object=1 size=16384 align=4096', 'free_vm_area object=1'],
    ],
    [
      'the number of an object that is gone is used again, whatever it was',
      [alloc(5), kmalloc('5'), free(5), kmalloc('6')],
      [
        'page_alloc object=1 order=0',
        'kmalloc object=2 size=16',
        'page_free object=1',
        'kmalloc object=1 size=16',
      ],
    ],
  ])('%s', async (_name, lines, events) => {
    const { told, result } = await importLines(lines);
    expect(told).toEqual([...START, ...events]);
    expect(result).toMatchObject({ lines: lines.length, eventLines: lines.length, ignored: {} });
  });

  test('names of caches, sizes and the number of cpus are noted', async () => {
    const { result } = await importLines([
      cacheAlloc('fe', 'filp', 184, 192),
      at(2, 'kfree: call_site=f ptr=1', { cpu: 5 }),
    ]);
    expect(result.notes).toEqual({ cpus: 6, caches: [{ cache: 1, name: 'filp', size: 184, align: 64 }] });
  });

  test.each([
    // object size, size in the slab, and what makes one from the other
    [104, 104, { size: 104, align: 0 }],
    [101, 104, { size: 101, align: 0 }],
    [9, 12, { size: 9, align: 0 }],
    [9, 16, { size: 9, align: 0 }],
    [184, 192, { size: 184, align: 64 }],
    [20, 32, { size: 20, align: 32 }],
    [33, 48, { size: 33, align: 16 }],
    [1, 4096, { size: 1, align: 4096 }],
    // a free pointer behind the object
    [64, 72, { size: 72, align: 0 }],
  ])('an object of %d bytes that takes %d', (bytesReq, bytesAlloc, geometry) => {
    expect(geometryOf(bytesReq, bytesAlloc)).toEqual(geometry);
  });
});

describe('traps: what the kernel does not say, or says twice', () => {
  test.each<[string, string[], string[], Partial<ImportResult>]>([
    [
      'mm_page_free_batched says again what mm_page_free said',
      [alloc(5), free(5), line('mm_page_free_batched: page=1 pfn=5 order=0')],
      ['page_alloc object=1 order=0', 'page_free object=1'],
      { ignored: { 'free that mm_page_free said already': 1 } },
    ],
    [
      'a page that is freed twice was allocated in bulk between',
      [alloc(5), free(5), free(5)],
      [
        'page_alloc object=1 order=0',
        'page_free object=1',
        'page_alloc object=1 order=0 gfp=3266',
        'page_free object=1',
      ],
      { implied: { ...TASK, 'page allocated without a line (in bulk, or lost)': 1 } },
    ],
    [
      'a page that was never allocated is older than the trace',
      [free(5, 1)],
      ['page_alloc object=1 order=1 gfp=1051850', 'page_free object=1'],
      { implied: { ...TASK, 'page allocated before the trace': 1 } },
    ],
    [
      'the inside of the page allocator is for the simulated one to do',
      [
        line('mm_page_alloc_zone_locked: page=1 pfn=5 order=0 migratetype=0 percpu_refill=1'),
        line('mm_page_pcpu_drain: page=1 pfn=5 order=0 migratetype=0'),
        line(
          'mm_page_alloc_extfrag: page=1 pfn=5 alloc_order=0 fallback_order=9 pageblock_order=9 ' +
            'alloc_migratetype=0 fallback_migratetype=1 fragmenting=0 change_ownership=1',
        ),
        alloc(5),
      ],
      ['page_alloc object=1 order=0'],
      { ignored: { 'inside the page allocator': 3 } },
    ],
    [
      'kfree(NULL), hashed or not',
      [kfree('0000000000000000'), kfree('(nil)'), alloc(5)],
      ['page_alloc object=1 order=0'],
      { ignored: { 'kfree(NULL)': 2 } },
    ],
    [
      'an object that is allocated again was freed without a line',
      [kmalloc('ff'), cacheAlloc('ff', 'a'), kmalloc('ff')],
      [
        'kmalloc object=1 size=16',
        'kfree object=1',
        'kmem_cache_create cache=1 size=104 align=0 slabFlags=0',
        'kmem_cache_alloc object=1 cache=1',
        'kmem_cache_free object=1',
        'kmalloc object=1 size=16',
      ],
      {
        implied: {
          ...TASK,
          'slab cache seen for the first time': 1,
          'slab object freed without a line (RCU, in bulk, or lost)': 2,
        },
      },
    ],
    [
      'kfree() frees objects of caches, kmem_cache_free() those of kmalloc',
      [cacheAlloc('ff', 'a'), kfree('ff'), kmalloc('fe'), cacheFree('fe', 'kmalloc-16')],
      [
        'kmem_cache_create cache=1 size=104 align=0 slabFlags=0',
        'kmem_cache_alloc object=1 cache=1',
        'kmem_cache_free object=1',
        'kmalloc object=1 size=16',
        'kfree object=1',
      ],
      { changed: { 'kfree() of a kmem_cache object': 1, 'kmem_cache_free() of a kmalloc object': 1 } },
    ],
    [
      'slab objects older than the trace have no size',
      [kfree('ff'), cacheFree('fe', 'a'), alloc(5)],
      ['page_alloc object=1 order=0'],
      { ignored: { 'free of a slab object of before the trace, or allocated in bulk': 2 } },
    ],
    [
      'what failed is not there',
      [
        line('mm_page_alloc: page=0 pfn=0x0 order=9 migratetype=0 gfp_flags=GFP_KERNEL'),
        kmalloc('0'),
        cacheAlloc('0', 'a'),
        area(1, 4096, 1),
        alloc(5),
      ],
      ['page_alloc object=1 order=0'],
      { ignored: { 'failed allocation': 4 } },
    ],
    [
      'lost lines are counted, and their frees implied',
      [alloc(5), 'CPU:0 [LOST 62 EVENTS]', 'CPU:1 [LOST 1 EVENTS]', alloc(5)],
      ['page_alloc object=1 order=0', 'page_free object=1', 'page_alloc object=1 order=0'],
      {
        lostEvents: 63,
        ignored: { 'note of lost events': 2 },
        implied: { ...TASK, 'page freed without a line (lost)': 1 },
        warnings: [expect.stringContaining('63 events were lost')],
      },
    ],
    [
      'a note that does not say how many were lost',
      [alloc(5), 'CPU:0 [LOST EVENTS]', alloc(6)],
      ['page_alloc object=1 order=0', 'page_alloc object=2 order=0'],
      {
        lostEvents: 0,
        ignored: { 'note of lost events': 1 },
        warnings: [expect.stringContaining('does not say how many')],
      },
    ],
    [
      'what the ring buffer overwrote is lost too',
      ['# tracer: nop', '# entries-in-buffer/entries-written: 497/12320   #P:2', alloc(5)],
      ['page_alloc object=1 order=0'],
      { lostEvents: 11823, ignored: { banner: 2 } },
    ],
    [
      'faults, flushes, markers and other tracepoints are ignored by name',
      [
        line('page_fault_user: address=0x1 ip=0x2 error_code=0x4'),
        line('page_fault_kernel: address=0x1 ip=__put_user_4 error_code=0x3'),
        line('tlb_flush: pages:-1 reason:task switch (0)'),
        line('rss_stat: mm_id=1 curr=0 type=MM_ANONPAGES size=16384B'),
        line('tracing_mark_write: phase x'),
        line('mm_vmscan_kswapd_wake: nid=0 order=3'),
        line('mm_shrink_slab_start: f+0x0/0x30 1: nid: 0 objects to shrink 0'),
        line('sched_switch: prev_comm=a'),
        alloc(5),
      ],
      ['page_alloc object=1 order=0'],
      {
        ignored: {
          'page fault': 2,
          'TLB flush': 1,
          rss_stat: 1,
          marker: 1,
          reclaim: 2,
          'tracepoint sched_switch': 1,
        },
      },
    ],
    [
      'a vmap area of 4 GiB and more is too large for an event',
      [area(0xff000000, 2 ** 32 + 4096), freeArea(0xff000000), area(0xff000000, 2 ** 32)],
      ['vm_area object=1 size=4294963200 align=4096'],
      { ignored: { 'vmap area of 4 GiB or more': 1, 'free of a vmap area of before the trace': 1 } },
    ],
    [
      'vmap areas: older than the trace; freed without a line; as small as a page',
      [freeArea(1), area(2, 8192), area(2, 4096)],
      [
        'vm_area object=1 size=4096 align=4096',
        'free_vm_area object=1',
        'vm_area object=1 size=4096 align=4096',
      ],
      {
        ignored: { 'free of a vmap area of before the trace': 1 },
        implied: { ...TASK, 'vmap area freed without a line (lost)': 1 },
      },
    ],
  ])('%s', async (_name, lines, events, counts) => {
    const { told, result } = await importLines(lines);
    expect(told).toEqual([...START, ...events]);
    expect(result).toMatchObject(counts);
    expectAllAccountedFor(result);
  });

  describe('blocks and their parts', () => {
    const REST = 'rest of a block that was freed in part';
    const LOST = 'page freed without a line (lost)';
    const BULK = 'page allocated without a line (in bulk, or lost)';
    test.each<[string, string[], string[], Record<string, number>]>([
      [
        'a block of 8 freed from its first page: the rest are blocks of 4, 2 and 1',
        [alloc(8, 3), free(8)],
        ['alloc 3', 'free 1', 'alloc 2', 'alloc 1', 'alloc 0'],
        { [REST]: 3 },
      ],
      [
        'from its last',
        [alloc(8, 3), free(15)],
        ['alloc 3', 'free 1', 'alloc 2', 'alloc 1', 'alloc 0'],
        { [REST]: 3 },
      ],
      [
        'page by page, it is all freed',
        [alloc(8, 1), free(8), free(9)],
        ['alloc 1', 'free 1', 'alloc 0', 'free 1'],
        { [REST]: 1 },
      ],
      [
        'a part that is a block of its own',
        [alloc(8, 3), free(12, 2), free(8, 2)],
        ['alloc 3', 'free 1', 'alloc 2', 'free 1'],
        { [REST]: 1 },
      ],
      [
        'a block of pages that were allocated singly: those frees are missing',
        [alloc(8), alloc(9), free(8, 1)],
        ['alloc 0', 'alloc 0', 'free 1', 'free 2', 'alloc 1', 'free 2'],
        { [LOST]: 2, [BULK]: 1 },
      ],
      [
        'an allocation inside a live block: its free is missing',
        [alloc(8, 3), alloc(10)],
        ['alloc 3', 'free 1', 'alloc 0'],
        { [LOST]: 1 },
      ],
      [
        'an allocation around live pages',
        [alloc(9), alloc(11), alloc(8, 2)],
        ['alloc 0', 'alloc 0', 'free 1', 'free 2', 'alloc 2'],
        { [LOST]: 2 },
      ],
      [
        'neighbours do not touch',
        [alloc(8, 1), alloc(10, 1), free(8, 1)],
        ['alloc 1', 'alloc 1', 'free 1'],
        {},
      ],
      [
        'blocks of 512 pages and more',
        [alloc(0x400, 10), alloc(0x3ff), free(0x400, 10), free(0x7ff)],
        ['alloc 10', 'alloc 0', 'free 1', 'alloc 0', 'free 1'],
        { [BULK]: 1 },
      ],
    ])('%s', async (_name, lines, events, implied) => {
      const { told, result } = await importLines(lines);
      const short = told.map((event) =>
        event.replace(/page_(alloc) object=\d+ order=(\d+).*/, '$1 $2').replace(/page_free object=/, 'free '),
      );
      expect(short.slice(2)).toEqual(events);
      expect(result.implied).toEqual({ ...TASK, ...implied });
      expectAllAccountedFor(result);
    });
  });
});

describe('tasks and time', () => {
  const ON_1 = { cpu: 1, pid: 8 };

  test('a task is spawned when it is first seen, and switched to where it runs; idle is no task', async () => {
    const body = 'kfree: call_site=f ptr=0';
    const lines = [7, 8, 7, 0, 0, 8].map((pid) => at(1, body, { pid }));
    const { told, result } = await importLines([...lines, at(1, body, ON_1), alloc(5)]);
    const pids = [
      'spawn pid=7',
      'switch pid=7',
      'spawn pid=8',
      'switch pid=8',
      'switch pid=7',
      'switch pid=0',
      'switch pid=8',
    ];
    expect(told).toEqual([...pids, 'switch pid=8', 'switch pid=7', 'page_alloc object=1 order=0']);
    expect(result.processes).toBe(2);
  });

  test('think time is what passed on the cpu since its last event, or since the trace began', async () => {
    const lines = [
      at(10, 'kfree: call_site=f ptr=0'),
      at(13, 'mm_page_alloc: page=1 pfn=5 order=0 migratetype=0 gfp_flags=GFP_KERNEL'),
      at(14, 'rss_stat: x'),
      at(15, 'mm_page_free: page=1 pfn=5 order=0', ON_1),
      at(18, 'mm_page_free: page=1 pfn=6 order=0'),
      // stamps of merged cpus may go back
      at(16, 'mm_page_free: page=1 pfn=7 order=0'),
      at(19, 'mm_page_free: page=1 pfn=8 order=0'),
    ];
    const { batches } = await importLines(lines);
    const times = batches
      .flatMap((batch) => [...eventsOf(batch)])
      .map(({ kind, cpu, thinkNs }) => `${kind} ${cpu} ${thinkNs}`);
    expect(times).toEqual([
      'spawn 0 0',
      'switch 0 0',
      'page_alloc 0 3000',
      'spawn 1 5000',
      'switch 1 0',
      'page_free 1 0',
      'page_alloc 0 5000',
      'page_free 0 0',
      'page_alloc 0 0',
      'page_free 0 0',
      'page_alloc 0 1000',
      'page_free 0 0',
    ]);
  });

  test('a wait longer than an event can carry is cut, with a warning', async () => {
    const { batches, result } = await importLines([
      alloc(5),
      at(10_000_001, 'mm_page_free: page=1 pfn=5 order=0'),
    ]);
    expect(batches[0]!.thinkNs[3]).toBe(2 ** 32 - 1);
    expect(result.warnings).toEqual([expect.stringContaining('5.7 s')]);
  });

  test('cpus that an event cannot name are an error', async () => {
    const many = alloc(5).replace('[000]', '[256]');
    await expect(importLines([alloc(5), many])).rejects.toMatchObject({ line: 2, found: 'cpu 256' });
    expect((await importLines([alloc(5), alloc(6).replace('[000]', '[255]')])).result.notes).toMatchObject({
      cpus: 256,
    });
  });
});

test('a trace without any allocation or free is refused', async () => {
  await expect(importLines([line('tlb_flush: x')])).rejects.toMatchObject({
    found: '1 lines, none of them an allocation or a free',
  });
});

function expectAllAccountedFor({ lines, events, eventLines, ignored, implied }: ImportResult): void {
  expect(lines).toBe(eventLines + sum(ignored));
  expect(events).toBe(eventLines + sum(implied));
}

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);
