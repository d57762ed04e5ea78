import { describe, expect, test } from 'vitest';
import { ImportError, type KernelRecord, readKernelRecords } from '../../../traces/index.ts';
import { parseGfpFlags } from '../../../traces/kernel/gfp-names.ts';
import type { RecordSlot } from '../../../traces/kernel/record.ts';
import { KERNEL_TRACES, linesOf } from '../../captures/kernel-traces.ts';
import { inBlocks } from '../support.ts';

const HEAD = '            bash-24475   [000] .....  1264.666734: ';
const PERF = '            conf 17336 [001]  1070.976255:   kmem:';
const PAGE = 'page=00000000e50330ae pfn=0x23d424 order=3';
const SLAB = 'call_site=__alloc_file+0x3c/0x110 ptr=';

/** The records of some lines, each a copy. */
async function read(text: string, blockBytes = 1 << 20): Promise<KernelRecord[]> {
  const records: KernelRecord[] = [];
  const copy = (record: KernelRecord): void => void records.push(copyOf(record));
  await readKernelRecords({ name: 'some.txt', blocks: inBlocks(Buffer.from(text), blockBytes) }, copy);
  return records;
}

function copyOf(record: KernelRecord): KernelRecord {
  const { comm, text } = record as unknown as RecordSlot;
  return { ...record, comm, text } as unknown as KernelRecord;
}

const readLine = async (line: string): Promise<KernelRecord> => (await read(`${HEAD}x: y\n${line}\n`))[1]!;

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
    ['mm_page_free: page=0 pfn=0x10000000000 order=0', 'a page frame number below 2\\^40'],
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

describe('gfp flags as the reports of kernels show them beside their mask (`gfp_mask=0x140cca(GFP_...)`)', () => {
  test.each([
    ['none', 0],
    ['GFP_ATOMIC', 0xa20],
    ['GFP_NOWAIT', 0x800],
    // before 4.4 bits had no underscores; 0 was GFP_NOWAIT before 4.5
    ['GFP_KERNEL|GFP_ZERO', 0xdc0],
    ['GFP_WAIT|GFP_IO', 0xc40],
    ['GFP_HIGHUSER_MOVABLE|GFP_NORETRY|GFP_NOTRACK', 0x110cca],
    ['GFP_USER|GFP_COLD|GFP_REPEAT', 0x104cc0],
    ['GFP_KERNEL|__GFP_REPEAT|__GFP_NOTRACK|__GFP_COLD|__GFP_OTHER_NODE', 0x4cc0],
    ['GFP_TEMPORARY|GFP_NOWARN', 0x2cd0],
    ['GFP_KERNEL|GFP_NO_KSWAPD', 0x4c0],
    ['GFP_KERNEL|__GFP_NO_OBJ_EXT|__GFP_SKIP_KASAN', 0x6000cc0],
    ['0x140dca', 0x140dca],
    ['3264', 0xcc0],
    ['GFP_NOWAIT|__GFP_NOWARN', 0x2800],
    ['GFP_NOIO', 0xc00],
    ['GFP_NOFS', 0xc40],
    ['GFP_KERNEL', 0xcc0],
    ['GFP_KERNEL|__GFP_ZERO', 0xdc0],
    ['GFP_KERNEL_ACCOUNT|__GFP_ZERO', 0x400dc0],
    ['GFP_KERNEL|GFP_DMA', 0xcc1],
    ['GFP_ATOMIC|GFP_DMA', 0xa21],
    ['GFP_KERNEL|GFP_DMA32', 0xcc4],
    ['GFP_USER', 0x100cc0],
    ['GFP_HIGHUSER', 0x100cc2],
    ['GFP_HIGHUSER_MOVABLE|__GFP_COMP', 0x140cca],
    ['GFP_TRANSHUGE_LIGHT', 0x1c20ca],
    ['GFP_TRANSHUGE', 0x1c24ca],
    ['GFP_KERNEL|0x4000000', 0x4000cc0],
  ])('%s: 0x%x', (text, mask) => {
    expect(parseGfpFlags(text)).toMatchObject({ mask, unknown: [] });
  });
});

