/**
 * Translation of a run of page references through the TLBs and the page tables, in stages.
 *
 * The first level's state never depends on the second's, nor the second's on the walk, so a run goes through
 * one stage after the other, each handing on only what it could not serve: first level -> its misses -> second
 * level -> its misses -> walk. The results are those of one reference at a time (a test compares both), and
 * each stage is a tight loop over one array.
 *
 * What a stage hands on has to succeed at the walk: whoever fills a run makes sure that no page fault in it can
 * fail (see mmu.ts).
 */
import { COUNTER } from '../counters.ts';
import { type Outcomes, TLB_L2, TLB_MASK, TLB_WALK } from '../outcome.ts';
import type { Draft } from '../state/draft.ts';
import { PTE_ACCESSED, PTE_DIRTY, PTE_RW } from './pte.ts';
import { REF_EXECUTE, REF_SHIFT, REF_STORE, type Run } from './run.ts';
import { entryRow, leafTable } from './tables.ts';
import { HIT, keyPage, keyTag, MISS, type TlbParts, tagAsid, tagSizeClass, touch } from './tlb.ts';

/** Set between stages: hit in a TLB, but the dirty bit may have to be set. */
const REF_CHECK_DIRTY = 4;

/** What a run needs to know of the address space it runs in. */
export interface AddressSpace {
  /** Root tables for user and kernel pages. */
  readonly userRoot: number;
  readonly kernelRoot: number;
  /**
   * Makes `vpn` present, and writable if it is a store. Called when the entry is absent, or not writable.
   * `event` is the index in the batch of the reference that faulted.
   */
  fault(vpn: number, store: boolean, event: number): void;
}

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
  const walkNs = walkAll(draft, tlb, parts, space, run, out);
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

/** Walks for the misses, faulting pages in, and sets dirty bits. Returns the time it took. */
function walkAll(
  draft: Draft,
  tlb: Float64Array,
  parts: TlbParts,
  space: AddressSpace,
  run: Run,
  out: Outcomes,
): number {
  const { keys, refs, count } = run;
  const { walkReferenceNs } = draft.platform.costs;
  let spentNs = 0;
  for (let k = 0; k < count; k++) {
    const key = keys[k]!;
    const ref = refs[k]!;
    const event = ref >> REF_SHIFT;
    const store = (ref & REF_STORE) !== 0;
    const tag = keyTag(key);
    const isWalk = (ref & REF_CHECK_DIRTY) === 0;
    const extraBefore = draft.extraNs;
    let references: number;
    if (tagAsid(tag) === 0) references = walkKernel(draft, tlb, parts, space, key, tag);
    else references = walkUser(draft, tlb, parts, space, key, store, event, isWalk);
    if (isWalk) out.flags[event] = (out.flags[event]! & ~TLB_MASK) | TLB_WALK;
    const ns = references * walkReferenceNs + draft.extraNs - extraBefore;
    draft.extraNs = extraBefore;
    out.latencyNs[event]! += ns;
    spentNs += ns;
  }
  return spentNs;
}

/** A page of the running process: makes it present and writable as needed. Returns the entries read. */
function walkUser(
  draft: Draft,
  tlb: Float64Array,
  parts: TlbParts,
  space: AddressSpace,
  key: number,
  store: boolean,
  event: number,
  isWalk: boolean,
): number {
  const { mmu } = draft.platform;
  const vpn = keyPage(key);
  const last = mmu.levels.length - 1;
  let references = 0;
  let table = 0;
  if (isWalk) {
    draft.counters[COUNTER.walks]!++;
    table = walkCacheLookup(mmu.walkCacheEntries, tlb, parts, Math.floor(key / mmu.leafEntries));
    references = table === 0 ? mmu.levels.length : 1;
    if (table !== 0) draft.counters[COUNTER.walkCacheHits]!++;
  }
  if (table === 0) table = leafTable(draft, space.userRoot, vpn);
  let pte = table === 0 ? 0 : draft.ptes.get(entryRow(mmu, table, vpn, last), 0);
  if (pte === 0 || (store && (pte & PTE_RW) === 0)) {
    space.fault(vpn, store, event);
    table = leafTable(draft, space.userRoot, vpn);
    pte = draft.ptes.get(entryRow(mmu, table, vpn, last), 0);
  }
  if (isWalk) tlb[parts.walkTables] = table;
  const wanted = store ? PTE_ACCESSED | PTE_DIRTY : PTE_ACCESSED;
  if ((pte & wanted) !== wanted) {
    // The parts of an entry above bit 31 are the frame's: add the missing bits instead of OR-ing.
    draft.ptes.set(entryRow(mmu, table, vpn, last), 0, pte + (wanted & ~pte));
    if (!isWalk) {
      draft.counters[COUNTER.dirtyAssists]!++;
      references = 1;
    }
  }
  draft.counters[COUNTER.walkReferences]! += references;
  return references;
}

/** A kernel page: always mapped, accessed and dirty from the start; perhaps large. Returns the entries read. */
function walkKernel(
  draft: Draft,
  tlb: Float64Array,
  parts: TlbParts,
  space: AddressSpace,
  key: number,
  tag: number,
): number {
  const { mmu } = draft.platform;
  const sizeClass = tagSizeClass(tag);
  draft.counters[COUNTER.walks]!++;
  let references = mmu.levels.length - sizeClass;
  if (sizeClass === 0) {
    const table = walkCacheLookup(mmu.walkCacheEntries, tlb, parts, Math.floor(key / mmu.leafEntries));
    if (table !== 0) {
      draft.counters[COUNTER.walkCacheHits]!++;
      references = 1;
    } else tlb[parts.walkTables] = leafTable(draft, space.kernelRoot, keyPage(key));
  }
  draft.counters[COUNTER.walkReferences]! += references;
  return references;
}

/**
 * The table that the walk cache holds for `key`, which becomes its most recent entry; 0 when it holds none, and
 * then the caller stores the table found in the first place.
 */
function walkCacheLookup(entries: number, tlb: Float64Array, parts: TlbParts, key: number): number {
  const { walkKeys, walkTables } = parts;
  let at = 0;
  while (at < entries && tlb[walkKeys + at] !== key) at++;
  const hit = at < entries;
  const table = hit ? tlb[walkTables + at]! : 0;
  for (let i = hit ? at : entries - 1; i > 0; i--) {
    tlb[walkKeys + i] = tlb[walkKeys + i - 1]!;
    tlb[walkTables + i] = tlb[walkTables + i - 1]!;
  }
  tlb[walkKeys] = key;
  tlb[walkTables] = table;
  return table;
}
