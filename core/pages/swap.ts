/**
 * The swap area: slots of a page each, how many entries refer to each, and which page is in the swap cache, on its way
 * out or back (swap_map of mm/swapfile.c, add_to_swap and free_swap_cache of mm/swap_state.c, v6.1).
 *
 * Slots are given as on a disk that seeks: one after the other for a cluster of them, from the first cluster on that is
 * empty (scan_swap_map_slots). Simplified: an empty cluster is looked for where 256 slots are free from a multiple of 256
 * on, with what is free before; an area that does not seek (SWP_SOLIDSTATE) has clusters for each cpu, in another order.
 */

import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { addSwapEntry, removeSwapEntry } from '../slab/tree-nodes.ts';
import { PAGES_VAR } from './state.ts';

/**
 * Fields of a row of `swapMap`: entries that refer to the slot; PFN + 1 of its page while that is in the swap cache; the
 * shadow of the page that went there (workingset.ts).
 */
export const SWAP = { count: 0, cache: 1, shadow: 2 } as const;

/**
 * Fields of a row of `swapPages`: the slot of a page in the swap cache, 0 if it is not there; 1 + its entry of `writeback`
 * (writeback.ts), 0 if the disk is not at it.
 */
export const SWAP_PAGE = { slot: 0, written: 1 } as const;

/** SWAPFILE_CLUSTER of include/linux/swap.h, v6.1: slots. */
const CLUSTER = 256;
const CLUSTER_SHIFT = 8;

type ReadsSwap = Pick<Draft | Machine, 'platform' | 'vars'>;

export function freeSwapSlots({ platform, vars }: ReadsSwap): number {
  return (platform.reclaim?.swapSlots ?? 0) - vars[PAGES_VAR.swapUsed]!;
}

/** vm_swap_full(): from then on slots are given up as soon as their pages are back. */
export function isSwapFull(of: ReadsSwap): boolean {
  return freeSwapSlots(of) * 2 < (of.platform.reclaim?.swapSlots ?? 0);
}

/** A slot to which `count` entries will refer; there must be a free one. Slot 0 is never used. */
export function takeSwapSlot(draft: Draft, count: number): number {
  const { vars, swapMap } = draft;
  if (vars[PAGES_VAR.swapClusterLeft] === 0) {
    vars[PAGES_VAR.nextSwapSlot] = emptyCluster(draft);
    vars[PAGES_VAR.swapClusterLeft] = CLUSTER;
  }
  vars[PAGES_VAR.swapClusterLeft]!--;
  const slot = firstFree(draft, vars[PAGES_VAR.nextSwapSlot]!);
  vars[PAGES_VAR.nextSwapSlot] = slot + 1;
  vars[PAGES_VAR.swapSlots] = Math.max(vars[PAGES_VAR.swapSlots]!, slot);
  swapMap.set(slot, SWAP.count, count);
  draft.swapClusters.add(slot >>> CLUSTER_SHIFT, 0, 1);
  vars[PAGES_VAR.swapUsed]!++;
  addSwapEntry(draft, slot);
  return slot;
}

/** The first slot of a cluster of free ones, or, where there is none, 1. */
function emptyCluster(draft: Draft): number {
  const { swapSlots } = draft.platform.reclaim!;
  for (let cluster = 0; (cluster + 1) * CLUSTER - 1 <= swapSlots; cluster++) {
    if (draft.swapClusters.get(cluster, 0) > 0) continue;
    let slot = Math.max(1, cluster * CLUSTER);
    while (slot > 1 && isFree(draft, slot - 1)) slot--;
    return slot;
  }
  return 1;
}

/** From `from` on, and from the beginning on if there is none up to the end. */
function firstFree(draft: Draft, from: number): number {
  const { swapSlots } = draft.platform.reclaim!;
  for (let slot = Math.max(1, from); ; slot++) {
    if (slot > swapSlots) slot = 1;
    const isFull = slot % CLUSTER === 0 && draft.swapClusters.get(slot >>> CLUSTER_SHIFT, 0) === CLUSTER;
    if (isFull) slot += CLUSTER - 1;
    else if (isFree(draft, slot)) return slot;
  }
}

function isFree({ swapMap }: Draft, slot: number): boolean {
  return swapMap.get(slot, SWAP.count) === 0 && swapMap.get(slot, SWAP.cache) === 0;
}

/** One more entry refers to the slot (swap_duplicate). */
export function shareSwapSlot({ swapMap }: Draft, slot: number): void {
  swapMap.add(slot, SWAP.count, 1);
}

/** One entry fewer. The last one frees the slot, unless its page is in the swap cache (swap_free). */
export function putSwapSlot(draft: Draft, slot: number): void {
  draft.swapMap.add(slot, SWAP.count, -1);
  freeIfUnused(draft, slot);
}

function freeIfUnused(draft: Draft, slot: number): void {
  if (!isFree(draft, slot)) return;
  draft.swapMap.set(slot, SWAP.shadow, 0);
  draft.swapClusters.add(slot >>> CLUSTER_SHIFT, 0, -1);
  draft.vars[PAGES_VAR.swapUsed]!--;
  removeSwapEntry(draft, slot);
}

/** PFN of the page of a slot that is in the swap cache, or below zero. */
export function swapCachePage({ swapMap }: Pick<Draft, 'swapMap'>, slot: number): number {
  return swapMap.get(slot, SWAP.cache) - 1;
}

/** Slot of a page that is in the swap cache; 0: it is not. */
export function slotOfPage({ swapPages }: Pick<Draft | Machine, 'swapPages'>, pfn: number): number {
  return swapPages.get(pfn, SWAP_PAGE.slot);
}

/** The caller counts the reference that the swap cache has to the frame. */
export function addToSwapCache(draft: Draft, pfn: number, slot: number): void {
  draft.swapMap.set(slot, SWAP.cache, pfn + 1);
  draft.swapPages.set(pfn, SWAP_PAGE.slot, slot);
  draft.vars[PAGES_VAR.swapCached]!++;
}

/** The page of a slot has moved to another frame. */
export function moveInSwapCache({ swapMap, swapPages }: Draft, from: number, to: number): void {
  const slot = swapPages.get(from, SWAP_PAGE.slot);
  swapMap.set(slot, SWAP.cache, to + 1);
  swapPages.set(from, SWAP_PAGE.slot, 0);
  swapPages.set(to, SWAP_PAGE.slot, slot);
}

/** The same back. The slot stays as long as entries refer to it. */
export function removeFromSwapCache(draft: Draft, pfn: number): void {
  const slot = slotOfPage(draft, pfn);
  draft.swapMap.set(slot, SWAP.cache, 0);
  draft.swapPages.set(pfn, SWAP_PAGE.slot, 0);
  draft.vars[PAGES_VAR.swapCached]!--;
  freeIfUnused(draft, slot);
}
