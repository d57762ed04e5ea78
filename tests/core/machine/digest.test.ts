/** Digests: the same state however it came about; another for any other state. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Digest } from '../../../core/base/digest.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '../../../core/event/mmap-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { Vmas } from '../../../core/mm/vmas.ts';
import type { TableEdit } from '../../../core/state/table.ts';
import { batchOfRows, randomEvents } from '../../generators/random-events.ts';
import { atDepth } from '../../support/depth.ts';
import {
  eventOf,
  machineOf,
  RUNNING,
  Session,
  SMALL_MACHINES,
  type Step,
  sessionOf,
} from '../../support/rows.ts';

const pair = fc.tuple(fc.nat(2 ** 50), fc.double({ noNaN: true, noDefaultInfinity: true }).map(Math.trunc));

describe('Digest', () => {
  const digestOf = (pairs: readonly (readonly [number, number])[]): string => {
    const digest = new Digest();
    for (const [place, value] of pairs) digest.add(place, value);
    return digest.toString();
  };

  test('does not depend on the order, and adds up over parts', () => {
    fc.assert(
      fc.property(fc.array(pair), fc.array(pair), (some, more) => {
        const whole = digestOf([...some, ...more]);
        expect(digestOf([...more, ...some].reverse())).toBe(whole);
        const [left, right] = [new Digest(), new Digest()];
        for (const [place, value] of some) left.add(place, value);
        for (const [place, value] of more) right.add(place, value);
        left.merge(right);
        expect(left.toString()).toBe(whole);
      }),
      { numRuns: atDepth({ quick: 17, full: 50 }) },
    );
  });

  test('tells apart the place, the value, the halves of both, and how often', () => {
    const rows: [number, number][][] = [
      [],
      [[0, 0]],
      [[0, 1]],
      [[1, 0]],
      [[1, 1]],
      [
        [1, 1],
        [1, 1],
      ],
      [[0, -1]],
      [[0, 2 ** 32 - 1]],
      [[0, 2 ** 32]],
      [[2 ** 32, 0]],
      [[2 ** 44, 1]],
      [[0, 1 + 2 ** 32]],
      [
        [0, 1],
        [1, 2],
      ],
      [
        [0, 2],
        [1, 1],
      ],
    ];
    expect(new Set(rows.map(digestOf)).size).toBe(rows.length);
  });

  test('is known: it must not change silently', () => {
    const digest = new Digest();
    digest.add(1, 2);
    digest.addText(3, 'vmsplit');
    expect([new Digest().toString(), digest.toString()]).toMatchInlineSnapshot(`
      [
        "0000000000000000",
        "55e8ea7a2ec85d7a",
      ]
    `);
  });
});

describe('stateDigest', () => {
  test('any change of any cell makes another digest', () => {
    fc.assert(
      fc.property(randomEvents(300), fc.nat(10 ** 6), fc.nat(10 ** 6), (rows, anyCell, anyBit) => {
        const { machine } = fold(SMALL_MACHINES[0]!.boot(), batchOfRows(rows));
        const before = stateDigest(machine);
        for (const name of TABLES) {
          const { cells, stride } = machine[name].shape;
          const changed = changedOnce(machine, (draft) => {
            const table: TableEdit = draft[name];
            const [row, field] = [anyCell % 5000, anyCell % stride];
            table.set(row, field, flipped(table.get(row, field), anyBit % (cells === 'int32' ? 31 : 52)));
          });
          expect(stateDigest(changed), name).not.toBe(before);
        }
        for (const name of ['vars', 'counters', 'freeLists', 'pcps'] as const) {
          const changed = changedOnce(machine, (draft) => draft[name][anyCell % draft[name].length]!++);
          expect(stateDigest(changed), name).not.toBe(before);
        }
        expect(stateDigest(changedOnce(machine, () => {}))).toBe(before);
      }),
      { numRuns: atDepth({ quick: 7, full: 20 }) },
    );
  });

  test('a TLB entry, a hole, a mapping and a process count too', () => {
    const session = sessionOf('3g1g', 64).given(...RUNNING);
    const digests = new Set([stateDigest(session.machine)]);
    const { machine } = session;
    const entry = new Float64Array(8);
    entry[3] = 2 ** 46;
    digests.add(stateDigest(changedOnce(machine, (draft) => draft.tlbs.give(0, entry))));
    digests.add(stateDigest(changedOnce(machine, (draft) => draft.tlbs.give(1, entry))));
    digests.add(stateDigest(changedOnce(machine, (draft) => draft.vmallocHoles.takeLowest(1))));
    digests.add(stateDigest(changedOnce(machine, (draft) => draft.pageCacheSlots.takeLowest(1))));
    const mm = machine.records.mms[1]!;
    digests.add(
      stateDigest(
        changedOnce(machine, (draft) => draft.records.setMm(1, { ...mm, vmas: Vmas.EMPTY.edit(), heap: 5 })),
      ),
    );
    digests.add(stateDigest(changedOnce(machine, (draft) => draft.records.setProcess(1, undefined))));
    expect(digests.size).toBe(7);
  });

  test('cells that were written and are zero again leave no trace', () => {
    const { machine } = sessionOf('3g1g', 64);
    const there = changedOnce(machine, (draft) => draft.objects.set(4711, 3, 5));
    const back = changedOnce(there, (draft) => draft.objects.clear(4711));
    expect(stateDigest(there)).not.toBe(stateDigest(machine));
    expect(stateDigest(back)).toBe(stateDigest(machine));
  });

  test('what was freed leaves nothing but counters, clocks and the order of the free lists', () => {
    const kmalloc: Step = { kind: 'kmalloc', object: 1, size: 64, gfp: GFP_KERNEL };
    const cycle = (session: Session): Machine => session.given(kmalloc, { kind: 'kfree', object: 1 }).machine;
    const session = sessionOf('3g1g', 64);
    const [once, twice] = [cycle(session), cycle(session)];
    const reset = changedOnce(twice, (draft) => {
      draft.counters.set(once.counters);
      draft.cpus.set(0, 0, once.cpus.get(0, 0));
    });
    expect(stateDigest(reset)).toBe(stateDigest(once));
  });

  test('the order in which shared memory came into being is no state', () => {
    const flags = PROT_READ | PROT_WRITE | MAP_SHARED;
    const map = (object: number): Step => ({ kind: 'mmap', object, length: 4096, flags, file: 0 });
    const unmap = (object: number): Step => ({ kind: 'munmap', object, offset: 0, length: 0 });
    const rows = [...RUNNING, map(5), unmap(5), map(6), map(5)];
    const start = machineOf('3g1g', 64);
    const stepwise = new Session(start).given(...rows).machine;
    const together = fold(start, batchOf(rows.map(eventOf))).machine;
    expect(stateDigest(stepwise)).toBe(stateDigest(together));
  });
});

const TABLES = [
  'frames',
  'pageblocks',
  'pcpPages',
  'objects',
  'tables',
  'ptes',
  'slabs',
  'slabLinks',
  'slabCaches',
  'pageCache',
  'kmapSlots',
  'cpus',
] as const;

function changedOnce(machine: Machine, change: (draft: Draft) => unknown): Machine {
  const draft = new Draft(machine);
  change(draft);
  return draft.seal(false).machine;
}

function flipped(value: number, bit: number): number {
  const mask = 2 ** bit;
  return Math.floor(value / mask) % 2 === 0 ? value + mask : value - mask;
}
