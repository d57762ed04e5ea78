/** Random programs that need more memory than there is: mappings of every kind, runs of touches, reads, forks, exits. */
import fc from 'fast-check';
import { READ, WRITE } from '../../../core/event/access-mode.ts';
import { type Batch, batchOf } from '../../../core/event/batch.ts';
import { __GFP_FS, GFP_ATOMIC, GFP_HIGHUSER_MOVABLE, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MADV_DONTNEED, MAP_POPULATE, MAP_SHARED, PROT_READ } from '../../../core/event/mmap-flags.ts';
import {
  access,
  eventOf,
  madvise,
  mlock,
  mmap,
  mprotect,
  mremap,
  munmap,
  PAGE,
  RW,
  type Step,
} from '../../support/rows.ts';

const FILE_PAGES = 300;
const cpu = fc.nat(1);
const pid = fc.integer({ min: 1, max: 4 });
const object = fc.integer({ min: 1, max: 10 });
const file = fc.integer({ min: 1, max: 2 });
const page = fc.nat(250);
const nrPages = fc.integer({ min: 1, max: 250 });

/** Beginning: two files, and a process on each cpu. */
const BEGIN: readonly Step[] = [
  { kind: 'file', file: 1, length: FILE_PAGES * PAGE },
  { kind: 'file', file: 2, length: FILE_PAGES * PAGE },
  ...[0, 1].flatMap((on): Step[] => [
    { kind: 'spawn', pid: on + 1, cpu: on },
    { kind: 'switch', pid: on + 1, cpu: on },
    { ...mmap(on + 1, 200 * PAGE), cpu: on },
  ]),
];

const on = (arbitrary: fc.Arbitrary<Step[]>): fc.Arbitrary<Step[]> =>
  fc.tuple(cpu, arbitrary).map(([which, steps]) => steps.map((step) => ({ ...step, cpu: which }) as Step));

const touches = fc
  .tuple(object, page, nrPages, fc.constantFrom(READ, WRITE, WRITE), fc.constantFrom(8, 8, 8, 4090))
  .map(([id, first, count, mode, size]) =>
    Array.from({ length: count }, (_, i) => access(id, (first + i) * PAGE + 16, size, mode)),
  );
const mapping = fc
  .tuple(object, nrPages, fc.constantFrom(0, 0, MAP_SHARED), fc.constantFrom(0, 0, MAP_POPULATE), fc.nat(2))
  .map(([id, count, shared, populate, of]) => [mmap(id, count * PAGE, RW | shared | populate, of)]);
const change = fc
  .tuple(object, page, nrPages, fc.nat(5))
  .map(([id, first, count, which]): Step[] => [
    which === 0
      ? munmap(id, first * PAGE, count * PAGE)
      : which === 1
        ? madvise(id, first * PAGE, count * PAGE, MADV_DONTNEED)
        : which === 2
          ? mprotect(id, first * PAGE, count * PAGE, PROT_READ)
          : which === 3
            ? mprotect(id, first * PAGE, count * PAGE, RW)
            : which === 4
              ? mremap(id, count * PAGE)
              : mlock(id, first * PAGE, (count % 20) * PAGE + PAGE),
  ]);
const process = fc
  .tuple(
    pid,
    fc.constantFrom('fork', 'switch', 'switch', 'spawn') as fc.Arbitrary<'fork' | 'switch' | 'spawn'>,
  )
  .map(([id, kind]): Step[] => [{ kind, pid: id }]);
const end = fc.constantFrom<Step[]>([{ kind: 'exit' }], [{ kind: 'exec' }]);
const reading = fc
  .tuple(file, page, nrPages)
  .map(([id, first, count]): Step[] => [
    { kind: 'file_read', file: id, offset: first * PAGE, length: count * PAGE },
  ]);
const drop = file.map((id): Step[] => [{ kind: 'file_drop', file: id }]);
const kernel = fc
  .tuple(
    fc.integer({ min: 50, max: 90 }),
    fc.nat(4),
    fc.constantFrom(GFP_KERNEL, GFP_KERNEL, GFP_ATOMIC, GFP_HIGHUSER_MOVABLE, GFP_KERNEL & ~__GFP_FS),
    fc.nat(2),
  )
  .map(([id, order, gfp, which]): Step[] =>
    which === 0
      ? [{ kind: 'page_free', object: id }]
      : which === 1
        ? [{ kind: 'page_alloc', object: id, order, gfp }]
        : [{ kind: 'vmalloc', object: id, size: (order + 1) * 4 * PAGE }],
  );

/** One stream of about `steps` things that happen. */
export function pressure(steps: number): fc.Arbitrary<Batch> {
  const step = fc.oneof(
    { weight: 12, arbitrary: on(touches) },
    { weight: 8, arbitrary: on(mapping) },
    { weight: 5, arbitrary: on(change) },
    { weight: 5, arbitrary: on(process) },
    { weight: 1, arbitrary: on(end) },
    { weight: 4, arbitrary: on(reading) },
    { weight: 1, arbitrary: on(drop) },
    { weight: 4, arbitrary: on(kernel) },
  );
  return fc
    .array(step, { minLength: steps, maxLength: steps })
    .map((all) => batchOf([...BEGIN, ...all.flat()].map(eventOf)));
}
