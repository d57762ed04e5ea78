/** Pages that come back: in time they are active, and cost their kind. */
import { describe, expect, test } from 'vitest';
import { bootMachine, buildLayout } from '../../../core/index.ts';
import { Draft } from '../../../core/machine/draft.ts';
import {
  ACTIVE_FILE,
  activate,
  INACTIVE_FILE,
  lruListOf,
  PG_WORKINGSET,
  setLruFlag,
} from '../../../core/pages/lru.ts';
import { lruSize } from '../../../core/pages/lru-links.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import { noteCost, refault, shadowOf } from '../../../core/pages/workingset.ts';
import { createFile, fillPage } from '../../../core/vm/page-cache.ts';

/** A file of which `active` pages are active, and one page is inactive: that one is told of. */
function cached(active: number): { draft: Draft; pfn: number } {
  const layout = buildLayout('linux-x86_64', { ramBytes: 64n << 20n });
  const draft = new Draft(bootMachine(layout, { reclaim: {} }));
  draft.onCpu(0);
  createFile(draft, 1, 1 << 22, false);
  const file = draft.records.file(1)!;
  const pfn = fillPage(draft, file, 0);
  for (let page = 1; page <= active; page++) {
    activate(draft, fillPage(draft, file, page), 0);
  }
  return { draft, pfn };
}

describe('a page that comes back', () => {
  test.each([
    { away: 0, becomes: ACTIVE_FILE },
    { away: 9, becomes: ACTIVE_FILE },
    { away: 10, becomes: INACTIVE_FILE },
  ])('after $away others went, of 10 that are active: list $becomes', ({ away, becomes }) => {
    const { draft, pfn } = cached(10);
    expect([lruSize(draft, ACTIVE_FILE), lruSize(draft, INACTIVE_FILE)]).toEqual([10, 1]);
    const shadow = shadowOf(draft, pfn);
    for (let i = 0; i < away; i++) shadowOf(draft, pfn);
    refault(draft, pfn, shadow, true);
    expect(lruListOf(draft, pfn)).toBe(becomes);
    expect(draft.vars[PAGES_VAR.activatedFile]).toBe(becomes === ACTIVE_FILE ? 1 : 0);
  });

  test('costs its kind, if it was active before', () => {
    const { draft, pfn } = cached(10);
    refault(draft, pfn, shadowOf(draft, pfn), true);
    expect(draft.vars[PAGES_VAR.fileCost]).toBe(0);
    setLruFlag(draft, pfn, PG_WORKINGSET);
    refault(draft, pfn, shadowOf(draft, pfn), true);
    expect(draft.vars[PAGES_VAR.fileCost]).toBe(1);
  });

  test('without a shadow was never here', () => {
    const { draft, pfn } = cached(10);
    refault(draft, pfn, 0, true);
    expect(lruListOf(draft, pfn)).toBe(INACTIVE_FILE);
  });
});

test('costs are halved when they are more than a quarter of all pages', () => {
  const { draft } = cached(99);
  noteCost(draft, false, 25);
  expect(draft.vars[PAGES_VAR.anonCost]).toBe(25);
  noteCost(draft, true, 1);
  expect([draft.vars[PAGES_VAR.anonCost], draft.vars[PAGES_VAR.fileCost]]).toEqual([12, 0]);
});
