/**
 * What no first-level TLB could serve: hits below it, walks of the page tables, page faults, dirty bits, and what all of
 * them take and count as.
 *
 * A walk costs one memory reference for each entry it reads; a walk cache spares it the upper ones. A walk that faults
 * counts once, as the walk after the fault.
 */

import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { type OutcomesDraft, TLB_L2, TLB_MASK, TLB_WALK } from '../outcome/outcome.ts';
import type { MmuGeometry } from '../paging/geometry.ts';
import { PTE_ACCESSED, PTE_DIRTY, PTE_PRESENT, PTE_RW } from '../paging/pte.ts';
import { leafTable } from '../paging/table-walk.ts';
import { hugeRow } from '../thp/entries.ts';
import { keyPage, keyTag, tagSizeClass } from '../tlb/keys.ts';
import type { Misses } from '../tlb/model.ts';
import type { ReferenceLog } from '../tlb/reference-log.ts';
import {
  REF_CHECK_DIRTY,
  REF_EXECUTE,
  REF_KERNEL,
  REF_SHIFT,
  REF_SHORT_WALK,
  REF_STORE,
  type Run,
} from '../tlb/run.ts';
import { SettledWalks } from './settled.ts';
import {
  CACHE_COUNTERS,
  countKind,
  countReads,
  entriesRead,
  L2_HITS,
  NOT_USER_DATA,
  WALKS,
} from './walk-counts.ts';

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

/** Scratch shared by all folds. */
const ahead = new SettledWalks();

export class Walker implements Misses {
  private readonly draft: Draft;
  private readonly mmu: MmuGeometry;
  private readonly space: AddressSpace;
  private readonly out: OutcomesDraft;
  private readonly mayLackKernelEntries: boolean;
  /** What the misses since `begin` amount to: their time, page faults included, and how many they are. */
  spentNs = 0;
  hitsBelow = 0;
  walks = 0;

  constructor(draft: Draft, space: AddressSpace, out: OutcomesDraft) {
    this.draft = draft;
    this.mmu = draft.platform.mmu;
    this.space = space;
    this.out = out;
    this.mayLackKernelEntries = draft.platform.kernelEntries === 'fault';
  }

  begin(): void {
    this.spentNs = 0;
    this.hitsBelow = 0;
    this.walks = 0;
  }

  servedBelow(ref: number): void {
    const { flags, latencyNs } = this.out;
    const { l2TlbHitNs } = this.draft.platform.costs;
    const event = ref >> REF_SHIFT;
    latencyNs[event]! += l2TlbHitNs;
    this.spentNs += l2TlbHitNs;
    if ((flags[event]! & TLB_MASK) === 0) flags[event]! |= TLB_L2;
    this.hitsBelow++;
    if ((ref & NOT_USER_DATA) !== 0) countKind(this.draft.counters, ref, L2_HITS);
  }

  serve(run: Run): void {
    const { draft, space } = this;
    const { keys, refs, count } = run;
    // A log is told of every walk.
    const looksAhead = draft.log === undefined;
    if (looksAhead) {
      ahead.find(draft, space.userRoot, run);
      this.countSettled(run, ahead.settled);
    }
    const { settled, rows } = ahead;
    for (let k = 0; k < count; k++) {
      if (looksAhead && settled[k] === 1) continue;
      const ref = refs[k]!;
      if ((ref & REF_CHECK_DIRTY) !== 0) this.checkDirty(keys[k]!, ref);
      else this.walkTo(looksAhead ? rows[k]! : 0, keys[k]!, ref, (ref & REF_SHORT_WALK) !== 0 ? 1 : 0);
    }
  }

