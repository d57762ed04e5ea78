/** What an address space maps and has in memory, and the most that it ever did. */
import { describe, expect, test } from 'vitest';
import { WRITE } from '../../../core/event/access-mode.ts';
import { EVENT_KINDS, type KindName } from '../../../core/event/kinds.ts';
import { fold } from '../../../core/fold/fold.ts';
import { type Usage, usageOf } from '../../../core/mm/usage.ts';
import { batchOfRows, forStreams, randomEvents } from '../../generators/random-events.ts';
import {
  access,
  machineOf,
  mmap,
  mremap,
  mremapFixed,
  munmap,
  PAGE,
  RUNNING,
  Session,
  SMALL_MACHINES,
  type Step,
} from '../../support/rows.ts';

const written = (pages: number): Step[] =>
  Array.from({ length: pages }, (_, page) => access(1, page * PAGE, 8, WRITE));
const fork: Step = { kind: 'fork', pid: 2 };
const exec: Step = { kind: 'exec' };

function usageAfter(steps: readonly Step[], mm = 1): Usage {
  const { machine } = new Session(machineOf('linux-3g1g', 64)).given(...RUNNING, ...steps);
  return usageOf(machine, machine.records.mms[mm]!.root);
}

const usage = (mapped: number, mappedPeak: number, resident: number, residentPeak: number): Usage => ({
  mapped,
  mappedPeak,
  resident,
  residentPeak,
});

describe('pages mapped and in memory, now and at most', () => {
  test.each<[string, Step[], Usage]>([
    ['nothing', [], usage(0, 0, 0, 0)],
    [
      "of a mapping that is read: the zero page is nobody's",
      [mmap(1, 8 * PAGE), access(1, 0, 8)],
      usage(8, 8, 0, 0),
    ],
    ['of one that is written', [mmap(1, 8 * PAGE), ...written(3)], usage(8, 8, 3, 3)],
    ['of one that shrank', [mmap(1, 8 * PAGE), ...written(3), munmap(1, PAGE, 0)], usage(1, 8, 1, 3)],
    [
      'of one that moved to grow',
      [mmap(1, 8 * PAGE), ...written(3), mmap(2, PAGE), mremap(1, 16 * PAGE)],
      usage(17, 17, 3, 3),
    ],
    [
      'of mmap(MAP_FIXED) over a part',
      [mmap(1, 8 * PAGE), mmap(2, 4 * PAGE), mremapFixed(2, 1, 0)],
      usage(8, 8, 0, 0),
    ],
    [
      'of mremap(MREMAP_FIXED) over a part',
      [mmap(2, 4 * PAGE), mmap(1, 8 * PAGE), mremapFixed(2, 1, 0)],
      usage(8, 12, 0, 0),
    ],
    ['of the program after exec', [mmap(1, 8 * PAGE), ...written(3), exec], usage(0, 0, 0, 0)],
  ])('%s', (_what, steps, expected) => {
    expect(usageAfter(steps)).toEqual(expected);
  });

  test('of a child: what its parent has when it forks, not what it had (dup_mm)', () => {
    const steps = [mmap(1, 8 * PAGE), ...written(3), munmap(1, 2 * PAGE, 0), fork];
    expect(usageAfter(steps, 2)).toEqual(usage(2, 2, 2, 2));
    expect(usageAfter(steps)).toEqual(usage(2, 8, 2, 3));
  });
});

/** Those that move what they have just mapped, and those that begin anew, have rows of their own. */
const KINDS = (Object.keys(EVENT_KINDS) as KindName[]).filter(
  (kind) => kind !== 'mremap_fixed' && kind !== 'exec',
);

describe.each(SMALL_MACHINES)('on $name', ({ boot }) => {
  test('a peak is the most that was ever mapped, and no less than was ever in memory', () => {
    forStreams(randomEvents(300, KINDS), 3, (rows) => {
      let machine = boot();
      const most = new Map<number, Usage>();
      for (const row of rows) {
        machine = fold(machine, batchOfRows([row])).machine;
        for (const { id, root } of Object.values(machine.records.mms)) {
          const now = usageOf(machine, root);
          const before = most.get(id) ?? usage(0, 0, 0, 0);
          expect(now.mappedPeak).toBe(Math.max(before.mappedPeak, now.mapped));
          expect(now.residentPeak).toBeGreaterThanOrEqual(Math.max(before.residentPeak, now.resident));
          most.set(id, now);
        }
      }
    });
  });
});
