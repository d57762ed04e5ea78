/** alloc_pages and __free_pages against a naive buddy allocator, frame by frame, and what it did at known moments. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { EVENT_KINDS, type KindName } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold/fold.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { freeBlock } from '../../../core/phys/buddy.ts';
import { FRAME, USE_FREE } from '../../../core/phys/frames.ts';
import { removeFromFreeList } from '../../../core/phys/free-lists.ts';
import { MIGRATE_MOVABLE, MIGRATE_UNMOVABLE } from '../../../core/phys/migrate.ts';
import { batchOfRows, forStreams, type Row, randomEvents } from '../../generators/random-events.ts';
import { NaivePageAllocator } from '../../models/naive-page-alloc.ts';
import { atDepth } from '../../support/depth.ts';
import { buddyinfo, drained, freeLists } from '../../support/laws.ts';
import { machineOf, type Session, SMALL_MACHINES, type Step, sessionOf, starve } from '../../support/rows.ts';

const PAGE_KINDS: readonly KindName[] = ['page_alloc', 'page_free'];
const { page_alloc, page_free } = EVENT_KINDS;

/** Zones that meet within a block of the largest order, and Normal above DMA32. */
const OTHER_MACHINES = [
  {
    name: '3g1g, 96 MiB, the high ones begin within a large block',
    boot: () => machineOf('3g1g', 96, { cpus: 4, highmemBytes: (32n << 20n) - 5n * 4096n }),
  },
  {
    name: 'linux-x86_64, 48 MiB below 4 GiB and 24 MiB above',
    boot: () =>
      machineOf('linux-x86_64', 72, {
        cpus: 4,
        memoryMap: [
          { start: 1n << 20n, end: 49n << 20n },
          { start: 4n << 30n, end: (4n << 30n) + (24n << 20n) },
        ],
      }),
  },
];

/** Such as have transparent huge pages, and with them lists of blocks of that order for each cpu. */
const WITH_HUGE_LISTS = [
  { name: 'linux-x86_64, 64 MiB', hugeOrder: 9, boot: () => thp('linux-x86_64', 64) },
  { name: 'linux-3g1g, 192 MiB, the largest blocks', hugeOrder: 10, boot: () => thp('linux-3g1g', 192) },
];
const thp = (name: string, mib: number): Machine => machineOf(name, mib, { cpus: 4 }, { thp: 'madvise' });

const MACHINES = [...SMALL_MACHINES, ...OTHER_MACHINES].flatMap(({ name, boot }) => [
  { name, machine: boot() },
  { name: `${name}, all but 200 pages taken`, machine: starve(boot(), 200, false) },
]);

describe.each(MACHINES)('$name', ({ machine }) => {
  test('random blocks are the frames that the naive allocator gives', () => {
    forStreams(randomEvents(1500, PAGE_KINDS), atDepth({ quick: 3, full: 10 }), (rows) =>
      compare(machine, rows),
    );
  });
});

describe.each(WITH_HUGE_LISTS)('$name, with lists of huge pages', ({ hugeOrder, boot }) => {
  test('random blocks are the frames that the naive allocator gives', () => {
    const machine = boot();
    // More than half of the requests are for huge pages: that is where this differs.
    const hugeOften = (rows: readonly Row[]): Row[] =>
      rows.map((row) => {
        const [kind, cpu, process, object, order, ...rest] = row;
        return order % 4 < 2 ? [kind, cpu, process, object, hugeOrder, ...rest] : row;
      });
    forStreams(randomEvents(600, PAGE_KINDS), atDepth({ quick: 4, full: 10 }), (rows) =>
      compare(machine, hugeOften(rows), hugeOrder),
    );
  });
});

