/**
 * Access events: from (object, offset) to page references, and those through the MMU.
 *
 * Accesses come in runs: neighbours in the batch, on one cpu. `accessRun` takes as many as it can at once:
 * resolve each to a TLB key, drop those that repeat the page before, translate the rest (translate.ts). An
 * access that may fail, or whose object has no simple form, ends the run and is done alone by `accessAlone`, which
 * finds out whether it can succeed before it touches any TLB.
 */

import { assert } from '../base/errors.ts';
import { CONTINUED, EXECUTE, KERNEL_MODE, OPERATION_MASK, READ } from '../event/access-mode.ts';
import type { Batch } from '../event/batch.ts';
import { kmapLocalVpnOf } from '../kmap/kmap-local.ts';
import { COUNTER } from '../outcome/counters.ts';
import {
  FAULT_MASK,
  FAULT_SHIFT,
  FAULT_VMALLOC,
  HIGH_PAGE,
  NO_MAPPING,
  NO_OBJECT,
  NO_PROCESS,
  OK,
  OUT_OF_MEMORY,
  type Outcomes,
  PRIVILEGE,
  PROTECTION,
  TOO_LARGE,
} from '../outcome/outcome.ts';
import { newTlb } from '../paging/invalidate.ts';
import { copyKernelEntry, lacksKernelEntry } from '../paging/kernel-entries.ts';
import { beginAccess, forbidsFetch } from '../paging/kpti.ts';
import { checkSegment, segmentFor } from '../paging/segments.ts';
import { kernelSizeClass } from '../paging/tables.ts';
import { keyBase, type TlbParts, tlbParts } from '../paging/tlb.ts';
import { FRAME_KMAP } from '../phys/frames.ts';
import { lowmemHeadroom } from '../phys/page-alloc.ts';
import { CPU } from '../state/cpus.ts';
import type { Draft } from '../state/draft.ts';
import { isArea, NO_CLASS, OBJECT, USER } from '../state/objects.ts';
import { pageFault } from '../vm/fault.ts';
import { objectBase } from '../vm/mapping.ts';
import { vmaWithin } from '../vm/stack.ts';
import { allows, Bindings, KERNEL_LOGICAL, KERNEL_VIRTUAL, USER_VIRTUAL } from './bindings.ts';
import { collect, countSpace, Run, refOf } from './run.ts';
import { keyHugePages, userKey } from './run-keys.ts';
import { type AddressSpace, translateRun } from './translate.ts';
import { translateArranged } from './translate-arranged.ts';

/** Scratch shared by all folds: holds nothing between runs. */
const bindings = new Bindings();
const run = new Run(1024);

/** Times that an access is begun again because a page of it was reclaimed meanwhile. */
const MOST_TRIES = 16;

const SHORTEST_REACH = 64;

/** The MMU of one fold. */
export class Mmu implements AddressSpace {
  private readonly draft: Draft;
  private readonly parts: TlbParts;
  private readonly translate: typeof translateRun;
  readonly kernelRoot: number;
  userRoot = 0;
  private mm = 0;
  private out: Outcomes;
  /** How many accesses to look at at once: few as long as huge pages keep ending the runs. */
  private hugeReach = SHORTEST_REACH;
  /** Page faults of the access being done alone. */
  private faults = 0;

  constructor(draft: Draft, out: Outcomes) {
    this.draft = draft;
    this.out = out;
    const { mmu } = draft.platform;
    this.parts = tlbParts(mmu);
    this.translate = mmu.arrangement === undefined ? translateRun : translateArranged;
    this.kernelRoot = draft.platform.kernelRoot;
  }

