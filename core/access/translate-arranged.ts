/**
 * Translation through TLBs and walk caches of another make than the default's (arrangement.ts): one reference after
 * the other, first level, second level, and then a walk, which asks the walk caches from the lowest up.
 */
import { COUNTER } from '../outcome/counters.ts';
import { type Outcomes, TLB_L2, TLB_MASK } from '../outcome/outcome.ts';
import type { Arrangement } from '../paging/arrangement.ts';
import { type AsidShifts, asidShifts, shiftedKey } from '../paging/kpti.ts';
import { touchArray } from '../paging/replacement.ts';
import { leafTable } from '../paging/tables.ts';
import { HIT, keyBase, keyPage, keyTag, MISS, type TlbParts, tagAsid, tagSizeClass } from '../paging/tlb.ts';
import type { Draft } from '../state/draft.ts';
import { REF_CHECK_DIRTY, REF_EXECUTE, REF_SHIFT, REF_STORE, type Run } from './run.ts';
import { type AddressSpace, HUGE_CLASS, Walker } from './walk.ts';

/** As `translateRun` of translate.ts. */
export function translateArranged(
  draft: Draft,
  tlb: Float64Array,
  parts: TlbParts,
  space: AddressSpace,
  run: Run,
  out: Outcomes,
): number {
  const { keys, refs, count } = run;
  const tlbs = new ArrangedTlbs(draft, tlb);
  let l2Hits = 0;
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const ref = refs[k]!;
    const found = tlbs.lookUp(keys[k]!, ref);
    if (found === SERVED) continue;
    if (found === IN_L2) {
      l2Hits++;
      noteL2Hit(draft, out, ref >> REF_SHIFT);
      if ((ref & REF_STORE) === 0) continue;
    }
    keys[kept] = keys[k]!;
    refs[kept++] = found === NOWHERE ? ref : ref | REF_CHECK_DIRTY;
  }
  run.count = kept;
  const walkNs = kept === 0 ? 0 : new ArrangedWalker(draft, tlb, parts, space).walkAll(run, out);
  run.count = 0;
  return l2Hits * draft.platform.costs.l2TlbHitNs + walkNs;
}

/** What became of a look-up; IN_L1_CLEAN: a store hit an entry that is not known to be dirty. */
const SERVED = 0;
const IN_L1_CLEAN = 1;
const IN_L2 = 2;
const NOWHERE = 3;

class ArrangedTlbs {
  private readonly counters: Float64Array;
  private readonly cells: Float64Array;
  private readonly arranged: Arrangement;
  private readonly shifts: AsidShifts;

  constructor(draft: Draft, cells: Float64Array) {
    this.counters = draft.counters;
    this.cells = cells;
    this.arranged = draft.platform.mmu.arrangement!;
    this.shifts = asidShifts(draft);
  }

  lookUp(plainKey: number, ref: number): number {
    const { arranged, cells } = this;
    const { replacement } = arranged;
    const key = shiftedKey(this.shifts, plainKey);
    const sizeClass = tagSizeClass(keyTag(key));
    const isFetch = (ref & REF_EXECUTE) !== 0;
    const l1 = (isFetch ? arranged.l1i : arranged.l1d)[sizeClass]!;
    const inL1 = touchArray(replacement, cells, l1, key, (ref & REF_STORE) !== 0);
    if (inL1 !== MISS) {
      this.counters[COUNTER.l1Hits]!++;
      return inL1 === HIT ? SERVED : IN_L1_CLEAN;
    }
    const l2 = (isFetch ? arranged.l2i : arranged.l2)[sizeClass]!;
    if (touchArray(replacement, cells, l2, key, false) === MISS) return NOWHERE;
    this.counters[COUNTER.l2Hits]!++;
    return IN_L2;
  }
}

function noteL2Hit({ platform }: Draft, out: Outcomes, event: number): void {
  out.latencyNs[event]! += platform.costs.l2TlbHitNs;
  if ((out.flags[event]! & TLB_MASK) === 0) out.flags[event]! |= TLB_L2;
}

/** Hits of the walk caches, lowest first. */
const CACHE_COUNTERS = [
  COUNTER.walkCacheHits,
  COUNTER.pdpteCacheHits,
  COUNTER.pml4eCacheHits,
  COUNTER.pml5eCacheHits,
];

/** A walk that begins below the lowest entry that a walk cache knows. */
class ArrangedWalker extends Walker {
  protected override walkUser(key: number, store: boolean, event: number): number {
    const vpn = keyPage(key);
    this.draft.counters[COUNTER.walks]!++;
    this.touchPte(leafTable(this.draft, this.space.userRoot, vpn), vpn, store, event);
    return this.entriesRead(key, 0, this.mmu.userWalkReads);
  }

  protected override hugeReads(key: number): number {
    return this.entriesRead(key, HUGE_CLASS, this.mmu.userWalkReads);
  }

  protected override walkKernel(key: number, sizeClass: number): number {
    this.draft.counters[COUNTER.walks]!++;
    // The linear window has no entries.
    if (sizeClass >= this.mmu.levels.length) return 0;
    return this.entriesRead(key, sizeClass, this.mmu.kernelWalkReads);
  }

  /** Asks the caches of the entries above the page's own, and fills those that did not know. */
  private entriesRead(plainKey: number, sizeClass: number, all: number): number {
    const { draft, mmu, tlb } = this;
    const { replacement, walk } = mmu.arrangement!;
    const key = shiftedKey(asidShifts(draft), plainKey);
    const base = keyBase(tagAsid(keyTag(key)), 0);
    const lowest = mmu.levels.length - 2;
    const vpn = keyPage(key) * mmu.levels[lowest + 1 - sizeClass]!.span;
    for (let cache = sizeClass; cache < walk.length; cache++) {
      const entry = base + Math.floor(vpn / mmu.levels[lowest - cache]!.span);
      if (touchArray(replacement, tlb, walk[cache]!, entry, false) === MISS) continue;
      draft.counters[CACHE_COUNTERS[cache]!]!++;
      return Math.min(1 + cache - sizeClass, all);
    }
    return all - sizeClass;
  }
}
