/**
 * The last stage of translation: walks of the page tables for what no TLB held, page faults, dirty bits.
 *
 * A walk costs one memory reference a level, or one in all when the walk cache knows the last-level table. A walk
 * that faults counts once, as the walk after the fault.
 */
import { COUNTER } from '../outcome/counters.ts';
import { type Outcomes, TLB_MASK, TLB_WALK } from '../outcome/outcome.ts';
import type { MmuGeometry } from '../paging/geometry.ts';
import { PTE_ACCESSED, PTE_DIRTY, PTE_PRESENT, PTE_RW } from '../paging/pte.ts';
import { leafTable } from '../paging/tables.ts';
import { keyPage, keyTag, type TlbParts, tagAsid, tagSizeClass } from '../paging/tlb.ts';
import type { Draft } from '../state/draft.ts';
import { hugeRow } from '../thp/entries.ts';
import { REF_CHECK_DIRTY, REF_SHIFT, REF_STORE, type Run } from './run.ts';

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
  /** The same for a kernel page, whose entry the running process's tables may lack. */
  kernelFault(vpn: number, event: number): void;
}

export class Walker {
  protected readonly draft: Draft;
  protected readonly mmu: MmuGeometry;
  protected readonly tlb: Float64Array;
  private readonly parts: TlbParts;
  protected readonly space: AddressSpace;
  private readonly mayLackKernelEntries: boolean;

  constructor(draft: Draft, tlb: Float64Array, parts: TlbParts, space: AddressSpace) {
    this.draft = draft;
    this.mmu = draft.platform.mmu;
    this.tlb = tlb;
    this.parts = parts;
    this.space = space;
    this.mayLackKernelEntries = draft.platform.kernelEntries === 'fault';
  }

  /** Walks for all that is left of the run. Returns the time it took, page faults included. */
  walkAll(run: Run, out: Outcomes): number {
    const { draft } = this;
    const { keys, refs, count } = run;
    const { walkReferenceNs } = draft.platform.costs;
    const extraBefore = draft.extraNs;
    let spentNs = 0;
    for (let k = 0; k < count; k++) {
      const ref = refs[k]!;
      const event = ref >> REF_SHIFT;
      draft.extraNs = 0;
      const references = this.walk(keys[k]!, ref, event);
      if ((ref & REF_CHECK_DIRTY) === 0) out.flags[event] = (out.flags[event]! & ~TLB_MASK) | TLB_WALK;
      const ns = references * walkReferenceNs + draft.extraNs;
      out.latencyNs[event]! += ns;
      spentNs += ns;
    }
    draft.extraNs = extraBefore;
    return spentNs;
  }

  /** Does what one reference still needs; returns the number of page-table entries read for it. */
  private walk(key: number, ref: number, event: number): number {
    const { counters } = this.draft;
    const tag = keyTag(key);
    const sizeClass = tagSizeClass(tag);
    let references = 0;
    if (tagAsid(tag) === 0) {
      if (this.mayLackKernelEntries && sizeClass === 0) this.space.kernelFault(keyPage(key), event);
      references = this.walkKernel(key, sizeClass);
    } else if (sizeClass > 0) references = this.walkHuge(key, ref);
    else if ((ref & REF_CHECK_DIRTY) !== 0) references = this.setDirty(keyPage(key), event);
    else references = this.walkUser(key, (ref & REF_STORE) !== 0, event);
    counters[COUNTER.walkReferences]! += references;
    return references;
  }

  /** A page of the running process: made present and writable as needed. */
  protected walkUser(key: number, store: boolean, event: number): number {
    const { counters } = this.draft;
    const vpn = keyPage(key);
    counters[COUNTER.walks]!++;
    const known = this.lookUp(Math.floor(key / this.mmu.leafEntries));
    const table = known === 0 ? leafTable(this.draft, this.space.userRoot, vpn) : known;
    this.tlb[this.parts.walkTables] = this.touchPte(table, vpn, store, event);
    if (known === 0) return this.mmu.userWalkReads;
    counters[COUNTER.walkCacheHits]!++;
    return 1;
  }

