/**
 * Who maps what of a huge page: entries for the whole, and entries for base pages where one of those was split
 * (compound_mapcount and _mapcount of struct page; PageDoubleMap, mm/rmap.c and mm/huge_memory.c, v6.1).
 *
 * What is counted here are mappings of processes only; references, of devices too, are counted by the first frame.
 * A huge page that loses a base page of it, and is not gone, waits to be split (deferred_split_huge_page).
 */
import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { COUNTER } from '../outcome/counters.ts';
import { FRAME, USE_ANON } from '../phys/frames.ts';
import { dequeue, enqueue, isQueued } from './split-queue.ts';

/** Fields of a row: one for each frame of a huge page, of which the last says something of the first frame only. */
export const PART = {
  /** Entries that map this base page alone. */
  entries: 0,
  /** Entries that map the huge page. */
  wholes: 1,
} as const;

/** Whether the block that begins there is a huge page of processes. */
export function isHugeAnon({ frames }: Pick<Draft | Machine, 'frames'>, first: number): boolean {
  return frames.get(first, FRAME.order) > 0 && frames.get(first, FRAME.use) === USE_ANON;
}

/** How often a base page of a huge page is mapped, as itself or as a part (page_mapcount). */
export function mapCountOf(
  { hugeParts }: Pick<Draft | Machine, 'hugeParts'>,
  first: number,
  pfn: number,
): number {
  return hugeParts.get(pfn, PART.entries) + hugeParts.get(first, PART.wholes);
}

export function mapWhole({ hugeParts }: Draft, first: number): void {
  hugeParts.add(first, PART.wholes, 1);
}

export function mapPart({ hugeParts }: Draft, pfn: number): void {
  hugeParts.add(pfn, PART.entries, 1);
}

/** An entry for the whole becomes one for each base page (__split_huge_pmd_locked). */
export function splitWhole({ hugeParts }: Draft, first: number, nrPages: number): void {
  hugeParts.add(first, PART.wholes, -1);
  for (let i = 0; i < nrPages; i++) hugeParts.add(first + i, PART.entries, 1);
}

/** page_remove_anon_compound_rmap(): the base pages that other processes map one by one may not be all. */
export function unmapWhole(draft: Draft, first: number): void {
  const { hugeParts, frames } = draft;
  if (hugeParts.add(first, PART.wholes, -1) > 0) return;
  const nrPages = 2 ** frames.get(first, FRAME.order);
  let unmapped = 0;
  for (let i = 0; i < nrPages; i++) if (hugeParts.get(first + i, PART.entries) === 0) unmapped++;
  if (unmapped > 0 && unmapped < nrPages) deferSplit(draft, first);
}

/** page_remove_rmap() of a base page. */
export function unmapPart(draft: Draft, first: number, pfn: number): void {
  const left = draft.hugeParts.add(pfn, PART.entries, -1);
  if (left === 0 && draft.hugeParts.get(first, PART.wholes) === 0) deferSplit(draft, first);
}

function deferSplit(draft: Draft, first: number): void {
  if (isQueued(draft, first)) return;
  enqueue(draft, first);
  draft.counters[COUNTER.thpDeferredSplitPage]!++;
}

/** The huge page is freed, or is one no more. */
export function forgetParts(draft: Draft, first: number, nrPages: number): void {
  const { hugeParts } = draft;
  if (isQueued(draft, first)) dequeue(draft, first);
  for (let i = 0; i < nrPages; i++)
    if (hugeParts.get(first + i, PART.entries) !== 0) hugeParts.clear(first + i);
  hugeParts.clear(first);
}