  /** Folds the accesses from index `start` on, at least one; returns the index behind the last one done. */
  accessRun(batch: Batch, start: number): number {
    const { draft, out } = this;
    const cpu = batch.cpu[start]!;
    this.enter(cpu);
    const end = this.collectRun(batch, cpu, start);
    if (end === start) return this.accessAlone(batch, start);
    const { accessNs } = draft.platform.costs;
    const count = end - start;
    out.latencyNs.fill(accessNs, start, end);
    const translations = run.count + run.repeats;
    draft.counters[COUNTER.references]! += count - run.continued;
    draft.counters[COUNTER.translations]! += translations;
    draft.counters[COUNTER.l1Hits]! += run.repeats;
    const extraNs = this.translate(draft, this.tlb(cpu), this.parts, this, run, out);
    draft.cpus.add(cpu, CPU.clockNs, run.thinkNs + count * accessNs + extraNs);
    return end;
  }

  /** Fills the run; returns the index behind its last access, which is `start` if that one has to be done alone. */
  private collectRun(batch: Batch, cpu: number, start: number): number {
    const { draft } = this;
    const limit = Math.min(batch.count, start + this.longestSafeRun());
    if (draft.platform.thp === undefined || this.mm === 0)
      return collect(draft, bindings, run, batch, cpu, start, limit);
    const { counters, cpus } = draft;
    const logical = counters[COUNTER.kernelLogicalReferences]!;
    const virtual = counters[COUNTER.kernelVirtualReferences]!;
    let end = Math.min(limit, start + this.hugeReach);
    for (;;) {
      end = collect(draft, bindings, run, batch, cpu, start, end);
      const cut = keyHugePages(draft, draft.records.mm(this.mm), cpus.get(cpu, CPU.asid), run);
      this.hugeReach = cut < 0 ? this.hugeReach * 2 : SHORTEST_REACH;
      if (cut < 0) return end;
      end = cut;
      counters[COUNTER.kernelLogicalReferences] = logical;
      counters[COUNTER.kernelVirtualReferences] = virtual;
    }
  }

  /** AddressSpace: a fault that cannot fail, as `longestSafeRun` saw to it. */
  fault(vpn: number, store: boolean, event: number): void {
    const kind = pageFault(this.draft, this.mm, vpn, store);
    assert(kind > 0, `page fault at page ${vpn} failed with ${kind} in a run that had headroom`);
    this.noteFault(event, kind);
  }

  /** AddressSpace: vmalloc_fault(), if the tables of the process lack the entry. */
  kernelFault(vpn: number, event: number): void {
    if (this.mm === 0 || !lacksKernelEntry(this.draft, this.draft.records.mm(this.mm), vpn)) return;
    copyKernelEntry(this.draft, this.mm, vpn);
    this.noteFault(event, FAULT_VMALLOC);
  }

  private noteFault(event: number, kind: number): void {
    const { flags } = this.out;
    this.faults++;
    flags[event] = (flags[event]! & ~FAULT_MASK) | (kind << FAULT_SHIFT);
  }

  /**
   * Every reference may fault in two pages, and each of them needs its page, a copy, and tables. None where a
   * run must not be: repeats are left out of runs, and segments are not looked at.
   */
  private longestSafeRun(): number {
    const { arrangement, levels, segments } = this.draft.platform.mmu;
    if (arrangement?.everyReference === true || segments !== undefined) return 0;
    const worstCasePages = 2 * (levels.length + 1);
    return Math.floor(lowmemHeadroom(this.draft) / worstCasePages);
  }

  private enter(cpu: number): void {
    this.draft.onCpu(cpu);
    this.mm = this.draft.cpus.get(cpu, CPU.mm);
    this.userRoot = this.mm === 0 ? 0 : this.draft.records.mm(this.mm).root;
    bindings.begin();
  }

  private tlb(cpu: number): Float64Array {
    const tlb = this.draft.tlbs.of(cpu);
    if (tlb !== undefined) return tlb;
    const entries = newTlb(this.draft.platform.mmu);
    this.draft.tlbs.give(cpu, entries);
    return entries;
  }