  /** What `walk` would count and charge. */
  private countSettled({ refs, count }: Run, settled: Uint8Array): void {
    const { flags, latencyNs } = this.out;
    const { counters, platform } = this.draft;
    const { walkReferenceNs } = platform.costs;
    const whole = entriesRead(this.mmu, false, 0, 0);
    const short = entriesRead(this.mmu, false, 0, 1);
    let walks = 0;
    let shortWalks = 0;
    for (let k = 0; k < count; k++) {
      if (settled[k] === 0) continue;
      const ref = refs[k]!;
      const event = ref >> REF_SHIFT;
      const isShort = (ref & REF_SHORT_WALK) !== 0;
      flags[event] = (flags[event]! & ~TLB_MASK) | TLB_WALK;
      latencyNs[event]! += (isShort ? short : whole) * walkReferenceNs;
      walks++;
      if (isShort) shortWalks++;
      if ((ref & REF_EXECUTE) !== 0) counters[WALKS.fetch]!++;
    }
    const wholeWalks = walks - shortWalks;
    const entries = shortWalks * short + wholeWalks * whole;
    this.walks += walks;
    this.spentNs += entries * walkReferenceNs;
    counters[CACHE_COUNTERS[0]!]! += shortWalks;
    counters[COUNTER.walkReferences]! += entries;
    countReads(counters, 0, short, shortWalks);
    countReads(counters, 0, whole, wholeWalks);
  }

  walk(key: number, ref: number, entriesLeft: number): void {
    this.walkTo(0, key, ref, entriesLeft);
  }

  /** `knownRow`: that of the last-level entry, 0 if it has to be looked for. */
  private walkTo(knownRow: number, key: number, ref: number, entriesLeft: number): void {
    const { draft } = this;
    const { flags } = this.out;
    const { counters } = draft;
    const event = ref >> REF_SHIFT;
    const sizeClass = tagSizeClass(keyTag(key));
    const isKernel = (ref & REF_KERNEL) !== 0;
    const extraBefore = draft.extraNs;
    draft.extraNs = 0;
    if (draft.log !== undefined) this.logDirty(draft.log, key, ref);
    if (isKernel) this.walkKernel(keyPage(key), sizeClass, event);
    else if (sizeClass > 0) this.walkHuge(keyPage(key), (ref & REF_STORE) !== 0);
    else this.touchPte(knownRow, keyPage(key), (ref & REF_STORE) !== 0, event);
    flags[event] = (flags[event]! & ~TLB_MASK) | TLB_WALK;
    this.walks++;
    if ((ref & NOT_USER_DATA) !== 0) countKind(counters, ref, WALKS);
    if (entriesLeft > 0) counters[CACHE_COUNTERS[entriesLeft - 1 + sizeClass]!]!++;
    this.spend(event, sizeClass, entriesRead(this.mmu, isKernel, sizeClass, entriesLeft), extraBefore);
  }

  checkDirty(key: number, ref: number): void {
    const { draft } = this;
    const event = ref >> REF_SHIFT;
    const extraBefore = draft.extraNs;
    draft.extraNs = 0;
    if (draft.log !== undefined) this.logDirty(draft.log, key, ref);
    const sizeClass = tagSizeClass(keyTag(key));
    const assisted = sizeClass > 0 ? this.setHugeDirty(keyPage(key)) : this.setDirty(keyPage(key), event);
    if (assisted) draft.counters[COUNTER.dirtyAssists]!++;
    this.spend(event, sizeClass, assisted ? 1 : 0, extraBefore);
  }

  /** Tells of a store that finds its page writable and clean. */
  private logDirty(log: ReferenceLog, key: number, ref: number): void {
    if ((ref & REF_STORE) === 0) return;
    const { draft, mmu, space } = this;
    const page = keyPage(key);
    const isHuge = tagSizeClass(keyTag(key)) > 0;
    const row = isHuge
      ? hugeRow(draft, space.userRoot, page * mmu.pageSpans[HUGE_CLASS]!)
      : this.lastRow(page);
    // A huge page is writable here: whoever filled the run saw to it.
    const wanted = isHuge ? PTE_PRESENT : PTE_PRESENT | PTE_RW;
    const flags = draft.ptes.get(row, 0) & (wanted | PTE_DIRTY);
    if (flags === wanted) log.markLacking(key, ref);
  }

