/** The kmalloc caches are those of the captured kernels, and a request finds the one that serves it. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { __GFP_ACCOUNT, __GFP_RECLAIMABLE, GFP_DMA, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { type SlabPlatform, slabPlatform } from '../../../core/slab/geometry.ts';
import {
  kmallocCaches,
  kmallocRow,
  kmallocRows,
  largestCacheBytes,
} from '../../../core/slab/kmalloc-caches.ts';
import { bootedMachines } from '../../captures/booted-machines.ts';
import type { CapturedKmallocCache } from '../../captures/captured-machine.ts';

describe.each(bootedMachines())('$id', ({ oracle, layout }) => {
  const platform = slabPlatform(layout);
  const caches = kmallocCaches(platform);

  test('constants of the allocators', () => {
    const { pageBytes, maxOrder, kmallocMinBytes, cacheLineBytes } = platform;
    const ours: Record<string, number> = {
      MAX_ORDER: maxOrder,
      pageblock_order: bootMachine(layout).platform.pageblockOrder,
      KMALLOC_MAX_SIZE: pageBytes * 2 ** (maxOrder - 1),
      KMALLOC_MAX_CACHE_SIZE: largestCacheBytes(pageBytes),
      KMALLOC_MIN_SIZE: kmallocMinBytes,
      ARCH_KMALLOC_MINALIGN: kmallocMinBytes,
      cache_line_size: cacheLineBytes,
      sizeof_page: layout.structPageBytes,
    };
    const theirs = Object.entries(oracle.consts).filter(([name]) => name in ours);
    expect(theirs.length).toBeGreaterThan(4);
    for (const [name, value] of theirs) expect([name, ours[name]]).toEqual([name, Number(value)]);
  });

  test('every kmalloc cache', () => {
    const ours = caches.map((cache) => ({
      name: cache.name,
      object_size: cache.objectSizeBytes,
      size: cache.sizeBytes,
      align: cache.alignBytes,
      inuse: cache.inuseBytes,
      offset: cache.freePointerOffset,
      objs_per_slab: cache.objectsPerSlab,
      order: cache.order,
      min_partial: cache.minPartial,
    }));
    // A kmalloc cache is nobody's alias.
    expect(new Set(oracle.kmalloc_caches.map(({ refcount }) => Math.abs(refcount)))).toEqual(new Set([1]));
    const theirs = oracle.kmalloc_caches.map(
      ({ type: _type, index: _index, refcount: _refcount, ...figures }) => figures,
    );
    expect(byName(ours)).toEqual(byName(theirs));
  });

  test('newest first in /proc/slabinfo', () => {
    const names = oracle.slabinfo.map((line) => line.split(' ')[0]!);
    expect(names.filter((name) => /kmalloc-/.test(name))).toEqual(caches.map(({ name }) => name).reverse());
  });
});

function byName<T extends Pick<CapturedKmallocCache, 'name'>>(caches: readonly T[]): T[] {
  return caches.slice().sort((a, b) => (a.name < b.name ? -1 : 1));
}

describe('a request is served by the smallest cache that is large enough', () => {
  const platform = slabPlatform(buildLayout('x86_64'));
  const caches = kmallocCaches(platform);
  const rows = kmallocRows(platform);
  const nameOf = (bytes: number, gfp: number): string => caches[kmallocRow(rows, bytes, gfp)]!.name;

  test.each([
    [1, '8'],
    [8, '8'],
    [9, '16'],
    [64, '64'],
    [65, '96'],
    [96, '96'],
    [97, '128'],
    [129, '192'],
    [193, '256'],
    [1024, '1k'],
    [4097, '8k'],
    [8192, '8k'],
  ])('%i bytes: kmalloc-%s', (bytes, size) => {
    expect(nameOf(bytes, GFP_KERNEL)).toBe(`kmalloc-${size}`);
    expect(nameOf(bytes, GFP_DMA)).toBe(`dma-kmalloc-${size}`);
    expect(nameOf(bytes, GFP_KERNEL | __GFP_RECLAIMABLE)).toBe(`kmalloc-rcl-${size}`);
    expect(nameOf(bytes, GFP_DMA | __GFP_RECLAIMABLE)).toBe(`dma-kmalloc-${size}`);
  });
});

describe('caches of their own for DMA and for accounted memory are those of the build', () => {
  const plain = slabPlatform(buildLayout('x86_64'));
  const nameOf = (gfp: number, build: Partial<SlabPlatform>): string => {
    const platform = { ...plain, ...build };
    return kmallocCaches(platform)[kmallocRow(kmallocRows(platform), 64, gfp)]!.name;
  };
  const NO_ZONE = { zoneDma: false };
  const MEMCG = { memcg: true };

  test.each([
    ['__GFP_ACCOUNT without CONFIG_MEMCG_KMEM', __GFP_ACCOUNT, {}, 'kmalloc-64'],
    ['__GFP_ACCOUNT', __GFP_ACCOUNT, MEMCG, 'kmalloc-cg-64'],
    ['__GFP_RECLAIMABLE wins', __GFP_ACCOUNT | __GFP_RECLAIMABLE, MEMCG, 'kmalloc-rcl-64'],
    ['__GFP_DMA wins over both', GFP_DMA | __GFP_ACCOUNT | __GFP_RECLAIMABLE, MEMCG, 'dma-kmalloc-64'],
    ['GFP_DMA without CONFIG_ZONE_DMA', GFP_DMA, NO_ZONE, 'kmalloc-64'],
    ['and then the other bits count', GFP_DMA | __GFP_RECLAIMABLE, NO_ZONE, 'kmalloc-rcl-64'],
  ])('%s', (_title, gfp, build, name) => expect(nameOf(gfp, build)).toBe(name));
});
