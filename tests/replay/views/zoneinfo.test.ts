/** Zones in the kernel's reports: those it is built with, their lists, figures and marks; and those of a real host. */
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../../core/event/access-mode.ts';
import { __GFP_RECLAIMABLE, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MAP_SHARED } from '../../../core/event/mmap-flags.ts';
import { bootMachine, buildLayout, parseMemoryMap } from '../../../core/index.ts';
import { boostCell } from '../../../core/phys/free-lists.ts';
import { viewNamed } from '../../../replay/views/index.ts';
import { parseBuddyinfo, parseIomem, parsePagetypeinfo, parseZoneinfo } from '../../../traces/index.ts';
import { FIXTURES, reportsOf } from '../../captures/proc-files.ts';
import { access, kmalloc, mmap, PAGE, pages, RUNNING, RW, sessionOf } from '../../support/rows.ts';
import { meminfoOf, textOf } from './reports.ts';

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
      ...RUNNING,
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
      ...RUNNING,
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
