/** What random events are made of: dead and reused ids, sizes from 0 to 4 GiB, offsets at and beyond every edge, any mode. */
import fc from 'fast-check';
import { CLONE_THREAD, CLONE_VFORK, CLONE_VM } from '../../core/event/clone-flags.ts';
import { DEVICE_IOMMU, transferOf } from '../../core/event/dma-flags.ts';
import type { FieldType } from '../../core/event/field-types.ts';
import * as is from '../../core/event/field-types.ts';
import {
  __GFP_HIGHMEM,
  GFP_ATOMIC,
  GFP_DMA,
  GFP_DMA32,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL,
} from '../../core/event/gfp.ts';
import type { FieldColumn } from '../../core/event/kind-row.ts';
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
import { allKinds, type Kind, kindNamed } from '../../core/event/vocabulary.ts';

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

type Value = fc.Arbitrary<number>;

/** What fields of a type hold. */
const OF_TYPE = new Map<FieldType, Value>([
  [is.OBJECT, object],
  [is.PID, pid],
  [is.FILE, file],
  [is.CACHE, cache],
  [is.DEVICE, deviceNumber],
  [is.PAGES_OF, object],
  [is.OVER, object],
  [is.TRANSFER, transfer],
  [is.SIZE, sizeBytes],
  [is.LENGTH, sizeBytes],
  [is.OFFSET, offset],
  [is.ALIGN, align],
  [is.ORDER, order],
  [is.NR_PAGES, vmapCount],
  [is.PAGE, page],
  [is.DEVICE_PFN, devicePfn],
  [is.GFP, gfp],
  [is.ACCESS_MODE, mode],
  [is.MAP_FLAGS, mapFlags],
  [is.PROT, prot],
  [is.ADVICE, advice],
  [is.MREMAP_FLAGS, mremapFlags],
  [is.CLONE_FLAGS, cloneFlags],
  [is.SLAB_CACHE_FLAGS, slabFlags],
  [is.MASK_BITS, maskBits],
  [is.DEVICE_FLAGS, deviceFlags],
  [is.SYNC_OWNER, fc.constantFrom(0, 1, 1, 2)],
]);

/** Fields of which other values are telling. */
const OF_FIELD: Partial<Record<KindName, Readonly<Record<string, Value>>>> = {
  mmap: { file: mappedFile },
  kmem_cache_create: { size: objectBytes },
  ioremap: { offset: fc.constantFrom(0, 0, 0x20, U32_MAX) },
  vm_area: { align: alignBytes },
  dma_map_single: { length: dmaBytes },
  dma_map_page: { length: dmaBytes },
  dma_map_sg: { length: dmaBytes },
  access: { size: accessBytes },
};

/** How often each kind comes; a kind that is not here comes now and then. */
const WEIGHTS: Partial<Record<KindName, number>> = {
  spawn: 6,
  fork: 5,
  clone: 4,
  exec: 1,
  exit: 1,
  switch: 12,
  mmap: 14,
  munmap: 5,
  brk: 4,
  mprotect: 8,
  mremap: 6,
  mremap_fixed: 4,
  madvise: 6,
  mlock: 3,
  munlock: 2,
  file: 2,
  file_read: 2,
  file_drop: 1,
  page_alloc: 14,
  page_free: 6,
  kmalloc: 12,
  kfree: 6,
  kmem_cache_create: 5,
  kmem_cache_alloc: 14,
  kmem_cache_free: 7,
  kmem_cache_destroy: 2,
  vmalloc: 8,
  vfree: 4,
  kmap: 14,
  kunmap: 6,
  ioremap: 3,
  iounmap: 3,
  vmap: 4,
  vunmap: 2,
  kmap_local: 12,
  kunmap_local: 6,
  vm_area: 3,
  free_vm_area: 2,
  device: 8,
  dma_alloc_coherent: 6,
  dma_free_coherent: 4,
  dma_map_single: 14,
  dma_map_page: 10,
  dma_map_sg: 14,
  dma_unmap: 18,
  dma_sync: 6,
  device_remove: 1,
  access: 90,
};
const NOW_AND_THEN = 2;

type Columns = readonly [object: Value, a: Value, b: Value, c: Value];

function columnsOf({ name, fields }: Kind): Columns {
  const valuesIn = (column: FieldColumn): Value => {
    const field = fields.find((candidate) => candidate.column === column);
    if (field === undefined) return zero;
    return OF_FIELD[name]?.[field.name] ?? OF_TYPE.get(field.type) ?? fc.nat(U32_MAX);
  };
  return [valuesIn('object'), valuesIn('a'), valuesIn('b'), valuesIn('c')];
}

/** How often each kind comes, and what its columns object, a, b, c hold. */
export const RECIPES: ReadonlyMap<KindName, readonly [weight: number, columns: Columns]> = new Map(
  [...Object.keys(WEIGHTS), ...allKinds().map(({ name }) => name)].map((name) => {
    const kind = kindNamed(name)!;
    return [kind.name, [WEIGHTS[kind.name] ?? NOW_AND_THEN, columnsOf(kind)]];
  }),
);
