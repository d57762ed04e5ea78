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
