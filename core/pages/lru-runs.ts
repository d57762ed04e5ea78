/** Pages of one list that are in the way of reclaim for a low zone, moved by runs. */

import type { Draft } from '../machine/draft.ts';
import { zoneOfPfn } from '../phys/page-alloc.ts';
import { connect, joinRuns, LRU, lruBack, lruFront, NONE, pagesOf } from './lru-links.ts';

/**
 * Pages of higher zones than `highestZone` go to the front, until so many entries of zones up to it are the last of the
 * list (isolate_lru_folios of mm/vmscan.c, v6.1: set aside in their order, then spliced in first). They are moved by runs:
 * runs set aside one after the other become one. Returns how many pages it were.
 */
export function passOverHigherZones(
  draft: Draft,
  list: number,
  highestZone: number,
  entries: number,
): number {
  const { lru, platform } = draft;
  const aside = { first: NONE, last: NONE };
  let found = 0;
  let passed = 0;
  for (let at = lruBack(draft, list); at !== NONE && found < entries; ) {
    const isEligible = zoneOfPfn(platform.zones, at).index <= highestZone;
    const first = isEligible ? at : lru.get(at, LRU.otherEnd) - 1;
    const next = lru.get(first, LRU.prev) - 1;
    if (isEligible) found++;
    else {
      passed += pagesBetween(draft, first, at);
      setAside(draft, list, aside, first, at);
    }
    at = next;
  }
  if (aside.first === NONE) return 0;
  const front = lruFront(draft, list);
  connect(draft, list, NONE, aside.first);
  connect(draft, list, aside.last, front);
  joinRuns(draft, aside.last, front);
  return passed;
}

function pagesBetween(draft: Draft, first: number, last: number): number {
  let pages = pagesOf(draft, last);
  for (let at = last; at !== first; ) {
    at = draft.lru.get(at, LRU.prev) - 1;
    pages += pagesOf(draft, at);
  }
  return pages;
}

/** Takes the run from `first` to `last` out of the list, and puts it before what is aside already. */
function setAside(
  draft: Draft,
  list: number,
  aside: { first: number; last: number },
  first: number,
  last: number,
): void {
  const { lru } = draft;
  const prev = lru.get(first, LRU.prev) - 1;
  const next = lru.get(last, LRU.next) - 1;
  connect(draft, list, prev, next);
  joinRuns(draft, prev, next);
  if (aside.first === NONE) aside.last = last;
  else {
    lru.set(last, LRU.next, aside.first + 1);
    lru.set(aside.first, LRU.prev, last + 1);
    joinRuns(draft, last, aside.first);
  }
  aside.first = first;
}
