/** For each way to fail: events that lead there, and the figures that people are told. */
import { expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { DMA_TO_DEVICE, transferOf } from '../../../core/event/dma-flags.ts';
import { GFP_ATOMIC, GFP_DMA, GFP_HIGHUSER, GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import { type FirstFailure, stepLane } from '../../../replay/lane/lane.ts';
import { event, lane, MIB } from '../support.ts';

const RW = PROT_READ | PROT_WRITE;

/** As many blocks as it takes to use up any zone of 1 GiB. */
function blocks(gfp: number, order: number, firstObject: number): MemoryEvent[] {
  return Array.from({ length: 300 }, (_, i) => event('page_alloc', { object: firstObject + i, order, gfp }));
}

function firstFailures(layout: string, events: readonly MemoryEvent[]): readonly FirstFailure[] {
  return stepLane(lane(layout), batchOf(events)).lane.firstFailures;
}

const SIZE = String.raw`\d+(\.\d)? ([KMG]i)?B`;
const zone = (name: string, terms: string) => `${name} ${SIZE} of ${SIZE} \\(${terms}\\)`;
const KEEP = `must keep ${SIZE}`;

test.each<[string, string, MemoryEvent[], string, string]>([
  [
    'low memory used up, high memory left',
    '3g1g',
    blocks(GFP_KERNEL, 10, 1),
    'out-of-lowmem',
    `free: ${zone('DMA', KEEP)}, ${zone('Normal', KEEP)}, ${zone('HighMem', 'not for this request')}`,
  ],
  [
    'everything used up: DMA has pages, but they are reserved from this request',
    '3g1g',
    blocks(GFP_HIGHUSER, 10, 1),
    'out-of-memory',
    `free: ${zone('DMA', KEEP)}, ${zone('Normal', KEEP)}, ${zone('HighMem', KEEP)}`,
  ],
  [
    'the DMA zone alone',
    '3g1g',
    blocks(GFP_DMA, 8, 1),
    'out-of-lowmem',
    `free: ${zone('DMA', KEEP)}, ${zone('Normal', 'not for this request')}, ${zone('HighMem', 'not for this request')}`,
  ],
  [
    'larger than any block',
    '3g1g',
    [event('page_alloc', { object: 1, order: 11, gfp: GFP_KERNEL })],
    'too-large',
    'the largest block has 4.0 MiB',
  ],
  [
    'every slot of the kmap window taken',
    '3g1g',
    [
      event('page_alloc', { object: 1, order: 10, gfp: GFP_HIGHUSER }),
      event('page_alloc', { object: 2, order: 0, gfp: GFP_HIGHUSER }),
      ...Array.from({ length: 1024 }, (_, page) => event('kmap', { object: 1, page })),
      event('kmap', { object: 2 }),
    ],
    'kmap-slots',
    '1024 of 1024 slots in use',
  ],
  [
    'user space full',
    '3g1g',
    [
      event('spawn', { pid: 7 }),
      event('switch', { pid: 7 }),
      event('mmap', { object: 1, length: 2048 * MIB, flags: RW }),
      event('mmap', { object: 2, length: 2048 * MIB, flags: RW }),
    ],
    'user-space',
    `process 7 maps 2.0 GiB of 3.0 GiB, largest gap ${SIZE}`,
  ],
])('%s', (_, layout, events, status, detail) => {
  const [first] = firstFailures(layout, events);
  expect(first!.status).toBe(status);
  expect(first!.detail).toMatch(new RegExp(`^${detail}$`));
});

test('in pieces: many free pages, no block', () => {
  // Every page of ZONE_DMA is taken, then every second one given back; what lay below the watermark is whole still.
  const pages = 4096;
  const single = Array.from({ length: pages }, (_, i) =>
    event('page_alloc', { object: 1 + i, gfp: GFP_DMA }),
  );
  const given = Array.from({ length: pages / 4 }, (_, i) => event('page_free', { object: 1 + 2 * i }));
  const failures = firstFailures('3g1g', [...single, ...given, ...blocks(GFP_DMA, 3, pages + 1)]);
  const { request, detail } = failures.find(({ status }) => status === 'fragmented')!;
  expect(request).toMatch(/^page_alloc\(object \d+, order 3, GFP_KERNEL\|GFP_DMA\)$/);
  expect(detail).toMatch(/^free: DMA \d\.\d MiB, largest block (4|8|16)\.0 KiB; Normal .*; HighMem /);
});

test('an atomic request may go deeper than a patient one', () => {
  const kept = (gfp: number): string | undefined => {
    const failures = firstFailures('x86_64', [...blocks(gfp, 10, 1), ...blocks(gfp, 4, 301)]);
    const first = failures.find(({ status }) => status === 'out-of-memory');
    return /DMA32 .*?must keep (\S+ \S+)\)/.exec(first!.detail)?.[1];
  };
  const [patient, atomic] = [kept(GFP_KERNEL)!, kept(GFP_ATOMIC)!];
  expect(Number.parseFloat(atomic)).toBeLessThan(Number.parseFloat(patient));
});

test('a slab cache that could not be made, and one that cannot go', () => {
  const failures = firstFailures('x86_64', [
    event('kmem_cache_create', { cache: 1, size: 5 * MIB }),
    event('kmem_cache_alloc', { object: 1, cache: 1, gfp: GFP_KERNEL }),
    event('kmem_cache_create', { cache: 2, size: 64 }),
    event('kmem_cache_alloc', { object: 2, cache: 2, gfp: GFP_KERNEL }),
    event('kmem_cache_destroy', { cache: 2 }),
    event('kmem_cache_destroy', { cache: 1 }),
  ]);
  expect(failures.map(({ kind, status, detail }) => [kind, status, detail])).toEqual([
    ['kmem_cache_create', 'bad-cache', ''],
    ['kmem_cache_alloc', 'no-cache', 'its kmem_cache_create failed at event 0'],
    ['kmem_cache_destroy', 'cache-in-use', '1 object left'],
    ['kmem_cache_destroy', 'no-cache', 'its kmem_cache_create failed at event 0'],
  ]);
});

test('what follows says what it follows from, until the object is there again', () => {
  const huge = { object: 1, size: 100 * MIB };
  const failures = firstFailures('3g1g', [
    event('vfree', { object: 1 }), // nothing is known of it
    event('vmalloc', huge), // 1: no room
    event('access', { object: 1, size: 1, mode: 4 }),
    event('vmalloc', { object: 1, size: MIB }),
    event('kfree', { object: 1 }), // alive, but not from kmalloc
  ]);
  expect(failures.map(({ kind, status, detail }) => [kind, status, detail])).toEqual([
    ['vfree', 'no-object', ''],
    ['vmalloc', 'vmalloc-space', expect.stringContaining('largest hole 88.0 MiB')],
    ['access', 'no-object', 'its vmalloc failed at event 1'],
    ['kfree', 'no-object', ''],
  ]);
});

test('devices: what is out of reach, and how far the reach is', () => {
  const transfer = transferOf(1, DMA_TO_DEVICE);
  const failures = firstFailures('3g1g', [
    event('dma_map_single', { object: 1, transfer, length: 64 }),
    event('device', { device: 1, maskBits: 20 }),
    event('dma_map_single', { object: 1, transfer, offset: 1, length: 64 }),
    event('device', { device: 1, maskBits: 24 }),
    event('kmalloc', { object: 1, size: 64, gfp: GFP_KERNEL }),
    event('dma_map_single', { object: 1, transfer, length: 64 }),
    event('dma_alloc_coherent', { object: 2, device: 1, size: 4096, gfp: GFP_KERNEL }),
    event('device_remove', { device: 1 }),
  ]);
  expect(failures.map(({ kind, status, detail }) => [kind, status, detail])).toEqual([
    ['dma_map_single', 'no-device', ''],
    ['device', 'bad-dma-mask', ''],
    [
      'dma_map_single',
      'beyond-dma-mask',
      'device 1 reaches 16.0 MiB, and there is no pool of bounce buffers',
    ],
    ['device_remove', 'device-in-use', '1 mapping left'],
  ]);
});

test('a device that could not be', () => {
  const failures = firstFailures('3g1g', [
    event('device', { device: 1, maskBits: 20 }),
    event('dma_map_sg', { object: 1, transfer: transferOf(1, DMA_TO_DEVICE), length: 64 }),
  ]);
  expect(failures[1]!.detail).toBe('its device failed at event 0');
});

test('memory that is kept for contiguous buffers, and a buffer that it has no room for', () => {
  const options = { cma: { bytes: 512n * 2n ** 20n } };
  const started = lane('linux-arm-3g1g-nohighmem', options);
  const failuresOf = (events: readonly MemoryEvent[]) =>
    stepLane(started, batchOf(events)).lane.firstFailures;
  const [refused] = failuresOf(blocks(GFP_KERNEL, 8, 1));
  expect(refused).toMatchObject({ kind: 'page_alloc', status: 'cma-only' });
  expect(refused!.detail).toMatch(
    new RegExp(`^free: Normal ${SIZE} of ${SIZE} \\(${KEEP}; 511\\.8 MiB are CMA’s\\)$`),
  );
  const buffer = { object: 1, device: 1, size: 513 * MIB, gfp: GFP_KERNEL };
  const [, large] = failuresOf([
    event('dma_alloc_coherent', buffer),
    event('device', { device: 1, maskBits: 32 }),
    event('dma_alloc_coherent', buffer),
  ]);
  expect(large).toMatchObject({ kind: 'dma_alloc_coherent', status: 'cma-space' });
});
