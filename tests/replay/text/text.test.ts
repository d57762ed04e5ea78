/** Small texts, row by row. */
import { describe, expect, test } from 'vitest';
import { CONTINUED, KERNEL_MODE, MODIFY, WRITE } from '../../../core/event/access-mode.ts';
import { DEVICE_IOMMU, DMA_FROM_DEVICE, transferOf } from '../../../core/event/dma-flags.ts';
import { GFP_HIGHUSER_MOVABLE, GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { KindName } from '../../../core/event/kinds.ts';
import {
  MAP_SHARED,
  PLACE_STACK,
  PLACE_TEXT,
  PROT_EXEC,
  PROT_READ,
  PROT_WRITE,
} from '../../../core/event/mmap-flags.ts';
import { SLAB_CONSTRUCTOR, SLAB_HWCACHE_ALIGN } from '../../../core/event/slab-flags.ts';
import { pageAddress, toHex } from '../../../core/layout/regions.ts';
import { describeEvent } from '../../../replay/text/event-text.ts';
import { formatBytes, formatCount, formatNs, formatShare } from '../../../replay/text/units.ts';
import { event, lane } from '../support.ts';

describe('units', () => {
  test.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [2 * 2 ** 20, '2.0 MiB'],
    [118.2 * 2 ** 20, '118.2 MiB'],
    [32 * 2 ** 40, '32.0 TiB'],
    [10 * 2 ** 60, '10.0 EiB'],
    [2n ** 64n, '16.0 EiB'],
    [1023.99 * 2 ** 10, '1.0 MiB'], // not 1024.0 KiB
    [2038.2490234375 * 2 ** 20, '2.0 GiB'],
  ])('formatBytes(%s) = %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  test.each([
    [0, '0'],
    [999, '999'],
    [1000, '1,000'],
    [1234567, '1,234,567'],
  ])('formatCount(%d) = %s', (count, text) => expect(formatCount(count)).toBe(text));

  test.each([
    [999, '999 ns'],
    [1000, '1.000 µs'],
    [1_234_000, '1.234 ms'],
    [2_270_000_000, '2.270 s'],
  ])('formatNs(%d) = %s', (ns, text) => expect(formatNs(ns)).toBe(text));

  test('shares', () => expect([formatShare(1, 3), formatShare(0, 0)]).toEqual(['33.33 %', '-']));
});

describe('events', () => {
  test.each<[KindName, Record<string, number>, string]>([
    ['switch', { pid: 0 }, 'switch(process 0)'],
    ['exit', {}, 'exit()'],
    ['vmalloc', { object: 17, size: 2 ** 21 }, 'vmalloc(object 17, 2.0 MiB)'],
    ['kmalloc', { object: 1, size: 72, gfp: GFP_KERNEL }, 'kmalloc(object 1, 72 B, GFP_KERNEL)'],
    [
      'page_alloc',
      { object: 1, order: 3, gfp: GFP_HIGHUSER_MOVABLE },
      'page_alloc(object 1, order 3, GFP_HIGHUSER_MOVABLE)',
    ],
    ['page_alloc', { object: 1, gfp: 0x20 }, 'page_alloc(object 1, order 0, __GFP_HIGH)'],
    [
      'mmap',
      { object: 2, length: 4096, flags: PROT_READ | PROT_WRITE | MAP_SHARED, file: 9 },
      'mmap(object 2, 4.0 KiB, rw-s, file 9)',
    ],
    [
      'mmap',
      { object: 2, length: 4096, flags: PROT_READ | PROT_EXEC | PLACE_TEXT },
      'mmap(object 2, 4.0 KiB, r-xp text)',
    ],
    [
      'mmap',
      { object: 2, length: 4096, flags: PROT_READ | PLACE_STACK },
      'mmap(object 2, 4.0 KiB, r--p stack)',
    ],
    ['munmap', { object: 2 }, 'munmap(object 2)'],
    ['munmap', { object: 2, offset: 0x1000, length: 4096 }, 'munmap(object 2, at +0x1000, 4.0 KiB)'],
    [
      'ioremap',
      { object: 3, size: 4096, pfn: 0xe0000, offset: 0 },
      'ioremap(object 3, 4.0 KiB, pfn 0xe0000)',
    ],
    [
      'kmem_cache_create',
      { cache: 5, size: 1300, slabFlags: SLAB_HWCACHE_ALIGN | SLAB_CONSTRUCTOR },
      'kmem_cache_create(cache 5, 1.3 KiB, SLAB_HWCACHE_ALIGN | a constructor)',
    ],
    [
      'kmem_cache_create',
      { cache: 5, size: 64, align: 64 },
      'kmem_cache_create(cache 5, 64 B, aligned to 64 B)',
    ],
    [
      'kmem_cache_alloc',
      { object: 1, cache: 5, gfp: GFP_KERNEL },
      'kmem_cache_alloc(object 1, cache 5, GFP_KERNEL)',
    ],
    ['device', { device: 1, maskBits: 24 }, 'device(device 1, 24 address bits)'],
    [
      'device',
      { device: 1, maskBits: 64, deviceFlags: DEVICE_IOMMU },
      'device(device 1, 64 address bits, behind an IOMMU)',
    ],
    [
      'dma_map_single',
      { object: 4, transfer: transferOf(3, DMA_FROM_DEVICE), offset: 16, length: 64 },
      'dma_map_single(object 4, device 3, from the device, at +0x10, 64 B)',
    ],
    ['dma_sync', { object: 4, device: 3, owner: 1 }, 'dma_sync(object 4, device 3, for the device)'],
    ['refused', { object: 4, request: 31 }, 'refused(object 4, vm_area)'],
    ['refused', { object: 4, request: 8, length: 4096 }, 'refused(object 4, brk, 4.0 KiB)'],
    ['refused_fork', { pid: 4, request: 250 }, 'refused_fork(process 4, kind 250)'],
    ['access', { object: 4, offset: 64, size: 8, mode: WRITE }, 'access(object 4, at +0x40, 8 B, write)'],
    [
      'access',
      { object: 4, size: 8, mode: KERNEL_MODE | MODIFY | CONTINUED },
      'access(object 4, 8 B, kernel modify continued)',
    ],
  ])('%s %j', (kind, fields, text) => expect(describeEvent(event(kind, fields))).toBe(text));
});

describe('addresses', () => {
  test.each([
    ['3g1g', 0xc0000, 0x10, '0xc0000010'],
    ['x86_64', 0x7fff_ffff, 0, '0x000007fffffff000'],
    ['x86_64', 2 ** 35, 0, '0xffff800000000000'], // the sign bit is bit 47
    ['linux-x86_64-la57', 2 ** 35, 0, '0x0000800000000000'],
    ['linux-x86_64-la57', 2 ** 44, 0, '0xff00000000000000'],
  ])('%s page %i', (name, vpn, offset, text) => {
    const { layout } = lane(name).machine.platform;
    expect(toHex(layout, pageAddress(layout, vpn) + BigInt(offset))).toBe(text);
  });
});
