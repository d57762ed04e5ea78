/** Reuse distances and working sets against their definitions, counted the slow way; sampling within its error. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashOf, PageTimes } from '../../../replay/stats/page-times.ts';
import { bucketOf, ReuseDistances } from '../../../replay/stats/reuse-distance.ts';
import { WINDOWS, WorkingSets } from '../../../replay/stats/working-set.ts';

/** Pages as programs touch them: runs, loops, strides. */
const pages = fc
  .array(fc.tuple(fc.nat({ max: 30 }), fc.integer({ min: 1, max: 12 }), fc.nat({ max: 3 })), {
    maxLength: 40,
  })
  .map((walks) =>
    walks.flatMap(([start, length, stride]) => Array.from({ length }, (_, i) => start + i * stride)),
  );

/** Other pages since the page was touched last; undefined the first time. */
function distances(touched: readonly number[]): (number | undefined)[] {
  return touched.map((page, at) => {
    const before = touched.lastIndexOf(page, at - 1);
    return at === 0 || before < 0 ? undefined : new Set(touched.slice(before + 1, at)).size;
  });
}

function meanSet(touched: readonly number[], window: number): number {
  const sizes = touched.map((_, at) => new Set(touched.slice(Math.max(0, at + 1 - window), at + 1)).size);
  return sizes.reduce((sum, size) => sum + size, 0) / touched.length;
}

describe('reuse distances', () => {
  it('are how many other pages were touched since', () => {
    fc.assert(
      fc.property(pages, (touched) => {
        const reuse = new ReuseDistances();
        for (const page of touched) reuse.add(page);
        reuse.finish();
        const expected = distances(touched);
        const counts = new Array<number>(reuse.counts.length).fill(0);
        for (const distance of expected) if (distance !== undefined) counts[bucketOf(distance)]!++;
        expect([...reuse.counts]).toEqual(counts);
        expect(reuse.firsts).toBe(expected.filter((distance) => distance === undefined).length);
        expect([reuse.pages, reuse.rate]).toEqual([new Set(touched).size, 1]);
      }),
    );
  });

  it('stay exact when the tree is made anew', () => {
    const reuse = new ReuseDistances();
    const loop = 700;
    for (let at = 0; at < 30_000; at++) reuse.add(at % loop);
    reuse.finish();
    expect([reuse.firsts, reuse.counts[bucketOf(loop - 1)]]).toEqual([loop, 30_000 - loop]);
  });

  it('of more pages than may be held are estimated from a part of them', () => {
    const loop = 40_000;
    const rounds = 5;
    const reuse = new ReuseDistances({ mostPages: 2000 });
    const sets = new WorkingSets({ mostPages: 2000 });
    for (let at = 0; at < rounds * loop; at++) {
      reuse.add(at % loop);
      sets.add(at % loop);
    }
    reuse.finish();
    expect(reuse.rate).toBe(sets.rate);
    expect(reuse.rate).toBeLessThan(0.1);
    expect(Math.abs(reuse.pages / loop - 1)).toBeLessThan(0.1);
    const far = reuse.counts.slice(bucketOf(loop / 2)).reduce((sum, count) => sum + count, 0);
    expect(Math.abs(far / ((rounds - 1) * loop) - 1)).toBeLessThan(0.1);
    const mean = sets.means()[WINDOWS.indexOf(1e4)]!;
    expect(Math.abs(mean / 1e4 - 1)).toBeLessThan(0.1);
  });
});

describe('working sets', () => {
  it('are the pages of the last references, on average', () => {
    fc.assert(
      fc.property(pages, fc.integer({ min: 1, max: 4 }), (some, times) => {
        const touched = Array.from({ length: times }, () => some).flat();
        const sets = new WorkingSets();
        for (const page of touched) sets.add(page);
        sets.means().forEach((mean, i) => {
          if (WINDOWS[i]! > touched.length) expect(mean).toBeUndefined();
          else expect(mean).toBeCloseTo(meanSet(touched, WINDOWS[i]!), 9);
        });
      }),
    );
  });
});

describe('a table of pages', () => {
  it('is a map of numbers up to 2^52', () => {
    const number = fc.oneof(fc.nat({ max: 50 }), fc.integer({ min: 0, max: 2 ** 52 - 1 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(number, fc.nat()), { maxLength: 300 }), number, (pairs, limit) => {
        const [table, map] = [new PageTimes(), new Map<number, number>()];
        for (const [page, time] of pairs) {
          table.set(page, time);
          map.set(page, time);
        }
        expect([...table.entries()].sort(([a], [b]) => a - b)).toEqual([...map].sort(([a], [b]) => a - b));
        table.keep((page) => page < limit);
        for (const [page, time] of map) expect(table.get(page)).toBe(page < limit ? time : undefined);
      }),
    );
  });

  it('has hashes that spread neighbours and far pages evenly', () => {
    for (const step of [1, 2 ** 20, 2 ** 33]) {
      const low = Array.from({ length: 4000 }, (_, i) => hashOf(i * step)).filter(
        (hash) => hash < 2 ** 31,
      ).length;
      expect(Math.abs(low / 2000 - 1)).toBeLessThan(0.1);
    }
  });
});