  /** One access: first whether it can be done, then the TLBs. */
  private accessAlone(batch: Batch, at: number): number {
    const { draft, out } = this;
    const cpu = batch.cpu[at]!;
    const mode = batch.c[at]!;
    run.count = 0;
    draft.extraNs = 0;
    // A reference of no bytes touches the byte that it names.
    const size = Math.max(batch.b[at]!, 1);
    this.faults = 0;
    const prepared = this.prepareWhole(cpu, batch.object[at]!, batch.a[at]!, size, mode, at);
    const { reclaimer } = draft;
    const status = prepared === OK || reclaimer === undefined ? prepared : reclaimer.settle(draft, prepared);
    if (draft.platform.mmu.kpti) this.isolate(status, mode);
    const { accessNs } = draft.platform.costs;
    let spentNs = accessNs + draft.extraNs;
    out.latencyNs[at] = spentNs;
    out.status[at] = status;
    const counts = (mode & CONTINUED) === 0;
    if (counts) draft.counters[COUNTER.references]!++;
    if (status === OK) {
      if (counts) countSpace(draft, spaceOf(draft, batch.object[at]!));
      draft.counters[COUNTER.translations]! += run.count;
      spentNs += this.translate(draft, this.tlb(cpu), this.parts, this, run, out);
    } else draft.counters[COUNTER.failures]!++;
    draft.cpus.add(cpu, CPU.clockNs, batch.thinkNs[at]! + spentNs);
    if (reclaimer !== undefined && prepared === OK) reclaimer.settle(draft, OK);
    return at + 1;
  }

  /** Page-table isolation: the mode that the access needs, and the way into the kernel and back for each fault. */
  private isolate(status: number, mode: number): void {
    if (status === NO_OBJECT || status === NO_PROCESS || status === TOO_LARGE) return;
    beginAccess(this.draft, (mode & KERNEL_MODE) !== 0, this.faults + (status === OK ? 0 : 1));
  }

