/** What random events are made of: dead and reused ids, sizes from 0 to 4 GiB, offsets at and beyond every edge, any mode. */
import fc from 'fast-check';
import { CLONE_THREAD, CLONE_VFORK, CLONE_VM } from '../../core/event/clone-flags.ts';
import { DEVICE_IOMMU, transferOf } from '../../core/event/dma-flags.ts';
import {
  __GFP_HIGHMEM,
  GFP_ATOMIC,
  GFP_DMA,
  GFP_DMA32,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL,
} from '../../core/event/gfp.ts';
import type { KindName } from '../../core/event/kinds.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MADV_WILLNEED,
  MAP_POPULATE,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PLACE_MMAP,
  PLACE_PIE,
  PLACE_STACK,
  PLACE_TEXT,
  PLACE_VDSO,
} from '../../core/event/mmap-flags.ts';
import {
  SLAB_CACHE_DMA,
  SLAB_CONSTRUCTOR,
  SLAB_HWCACHE_ALIGN,
  SLAB_NO_MERGE,
  SLAB_RECLAIM_ACCOUNT,
} from '../../core/event/slab-flags.ts';

import { PAGE } from '../support/rows.ts';

export const U32_MAX = 2 ** 32 - 1;

export const cpu = fc.nat(3);
export const thinkNs = fc.constantFrom(0, 1, 1000);
const pid = fc.oneof({ weight: 30, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.constant(U32_MAX) });
const object = fc.oneof(
  { weight: 60, arbitrary: fc.integer({ min: 1, max: 30 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 4096 + 7, U32_MAX) },
);
const file = fc.integer({ min: 1, max: 4 });
const mappedFile = fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: file });
const sizeBytes = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 24 }).map((pages) => pages * PAGE) },
  {
    weight: 6,
    arbitrary: fc.constantFrom(0, 1, 64, 100, 4095, 4097, 8192, 8193, 40_000, 300_000, 2 ** 20),
  },
  { weight: 2, arbitrary: fc.constantFrom(2 ** 22, 2 ** 22 + 1, 2 ** 24, 2 ** 28, 2 ** 31, U32_MAX) },
);
const offset = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .tuple(fc.nat(25), fc.constantFrom(0, 1, 63, 2048, 4088, 4095))
      .map(([p, o]) => p * PAGE + o),
  },
  { weight: 1, arbitrary: fc.constantFrom(2 ** 20, 2 ** 22 - 1, 2 ** 31, U32_MAX - 1, U32_MAX) },
);
const gfp = fc.constantFrom(
  GFP_KERNEL,
  GFP_ATOMIC,
  GFP_DMA,
  GFP_DMA32,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL | __GFP_HIGHMEM,
  U32_MAX,
);
const order = fc.oneof(
  { weight: 12, arbitrary: fc.nat(4) },
  { weight: 4, arbitrary: fc.integer({ min: 5, max: 10 }) },
  { weight: 1, arbitrary: fc.constantFrom(11, 31, 32, U32_MAX) },
);
const mapFlags = fc
  .tuple(
    fc.nat(7),
    fc.constantFrom(0, 0, MAP_SHARED),
    fc.constantFrom(0, 0, MAP_POPULATE),
    fc.constantFrom(
      PLACE_MMAP,
      PLACE_MMAP,
      PLACE_MMAP,
      PLACE_TEXT,
      PLACE_STACK,
      PLACE_STACK,
      PLACE_PIE,
      PLACE_VDSO,
    ),
  )
  .map(([prot, shared, populate, place]) => (prot === 0 ? 3 : prot) | shared | populate | place);
const accessBytes = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 4, 8, 64) },
  { weight: 1, arbitrary: fc.constantFrom(0, 4095, 4096, 4097, 9000, U32_MAX) },
);
const mode = fc.oneof(
  { weight: 30, arbitrary: fc.nat(15) },
  { weight: 1, arbitrary: fc.constantFrom(16, 32, U32_MAX) },
);
const page = fc.constantFrom(0, 0, 0, 1, 3, 1024, U32_MAX);
const devicePfn = fc.constantFrom(0xa0, 0xfe000, 0xfd000, 0x1000, 0, U32_MAX);
const cache = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, U32_MAX) },
);
const objectBytes = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 24, 60, 64, 100, 192, 700, 1024, 3000, 5000, 20_000) },
  { weight: 3, arbitrary: fc.constantFrom(0, 2 ** 22, 2 ** 22 + 1, U32_MAX) },
);
const align = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(0, 0, 0, 8, 64, 4096) },
  { weight: 2, arbitrary: fc.constantFrom(48, 2 ** 31, U32_MAX) },
);
const slabFlags = fc.constantFrom(
  0,
  0,
  SLAB_HWCACHE_ALIGN,
  SLAB_RECLAIM_ACCOUNT,
  SLAB_CACHE_DMA,
  SLAB_CONSTRUCTOR,
  SLAB_NO_MERGE,
  U32_MAX,
);
const vmapCount = fc.constantFrom(1, 2, 3, 40, 2000, 0, U32_MAX);
const alignBytes = fc.constantFrom(0, 1, PAGE, 2 ** 16, 2 ** 22, 3, 2 ** 31);
const prot = fc.nat(7);
const advice = fc.constantFrom(
  MADV_DONTNEED,
  MADV_DONTNEED,
  MADV_WILLNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  0,
  99,
);
const mremapFlags = fc.constantFrom(0, MREMAP_MAYMOVE, MREMAP_MAYMOVE);
const cloneFlags = fc.constantFrom(CLONE_VM, CLONE_VM | CLONE_VFORK, CLONE_VM | CLONE_THREAD, 0);
const zero = fc.constant(0);
const deviceNumber = fc.oneof(
  { weight: 30, arbitrary: fc.integer({ min: 1, max: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 2 ** 30 - 1, U32_MAX) },
);
const maskBits = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(24, 24, 25, 26, 32, 64) },
  { weight: 1, arbitrary: fc.constantFrom(0, 20, 65, U32_MAX) },
);
const deviceFlags = fc.constantFrom(0, 0, DEVICE_IOMMU, U32_MAX);
const transfer = fc
  .tuple(deviceNumber, fc.constantFrom(0, 1, 2, 2, 1, 0, 1, 2, 0, 3))
  .map(([number, direction]) => transferOf(number, direction) % 2 ** 32);
