/** What one thing that a workload does changes in the reports of areas, page tables, slabs and page types. */
import { describe, expect, test } from 'vitest';
import { GFP_HIGHUSER } from '../../../core/event/gfp.ts';
import { SLAB_RECLAIM_ACCOUNT } from '../../../core/event/slab-flags.ts';
import { formatPagetypeinfo, parsePagetypeinfo, parseSlabinfo } from '../../../traces/index.ts';
import { cache, fromCache, PAGE, pages, sessionOf } from '../../support/rows.ts';
import { meminfoOf, textOf } from './reports.ts';

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