describe('what stands before the tracepoint', () => {
  const EVENT = 'mm_page_free: page=0x1 pfn=0x1 order=0';
  test.each([
    ['   my app-2 v1-21342   [001] d....  1183.935516: ', 'my app-2 v1', 21342, 1, 1183935516000],
    ['     x [y] (z)-7       [000] d..3.     0.000001: ', 'x [y] (z)', 7, 0, 1000],
    ['  a-1 [000] 1.0:-9      [127] ..... 99999.999999: ', 'a-1 [000] 1.0:', 9, 127, 99999999999000],
    ['          <idle>-0       [000] d.s.1   997.910224: ', '<idle>', 0, 0, 997910224000],
    ['          häher-5       [000] .....   997.910224: ', 'häher', 5, 0, 997910224000],
    // options record-tgid, noirq-info, nanoseconds, flags of older kernels, a number of seven digits
    ['            bash-24475   (  24475) [000] .....  1.000000: ', 'bash', 24475, 0, 1e9],
    ['            bash-24475   (-------) [000] .....  1.000000: ', 'bash', 24475, 0, 1e9],
    ['            bash-24475   [000]  1.000000: ', 'bash', 24475, 0, 1e9],
    ['            bash-24475   [000] d..1  1.000000001: ', 'bash', 24475, 0, 1000000001],
    ['            bash-4194303 [000] d..1  1.5: ', 'bash', 4194303, 0, 1.5e9],
    // blanks at the start taken away
    ['bash-24475   [000] .....  1.000000: ', 'bash', 24475, 0, 1e9],
    ['my app-2 v1-21342 [000] .....  1.000000: ', 'my app-2 v1', 21342, 0, 1e9],
    ['a-1 [000] b-9 [001] .....  1.000000: ', 'a-1 [000] b', 9, 1, 1e9],
    // latency-format, verbose too; what ftrace_dump_on_oops leaves in the kernel log
    ['    bash-1994      0d..2.   12us+: ', 'bash', 1994, 0, 12000],
    ['    bash-1994    12...1 1234us : ', 'bash', 1994, 12, 1234000],
    ['  <idle>-0         0.Ns..    0us!: ', '<idle>', 0, 0, 0],
    [
      '            bash    1994   3 1 00000001 00000007 [000004f3] 0.012ms (+0.005ms): ',
      'bash',
      1994,
      3,
      0x4f3 * 1000,
    ],
    ['[   23.456789]     bash-1994    0d..2 1264666734us : ', 'bash', 1994, 0, 1264666734000],
    // function_graph prints events as comments
    [' 12.000001 |   3)    bash-1994   |               |  /* ', '', 1994, 3, 12000001000],
  ])('ftrace: %j', async (head, comm, pid, cpu, timeNs) => {
    expect(await readLine(head + EVENT)).toMatchObject({
      kind: 'mm_page_free',
      comm,
      pid,
      cpu,
      timeNs,
      pfn: 1,
    });
  });

  test.each([
    ['     my app-2 v1 16692 [000]  2046.943299:           kmem:', 'my app-2 v1', 16692, 0, 2046943299000],
    [' kworker/0:1-eve    11 [000]  2046.943299: kmem:', 'kworker/0:1-eve', 11, 0, 2046943299000],
    ['            conf 17336/17337 [001]  1.000000001: kmem:', 'conf', 17337, 1, 1000000001],
    ['my app 16692 [001]  1.000000: kmem:', 'my app', 16692, 1, 1e9],
    ['        a 1 [000] 16692 [001]  1.000000: kmem:', 'a 1 [000]', 16692, 1, 1e9],
    // no line of a callchain, in columns or not
    ['            beef 17336 [001]  1.000000: kmem:', 'beef', 17336, 1, 1e9],
    ['  beef 17336/17337 [001]  1.000000: kmem:', 'beef', 17337, 1, 1e9],
    // -F with less, or more
    ['            bash   17336  1.000001: kmem:', 'bash', 17336, -1, 1000001000],
    ['            bash   17336 kmem:', 'bash', 17336, -1, -1],
    ['            bash   17336 [001] kmem:', 'bash', 17336, 1, -1],
    ['            bash 17336/17337  [001]  1.000001:          1 kmem:', 'bash', 17337, 1, 1000001000],
    ['            bash  1.000001: kmem:', 'bash', -1, -1, 1000001000],
    ['             a-1  1.000001:          1 kmem:', 'a-1', -1, -1, 1000001000],
    ['            bash          1 kmem:', 'bash', -1, -1, -1],
    ['            bash   17336          1 kmem:', 'bash', 17336, -1, -1],
    ['             a-1   17336 kmem:', 'a-1', 17336, -1, -1],
    ['  17336 [001]  1.000001: kmem:', '', 17336, 1, 1000001000],
    ['      7 [000]     1.000001: kmem:', '', 7, 0, 1000001000],
    ['  17336/17337  [001]  1.000001: kmem:', '', 17337, 1, 1000001000],
    ['[001]  1.000001: kmem:', '', -1, 1, 1000001000],
    ['    1.000001: kmem:', '', -1, -1, 1000001000],
    ['         1 kmem:', '', -1, -1, -1],
    ['kmem:', '', -1, -1, -1],
    // perf script -g: the name is not padded
    ['my app 3 16692  1.000001: kmem:', 'my app 3', 16692, -1, 1000001000],
    ['kworker/0:1-eve 11 [000]  1.000001: kmem:', 'kworker/0:1-eve', 11, 0, 1000001000],
  ])('perf script: %j', async (head, comm, pid, cpu, timeNs) => {
    const [, record] = await read(`${PERF}x: y\n${head}${EVENT}\n`);
    expect(record).toMatchObject({ kind: 'mm_page_free', comm, pid, cpu, timeNs });
  });

  test.each([
    ['            bash-21125 [001]  1156.797015: ', 'bash', 21125, 1],
    ['tcx:             bash-20851 [001]  1130.705062: ', 'bash', 20851, 1],
    ['other:     my: app-2 v1-20851 [001]  1130.705062: ', 'my: app-2 v1', 20851, 1],
    // -l, -R, --ts-diff, and what 3.x prints of itself
    ['    bash-21125   1d..1. 1156.797015: ', 'bash', 21125, 1],
    ['            bash-21125 [001]-0x1 1156.797015: ', 'bash', 21125, 1],
    ['            bash-21125 [001] ..... 1156.797015: (+12)    ', 'bash', 21125, 1],
    ['            bash-21125 [001]  1156.797015:          ', 'bash', 21125, 1],
    ['            bash-21125 [001]  115679:  ', 'bash', 21125, 1],
  ])('trace-cmd report: %j', async (head, comm, pid, cpu) => {
    const records = await read(`cpus=2\n${head}${EVENT}\n${head}${EVENT}\n`);
    expect(records.slice(1)).toMatchObject([
      { kind: 'mm_page_free', comm, pid, cpu },
      { kind: 'mm_page_free', comm, pid, cpu },
    ]);
  });

  test.each([
    // the clocks counter, uptime and x86-tsc
    ['            bash-24475   [000] .....    123456: ', true, -1],
    ['            bash-24475   [000] .....  1264.000000: ', false, 1264e9],
    ['kmem:', false, -1],
  ])('%j: ticks are no time', async (head, hasTicks, timeNs) => {
    expect(await readLine(head + EVENT)).toMatchObject({ kind: 'mm_page_free', hasTicks, timeNs });
  });

  test.each([
    ['            bash-24475   [000] .....  1264.000000: ', false],
    ['            bash-24475   [000] d....  1264.000000: ', false],
    ['            bash-24475   [000] ..s2.  1264.000000: ', true],
    ['            bash-24475   [000] d.h..  1264.000000: ', true],
    ['    bash-24475    0d.s2.   12us : ', true],
    ['            bash-24475 [000]  1264.000000: ', false],
  ])('%j: an interrupt at work', async (head, inInterrupt) => {
    expect(await readLine(head + EVENT)).toMatchObject({ kind: 'mm_page_free', inInterrupt });
  });

  test.each([
    'bash-24475   [000] .....  1264.1234567890: mm_page_free: page=0 pfn=0x1 order=0',
    'bash-24475   [zero] .....  1264.5: mm_page_free: page=0 pfn=0x1 order=0',
    'x mm_page_alloc: page=0 pfn=0x1 order=0 migratetype=0 gfp_flags=none',
  ])(
    '%j says an event that is read, and does not say it right: an error with its line number',
    async (line) => {
      await expect(readLine(line)).rejects.toMatchObject({ name: 'ImportError', line: 2 });
    },
  );
});

