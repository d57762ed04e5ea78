/**
 * Translation of a run of page references through the TLBs and the page tables, in stages.
 *
 * The first level's state never depends on the second's, nor the second's on the walk, so a run goes through
 * one stage after the other, each handing on only what it could not serve: first level -> its misses -> second
 * level -> its misses -> walk. The results are those of one reference at a time (a test compares both), and
 * each stage is a tight loop over one array.
 *
 * What a stage hands on has to succeed at the walk: whoever fills a run makes sure that no page fault in it can
 * fail (access.ts).
 */
import { COUNTER } from '../outcome/counters.ts';
import { type Outcomes, TLB_L2, TLB_MASK } from '../outcome/outcome.ts';
import { HIT, MISS, type TlbParts, touch } from '../paging/tlb.ts';
import type { Draft } from '../state/draft.ts';
import { REF_CHECK_DIRTY, REF_EXECUTE, REF_SHIFT, REF_STORE, type Run } from './run.ts';
import { type AddressSpace, Walker } from './walk.ts';

export type { AddressSpace } from './walk.ts';

/** Translates the run; adds what the references took beyond a first-level hit to the outcomes. Returns that sum. */
export function translateRun(
  draft: Draft,
  tlb: Float64Array,
  parts: TlbParts,
  space: AddressSpace,
  run: Run,
  out: Outcomes,
): number {
  const { counters } = draft;
  const total = run.count;
  firstLevel(draft, tlb, parts, run);
  const l1Misses = run.count;
  const l2 = secondLevel(draft, tlb, parts, run, out);
  counters[COUNTER.l1Hits]! += total - l1Misses + l2.checks;
  counters[COUNTER.l2Hits]! += l2.hits;
  const walkNs = run.count === 0 ? 0 : new Walker(draft, tlb, parts, space).walkAll(run, out);
  run.count = 0;
  return l2.hits * draft.platform.costs.l2TlbHitNs + walkNs;
}

/** Keeps the references that missed, and the stores that hit a page not known to be dirty. */
function firstLevel(draft: Draft, tlb: Float64Array, parts: TlbParts, run: Run): void {
  const { l1i, l1d } = draft.platform.mmu;
  const { keys, refs, count } = run;
  const iMask = l1i.sets - 1;
  const dMask = l1d.sets - 1;
  let kept = 0;
  for (let k = 0; k < count; k++) {
    const key = keys[k]!;
    const ref = refs[k]!;
    const result =
      (ref & REF_EXECUTE) !== 0
        ? touch(tlb, parts.l1i + (key & iMask) * l1i.ways, l1i.ways, key, false)
        : touch(tlb, parts.l1d + (key & dMask) * l1d.ways, l1d.ways, key, (ref & REF_STORE) !== 0);
    if (result === HIT) continue;
    keys[kept] = key;
    refs[kept++] = result === MISS ? ref : ref | REF_CHECK_DIRTY;
  }
  run.count = kept;
}

/** Serves what it can; keeps the misses, the dirty checks, and its hits that are stores (to be dirty checks). */
function secondLevel(
  draft: Draft,
  tlb: Float64Array,
  parts: TlbParts,
  run: Run,
  out: Outcomes,
): { hits: number; checks: number } {
  const { l2 } = draft.platform.mmu;
  const { l2TlbHitNs } = draft.platform.costs;
  const { keys, refs, count } = run;
  const mask = l2.sets - 1;
  let kept = 0;
  let hits = 0;
  let checks = 0;
  for (let k = 0; k < count; k++) {
    const key = keys[k]!;
    let ref = refs[k]!;
    if ((ref & REF_CHECK_DIRTY) !== 0) checks++;
    else if (touch(tlb, parts.l2 + (key & mask) * l2.ways, l2.ways, key, false) === HIT) {
      hits++;
      const event = ref >> REF_SHIFT;
      out.latencyNs[event]! += l2TlbHitNs;
      if ((out.flags[event]! & TLB_MASK) === 0) out.flags[event]! |= TLB_L2;
      if ((ref & REF_STORE) === 0) continue;
      ref |= REF_CHECK_DIRTY;
    }
    keys[kept] = key;
    refs[kept++] = ref;
  }
  run.count = kept;
  return { hits, checks };
}
