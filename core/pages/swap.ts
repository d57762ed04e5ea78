/**
 * The swap area: slots of a page each, and how many entries refer to each (swap_map of mm/swapfile.c, v6.1).
 *
 * Simplified: there is no swap cache. A slot is given up entry by entry as its page is read, so processes that shared
 * a page before it went have one each when it is back; and a page that comes back unchanged is written once more.
 * The slot freed last is used first; the kernel goes by clusters. Neither is seen in what is counted.
 */

import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { PAGES_VAR } from './state.ts';

/** Fields of a row of `swapMap`; `next` links the free slots. */
export const SWAP = { count: 0, next: 1 } as const;

export function freeSwapSlots({ platform, vars }: Pick<Draft | Machine, 'platform' | 'vars'>): number {
  return (platform.reclaim?.swapSlots ?? 0) - vars[PAGES_VAR.swapUsed]!;
}

/** A slot to which `count` entries will refer; there must be a free one. Slot 0 is never used. */
export function takeSwapSlot(draft: Draft, count: number): number {
  const { vars, swapMap } = draft;
  const reused = vars[PAGES_VAR.freeSwapSlot]!;
  const slot = reused === 0 ? ++vars[PAGES_VAR.swapSlots]! : reused;
  if (reused !== 0) vars[PAGES_VAR.freeSwapSlot] = swapMap.get(slot, SWAP.next);
  swapMap.set(slot, SWAP.count, count);
  swapMap.set(slot, SWAP.next, 0);
  vars[PAGES_VAR.swapUsed]!++;
  return slot;
}

/** One more entry refers to the slot (swap_duplicate). */
export function shareSwapSlot({ swapMap }: Draft, slot: number): void {
  swapMap.add(slot, SWAP.count, 1);
}

/** One entry fewer; the last one frees the slot (swap_free). */
export function putSwapSlot({ swapMap, vars }: Draft, slot: number): void {
  if (swapMap.add(slot, SWAP.count, -1) > 0) return;
  swapMap.set(slot, SWAP.next, vars[PAGES_VAR.freeSwapSlot]!);
  vars[PAGES_VAR.freeSwapSlot] = slot;
  vars[PAGES_VAR.swapUsed]!--;
}
