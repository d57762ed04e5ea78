/** Failure reports as people have them: stamped, quoted, wrapped, mixed with other lines; and what counts as one report. */
import { describe, expect, test } from 'vitest';
import { gfp } from '../../../replay/vmsplit.ts';
import { failureReports, reportedGfp } from '../../../traces/report/index.ts';

const ZONE =
  'Normal free:3402kB min:3680kB low:4600kB high:5520kB active_file:420kB present:892920kB managed:840540kB free_cma:0kB';
const BLOCKS = 'Normal: 212*4kB (UEM) 113*8kB (UEM) 0*16kB 1*32kB (C) = 1784kB';

describe('a line of a zone', () => {
  test.each([
    ['as dmesg prints it', `[  492.659081] ${ZONE}`],
    ['with a level', `<4>[  492.659081] ${ZONE}`],
    ['of syslog', `Mar 14 03:12:07 gw kernel: [918273.100060] ${ZONE}`],
    ['of journalctl', `Mar 14 03:12:07 gw kernel: ${ZONE}`],
    ['of a time in ISO 8601', `2026-03-14T03:12:07.123456+01:00 gw kernel: ${ZONE}`],
    ['with who printed it', `[  492.659081][   T42] ${ZONE}`],
    ['quoted in a mail', `> > [  492.659081] ${ZONE}`],
    ['behind the name of a machine', `laptop ${ZONE}`],
    ['with a node', `Node 0 ${ZONE}`],
    ['broken by a mailer', ZONE.replace(' high', '\nhigh').replace(' managed', '\nmanaged')],
  ])('is read %s', (_, text) => {
    const [report] = failureReports(`app invoked oom-killer: gfp_mask=0xd0, order=0\nMem-Info:\n${text}\n`);
    expect(report!.zones).toMatchObject([
      { node: 0, zone: 'Normal', free: 3402, min: 3680, high: 5520, present: 892920, managed: 840540 },
    ]);
  });
});

test('free blocks have their order, from the smallest on, and their types', () => {
  const [report] = failureReports(`Mem-Info:\n${ZONE}\n${BLOCKS}\n`);
  expect(report!.zones[0]!.blocks).toEqual([
    { order: 0, count: 212, types: 'UEM' },
    { order: 1, count: 113, types: 'UEM' },
    { order: 2, count: 0, types: '' },
    { order: 3, count: 1, types: 'C' },
  ]);
});

test('of CMA at least the blocks that only it has are free, where the line of the zone does not tell', () => {
  const [report] = failureReports(`Mem-Info:\n${ZONE.replace(' free_cma:0kB', '')}\n${BLOCKS}\n`);
  expect(report!.zones[0]!.freeCma).toBe(32);
});

describe('a line that says of a failure is heard in a log', () => {
  test.each([
    ['a: page allocation failure: order:1, mode:0x20', 'pages'],
    ['swapper: page allocation failure. order:2, mode:0x4020', 'pages'],
    ['a: page allocation stalls for 10010ms, order:0, mode:0x14200ca(GFP_HIGHUSER_MOVABLE)', 'pages'],
    ['a invoked oom-killer: gfp_mask=0xd0, order=0, oomkilladj=0', 'pages'],
    ['SLUB: Unable to allocate memory on node -1 (gfp=0x20)', 'pages'],
    ['SLUB: Unable to allocate memory on node -1, gfp=0x2088020(GFP_ATOMIC|__GFP_ZERO)', 'pages'],
    ['vmap allocation for size 4198400 failed: use vmalloc=<size> to increase size.', 'area'],
    ['vmalloc_node_range for size 8192 failed: Address range restricted to 0xf0800000 - 0xff800000', 'area'],
    ['allocation failed: out of vmalloc space - use vmalloc=<size> to increase size.', 'area'],
    ['a: vmalloc: allocation failure, allocated 4096 of 8192 bytes', 'area'],
    ['a: vmalloc: allocation failure: 8192 bytes, mode:0xcc0(GFP_KERNEL)', 'area'],
    ['a: vmalloc error: size 8192, vm_struct allocation failed, mode:0xcc0(GFP_KERNEL)', 'area'],
    ['a: vmalloc error: size 8192, exceeds total pages, mode:0xcc0(GFP_KERNEL)', 'area'],
    ['a 0:1: swiotlb buffer is full (sz: 65536 bytes), total 32768 (slots), used 1 (slots)', 'bounce'],
    ['DMA: Out of SW-IOMMU space for 65536 bytes at device 0000:02:00.0', 'bounce'],
    ['cma: cma_alloc: alloc failed, req-size: 4050 pages, ret: -12', 'cma'],
    ['cma: __cma_alloc: linux,cma: alloc failed, req-size: 8100 pages, ret: -16', 'cma'],
    ['percpu: allocation failed, size=4096 align=64 atomic=0, failed to allocate new chunk', 'percpu'],
    ['PERCPU: allocation failed, size=256 align=256, alloc from reserved chunk failed', 'percpu'],
    ['ERROR: 256 KiB atomic DMA coherent pool is too small!', 'coherent-pool'],
    ['Failed to get suitable pool for 0000:00:1f.2', 'coherent-pool'],
    ["gpu: section 4 reloc 12 sym 'printk': relocation 28 out of range (0xbf002048 -> 0xc0412345)", 'module'],
    ["modprobe: ERROR: could not insert 'gpu': Cannot allocate memory", 'module'],
    ['insmod: ERROR: could not insert module gpu.ko: Cannot allocate memory', 'module'],
    ["insmod: can't insert 'gpu.ko': Cannot allocate memory", 'module'],
    ['insmod: error inserting gpu.ko: -1 Cannot allocate memory', 'module'],
    ['FATAL: Error inserting gpu (/lib/modules/3.2/gpu.ko): Cannot allocate memory', 'module'],
    ["Failed to insert module 'autofs4': Cannot allocate memory", 'module'],
    ['Warning only 887MB will be used.', 'unused-ram'],
    ['Warning only 4GB will be used.', 'unused-ram'],
    ['Truncating RAM at 0x40000000-0x80000000 to -0x70000000', 'unused-ram'],
    ['Ignoring RAM at 60000000-7fffffff (CONFIG_HIGHMEM)', 'unused-ram'],
  ])('%s', (line, kind) => {
    const reports = failureReports(`[    1.000000] usb 1-1: new device\n[    2.000000] ${line}\n`);
    expect(reports.map(({ request }) => request?.kind)).toEqual([kind]);
  });
});

