/** The kmalloc caches are those of the captured kernels, and a request finds the one that serves it. */
import { describe, expect, test } from 'vitest';
import { __GFP_RECLAIMABLE, GFP_DMA, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { slabPlatform } from '../../../core/slab/geometry.ts';
import { kmallocCaches, kmallocRow, kmallocRows } from '../../../core/slab/kmalloc-caches.ts';
import type { OracleKmallocCache } from '../../captures/oracle-machine.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';

describe.each(oracleMachines().map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
  const caches = kmallocCaches(slabPlatform(buildLayout(layoutNameOf(machine), optionsOf(machine))));

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
      // A kmalloc cache is nobody's alias.
      refcount: 1,
    }));
    const theirs = machine.kmalloc_caches.map(({ type: _type, index: _index, ...figures }) => figures);
    expect(byName(ours)).toEqual(byName(theirs));
  });

  test('newest first in /proc/slabinfo', () => {
    const names = machine.slabinfo.map((line) => line.split(' ')[0]!);
    expect(names.filter((name) => /kmalloc-/.test(name))).toEqual(caches.map(({ name }) => name).reverse());
  });
});

function byName<T extends Pick<OracleKmallocCache, 'name'>>(caches: readonly T[]): T[] {
  return caches.slice().sort((a, b) => (a.name < b.name ? -1 : 1));
}

describe('a request is served by the smallest cache that is large enough', () => {
  const caches = kmallocCaches(slabPlatform(buildLayout('x86_64')));
  const rows = kmallocRows(caches, 4096);
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