const dmaBytes = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(1, 64, 2048, 2049, 4096, 8192, 40_000) },
  { weight: 4, arbitrary: fc.constantFrom(0, 262_144, 262_145, 300_000, 2 ** 20, U32_MAX) },
);

type Columns = readonly [
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
];

/** How often each kind comes, and what its columns object, a, b, c hold. */
export const RECIPES: Record<KindName, readonly [number, Columns]> = {
  spawn: [6, [pid, zero, zero, zero]],
  fork: [5, [pid, zero, zero, zero]],
  clone: [4, [pid, cloneFlags, zero, zero]],
  exec: [1, [zero, zero, zero, zero]],
  exit: [1, [zero, zero, zero, zero]],
  switch: [12, [pid, zero, zero, zero]],
  mmap: [14, [object, sizeBytes, mapFlags, mappedFile]],
  munmap: [5, [object, offset, sizeBytes, zero]],
  brk: [4, [object, sizeBytes, zero, zero]],
  mprotect: [8, [object, offset, sizeBytes, prot]],
  mremap: [6, [object, sizeBytes, mremapFlags, zero]],
  mremap_fixed: [4, [object, object, offset, zero]],
  madvise: [6, [object, offset, sizeBytes, advice]],
  mlock: [3, [object, offset, sizeBytes, zero]],
  munlock: [2, [object, offset, sizeBytes, zero]],
  file: [2, [file, sizeBytes, zero, zero]],
  file_read: [2, [file, offset, sizeBytes, zero]],
  file_drop: [1, [file, zero, zero, zero]],
  page_alloc: [14, [object, order, gfp, zero]],
  page_free: [6, [object, zero, zero, zero]],
  kmalloc: [12, [object, sizeBytes, gfp, zero]],
  kfree: [6, [object, zero, zero, zero]],
  kmem_cache_create: [5, [cache, objectBytes, align, slabFlags]],
  kmem_cache_alloc: [14, [object, cache, gfp, zero]],
  kmem_cache_free: [7, [object, zero, zero, zero]],
  kmem_cache_destroy: [2, [cache, zero, zero, zero]],
  vmalloc: [8, [object, sizeBytes, zero, zero]],
  vfree: [4, [object, zero, zero, zero]],
  kmap: [14, [object, page, zero, zero]],
  kunmap: [6, [object, page, zero, zero]],
  ioremap: [3, [object, sizeBytes, devicePfn, fc.constantFrom(0, 0, 0x20, U32_MAX)]],
  iounmap: [3, [object, zero, zero, zero]],
  vmap: [4, [object, object, vmapCount, zero]],
  vunmap: [2, [object, zero, zero, zero]],
  kmap_local: [12, [object, page, zero, zero]],
  kunmap_local: [6, [object, page, zero, zero]],
  vm_area: [3, [object, sizeBytes, alignBytes, zero]],
  free_vm_area: [2, [object, zero, zero, zero]],
  device: [8, [deviceNumber, maskBits, deviceFlags, zero]],
  dma_alloc_coherent: [6, [object, deviceNumber, sizeBytes, gfp]],
  dma_free_coherent: [4, [object, zero, zero, zero]],
  dma_map_single: [14, [object, transfer, offset, dmaBytes]],
  dma_map_page: [10, [object, transfer, offset, dmaBytes]],
  dma_map_sg: [14, [object, transfer, offset, dmaBytes]],
  dma_unmap: [18, [object, deviceNumber, offset, zero]],
  dma_sync: [6, [object, deviceNumber, offset, fc.constantFrom(0, 1, 1, 2)]],
  device_remove: [1, [deviceNumber, zero, zero, zero]],
  access: [90, [object, offset, accessBytes, mode]],
};
