import { describe, expect, test } from 'vitest';
import { ImportError } from '../../../traces/index.ts';
import { HEAD, PAGE, readLine, SLAB } from './reading.ts';

describe('tracepoints', () => {
  test.each([
    [
      `mm_page_alloc: ${PAGE} migratetype=1 gfp_flags=GFP_HIGHUSER_MOVABLE|__GFP_ZERO|__GFP_COMP`,
      { kind: 'mm_page_alloc', pfn: 0x23d424, order: 3, migratetype: 1, gfp: 0x140dca | 0x40000 },
    ],
    [
      'mm_page_alloc: page=0000000000000000 pfn=0x0 order=9 migratetype=0 gfp_flags=none',
      { kind: 'mm_page_alloc', pfn: 0, order: 9, gfp: 0 },
    ],
    [
      'mm_page_alloc: page=x pfn=1234 order=0 migratetype=0 gfp_flags=GFP_KERNEL|0x2000000',
      { pfn: 1234, gfp: 0x2000cc0 },
    ],
    // not formatted, as trace-cmd report -R prints it
    [
      'mm_page_alloc: pfn=0xffffffffffffffff order=4 migratetype=0 gfp_flags=GFP_KERNEL',
      { kind: 'mm_page_alloc', pfn: 0, order: 4 },
    ],
    ['mm_page_free: page=x pfn=0xffffffffff order=0', { pfn: 2 ** 40 - 1 }],
    ['mm_page_alloc: pfn=0x12 order=0 migratetype=0 gfp_flags=GFP_KERNEL|GFP_DMA', { pfn: 0x12, gfp: 0xcc1 }],
    [`mm_page_free: ${PAGE}`, { kind: 'mm_page_free', pfn: 0x23d424, order: 3 }],
    [`mm_page_free_batched: ${PAGE}`, { kind: 'mm_page_free_batched', pfn: 0x23d424 }],
    [
      `mm_page_alloc_zone_locked: ${PAGE} migratetype=0 percpu_refill=1`,
      { kind: 'mm_page_alloc_zone_locked', pfn: 0x23d424, order: 3, migratetype: 0, percpuRefill: 1 },
    ],
    // before 5.14 only pages of order 0 went to per-cpu lists
    [`mm_page_alloc_zone_locked: ${PAGE} migratetype=0`, { percpuRefill: 0 }],
    ['mm_page_alloc_zone_locked: page=1 pfn=1 order=0 migratetype=0', { percpuRefill: 1 }],
    [`mm_page_pcpu_drain: ${PAGE} migratetype=1`, { kind: 'mm_page_pcpu_drain', order: 3, migratetype: 1 }],
    [
      'mm_page_alloc_extfrag: page=00000000af269ff0 pfn=0x230400 alloc_order=6 fallback_order=10 pageblock_order=9 ' +
        'alloc_migratetype=0 fallback_migratetype=1 fragmenting=0 change_ownership=1',
      {
        kind: 'mm_page_alloc_extfrag',
        pfn: 0x230400,
        order: 6,
        fallbackOrder: 10,
        pageblockOrder: 9,
        migratetype: 0,
        fallbackMigratetype: 1,
        fragmenting: 0,
        changeOwnership: 1,
      },
    ],
    [
      `kmalloc: ${SLAB}000000001abddfa3 bytes_req=16 bytes_alloc=32 gfp_flags=GFP_NOWAIT node=-1 accounted=false`,
      { kind: 'kmalloc', ptr: 0x1abddfa3, bytesReq: 16, bytesAlloc: 32, gfp: 0x800 },
    ],
    [
      `kmalloc_node: ${SLAB}1f bytes_req=8 bytes_alloc=8 gfp_flags=GFP_KERNEL node=0`,
      { kind: 'kmalloc', ptr: 0x1f },
    ],
    [
      `kmem_cache_alloc: ${SLAB}ffff88814e298e40 name=filp bytes_req=184 bytes_alloc=192 gfp_flags=GFP_KERNEL node=-1`,
      {
        kind: 'kmem_cache_alloc',
        ptr: Number(0xffff88814e298e40n % 2n ** 53n),
        cache: 'filp',
        bytesReq: 184,
        bytesAlloc: 192,
      },
    ],
    // before 6.1 the cache has no name here
    [`kmem_cache_alloc: ${SLAB}ff bytes_req=1 bytes_alloc=8 gfp_flags=GFP_NOFS`, { cache: '', bytesReq: 1 }],
    [
      `kmem_cache_free: ${SLAB}ff name=some cache`,
      { kind: 'kmem_cache_free', ptr: 0xff, cache: 'some cache' },
    ],
    [`kmem_cache_free: ${SLAB}ff name=filp\r`, { cache: 'filp' }],
    ['kfree: call_site=f+0x1/0x2 [ext4] ptr=0000000000000000', { kind: 'kfree', ptr: 0 }],
    ['kfree: (f+0x1) call_site=f+0x1 ptr=(nil)', { kind: 'kfree', ptr: 0 }],
    [
      'alloc_vmap_area: va_start: 18446683600687710208 size=20480 align=16384 vstart=0xff vend=0xfff failed=0',
      {
        kind: 'alloc_vmap_area',
        vaStart: Number(18446683600687710208n % 2n ** 53n),
        size: 20480,
        align: 16384,
        failed: 0,
      },
    ],
    ['alloc_vmap_area: va_start: 4294967295 size=4096 align=1 vstart=0x1 vend=0x2 failed=1', { failed: 1 }],
    [
      'free_vmap_area_noflush: va_start=0xffffc90005eb4000 nr_lazy=3708 nr_lazy_max=16384',
      { kind: 'free_vmap_area_noflush', vaStart: Number(0xffffc90005eb4000n % 2n ** 53n) },
    ],
    ['tracing_mark_write: phase munmap: 100%', { kind: 'tracing_mark_write', text: 'phase munmap: 100%' }],
    [
      'tlb_flush: pages:-1 reason:task switch (0)',
      { kind: 'other', name: 'tlb_flush', text: 'pages:-1 reason:task switch (0)' },
    ],
    ['constructor: x', { kind: 'other', name: 'constructor' }],
    // 2.6.31 to 3.2; %p pads NULL before 4.15
    ['mm_page_free_direct: page=c1 pfn=100 order=2', { kind: 'mm_page_free', pfn: 100, order: 2 }],
    ['mm_pagevec_free: page=c1 pfn=100 order=0 cold=1', { kind: 'mm_page_free', pfn: 100, order: 0 }],
    [
      'mm_page_alloc: page=          (null) pfn=0 order=9 migratetype=2 gfp_flags=GFP_KERNEL',
      { kind: 'mm_page_alloc', pfn: 0, order: 9, migratetype: 2 },
    ],
    ['kfree: call_site=c0 ptr=          (null)', { kind: 'kfree', ptr: 0 }],
    [
      `mm_page_alloc: ${PAGE} migratetype=1 gfp_flags=GFP_KERNEL|__GFP_MAGIC|GFP_ZERO`,
      { gfp: 0xdc0, gfpUnknown: '__GFP_MAGIC', gfpIsNumber: false },
    ],
    [
      `mm_page_alloc: ${PAGE} migratetype=1 gfp_flags=0xcc0`,
      { gfp: 0xcc0, gfpUnknown: '', gfpIsNumber: true },
    ],
    // the option `fields`, the last field first or last
    [
      'mm_page_alloc: migratetype=0x1 (1) gfp_flags=0xcc0 (3264) order=0x3 (3) pfn=0x23d424 (2348068)',
      { kind: 'mm_page_alloc', pfn: 0x23d424, order: 3, migratetype: 1, gfp: 0xcc0, gfpIsNumber: true },
    ],
    [
      'mm_page_alloc: pfn=0xffffffffffffffff (-1) order=0x3 (3) gfp_flags=0xcc0 (3264) migratetype=0x1 (1)',
      { kind: 'mm_page_alloc', pfn: 0, order: 3 },
    ],
    [
      'kmem_cache_free: name=filp ptr=0xffff88814e298e40 (-131390) call_site=f+0x1/0x2',
      { kind: 'kmem_cache_free', ptr: Number(0xffff88814e298e40n % 2n ** 53n), cache: 'filp' },
    ],
    [
      'alloc_vmap_area: addr=0xffffc90000000000 (1) size=0x5000 (20480) align=0x4000 (1) vstart=0x1 (1) vend=0x2 (2) failed=(0)',
      {
        kind: 'alloc_vmap_area',
        vaStart: Number(0xffffc90000000000n % 2n ** 53n),
        size: 20480,
        failed: 0,
      },
    ],
    // trace-cmd report -R
    [
      'kmalloc: call_site=0xc0 ptr=0x1f bytes_req=16 bytes_alloc=32 gfp_flags=0xcc0 node=-1',
      { kind: 'kmalloc', ptr: 0x1f, bytesReq: 16, bytesAlloc: 32, gfp: 0xcc0 },
    ],
    // records of before 4.2 have the address of the struct page instead
    ['mm_page_free: page=0xffffea0000001000 order=1', { kind: 'mm_page_free', order: 1 }],
  ])('%s', async (body, fields) => {
    expect(await readLine(HEAD + body)).toMatchObject({
      line: 2,
      timeNs: 1264666734000,
      cpu: 0,
      pid: 24475,
      comm: 'bash',
      ...fields,
    });
  });

  test.each([
    [`mm_page_free: ${PAGE.replace('0x23d424', '0x')}`, '1 to 16 hex digits'],
    [`mm_page_free: ${PAGE.replace('pfn', 'pfm')}`, "'pfn='"],
    ['mm_page_free: page=0 pfn=0x1', "'order='"],
    ['mm_page_free: page=0 pfn=0x1 order=', 'a decimal number'],
    ['mm_page_free: page=0 pfn=0x1 order=0x', '1 to 16 hex digits'],
    ['mm_page_free: page=0 pfn=0x1 order=0!', 'the end of the field'],
    ['mm_page_free: page=0 pfn=0x10000000000 order=0', 'a page frame number from 0 to below 2\\^40'],
    ['mm_page_free: page=0 pfn=0x1 order=21', 'an order of at most 20'],
    ['kfree: call_site=f+0x1 pointer=1', "'ptr='"],
    ['kfree: call_site=f+0x1 ptr=(oops', 'a pointer'],
    ['kfree: call_site=f+0x1 ptr=12345678901234567', '1 to 16 hex digits'],
    ['kmalloc: call_site=f ptr=1 bytes_req=1 gfp_flags=none', "'bytes_alloc='"],
  ])('%s is an error with its line number', async (body, expected) => {
    const failed = readLine(HEAD + body);
    await expect(failed).rejects.toThrow(ImportError);
    await expect(failed).rejects.toMatchObject({
      file: 'some.txt',
      line: 2,
      expected: expect.stringMatching(expected),
    });
  });
});