describe('lines of other tracers, or of none', () => {
  const FOREIGN = `            bash-24475   [000] .....  1264.666734: `;
  test.each([
    [`${FOREIGN}vfs_read <-ksys_read`, 'function tracer', 24475],
    [`${FOREIGN}vfs_read+0x0/0x10 <ffffffff81> <-ksys_read+0x1/0x2 <ffffffff82>`, 'function tracer', 24475],
    [`${FOREIGN}sys_read -> 0x64`, 'system call', 24475],
    [`${FOREIGN}sys_read(fd: 3, buf: 7ffc, count: 40)`, 'system call', 24475],
    [`${FOREIGN}my_func+0x10/0x20: hello`, 'trace_printk', 24475],
    [`${FOREIGN}my_func+0x10/0x20 [mod]: hello`, 'trace_printk', 24475],
    [`${FOREIGN}`, 'text that is no tracepoint', 24475],
    [`${FOREIGN}no colon`, 'text that is no tracepoint', 24475],
    [' 0)   0.125 us    |  vfs_read();', 'function_graph', -1],
    [' 0)               |  vfs_read() {', 'function_graph', -1],
    [' ------------------------------------------', 'function_graph', -1],
    ['dear diary', 'line of no known form', -1],
    ['the second line of a marker: hello', 'line of no known form', -1],
    ['CPU:1 [LOST many EVENTS]', 'line of no known form', -1],
    ['bash   [000] .....', 'line of no known form', -1],
  ])('%j: %s', async (line, name, pid) => {
    expect(await readLine(line)).toMatchObject({ kind: 'foreign', name, pid });
  });
});

