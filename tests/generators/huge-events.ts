/** Random events about a few large mappings of a few processes: huge pages come, are shared, cut, moved and given up. */
import fc from 'fast-check';
import { MODIFY, READ, WRITE } from '../../core/event/access-mode.ts';
import type { KindName } from '../../core/event/kinds.ts';
import { EVENT_KINDS } from '../../core/event/kinds.ts';
import {
  MADV_DONTNEED,
  MADV_HUGEPAGE,
  MADV_NOHUGEPAGE,
  MAP_POPULATE,
  MAP_SHARED,
  MREMAP_MAYMOVE,
  PLACE_STACK,
  PROT_READ,
  PROT_WRITE,
} from '../../core/event/mmap-flags.ts';
import type { Row } from './random-events.ts';

const MIB = 2 ** 20;
const RW = PROT_READ | PROT_WRITE;

const pid = fc.constantFrom(1, 2, 2, 3);
const mostly1 = fc.constantFrom(1, 1, 1, 1, 2, 2, 3);
const cpu = fc.constantFrom(0, 0, 0, 1);
const half = (most: number): fc.Arbitrary<number> => fc.nat(2 * most).map((n) => (n * MIB) / 2);
const page = fc.constantFrom(0, 0, 4096, 4088, 77 * 4096);
const within = (most: number): fc.Arbitrary<number> =>
  fc.tuple(half(most), page).map(([at, more]) => at + more);
const part = fc.oneof(half(3), fc.constantFrom(0, 4096, 2 * MIB, 4 * MIB));
const zero = fc.constant(0);

type Recipe = readonly [KindName, number, ...fc.Arbitrary<number>[]];

/** About some objects, at offsets in them; how long they may be, and how they are mapped. */
const recipes = (
  object: fc.Arbitrary<number>,
  offset: fc.Arbitrary<number>,
  length: fc.Arbitrary<number>,
  flags: fc.Arbitrary<number>,
): readonly Recipe[] => [
  ['access', 90, object, offset, fc.constantFrom(8, 8, 64), fc.constantFrom(READ, WRITE, WRITE, MODIFY)],
  ['mmap', 12, object, length, flags, zero],
  ['madvise', 7, object, zero, zero, fc.constant(MADV_DONTNEED)],
  ['munmap', 4, object, zero, zero, zero],
  ['munmap', 3, object, offset, part, zero],
  ['mprotect', 5, object, offset, part, fc.constantFrom(0, PROT_READ, RW, RW)],
  ['madvise', 5, object, offset, part, fc.constantFrom(MADV_DONTNEED, MADV_HUGEPAGE, MADV_NOHUGEPAGE)],
  ['mlock', 1, object, offset, part, zero],
  ['munlock', 1, object, offset, part, zero],
  ['mremap', 3, object, half(12), fc.constantFrom(0, MREMAP_MAYMOVE, MREMAP_MAYMOVE), zero],
  ['mremap_fixed', 2, object, object, half(4), zero],
  ['brk', 2, fc.constant(4), half(6), zero, zero],
  ['fork', 3, pid, zero, zero, zero],
  ['switch', 8, mostly1, zero, zero, zero],
  ['exit', 1, zero, zero, zero, zero],
  ['spawn', 1, pid, zero, zero, zero],
];

/** A few large mappings, of which each holds huge pages of its own. */
const LARGE = recipes(
  fc.constantFrom(1, 1, 1, 2, 2, 3),
  within(9),
  fc.constantFrom(8 * MIB, 9 * MIB, 3 * MIB),
  fc.constantFrom(RW, RW, RW | MAP_POPULATE, RW | MAP_SHARED, RW | PLACE_STACK),
);
/** Many small ones, one below the other, of which several make up a huge page. */
const NEIGHBOURS = recipes(
  fc.constantFrom(1, 2, 3, 5, 6, 7, 8, 9),
  within(2),
  fc.constantFrom(MIB, MIB, MIB / 2, 3 * MIB, MIB + 4096),
  fc.constantFrom(RW, RW, RW, RW, RW | MAP_POPULATE),
);

const STARTED: readonly Row[] = [
  [EVENT_KINDS.spawn.code, 0, 0, 1, 0, 0, 0],
  [EVENT_KINDS.switch.code, 0, 0, 1, 0, 0, 0],
];
/** A process with two mappings that hold huge pages. */
const WITH_LARGE: readonly Row[] = [
  ...STARTED,
  [EVENT_KINDS.mmap.code, 0, 0, 1, 8 * MIB, RW, 0],
  [EVENT_KINDS.madvise.code, 0, 0, 1, 0, 0, MADV_HUGEPAGE],
  [EVENT_KINDS.mmap.code, 0, 0, 2, 9 * MIB, RW, 0],
];
/** A process with mappings of a megabyte each. */
const WITH_NEIGHBOURS: readonly Row[] = [
  ...STARTED,
  ...[1, 2, 3, 5, 6, 7].map((object): Row => [EVENT_KINDS.mmap.code, 0, 0, object, MIB, RW, 0]),
];

export function hugeEvents(length: number): fc.Arbitrary<Row[]> {
  return eventsOf(LARGE, WITH_LARGE, length);
}

export function neighbourEvents(length: number): fc.Arbitrary<Row[]> {
  return eventsOf(NEIGHBOURS, WITH_NEIGHBOURS, length);
}

function eventsOf(recipes: readonly Recipe[], start: readonly Row[], length: number): fc.Arbitrary<Row[]> {
  const rows = recipes.map(([name, weight, ...columns]) => ({
    weight,
    arbitrary: fc.tuple(
      fc.constant(EVENT_KINDS[name].code),
      cpu,
      zero,
      ...(columns as [typeof zero, typeof zero, typeof zero, typeof zero]),
    ),
  }));
  return fc
    .array(fc.oneof(...rows), { minLength: length, maxLength: length })
    .map((chosen) => [...start, ...chosen]);
}
