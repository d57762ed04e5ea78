/**
 * Pages that come back: what went keeps a shadow of when it did, and what comes back before as many others went as could
 * have been kept is used more often than those, and activated (workingset_eviction and workingset_refault of
 * mm/workingset.c, v6.1). What that costs is counted by kind, and turns reclaim to the other kind (lru_note_cost of mm/swap.c).
 *
 * Simplified: shadows are never reclaimed.
 */

import type { Draft } from '../machine/draft.ts';
import {
  ACTIVE_ANON,
  ACTIVE_FILE,
  INACTIVE_ANON,
  INACTIVE_FILE,
  LRU_LISTS,
  lruFlags,
  lruListOf,
  moveToFront,
  PG_WORKINGSET,
} from './lru.ts';
import { lruSize } from './lru-links.ts';
import { PAGES_VAR } from './state.ts';
import { freeSwapSlots } from './swap.ts';

/** Ages are compared in so many bits, so that a shadow fits a cell. */
const AGE_MASK = 2 ** 29 - 1;

/** The shadow of a page that goes: its age and whether it was ever active; never 0. */
export function shadowOf(draft: Draft, pfn: number): number {
  const age = draft.vars[PAGES_VAR.nonresidentAge]!;
  draft.vars[PAGES_VAR.nonresidentAge] = age + 1;
  const wasActive = (lruFlags(draft, pfn) & PG_WORKINGSET) === 0 ? 0 : 1;
  return 1 + (age & AGE_MASK) * 2 + wasActive;
}

/** A page is back on its list; `shadow`: what it left behind, 0 if it was never here. */
export function refault(draft: Draft, pfn: number, shadow: number, isFile: boolean): void {
  if (shadow === 0 || draft.platform.reclaim === undefined) return;
  const { vars } = draft;
  const left = (shadow - 1) >>> 1;
  const distance = ((vars[PAGES_VAR.nonresidentAge]! & AGE_MASK) - left) & AGE_MASK;
  if (distance > workingsetSize(draft, isFile)) return;
  vars[PAGES_VAR.nonresidentAge]!++;
  vars[isFile ? PAGES_VAR.activatedFile : PAGES_VAR.activatedAnon]!++;
  const wasActive = ((shadow - 1) & 1) !== 0;
  const flags = lruFlags(draft, pfn) | (wasActive ? PG_WORKINGSET : 0);
  moveToFront(draft, pfn, lruListOf(draft, pfn) | 1, flags);
  if (wasActive) noteCost(draft, isFile, 1);
}

/** Pages that would have to make room for it. */
function workingsetSize(draft: Draft, isFile: boolean): number {
  const hasSwap = freeSwapSlots(draft) > 0;
  const file = lruSize(draft, ACTIVE_FILE) + (isFile ? 0 : lruSize(draft, INACTIVE_FILE));
  if (!hasSwap) return file;
  return file + lruSize(draft, ACTIVE_ANON) + (isFile ? lruSize(draft, INACTIVE_ANON) : 0);
}

/** lru_note_cost(): remembered until it is more than a quarter of all pages, and then halved. */
export function noteCost({ vars }: Pick<Draft, 'vars'>, isFile: boolean, nrPages: number): void {
  vars[isFile ? PAGES_VAR.fileCost : PAGES_VAR.anonCost]! += nrPages;
  const lruPages = LRU_LISTS.reduce((sum, list) => sum + lruSize({ vars }, list), 0);
  if (vars[PAGES_VAR.anonCost]! + vars[PAGES_VAR.fileCost]! <= Math.floor(lruPages / 4)) return;
  vars[PAGES_VAR.anonCost] = Math.floor(vars[PAGES_VAR.anonCost]! / 2);
  vars[PAGES_VAR.fileCost] = Math.floor(vars[PAGES_VAR.fileCost]! / 2);
}