  /** Charges an event for entries read, from that of its page on upwards, and for what was spent on it (`draft.extraNs`). */
  private spend(event: number, sizeClass: number, entries: number, extraBefore: number): void {
    const { draft } = this;
    const { counters } = draft;
    const ns = entries * draft.platform.costs.walkReferenceNs + draft.extraNs;
    counters[COUNTER.walkReferences]! += entries;
    countReads(counters, sizeClass, entries);
    this.out.latencyNs[event]! += ns;
    this.spentNs += ns;
    draft.extraNs = extraBefore;
  }

  /** A kernel page: always mapped, accessed and dirty from the start; perhaps large. */
  private walkKernel(vpn: number, sizeClass: number, event: number): void {
    if (sizeClass === 0 && this.mayLackKernelEntries) this.space.kernelFault(vpn, event);
  }

  /** A huge page of the running process: whoever filled the run saw to it that it does not fault. */
  private walkHuge(page: number, store: boolean): void {
    this.setHuge(page, store ? PTE_ACCESSED | PTE_DIRTY : PTE_ACCESSED);
  }

  /** Whether its bit had to be set. */
  private setHugeDirty(page: number): boolean {
    return (this.setHuge(page, PTE_ACCESSED | PTE_DIRTY) & PTE_DIRTY) !== 0;
  }

  /** The flags that the entry of a huge page lacked, of those wanted. */
  private setHuge(page: number, wanted: number): number {
    const { draft, mmu, space } = this;
    const row = hugeRow(draft, space.userRoot, page * mmu.pageSpans[HUGE_CLASS]!);
    const pte = draft.ptes.get(row, 0);
    const missing = wanted & ~pte;
    if (missing !== 0) draft.ptes.set(row, 0, pte + missing);
    return missing;
  }

  /**
   * A store through a TLB entry that is not known to be dirty: it may be so already, or need a page fault, in which
   * the kernel sets the bit. Whether the processor had to set it.
   */
  private setDirty(vpn: number, event: number): boolean {
    const row = this.lastRow(vpn);
    const state = this.draft.ptes.get(row, 0) & DIRTY_AND_WRITABLE;
    if (state === DIRTY_AND_WRITABLE) return false;
    this.touchPte(row, vpn, true, event);
    return state === PTE_RW;
  }

  /** Faults the page in if need be, and sets its accessed and dirty bits. */
  private touchPte(knownRow: number, vpn: number, store: boolean, event: number): void {
    const { ptes } = this.draft;
    let row = knownRow === 0 ? this.lastRow(vpn) : knownRow;
    let pte = row === NO_ROW ? 0 : ptes.get(row, 0);
    if ((pte & PTE_PRESENT) === 0 || (store && (pte & PTE_RW) === 0)) {
      this.space.fault(vpn, store, event);
      // A fault that succeeds takes no table away.
      if (row === NO_ROW) row = this.lastRow(vpn);
      pte = ptes.get(row, 0);
    }
    const wanted = store ? PTE_ACCESSED | PTE_DIRTY : PTE_ACCESSED;
    // The part of an entry above bit 31 is the frame's: add the missing bits instead of OR-ing.
    if ((pte & wanted) !== wanted) ptes.set(row, 0, pte + (wanted & ~pte));
  }

  /** Row of the last-level entry of a page of the process; one that is never used if there is no table. */
  private lastRow(vpn: number): number {
    const { draft, mmu, space } = this;
    const table = leafTable(draft, space.userRoot, vpn);
    return table === 0 ? NO_ROW : table * mmu.entriesPerTable + (vpn & (mmu.leafEntries - 1));
  }
}

/** Rows of tables begin at 1. */
const NO_ROW = 0;

/** Size class of huge pages. */
const HUGE_CLASS = 1;
const DIRTY_AND_WRITABLE = PTE_DIRTY | PTE_RW;
