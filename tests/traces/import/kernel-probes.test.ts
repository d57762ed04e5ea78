/** Areas of the vmalloc window as the kprobes of `vmsplit capture` tell them, and who has them afterwards. */
import { describe, expect, test } from 'vitest';
import type { Batch } from '../../../core/event/batch.ts';
import { EVENT_KINDS } from '../../../core/event/kinds.ts';
import { PageAddresses } from '../../../traces/import/page-addresses.ts';
import {
  areaCallers,
  type ImportRequest,
  importTrace,
  ObjectNames,
  parseVmallocinfo,
} from '../../../traces/index.ts';
import { alloc, area, at, expectAllAccountedFor, freeArea, START, tell } from '../../support/kernel-lines.ts';
import { inBlocks } from '../support.ts';

async function imported(lines: readonly string[], callers?: ImportRequest['callers']) {
  const batches: Batch[] = [];
  const blocks = inBlocks(Buffer.from(`${lines.join('\n')}\n`), 1 << 20);
  const result = await importTrace(
    { name: 'k', blocks, callers },
    { write: (batch) => void batches.push(batch) },
  );
  expectAllAccountedFor(result);
  return { result, told: tell(batches) };
}

const asks = (pages: number, pid = 7): string =>
  at(1, `vmsplit_area: (alloc_vmap_area+0x0/0x5f0) size=0x${(pages * 4096).toString(16)} align=0x1000`, {
    pid,
  });
const gets = (va: string, pid = 7, ret = '0xc0de1000'): string =>
  at(1, `vmsplit_area_ret: (__get_vm_area_node+0x8c/0x110 <- alloc_vmap_area) ret=${ret} va=${va}`, { pid });
const frees = (va: string): string => at(1, `vmsplit_area_free: (free_vmap_area_noflush+0x0/0x110) va=${va}`);
const BEGINNING = 'beginning of a request for an area';

describe('kprobes', () => {
  test('an area comes where its function returns, and goes', async () => {
    const { told, result } = await imported([alloc(5), asks(3), gets('0xf0801000'), frees('0xf0801000')]);
    expect(told.slice(3)).toEqual(['vm_area object=2 size=8192 align=4096', 'free_vm_area object=2']);
    expect(result.ignored).toEqual({ [BEGINNING]: 1 });
  });

  test('requests of several tasks do not mix', async () => {
    const lines = [
      alloc(5),
      asks(3),
      asks(5, 8),
      gets('0xf0801000'),
      gets('0xf0901000', 8),
      frees('0xf0901000'),
    ];
    const areas = (await imported(lines)).told.filter((event) => event.includes('vm_area'));
    expect(areas).toEqual([
      'vm_area object=2 size=8192 align=4096',
      'vm_area object=3 size=16384 align=4096',
      'free_vm_area object=3',
    ]);
  });

  test.each([
    ['0xfffffff0', '0x0'],
    ['0xfffffffffffffff0', '(fault)'],
    ['0x0', '(fault)'],
  ])('a function that returned %s has failed', async (ret, va) => {
    const { told } = await imported([alloc(5), asks(3), gets(va, 7, ret)]);
    expect(told.slice(3)).toEqual([
      'vm_area object=2 size=8192 align=4096',
      `refused object=2 request=${EVENT_KINDS.vm_area.code} length=0`,
      'free_vm_area object=2',
    ]);
  });

  test('where there is no probe on all areas, sizes are without the guard page', async () => {
    const lines = [
      at(1, 'vmsplit_vmalloc: (__vmalloc_node_range+0x0/0x5f0) size=0x1234 align=0x1'),
      at(1, 'vmsplit_vmalloc_ret: (vmalloc+0x1/0x2 <- __vmalloc_node_range) ret=0xf0801000 va=0xf0801000'),
      at(1, 'vmsplit_mapped: (get_vm_area_caller+0x0/0x40) size=0x1000'),
      at(1, 'vmsplit_mapped_ret: (vmap+0x1/0x2 <- get_vm_area_caller) ret=0xc0de1000 va=0xf0901000'),
      at(1, 'vmsplit_area_free: (remove_vm_area+0x0/0x40) va=0xf0901000'),
    ];
    expect((await imported([alloc(5), ...lines])).told.slice(3)).toEqual([
      'vm_area object=2 size=8192 align=1',
      'vm_area object=3 size=4096 align=0',
      'free_vm_area object=3',
    ]);
  });

  test('a return without its beginning, and probes that are not read, are counted', async () => {
    const { told, result } = await imported([
      alloc(5),
      gets('0xf0801000'),
      at(1, 'vmsplit_other: (kmap_high+0x0/0x4) page=0x1'),
    ]);
    expect(told).toEqual([...START, 'page_alloc object=1 order=0']);
    expect(result.ignored).toEqual({
      'end of a request for an area whose beginning is not in the trace': 1,
      'tracepoint vmsplit_other': 1,
    });
  });
});

