/** Files of other kernels than those that were captured: 2.6 to 4.7, RHEL 8, SLAB. Lines as their sources print them. */
import { describe, expect, test } from 'vitest';
import {
  initialStateFrom,
  parseBuddyinfo,
  parsePagetypeinfo,
  parseSlabinfo,
  parseVmallocinfo,
  parseZoneinfo,
} from '../../../traces/index.ts';

/** zoneinfo_show() of mm/page_alloc.c, v2.6.20. */
const ZONEINFO_2_6_20 = `Node 0, zone      DMA
  pages free     2048
        min      17
        low      21
        high     25
        active   10
        inactive 20
        scanned  0 (a: 5 i: 7)
        spanned  4096
        present  4096
    nr_anon_pages 0
    nr_slab_reclaimable 12
        protection: (0, 880, 999)
  pagesets
    cpu: 0 pcp: 0
          count: 5
          high:  186
          batch: 31
    cpu: 0 pcp: 1
          count: 2
          high:  62
          batch: 15
  vm stats threshold: 8
  all_unreclaimable: 0
  prev_priority:     12
  start_pfn:         0
`;

/** zoneinfo_show_print() of mm/vmstat.c, v3.2 and v4.4. */
const zoneinfo = (version: '3.2' | '4.4'): string => `Node 0, zone   Normal
  pages free     3840
        min      40
        low      50
        high     60
        scanned  0
        spanned  220000
        present  218000
${version === '3.2' ? '' : '        managed  210000\n'}    nr_free_pages 3840
    nr_inactive_anon 11
    nr_dirtied   ${version === '3.2' ? 42 : 43}
        protection: (0, 0, 1000, 1000)
  pagesets
    cpu: 0
              count: 100
              high:  186
              batch: 31
  vm stats threshold: 24
    cpu: 1
              count: 90
              high:  186
              batch: 31
  vm stats threshold: 24
  all_unreclaimable: 0
  start_pfn:         4096
  inactive_ratio:    1
`;

describe('zoneinfo', () => {
  test('2.6.20: two lists a cpu, counts in brackets, the protection last', () => {
    expect(parseZoneinfo(ZONEINFO_2_6_20)).toEqual([
      expect.objectContaining({
        ...{
          zone: 'DMA',
          free: 2048,
          min: 17,
          low: 21,
          high: 25,
          spanned: 4096,
          present: 4096,
          managed: 4096,
        },
        ...{ startPfn: 0, protection: [0, 880, 999] },
        statistics: { nr_anon_pages: 0, nr_slab_reclaimable: 12 },
        pagesets: [{ cpu: 0, count: 7, high: 186, batch: 31, statisticsThreshold: 8 }],
      }),
    ]);
  });

  test.each(['3.2', '4.4'] as const)('%s', (version) => {
    const [zone] = parseZoneinfo(zoneinfo(version));
    expect(zone).toMatchObject({ managed: version === '3.2' ? 218_000 : 210_000, startPfn: 4096 });
    expect(zone!.statistics.nr_dirtied).toBe(version === '3.2' ? 42 : 43);
    expect(zone!.pagesets.map(({ count }) => count)).toEqual([100, 90]);
  });

  test('RHEL 8: a statistic without a name', () => {
    const text = zoneinfo('4.4').replace(
      '    nr_inactive_anon 11',
      '                 0\n    nr_inactive_anon 11',
    );
    expect(parseZoneinfo(text)[0]!.statistics).toMatchObject({ '': 0, nr_inactive_anon: 11 });
  });

  test('without where the zone begins, or without its size, it is none', () => {
    expect(() => parseZoneinfo(zoneinfo('3.2').replace(/ {2}start_pfn.*\n/, ''))).toThrow(/start_pfn/);
    expect(() => parseZoneinfo(zoneinfo('3.2').replace(/ {8}spanned.*\n/, ''))).toThrow(/spanned/);
  });

  test('makes a snapshot', () => {
    const report = (name: string, text: string) => ({
      label: undefined,
      name,
      text,
      place: { file: name, firstLine: 1 },
    });
    const buddyinfo =
      'Node 0, zone   Normal      4      2      1      0      0      0      0      0      0      0      3 \n';
    const state = initialStateFrom(
      [report('zoneinfo', zoneinfo('3.2')), report('buddyinfo', buddyinfo)],
      'old',
    );
    expect(state.zones).toMatchObject([
      { zone: 'Normal', managed: 218_000, freeBlocks: [4, 2, 1, 0, 0, 0, 0, 0, 0, 0, 3] },
    ]);
  });
});