test('what of the reserve for atomic requests is free counts, where it is told', () => {
  const zone = (more: string): string => ZONE.replace(' low:', ` ${more} low:`);
  const kept = (more: string) => failureReports(`Mem-Info:\n${zone(more)}\n`)[0]!.zones[0]!.highAtomic;
  expect([
    kept('reserved_highatomic:4096KB'),
    kept('free_highatomic:800KB reserved_highatomic:4096KB'),
  ]).toEqual([4096, 800]);
});

describe('one failure', () => {
  const VMAP = 'vmap allocation for size 36864 failed: use vmalloc=<size> to increase size';

  test('may be told by several lines', () => {
    const reports = failureReports(
      `${VMAP}\nvmalloc: allocation failure: 32768 bytes\ninsmod: page allocation failure: order:0, mode:0xd2\n`,
    );
    expect(reports).toHaveLength(1);
    expect(reports[0]!.request).toMatchObject({
      kind: 'area',
      bytes: 32768,
      areaBytes: 36864,
      task: 'insmod',
    });
  });

  test('is not another one that follows', () => {
    const other = 'app: vmalloc: allocation failure: 1048576 bytes, mode:0xcc0(GFP_KERNEL)';
    expect(failureReports(`${VMAP}\n${other}\n`)).toHaveLength(2);
    expect(failureReports(`${VMAP}\n${VMAP}\n`)).toHaveLength(2);
  });

  test('may have nothing left but who was killed', () => {
    const killed = (pid: number): string => `Out of memory: Killed process ${pid} (node${pid}) total-vm:1kB`;
    const oom = 'node invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0';
    const killedIn = (...lines: string[]) => failureReports(`${lines.join('\n')}\n`).map((one) => one.killed);
    expect(killedIn(killed(7))).toEqual(['node7']);
    expect(killedIn(oom, `Mem-Info:\n${ZONE}`, killed(7), oom, killed(8))).toEqual(['node7', 'node8']);
    expect(killedIn(VMAP, killed(7))).toEqual([undefined, 'node7']);
  });

  test('of a loader that found no memory is the one just before, unless that told of memory itself', () => {
    const insmod = "insmod: can't insert 'gpu.ko': Cannot allocate memory";
    expect(failureReports(`${VMAP}\n${insmod}\n`).map(({ request }) => request)).toMatchObject([
      { kind: 'area', task: 'insmod' },
    ]);
    expect(failureReports(`${VMAP}\nMem-Info:\n${ZONE}\n${insmod}\n`)).toHaveLength(2);
  });

  test('has what is printed below it, until the next boot', () => {
    const boot = '[    0.000000] Linux version 6.1.0';
    const [report] = failureReports(`${VMAP}\n262000 pages RAM\n${boot}\n131000 pages RAM\n`);
    expect(report).toMatchObject({ line: 1, lastLine: 2, ramPages: 262000 });
  });
});

describe('gfp flags of a report', () => {
  test.each([
    ['0xd0', gfp.GFP_KERNEL],
    ['0x20', gfp.__GFP_HIGH],
    ['0x200da', gfp.GFP_HIGHUSER_MOVABLE],
    ['0x24000c0', gfp.GFP_KERNEL],
    ['0xcc0(GFP_KERNEL)', gfp.GFP_KERNEL],
    ['0x6000c1(GFP_KERNEL|GFP_DMA)', gfp.GFP_DMA],
  ])('%s', (text, mask) => {
    expect(reportedGfp(text)).toBe(mask);
  });
});
