/**
 * Runs of references on a machine with huge pages: a user page is known to the TLBs by the size of the page that maps
 * it, so its key waits for that to be known.
 *
 * While a run is translated no huge page comes or goes: a reference whose page fault could make or split one is left
 * to be done alone, and ends the run.
 */

import type { Draft } from '../machine/draft.ts';
import type { Mm } from '../machine/machine.ts';
import { PTE_LARGE, PTE_RW, pteFlags } from '../paging/pte.ts';
import { hugeEntry } from '../thp/entries.ts';
import { containsHuge, mayHaveHuge } from '../thp/fault.ts';
import { keyBase } from '../tlb/keys.ts';
import { REF_SHIFT, REF_STORE, type Run } from '../tlb/run.ts';

/** What maps the pages of an aligned huge page, as far as references of a run are concerned. */
const BASE_PAGES = 1;
const HUGE = 2;
/** A store to it faults. */
const HUGE_READ_ONLY = 3;
/** Nothing maps it, and the first fault decides. */
const OPEN = 4;

const SLOTS = 256;
/** Of the huge pages seen last. Scratch: holds nothing between runs. */
const seen = { page: new Float64Array(SLOTS), state: new Uint8Array(SLOTS) };

/** Gives the pages of the run their keys. The event at which the run has to end, or -1. */
export function keyHugePages(draft: Draft, mm: Mm, asid: number, run: Run): number {
  const { nrPages } = draft.platform.thp!;
  const [userBase, hugeBase] = [keyBase(asid, 0), keyBase(asid, 1)];
  const { keys, refs, count } = run;
  seen.state.fill(0);
  for (let k = 0; k < count; k++) {
    const key = keys[k]!;
    if (key < userBase) continue;
    const vpn = key - userBase;
    const page = Math.floor(vpn / nrPages);
    const slot = page & (SLOTS - 1);
    if (seen.state[slot] === 0 || seen.page[slot] !== page) {
      seen.page[slot] = page;
      seen.state[slot] = stateOf(draft, mm, vpn);
    }
    const state = seen.state[slot]!;
    if (state === BASE_PAGES) continue;
    if (state === OPEN || (state === HUGE_READ_ONLY && (refs[k]! & REF_STORE) !== 0))
      return refs[k]! >> REF_SHIFT;
    keys[k] = hugeBase + page;
  }
  return -1;
}

function stateOf(draft: Draft, mm: Mm, vpn: number): number {
  const { thp } = draft.platform;
  const entry = hugeEntry(draft, mm.root, vpn);
  if ((entry & PTE_LARGE) !== 0) return (pteFlags(entry) & PTE_RW) !== 0 ? HUGE : HUGE_READ_ONLY;
  if (entry !== 0) return BASE_PAGES;
  const vma = mm.vmas.at(vpn);
  // A stack that has to grow for this page may contain a whole huge page then.
  if (vma === undefined) return OPEN;
  return mayHaveHuge(thp!, vma) && containsHuge(thp!, mm, vma, vpn) ? OPEN : BASE_PAGES;
}

/** The key of a page that is present. */
export function userKey(draft: Draft, root: number, asid: number, vpn: number): number {
  const { thp } = draft.platform;
  if (thp === undefined || (hugeEntry(draft, root, vpn) & PTE_LARGE) === 0) return keyBase(asid, 0) + vpn;
  return keyBase(asid, 1) + Math.floor(vpn / thp.nrPages);
}