describe('vmallocinfo', () => {
  test.each([
    ['phys=f8000000', 0xf8000000n],
    ['phys=10000000', 0x10000000n],
    ['phys=0x00000000fed00000', 0xfed00000n],
    ['phys=fed00000', 0xfed00000n],
  ])('%s is hexadecimal', (phys, physical) => {
    const [area] = parseVmallocinfo(`0xf7bfe000-0xf7c00000    8192 hpet_enable+0x2f/0x26b ${phys} ioremap\n`);
    expect(area).toMatchObject({ physical, start: 0xf7bfe000n, flags: ['ioremap'] });
  });

  test('what is no number is a fault with its line', () => {
    expect(() => parseVmallocinfo('0xf7bfe000-0xf7c00000    8192 f+0x1/0x2 phys=here ioremap\n')).toThrow(
      /line 1/,
    );
  });
});

describe('slabinfo', () => {
  const HEADER =
    '# name            <active_objs> <num_objs> <objsize> <objperslab> <pagesperslab> : tunables <limit> <batchcount> <sharedfactor> : slabdata <active_slabs> <num_slabs> <sharedavail>';
  test.each([
    [
      'SLAB',
      '2.1',
      'size-64(DMA)           0      0     64   59    1 : tunables  120   60    8 : slabdata      0      0      0',
      'size-64(DMA)',
      59,
    ],
    [
      'SLAB that counts',
      '2.1 (statistics)',
      'dentry             1000   1200    132   29    1 : tunables  120   60    8 : slabdata     42     42      0 : globalstat 1 2 3 4 5 6 7 8 9 : cpustat 1 2 3 4',
      'dentry',
      29,
    ],
    [
      'a name with a blank',
      '2.1',
      'kcopyd job             0      0    332   12    1 : tunables    0    0    0 : slabdata      0      0      0',
      'kcopyd job',
      12,
    ],
    [
      '2.6.5',
      '2.0',
      'names_cache           16     16   4096    1    1 : tunables   24   12    8 : slabdata     16     16      0',
      'names_cache',
      1,
    ],
  ])('%s', (_, version, line, name, objectsPerSlab) => {
    const header = version.includes('statistics')
      ? `${HEADER} : globalstat <listallocs> : cpustat <allochit>`
      : HEADER;
    expect(parseSlabinfo(`slabinfo - version: ${version}\n${header}\n${line}\n`)).toMatchObject([
      { name, objectsPerSlab },
    ]);
  });
});

describe('page blocks of other orders', () => {
  test.each([
    [10, 11],
    [13, 14],
    [5, 12],
  ])('order %i, %i orders', (order, orders) => {
    const columns = Array.from({ length: orders }, (_, i) => String(i).padStart(6)).join(' ');
    const counts = Array.from({ length: orders }, () => '1'.padStart(6)).join(' ');
    const text =
      `Page block order: ${order}\nPages per block:  ${2 ** order}\n\n` +
      `Free pages count per migrate type at order ${columns} \n` +
      `Node    0, zone   Normal, type    Unmovable ${counts} \nNode    0, zone   Normal, type      Reserve ${counts} \n\n` +
      `Number of blocks type     Unmovable      Reserve \nNode 0, zone   Normal            3            1 \n`;
    expect(parsePagetypeinfo(text)).toMatchObject({ pageblockOrder: order, pagesPerBlock: 2 ** order });
    expect(parseBuddyinfo(`Node 0, zone   Normal ${counts} \n`)[0]!.freeBlocks).toHaveLength(orders);
  });
});
