/**
 * Random events, lawful or not: dead and reused ids, sizes from 0 to 4 GiB, offsets at and beyond every edge, any
 * mode, any cpu, kinds that do not exist. Id pools are small, so that about half of the events find what they name.
 */
import fc from 'fast-check';
import { type Batch, BatchBuilder } from '../../core/event/batch.ts';
import {
  __GFP_HIGHMEM,
  GFP_ATOMIC,
  GFP_DMA,
  GFP_DMA32,
  GFP_HIGHUSER_MOVABLE,
  GFP_KERNEL,
} from '../../core/event/gfp.ts';
import { EVENT_KINDS, type KindName } from '../../core/event/kinds.ts';
import {
  MAP_POPULATE,
  MAP_SHARED,
  PLACE_MMAP,
  PLACE_STACK,
  PLACE_TEXT,
} from '../../core/event/mmap-flags.ts';

/** A row of a batch: kind, cpu, thinkNs, object, a, b, c. */
export type Row = readonly [number, number, number, number, number, number, number];

const U32_MAX = 2 ** 32 - 1;
const PAGE = 4096;

const cpu = fc.nat(3);
const thinkNs = fc.constantFrom(0, 1, 1000);
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
  { weight: 1, arbitrary: fc.constantFrom(2 ** 22, 2 ** 22 + 1, 2 ** 24, 2 ** 28, 2 ** 31, U32_MAX) },
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
    fc.constantFrom(PLACE_MMAP, PLACE_MMAP, PLACE_TEXT, PLACE_STACK),
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
const zero = fc.constant(0);

type Columns = readonly [
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
  fc.Arbitrary<number>,
];

/** How often each kind comes, and what its columns object, a, b, c hold. */
const RECIPES: Record<KindName, readonly [number, Columns]> = {
  spawn: [4, [pid, zero, zero, zero]],
  fork: [5, [pid, zero, zero, zero]],
  exec: [1, [zero, zero, zero, zero]],
  exit: [2, [zero, zero, zero, zero]],
  switch: [10, [pid, zero, zero, zero]],
  mmap: [14, [object, sizeBytes, mapFlags, mappedFile]],
  munmap: [5, [object, offset, sizeBytes, zero]],
  brk: [5, [object, sizeBytes, zero, zero]],
  file: [2, [file, sizeBytes, zero, zero]],
  file_read: [2, [file, offset, sizeBytes, zero]],
  file_drop: [1, [file, zero, zero, zero]],
  page_alloc: [8, [object, order, gfp, zero]],
  page_free: [6, [object, zero, zero, zero]],
  kmalloc: [8, [object, sizeBytes, gfp, zero]],
  kfree: [6, [object, zero, zero, zero]],
  vmalloc: [5, [object, sizeBytes, zero, zero]],
  vfree: [4, [object, zero, zero, zero]],
  kmap: [10, [object, page, zero, zero]],
  kunmap: [6, [object, page, zero, zero]],
  ioremap: [3, [object, sizeBytes, devicePfn, zero]],
  iounmap: [3, [object, zero, zero, zero]],
  access: [90, [object, offset, accessBytes, mode]],
};

const anyU32 = fc.nat(U32_MAX);
const unknownKind = fc.tuple(fc.constantFrom(0, 23, 255), cpu, thinkNs, anyU32, anyU32, anyU32, anyU32);

const row: fc.Arbitrary<Row> = fc.oneof(
  { weight: 1, arbitrary: unknownKind },
  ...Object.entries(RECIPES).map(([name, [weight, columns]]) => ({
    weight,
    arbitrary: fc.tuple(fc.constant(EVENT_KINDS[name as KindName].code), cpu, thinkNs, ...columns),
  })),
);

/** Process 1 runs from the beginning, so that short streams do something too. */
const START: readonly Row[] = [
  [EVENT_KINDS.spawn.code, 0, 0, 1, 0, 0, 0],
  [EVENT_KINDS.switch.code, 0, 0, 1, 0, 0, 0],
];

/** Streams of random events. */
export function randomEvents(maxLength: number): fc.Arbitrary<Row[]> {
  return fc.array(row, { maxLength, size: 'max' }).map((rows) => [...START, ...rows]);
}

export function batchOfRows(rows: readonly Row[]): Batch {
  const builder = new BatchBuilder(rows.length);
  for (const columns of rows) builder.push(...columns);
  return builder.take();
}