function compare(start: Machine, rows: readonly Row[], hugeOrder?: number): void {
  const naive = new NaivePageAllocator(start, hugeOrder);
  const requests = rows.filter(([kind]) => kind === page_alloc.code || kind === page_free.code);
  const { machine, outcomes } = fold(start, batchOfRows(requests));
  const live = new Map<number, { pfn: number; order: number }>();
  const seen = requests.map((_, at) => ({
    status: STATUSES[outcomes.status[at]!]!.name,
    pfn: outcomes.pfn[at]!,
  }));
  const expected = requests.map(([kind, cpu, , object, order, gfp]) => {
    const held = live.get(object);
    if (kind === page_alloc.code) {
      if (held !== undefined) return { status: 'exists', pfn: 0 };
      const given = naive.alloc(cpu, order, gfp);
      if (given.status === 'ok') live.set(object, { pfn: given.pfn, order });
      return given;
    }
    if (held === undefined) return { status: 'no-object', pfn: 0 };
    live.delete(object);
    naive.free(cpu, held.pfn, held.order);
    return { status: 'ok', pfn: 0 };
  });
  expect(seen).toEqual(expected);
  expect(freeLists(machine)).toEqual(naive.lists);
  expect(checkMachine(machine)).toEqual([]);
}

describe('splits and merges', () => {
  const take = (object: number, order: number) =>
    ({ kind: 'page_alloc', object, order, gfp: GFP_KERNEL }) as const;
  const unmovable = (session: Session): number[][] => freeLists(session.machine)[1]![MIGRATE_UNMOVABLE]!;

  test('a split keeps the low half, and gives the others back with the smallest in front', () => {
    const session = sessionOf('3g1g', 96).given(take(1, 10));
    const small = unmovable(session).slice(0, 10).flat();
    const block = freeLists(session.machine)[1]![MIGRATE_MOVABLE]![10]![0]!;
    // Whatever is smaller goes first, then a movable block.
    let object = 2;
    for (let order = 9; order > 3; order--)
      for (let left = unmovable(session)[order]!.length; left > 0; left--)
        session.given(take(object++, order));
    expect(small.filter((pfn) => unmovable(session).flat().includes(pfn)).length).toBeLessThan(small.length);
    expect(session.do(take(object++, 4)).pfn).toBe(block);
    expect(unmovable(session).slice(4, 10)).toEqual([4, 5, 6, 7, 8, 9].map((order) => [block + 2 ** order]));
  });

  test('every halving of a block and every joining of two is counted', () => {
    const memory = [{ zone: 'Normal', freeBlocks: [[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9]] }];
    const session = sessionOf('3g1g', 96, {}, { memory }).given(take(1, 4));
    expect(session.counter('buddySplits')).toBe(10 - 4);
    session.given({ kind: 'page_free', object: 1 });
    expect(session.counter('buddyMerges')).toBe(10 - 4);
  });

  test.each(['Normal', 'HighMem'])('a block of %s does not merge with a buddy of the other zone', (name) => {
    const draft = new Draft(machineOf('3g1g', 96, { highmemBytes: (32n << 20n) - 5n * 4096n }));
    const zone = draft.platform.zones.find((candidate) => candidate.name === name)!;
    const { highstartPfn } = draft.platform.layout;
    const pfn = name === 'Normal' ? highstartPfn! - 1 : highstartPfn!;
    // The last page of the one and the first of the other are buddies, both free.
    expect([highstartPfn! % 2, draft.frames.get(pfn, FRAME.order)]).toEqual([1, 0]);
    removeFromFreeList(draft, zone.index, pfn, 0);
    freeBlock(draft, zone, pfn, 0, MIGRATE_MOVABLE);
    expect([FRAME.use, FRAME.order].map((field) => draft.frames.get(pfn, field))).toEqual([USE_FREE, 0]);
  });

  test('freeing buddies in any order makes the block whole again', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...Array(64).keys()], { minLength: 64 }), (orderOfFrees) => {
        const session = sessionOf('3g1g', 32);
        const before = buddyinfo(session.machine);
        session.given(...Array.from({ length: 64 }, (_, i) => take(i + 1, 0)));
        session.given(...orderOfFrees.map((i): Step => ({ kind: 'page_free', object: i + 1 })));
        expect(buddyinfo(drained(session.machine))).toEqual(before);
      }),
      { numRuns: atDepth({ quick: 2, full: 5 }) },
    );
  });

  test('the first blocks at boot ascend, but those of high memory descend', () => {
    const lists = freeLists(sessionOf('linux-3g1g', 1024).machine);
    const steps = lists.map((types) =>
      types[MIGRATE_MOVABLE]![10]!.map((pfn, i, list) => Math.sign(pfn - (list[i - 1] ?? pfn))),
    );
    expect(steps.map((signs) => [...new Set(signs.slice(1))])).toEqual([[1], [1], [-1]]);
  });
});
