/** A kernel's tracepoints become events: pages, kmalloc, slab caches, areas of the vmalloc window. */
import { describe, expect, test } from 'vitest';
import { geometryOf } from '../../../traces/import/kernel-slabs.ts';
import {
  alloc,
  area,
  at,
  cacheAlloc,
  cacheFree,
  free,
  freeArea,
  importLines,
  kfree,
  kmalloc,
  line,
  START,
} from '../../support/kernel-lines.ts';

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
      'the number of an object that is gone is used again, whatever it was, by who asked for that one',
      [alloc(5), kmalloc('5'), free(5), kfree('5'), kmalloc('6'), alloc(6)],
      [
        'page_alloc object=1 order=0',
        'kmalloc object=2 size=16',
        'page_free object=1',
        'kfree object=2',
        'kmalloc object=2 size=16',
        'page_alloc object=1 order=0',
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
    expect(result.notes).toMatchObject({
      cpus: 6,
      caches: [{ cache: 1, name: 'filp', size: 184, align: 64 }],
    });
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

test('a trace without any allocation or free is refused', async () => {
  await expect(importLines([line('tlb_flush: x')])).rejects.toMatchObject({
    found: '1 lines, none of them an allocation or a free',
  });
});