  /** A huge page of the running process: whoever filled the run saw to it that it does not fault. */
  private walkHuge(key: number, ref: number): number {
    const { counters, ptes } = this.draft;
    const isCheck = (ref & REF_CHECK_DIRTY) !== 0;
    const wanted = isCheck || (ref & REF_STORE) !== 0 ? PTE_ACCESSED | PTE_DIRTY : PTE_ACCESSED;
    const vpn = keyPage(key) * this.mmu.pageSpans[HUGE_CLASS]!;
    const row = hugeRow(this.draft, this.space.userRoot, vpn);
    const pte = ptes.get(row, 0);
    const missing = wanted & ~pte;
    if (missing !== 0) ptes.set(row, 0, pte + missing);
    if (isCheck) {
      if ((missing & PTE_DIRTY) === 0) return 0;
      counters[COUNTER.dirtyAssists]!++;
      return 1;
    }
    counters[COUNTER.walks]!++;
    return this.hugeReads(key);
  }

  /** Entries that a walk for a huge page reads. */
  protected hugeReads(_key: number): number {
    return this.mmu.userWalkReads - HUGE_CLASS;
  }

  /** A store through a TLB entry that is not known to be dirty: it may be so already, or need a page fault. */
  private setDirty(vpn: number, event: number): number {
    const { draft } = this;
    const table = leafTable(draft, this.space.userRoot, vpn);
    const state = draft.ptes.get(this.lastEntry(table, vpn), 0) & DIRTY_AND_WRITABLE;
    if (state === DIRTY_AND_WRITABLE) return 0;
    this.touchPte(table, vpn, true, event);
    if (state !== PTE_RW) return 0; // a page fault, and the kernel has set the bit
    draft.counters[COUNTER.dirtyAssists]!++;
    return 1;
  }

  /** Faults the page in if need be, sets its accessed and dirty bits, and returns its table. */
  protected touchPte(found: number, vpn: number, store: boolean, event: number): number {
    const { ptes } = this.draft;
    let table = found;
    let row = this.lastEntry(table, vpn);
    let pte = table === 0 ? 0 : ptes.get(row, 0);
    if ((pte & PTE_PRESENT) === 0 || (store && (pte & PTE_RW) === 0)) {
      this.space.fault(vpn, store, event);
      table = leafTable(this.draft, this.space.userRoot, vpn);
      row = this.lastEntry(table, vpn);
      pte = ptes.get(row, 0);
    }
    const wanted = store ? PTE_ACCESSED | PTE_DIRTY : PTE_ACCESSED;
    // The part of an entry above bit 31 is the frame's: add the missing bits instead of OR-ing.
    if ((pte & wanted) !== wanted) ptes.set(row, 0, pte + (wanted & ~pte));
    return table;
  }

  /** A kernel page: always mapped, accessed and dirty from the start; perhaps large. */
  protected walkKernel(key: number, sizeClass: number): number {
    const { draft, mmu, tlb, parts } = this;
    draft.counters[COUNTER.walks]!++;
    if (sizeClass > 0) return mmu.kernelWalkReads - sizeClass;
    if (this.lookUp(Math.floor(key / mmu.leafEntries)) !== 0) {
      draft.counters[COUNTER.walkCacheHits]!++;
      return 1;
    }
    tlb[parts.walkTables] = leafTable(draft, this.space.kernelRoot, keyPage(key));
    return mmu.kernelWalkReads;
  }

  private lastEntry(table: number, vpn: number): number {
    return table * this.mmu.entriesPerTable + (vpn & (this.mmu.leafEntries - 1));
  }

  /**
   * The table that the walk cache holds for `key`, which becomes its most recent entry; 0 when it holds none, and
   * then the caller stores the table found in the first place.
   */
  private lookUp(key: number): number {
    const { tlb } = this;
    const { walkKeys, walkTables } = this.parts;
    if (tlb[walkKeys] === key) return tlb[walkTables]!;
    // Every entry moves one down, to the place that the key leaves or out of the last one.
    let movedKey = key;
    let movedTable = 0;
    for (let at = 0; at < this.mmu.pdeCache.ways; at++) {
      const heldKey = tlb[walkKeys + at]!;
      const heldTable = tlb[walkTables + at]!;
      tlb[walkKeys + at] = movedKey;
      tlb[walkTables + at] = movedTable;
      if (heldKey === key) {
        tlb[walkTables] = heldTable;
        return heldTable;
      }
      movedKey = heldKey;
      movedTable = heldTable;
    }
    return 0;
  }
}

/** Size class of huge pages. */
export const HUGE_CLASS = 1;
const DIRTY_AND_WRITABLE = PTE_DIRTY | PTE_RW;