describe('lines that are no tracepoint', () => {
  test.each([
    ['# tracer: nop', { kind: 'banner' }],
    ['#           TASK-PID     CPU#  |||||  TIMESTAMP  FUNCTION', { kind: 'banner' }],
    ['cpus=2', { kind: 'banner' }],
    ['version = 7', { kind: 'banner' }],
    ['', { kind: 'blank' }],
    ['##### CPU 1 buffer started ####', { kind: 'buffer_start' }],
    [
      '# entries-in-buffer/entries-written: 497/12320   #P:2',
      { kind: 'buffer', entries: 497, written: 12320 },
    ],
    ['CPU:1 [LOST 62 EVENTS]', { kind: 'lost', cpu: 1, count: 62 }],
    ['CPU:1 [LOST EVENTS]', { kind: 'lost', cpu: 1, count: -1 }],
    ['CPU:1 [EVENTS DROPPED]', { kind: 'lost', cpu: 1, count: -1 }],
    ['tcx: CPU:1 [12 EVENTS DROPPED]', { kind: 'lost', cpu: 1, count: 12 }],
    [
      '            perf 17336 [001]  1070.976255: PERF_RECORD_LOST lost 36',
      { kind: 'lost', cpu: 1, count: 36 },
    ],
    [
      '            perf 17336 [001]  1070.976255: PERF_RECORD_LOST_SAMPLES lost 5',
      { kind: 'lost', cpu: 1, count: 5 },
    ],
    ['            bash-24475   [000] .....  1264.666734: <stack trace>', { kind: 'callchain' }],
    [' => kmem_cache_alloc', { kind: 'callchain' }],
    ['            bash-24475   [000] .....  1264.666734: <user stack trace>', { kind: 'callchain' }],
    [' =>  <00007f651666aa10>', { kind: 'callchain' }],
    ['CPU:1 [SUBBUFFER START]', { kind: 'buffer_start' }],
    ['\tffffffff81000000 x+0x1 ([kernel.kallsyms])', { kind: 'callchain' }],
    ['\t               0 [unknown] ([unknown])', { kind: 'callchain' }],
    ['        ffffffff8112ab5c kmem_cache_alloc+0x1 ([kernel.kallsyms])', { kind: 'callchain' }],
    ['                   0 [unknown] ([unknown])', { kind: 'callchain' }],
    ['<', { kind: 'page' }],
    ['\tffffffff8112ab5c kmem_cache_alloc+0x1 ([kernel.kallsyms])', { kind: 'callchain' }],
  ])('%j', async (line, fields) => {
    expect(await readLine(line)).toMatchObject({ line: 2, ...fields });
  });

  test('a last line without its end is taken as cut, not as what is there of it', async () => {
    const records = await read(
      `${HEAD}mm_page_free: page=0 pfn=0x12 order=0\n${HEAD}mm_page_free: page=0 pfn=0x1`,
    );
    expect(records.map(({ kind, line }) => [kind, line])).toEqual([
      ['mm_page_free', 1],
      ['cut', 2],
    ]);
  });
});