describe('kmap', () => {
  const BASE = 0xc1000000;
  /** Structs of 32 bytes, one behind the other. */
  const page = (pfn: number, bytes = 32): string => (BASE + pfn * bytes).toString(16);
  const given = (pfn: number, struct = page(pfn), order = 0): string =>
    at(1, `mm_page_alloc: page=${struct} pfn=${pfn} order=${order} migratetype=1 gfp_flags=GFP_HIGHUSER`);
  const freed = (pfn: number): string => at(1, `mm_page_free: page=${page(pfn)} pfn=${pfn} order=0`);
  const kmap = (pfn: number, name = 'kmap'): string =>
    at(1, `vmsplit_${name}: (${name}_high+0x0/0x4) page=0x${page(pfn)}`);

  test('is of the frame that its struct is of, as two lines of others tell', async () => {
    const { told, result } = await imported([
      given(0x4000),
      given(0x38000, page(0x38000), 2),
      kmap(0x4000),
      kmap(0x38003),
      kmap(0x38003),
      kmap(0x38003, 'kunmap'),
      kmap(0x38003, 'kunmap'),
      kmap(0x38003, 'kunmap'),
      freed(0x4000),
      // Its frame is another's now, or nobody's.
      kmap(0x4000, 'kunmap'),
      given(0x4000),
      kmap(0x4000, 'kunmap'),
      kmap(0x5000),
    ]);
    expect(told.slice(4)).toEqual([
      'kmap object=1 page=0',
      'kmap object=2 page=3',
      'kmap object=2 page=3',
      'kunmap object=2 page=3',
      'kunmap object=2 page=3',
      'page_free object=1',
      expect.stringMatching(/^page_alloc object=1 /),
      expect.stringMatching(/^page_alloc object=3 order=0 gfp=/),
      'kmap object=3 page=0',
    ]);
    expect(result.ignored).toEqual({ 'kunmap of a page that no line maps': 3 });
    expect(result.implied['page allocated before the trace']).toBe(1);
  });

  test.each([
    ['are hashes', [given(5, '1f2e3d4c'), given(9, '5a6b7c8d'), given(12, '0badcafe')]],
    ['are hashes, as two lines show', [given(5, '1f2e3d4c'), given(9, '1f2e3dd2')]],
    ['are told in two ways', [given(5), given(5, 'c2000000'), given(9)]],
    ['lie in several arrays', [given(5), given(9), given(0x9000, page(0x9100))]],
    ['are not shown', [given(5, '0'), given(9, '0')]],
    ['are too few', [given(5)]],
  ])('is counted and left out where structs %s', async (_, lines) => {
    const { told, result } = await imported([...lines, kmap(5)]);
    expect(told.filter((event) => event.startsWith('kmap'))).toEqual([]);
    expect(result.ignored).toEqual({ 'kmap or kunmap of a page whose frame no line tells': 1 });
  });
});

test.each([
  [32, 5],
  [96, 5],
  [24, 5],
  // No struct has a part of a byte, or is smaller or larger than any that there was.
  [33.5, undefined],
  [20, undefined],
  [100, undefined],
  [-32, undefined],
])('structs of %s bytes: the first is of frame %s', (bytes, pfn) => {
  const addresses = new PageAddresses();
  addresses.learn(0x10000, 5);
  expect(addresses.pfnOf(0x10000)).toBeUndefined();
  addresses.learn(0x10000 + 4 * bytes, 9);
  expect(addresses.pfnOf(0x10000)).toBe(pfn);
});

test('an area that /proc/vmallocinfo shows afterwards, where it lies and as large, is of its caller', async () => {
  const text = [
    '0xf0801000-0xf0804000   12288 load_module+0x1/0x2 pages=2 vmalloc',
    '0xf0901000-0xf0903000    8192 ioremap+0x3/0x4 phys=0x1 ioremap',
    '0x(ptrval)-0x(ptrval)    8192 hidden+0x3/0x4 vmap',
  ].join('\n');
  const lines = [
    area(0xf0801000, 12288),
    area(0xf0901000, 12288),
    area(0xf0a01000, 8192),
    freeArea(0xf0801000),
  ];
  const { result } = await imported(lines, areaCallers(parseVmallocinfo(text)));
  const names = ObjectNames.in(result.notes!);
  expect([1, 2, 3].map((object) => names.of(object))).toEqual(['load_module+0x1/0x2', undefined, undefined]);
});
