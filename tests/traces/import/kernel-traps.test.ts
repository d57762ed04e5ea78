/** What the tracepoints of a kernel do not say, or say twice. */
import { describe, expect, test } from 'vitest';
import { EVENT_KINDS } from '../../../core/event/kinds.ts';
import type { ImportResult } from '../../../traces/index.ts';
import {
  alloc,
  area,
  cacheAlloc,
  cacheFree,
  expectAllAccountedFor,
  free,
  freeArea,
  importLines,
  kfree,
  kmalloc,
  line,
  START,
  TASK,
} from '../../support/kernel-lines.ts';

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
      'what failed is asked for again, with a note of that, and given back at once',
      [
        line('mm_page_alloc: page=          (null) pfn=0 order=9 migratetype=0 gfp_flags=GFP_KERNEL'),
        kmalloc('0'),
        cacheAlloc('0', 'a'),
        area(1, 8192, 1),
        alloc(5),
      ],
      [
        'page_alloc object=1 order=9',
        `refused object=1 request=${EVENT_KINDS.page_alloc.code} length=0`,
        'page_free object=1',
        'kmalloc object=2 size=16',
        `refused object=2 request=${EVENT_KINDS.kmalloc.code} length=0`,
        'kfree object=2',
        'kmem_cache_create cache=1 size=104 align=0 slabFlags=0',
        'kmem_cache_alloc object=2 cache=1',
        `refused object=2 request=${EVENT_KINDS.kmem_cache_alloc.code} length=0`,
        'kmem_cache_free object=2',
        'vm_area object=1 size=4096 align=4096',
        `refused object=1 request=${EVENT_KINDS.vm_area.code} length=0`,
        'free_vm_area object=1',
        'page_alloc object=1 order=0',
      ],
      {
        ignored: {},
        implied: {
          ...TASK,
          'failed request: a note that it failed': 4,
          'failed request: what it gets is given back at once': 4,
          'slab cache seen for the first time': 1,
        },
      },
    ],
    [
      'frees of 2.6.31 to 3.2: each page has one of the two',
      [alloc(5), line('mm_page_free_direct: page=1 pfn=5 order=0'), alloc(6)].concat([
        line('mm_pagevec_free: page=1 pfn=6 order=0 cold=0'),
      ]),
      [
        'page_alloc object=1 order=0',
        'page_free object=1',
        'page_alloc object=1 order=0',
        'page_free object=1',
      ],
      { ignored: {}, implied: TASK },
    ],
    [
      'gfp flags that no kernel has, or as a number, are told',
      [
        line('mm_page_alloc: page=1 pfn=5 order=0 migratetype=0 gfp_flags=GFP_KERNEL|__GFP_NVM'),
        line('mm_page_alloc: page=1 pfn=6 order=0 migratetype=0 gfp_flags=3264'),
      ],
      ['page_alloc object=1 order=0', 'page_alloc object=2 order=0'],
      {
        changed: {
          'gfp flag without a meaning here: __GFP_NVM': 1,
          'gfp flags as a number: taken as bits of Linux 5.0 and later': 1,
        },
      },
    ],
    [
      'lines without cpu, task or time',
      ['kmem:mm_page_alloc: page=1 pfn=5 order=0 migratetype=0 gfp_flags=GFP_KERNEL', free(5)],
      ['page_alloc object=1 order=0', 'spawn pid=7', 'switch pid=7', 'page_free object=1'],
      {
        warnings: [
          expect.stringContaining('1 lines do not say on which cpu'),
          expect.stringContaining('1 lines do not say which task'),
          expect.stringContaining('1 lines have no time'),
        ],
      },
    ],
    [
      'lines of other tracers are counted by kind',
      [
        alloc(5),
        line('vfs_read <-ksys_read'),
        line('sys_read -> 0x64'),
        line('my_func+0x10/0x20: hello'),
        'dear diary',
        '<',
      ],
      ['page_alloc object=1 order=0'],
      {
        ignored: {
          'function tracer': 1,
          'system call': 1,
          trace_printk: 1,
          'line of no known form': 1,
          'page around the trace': 1,
        },
      },
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
      'so is a slab object, and a size below 0, which is one of those printed with a sign',
      [
        line(
          'kmalloc: call_site=f ptr=(null) bytes_req=18446744073709551615 bytes_alloc=0 gfp_flags=GFP_KERNEL',
        ),
        line('kmalloc: call_site: f, ptr: 0xfd, bytes_req: -64, bytes_alloc: 64, gfp_flags: GFP_KERNEL'),
        line(
          'kmem_cache_alloc: call_site=f ptr=fc name=a bytes_req=8 bytes_alloc=4294967296 gfp_flags=GFP_KERNEL',
        ),
        line(
          'kmem_cache_alloc: call_site: f, ptr: 0xfb, name: a, bytes_req: -8, bytes_alloc: 8, gfp_flags: GFP_KERNEL',
        ),
        kmalloc('ff'),
      ],
      ['kmalloc object=1 size=16'],
      { ignored: { 'slab object of 4 GiB or more': 4 } },
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
    const start = lines[0]!.startsWith('kmem:') ? [] : START;
    expect(told).toEqual([...start, ...events]);
    expect(result).toMatchObject(counts);
    expectAllAccountedFor(result);
  });
});