  /** Until no page of the access was reclaimed while another was faulted in: then it can go on. */
  private prepareWhole(
    cpu: number,
    object: number,
    offset: number,
    size: number,
    mode: number,
    at: number,
  ): number {
    const { draft } = this;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { reclaims } = draft;
      run.count = 0;
      const status = this.prepare(cpu, object, offset, size, mode, at);
      if (status !== OK || draft.reclaims === reclaims) return status;
    }
    return OUT_OF_MEMORY;
  }

  /** Puts the page references of an access into the run, faulting pages in; or says why it cannot be done. */
  private prepare(
    cpu: number,
    object: number,
    offset: number,
    size: number,
    mode: number,
    at: number,
  ): number {
    const { draft } = this;
    const { objects, platform } = draft;
    const cls = objects.get(object, OBJECT.class);
    if (cls === NO_CLASS) return NO_OBJECT;
    if (cls !== USER && (mode & KERNEL_MODE) === 0) return PRIVILEGE;
    if (cls === USER && this.mm === 0) return NO_PROCESS;
    const { pageShift } = platform.mmu;
    if (size > 2 ** pageShift) return TOO_LARGE;
    const first = objects.get(object, OBJECT.start) + offset;
    const segmented = this.checkSegment(object, first, size, mode);
    if (segmented !== OK) return segmented;
    const lastPage = Math.floor((first + size - 1) / 2 ** pageShift);
    for (let page = Math.floor(first / 2 ** pageShift); page <= lastPage; page++) {
      const status =
        cls === USER
          ? this.prepareUserPage(cpu, object, page, mode & ~CONTINUED, at)
          : this.prepareKernelPage(cpu, object, page, first, size, mode & OPERATION_MASK, at);
      if (status !== OK) return status;
    }
    return OK;
  }

  /** The segmentation unit, which comes before all paging. High memory has no linear address before kmap. */
  private checkSegment(object: number, first: number, size: number, mode: number): number {
    const { draft } = this;
    const { segments, pageShift } = draft.platform.mmu;
    if (segments === undefined) return OK;
    const isUser = draft.objects.get(object, OBJECT.class) === USER;
    const vpn = isUser
      ? objectBase(draft, draft.records.mm(this.mm), object)
      : draft.objects.get(object, OBJECT.vpn);
    if (vpn < 0) return OK;
    const segment = segmentFor(segments, isUser, (mode & OPERATION_MASK) === EXECUTE);
    return checkSegment(segment, vpn * 2 ** pageShift + first, size, (mode & KERNEL_MODE) === 0);
  }

  private prepareUserPage(cpu: number, object: number, page: number, mode: number, at: number): number {
    const { draft } = this;
    const operation = mode & OPERATION_MASK;
    const mm = draft.records.mm(this.mm);
    const vpn = objectBase(draft, mm, object) + page;
    const vma = vmaWithin(draft, mm.vmas, vpn);
    if (vma === undefined || vma.object !== object) return NO_MAPPING;
    if (!allows(vma.prot, operation, draft.platform.mmu.nx)) return PROTECTION;
    if (forbidsFetch(draft.platform, mode)) return PROTECTION;
    const store = operation !== READ && operation !== EXECUTE;
    const kind = pageFault(draft, this.mm, vpn, store);
    if (kind < 0) return -kind;
    if (kind > 0) this.noteFault(at, kind);
    run.push(userKey(draft, mm.root, draft.cpus.get(cpu, CPU.asid), vpn), refOf(at, operation, true));
    return OK;
  }

  /** Where a cpu reaches a high memory page: kmap() or, on this cpu, kmap_local(). */
  private kmapVpn(cpu: number, pfn: number): number | undefined {
    const { draft } = this;
    const slot = draft.frames.get(pfn, FRAME_KMAP);
    return slot === 0 ? kmapLocalVpnOf(draft, cpu, pfn) : draft.platform.pkmapVpn + slot - 1;
  }

  private prepareKernelPage(
    cpu: number,
    object: number,
    page: number,
    first: number,
    size: number,
    operation: number,
    at: number,
  ): number {
    const { draft } = this;
    const { objects, platform } = draft;
    if (first + size > objects.get(object, OBJECT.start) + objects.get(object, OBJECT.sizeBytes))
      return NO_MAPPING;
    if (operation === EXECUTE && platform.mmu.nx) return PROTECTION;
    if (objects.get(object, OBJECT.vpn) < 0) {
      const vpn = this.kmapVpn(cpu, objects.get(object, OBJECT.pfn) + page);
      if (vpn === undefined) return HIGH_PAGE;
      run.push(keyBase(0, 0) + vpn, refOf(at, operation, false));
      return OK;
    }
    const slot = bindings.slotOf(draft, cpu, object);
    if (bindings.limit[slot]! < 0) {
      const key = kernelKey(draft, objects.get(object, OBJECT.vpn) + page);
      if (key === undefined) return NO_MAPPING;
      run.push(key, refOf(at, operation, false));
      return OK;
    }
    run.push(
      bindings.base[slot]! + ((bindings.bias[slot]! + page) >>> bindings.shift[slot]!),
      refOf(at, operation, false),
    );
    return OK;
  }
}

/** The TLB key of a kernel page, of whatever size; undefined when nothing is mapped there. */
function kernelKey(draft: Draft, vpn: number): number | undefined {
  const { mmu } = draft.platform;
  const sizeClass = kernelSizeClass(draft, vpn);
  if (sizeClass === undefined) return undefined;
  return keyBase(0, sizeClass) + Math.floor(vpn / mmu.pageSpans[sizeClass]!);
}

/** The type of address through which the cpu reaches an object. */
function spaceOf(draft: Draft, object: number): number {
  const cls = draft.objects.get(object, OBJECT.class);
  if (cls === USER) return USER_VIRTUAL;
  const isLogical = !isArea(cls) && draft.objects.get(object, OBJECT.vpn) >= 0;
  return isLogical ? KERNEL_LOGICAL : KERNEL_VIRTUAL;
}