test('a cache without a name is not that of the line before', async () => {
  const named = `${HEAD}kmem_cache_free: ${SLAB}ff name=filp\n`;
  const alloc = `${HEAD}kmem_cache_alloc: ${SLAB}ff bytes_req=1 bytes_alloc=8 gfp_flags=GFP_NOFS\n`;
  const free = `${HEAD}kmem_cache_free: ${SLAB}ff\n`;
  const records = await read(`${named}${alloc}${named}${free}`);
  expect(records.map((record) => (record as unknown as RecordSlot).cache)).toEqual(['filp', '', 'filp', '']);
});

test('a line is not read on into the next, whatever stands there', async () => {
  // from the end of the empty line on, the next one looks as if its columns were right
  const records = await read(`${HEAD}x: y\n\n${HEAD.slice(1)}mm_page_free: page=0 pfn=0x12 order=0\n`);
  expect(records.map(({ kind }) => kind)).toEqual(['other', 'blank', 'mm_page_free']);
});

test('what is no kernel trace is refused', async () => {
  await expect(read('I  00400000,3\n')).rejects.toMatchObject({ expected: /ftrace, perf-script, trace-cmd/ });
  await expect(read('')).rejects.toMatchObject({ found: 'an empty file' });
});

test('blocks may end anywhere', async () => {
  const text = `# tracer: nop\n${HEAD}mm_page_free: ${PAGE}\nCPU:1 [LOST 62 EVENTS]\n${HEAD}kfree: call_site=f ptr=12\n`;
  const whole = (await read(text)).map(withoutBytes);
  for (let size = 1; size < text.length; size++)
    expect((await read(text, size)).map(withoutBytes)).toEqual(whole);
});

/** Where the texts lie depends on the blocks. */
function withoutBytes(record: KernelRecord): object {
  const { bytes, lineStart, nameStart, nameEnd, commStart, commEnd, textStart, textEnd, ...rest } =
    record as unknown as RecordSlot;
  return rest;
}

describe.each(KERNEL_TRACES)('$name', (trace) => {
  /** The grammar as one expression, greedy on the task's name, says the same of each line. */
  const GRAMMAR = {
    ftrace: /^\s*(.+)-(\d+)\s+\[(\d{3,})\]\s+\S{4,6}\s+(\d+)\.(\d+): (\w+): +(.*)$/,
    'perf-script': /^\s*(.+?)\s+(\d+)\s+\[(\d+)\]\s+(\d+)\.(\d+):\s+\w+:(\w+): +(.*)$/,
    'trace-cmd': /^(?:\w+: )?\s*(.+)-(\d+)\s+\[(\d+)\]\s+(\d+)\.(\d+): (\w+): +(.*)$/,
  }[trace.dialect]!;

  test('every line is a record, the same as a regular expression makes of it', async () => {
    const lines = linesOf(trace.text());
    let at = 0;
    const check = (record: KernelRecord): void => {
      const line = lines[at++]!;
      const told = tell(record);
      const expected = tellMatch(GRAMMAR.exec(line));
      if (told !== expected) expect(`${record.line} ${told}`).toBe(`${at} ${expected}`);
    };
    const blocks = inBlocks(trace.text(), 1 << 20);
    const { dialect } = await readKernelRecords({ name: trace.name, blocks }, check);
    expect({ dialect, lines: at }).toEqual({ dialect: trace.dialect, lines: lines.length });
  });

  function tell(record: KernelRecord): string {
    if (!('timeNs' in record) || NO_EVENT.has(record.kind)) return 'no event';
    const { comm, pid, cpu, timeNs, kind } = record as Extract<KernelRecord, { kind: 'mm_page_alloc' }>;
    const event = `${comm} ${pid} ${cpu} ${timeNs / 1000} ${record.kind === 'other' ? record.name : kind}`;
    return 'pfn' in record && /^mm_page/.test(kind) ? `${event} 0x${record.pfn.toString(16)}` : event;
  }

  function tellMatch(found: RegExpExecArray | null): string {
    if (found === null) return 'no event';
    const [, comm, pid, cpu, seconds, micros, name, rest] = found;
    const pfn = /^mm_page/.test(name!) ? ` ${/pfn=(\w+)/.exec(rest!)![1]}` : '';
    return `${comm} ${Number(pid)} ${Number(cpu)} ${Number(seconds! + micros!)} ${name}${pfn}`;
  }
});

const NO_EVENT = new Set(['lost', 'buffer', 'buffer_start', 'banner', 'callchain', 'blank', 'cut', 'page']);
