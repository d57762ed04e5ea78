/** Which entry makes room in a full set: every policy against a plain list, and as the books tell it. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { KERNEL_MODE, READ } from '../../../core/event/access-mode.ts';
import type { CacheArray } from '../../../core/tlb/arrangement.ts';
import { keyBase } from '../../../core/tlb/keys.ts';
import { HIT, HIT_CLEAN, MISS } from '../../../core/tlb/lru-sets.ts';
import { NO_CACHE, REPLACEMENTS, type Replacement } from '../../../core/tlb/options.ts';
import { stateCells, touchArray } from '../../../core/tlb/replacement.ts';
import { NaiveCache } from '../../models/naive-caches.ts';
import { access, kmalloc, machineOf, mmap, PAGE, RUNNING, Session } from '../../support/rows.ts';

const SEED = 7;

/** An array that begins behind others, and its cells. */
function arrayOf(replacement: Replacement, sets: number, ways: number) {
  const array: CacheArray = { sets, ways, first: 3, state: 3 + sets * ways };
  const cells = new Float64Array(array.state + stateCells(replacement, array));
  if (replacement === 'random') cells[array.state] = SEED;
  const touch = (page: number, store = false): number =>
    touchArray(replacement, cells, array, keyBase(1, 0) + page, store);
  return { cells, array, touch };
}

describe.each(REPLACEMENTS)('%s', (replacement) => {
  test('hits, misses and dirty entries are those of a list, also when entries are dropped in between', () => {
    const step = fc.record({
      page: fc.nat(11),
      store: fc.boolean(),
      drop: fc.constantFrom(false, false, true),
    });
    const shape = fc.record({ sets: fc.constantFrom(1, 2, 4), ways: fc.constantFrom(1, 2, 4) });
    fc.assert(
      fc.property(shape, fc.array(step, { maxLength: 150, size: 'max' }), ({ sets, ways }, steps) => {
        const { cells, array, touch } = arrayOf(replacement, sets, ways);
        const naive = new NaiveCache({ sets, ways }, replacement, SEED);
        for (const { page, store, drop } of steps) {
          const { hit, entry } = naive.touch(page, `${page}`);
          const clean = store && !entry.dirty;
          entry.dirty ||= store;
          expect(touch(page, store)).toBe(hit ? (clean ? HIT_CLEAN : HIT) : MISS);
          if (!drop) continue;
          naive.drop((name) => name === `${page}`);
          const at = cells.findIndex((cell, i) => i < array.state && Math.abs(cell) === keyBase(1, 0) + page);
          if (at >= 0) cells[at] = 0;
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('four pages in a set of four, the first used once more, and then a fifth: who goes', () => {
  test.each([
    ['lru', 'the one that was used longest ago', 1],
    ['fifo', 'the one that came first, whatever was used since', 0],
    ['plru', 'one of the half that was not used last: the tree’s guess', 2],
  ] as const)('%s: %s', (replacement, _why, victim) => {
    const { cells, touch } = arrayOf(replacement, 1, 4);
    for (const page of [0, 1, 2, 3, 0, 4]) touch(page);
    const left = [0, 1, 2, 3].filter((page) => cells.includes(keyBase(1, 0) + page));
    expect([0, 1, 2, 3].filter((page) => !left.includes(page))).toEqual([victim]);
  });
});

test('a walk for a large page reads an entry less than one for a small page', () => {
  const mmu = { replacement: 'fifo', pdeCache: NO_CACHE } as const;
  const session = new Session(machineOf('linux-x86_64', 64, {}, { mmu })).given(...RUNNING, mmap(1, PAGE));
  const readsOf = (object: number, mode: number): number => {
    const before = session.counter('walkReferences');
    session.given(access(object, 0, 8, mode));
    return session.counter('walkReferences') - before;
  };
  session.given(kmalloc(2, 64));
  expect([readsOf(1, READ), readsOf(2, READ | KERNEL_MODE)]).toEqual([4, 3]);
});
