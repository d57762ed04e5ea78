/** Pages on their way to the disk: one after the other, while the machine goes on, and then first to be freed. */
import { describe, expect, test } from 'vitest';
import { GFP_HIGHUSER_MOVABLE } from '../../../core/event/gfp.ts';
import { bootMachine, buildLayout } from '../../../core/index.ts';
import { Draft } from '../../../core/machine/draft.ts';
import {
  activate,
  addToLru,
  INACTIVE_ANON,
  lruFlags,
  lruListOf,
  PG_WRITEBACK,
} from '../../../core/pages/lru.ts';
import { lruBack, lruSize } from '../../../core/pages/lru-links.ts';
import {
  endWriteback,
  forgetWriteback,
  nextWrittenAfterNs,
  nextWrittenNs,
  startWriteback,
  underWayAt,
} from '../../../core/pages/writeback.ts';
import { USE_ANON } from '../../../core/phys/frames.ts';
import { allocPages } from '../../../core/phys/page-alloc.ts';

const WRITE_NS = 10;

/** So many pages on the inactive list, the first one at its back. */
function listed(count: number): { draft: Draft; pfns: number[] } {
  const layout = buildLayout('linux-x86_64', { ramBytes: 64n << 20n });
  const draft = new Draft(
    bootMachine(layout, { reclaim: { swapBytes: 1n << 24n }, costs: { diskWriteNs: WRITE_NS } }),
  );
  draft.onCpu(0);
  const pfns = Array.from({ length: count }, (_, page) => {
    const pfn = allocPages(draft, 0, GFP_HIGHUSER_MOVABLE, USE_ANON, 0);
    addToLru(draft, pfn, false, 1, page);
    return pfn;
  });
  return { draft, pfns };
}
const at = (ns: number) => (): number => ns;

describe('writeback', () => {
  test('takes the disk its time for each page, in order, whatever else goes on', () => {
    const { draft, pfns } = listed(3);
    for (const pfn of pfns) startWriteback(draft, pfn, at(100));
    expect(nextWrittenNs(draft)).toBe(110);
    endWriteback(draft, 125);
    expect(pfns.map((pfn) => (lruFlags(draft, pfn) & PG_WRITEBACK) !== 0)).toEqual([false, false, true]);
    expect(nextWrittenNs(draft)).toBe(130);
    endWriteback(draft, 130);
    expect(nextWrittenNs(draft)).toBe(Number.POSITIVE_INFINITY);
    expect(draft.extraNs).toBe(0);
  });

  test.each([0, 1, 2, 7, 8])(
    'of %i pages, some done: as many are under way at any time as it takes',
    (count) => {
      const { draft, pfns } = listed(count + 1);
      startWriteback(draft, pfns[count]!, at(0));
      for (const pfn of pfns.slice(0, count)) startWriteback(draft, pfn, at(100));
      endWriteback(draft, 50);
      for (let ns = 90; ns <= 200; ns++) {
        const left = Array.from({ length: count }, (_, i) => 100 + (i + 1) * WRITE_NS).filter(
          (done) => done > ns,
        );
        expect([underWayAt(draft, ns), nextWrittenAfterNs(draft, ns)]).toEqual([
          left.length,
          left[0] ?? Infinity,
        ]);
      }
    },
  );

  test('ends at the back of the inactive list, also for a page that was moved out of the way', () => {
    const { draft, pfns } = listed(4);
    startWriteback(draft, pfns[2]!, at(0));
    activate(draft, pfns[2]!, lruFlags(draft, pfns[2]!));
    expect(lruBack(draft, INACTIVE_ANON)).toBe(pfns[0]);
    endWriteback(draft, WRITE_NS);
    expect([lruBack(draft, INACTIVE_ANON), lruListOf(draft, pfns[2]!)]).toEqual([pfns[2], INACTIVE_ANON]);
    expect(lruSize(draft, INACTIVE_ANON)).toBe(4);
  });

  test('of a page that is gone is forgotten', () => {
    const { draft, pfns } = listed(2);
    startWriteback(draft, pfns[1]!, at(0));
    forgetWriteback(draft, pfns[1]!);
    endWriteback(draft, 1000);
    expect(lruBack(draft, INACTIVE_ANON)).toBe(pfns[0]);
  });

  test('waits when the disk has 1,024 pages to write', () => {
    const { draft, pfns } = listed(1026);
    for (const pfn of pfns.slice(0, 1024)) startWriteback(draft, pfn, at(0));
    expect(draft.extraNs).toBe(0);
    startWriteback(draft, pfns[1024]!, () => draft.extraNs);
    expect(draft.extraNs).toBe(WRITE_NS);
    startWriteback(draft, pfns[1025]!, () => draft.extraNs);
    expect(draft.extraNs).toBe(2 * WRITE_NS);
  });
});
