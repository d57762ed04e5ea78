/**
 * Huge pages that wait to be split, since a part of each is mapped no more: first come, first split (split_queue of
 * pg_data_t, mm/huge_memory.c, v6.1). Reclaim takes them from here when it finds little else (reclaim/deferred-split.ts).
 *
 * A ring of first frames, in which frame 0, which is never given out, is the head, as in the lists of the kernel.
 */
import type { Draft } from '../machine/draft.ts';
import type { Machine } from '../machine/machine.ts';
import { PAGES_VAR } from './state.ts';

/** Fields of a row: PFN + 1 of the neighbours; 0: it does not wait. */
const NEXT = 0;
const PREV = 1;
const HEAD = 0;

type ReadsQueue = Pick<Draft | Machine, 'splitQueue'>;

export function isQueued({ splitQueue }: ReadsQueue, first: number): boolean {
  return splitQueue.get(first, NEXT) !== 0;
}

/** Who waits longest; 0: nobody. */
export function firstQueued(draft: ReadsQueue): number {
  return nextQueued(draft, HEAD);
}

/** Who waits next longest; 0: nobody. */
export function nextQueued({ splitQueue }: ReadsQueue, first: number): number {
  return Math.max(HEAD, splitQueue.get(first, NEXT) - 1);
}

export function queueLength({ vars }: Pick<Draft | Machine, 'vars'>): number {
  return vars[PAGES_VAR.splitQueueLength]!;
}

export function enqueue(draft: Draft, first: number): void {
  const last = Math.max(HEAD, draft.splitQueue.get(HEAD, PREV) - 1);
  connect(draft, last, first);
  connect(draft, first, HEAD);
  draft.vars[PAGES_VAR.splitQueueLength]!++;
}

export function dequeue(draft: Draft, first: number): void {
  const { splitQueue, vars } = draft;
  connect(draft, splitQueue.get(first, PREV) - 1, splitQueue.get(first, NEXT) - 1);
  splitQueue.clear(first);
  if (--vars[PAGES_VAR.splitQueueLength]! === 0) splitQueue.clear(HEAD);
}

function connect({ splitQueue }: Draft, prev: number, next: number): void {
  splitQueue.set(prev, NEXT, next + 1);
  splitQueue.set(next, PREV, prev + 1);
}
