/** The kmalloc caches are those of the captured kernels, and a request finds the one that serves it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { cacheFor, kmallocCaches, orderFor } from '../../../core/phys/kmalloc-caches.ts';

interface OracleCaches {
  readonly cpus: number;
  readonly kmalloc_caches: readonly { name: string; size: number; order: number; objs_per_slab: number }[];
}

const FIXTURE = join(import.meta.dirname, '../../fixtures/oracle-slab.json');
const machines = Object.entries(JSON.parse(readFileSync(FIXTURE, 'utf8')) as Record<string, OracleCaches>);

test.each(machines)('oracle machine %s', (_id, { cpus, kmalloc_caches }) => {
  const ours = kmallocCaches(4096, cpus).map(({ name, sizeBytes, order, objectsPerSlab }) => ({
    name,
    size: sizeBytes,
    order,
    objs_per_slab: objectsPerSlab,
  }));
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  expect(ours.sort(byName)).toEqual(kmalloc_caches.slice().sort(byName));
});

describe('a request is served by the smallest cache that is large enough', () => {
  const caches = kmallocCaches(4096, 1);
  test.each([
    [1, 8],
    [8, 8],
    [9, 16],
    [64, 64],
    [65, 96],
    [96, 96],
    [97, 128],
    [129, 192],
    [193, 256],
    [4097, 8192],
    [8192, 8192],
    [8193, undefined],
  ])('%i bytes: kmalloc-%s', (bytes, size) => {
    expect(cacheFor(caches, bytes, false)?.sizeBytes).toBe(size);
    expect(cacheFor(caches, bytes, true)?.sizeBytes).toBe(size);
  });
});

test.each([
  [1, 0],
  [4096, 0],
  [4097, 1],
  [8192, 1],
  [8193, 2],
  [2 ** 22, 10],
  [2 ** 22 + 1, 11],
])('get_order(%i) is %i', (bytes, order) => {
  expect(orderFor(bytes, 4096)).toBe(order);
});
