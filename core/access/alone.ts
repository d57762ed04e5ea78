/**
 * One access alone: whether it can be done is found out, and its pages are faulted in, before any TLB is touched.
 * It ends as a run of the pages that it touches.
 */
import { CONTINUED, EXECUTE, KERNEL_MODE, OPERATION_MASK, READ } from '../event/access-mode.ts';
import type { Batch } from '../event/batch.ts';
import { kmapLocalVpnOf } from '../kmap/kmap-local.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import {
  HIGH_PAGE,
  NO_MAPPING,
  NO_OBJECT,
  NO_PROCESS,
  OK,
  OUT_OF_MEMORY,
  PRIVILEGE,
  PROTECTION,
  TOO_LARGE,
} from '../outcome/outcome.ts';
import { beginAccess, forbidsFetch, tagKeys } from '../paging/kpti.ts';
import { checkSegment, segmentFor } from '../paging/segments.ts';
import { kernelSizeClass } from '../paging/table-walk.ts';
import { FRAME_KMAP } from '../phys/frames.ts';
import { CPU } from '../state/cpus.ts';
import { isArea, NO_CLASS, OBJECT, USER } from '../state/objects.ts';
import { keyBase } from '../tlb/keys.ts';
import type { Run } from '../tlb/run.ts';
import { pageFault } from '../vm/fault.ts';
import { objectBase } from '../vm/mapping.ts';
import { vmaWithin } from '../vm/stack.ts';
import { allows, type Bindings, KERNEL_LOGICAL, KERNEL_VIRTUAL, USER_VIRTUAL } from './bindings.ts';
import { countSpace, refOf } from './run.ts';
import { userKey } from './run-keys.ts';
import type { RunningSpace } from './running-space.ts';

/** Times that an access is begun again because a page of it was reclaimed meanwhile. */
const MOST_TRIES = 16;

export class LoneAccess {
  private readonly draft: Draft;
  private readonly space: RunningSpace;
  private readonly bindings: Bindings;
  private readonly run: Run;
  /** The access that is being prepared: columns of its event. */
  private at = 0;
  private cpu = 0;
  private object = 0;
  private mode = 0;
  private sizeBytes = 0;
  /** Its first byte, from the page on in which the object begins. */
  private first = 0;
  private cls = NO_CLASS;

  constructor(draft: Draft, space: RunningSpace, bindings: Bindings, run: Run) {
    this.draft = draft;
    this.space = space;
    this.bindings = bindings;
    this.run = run;
  }

  /** Fills the run with event `at`, counts it, and charges its faults to the draft. Returns its status. */
  prepare(batch: Batch, at: number): number {
    const { draft, run, space } = this;
    this.begin(batch, at);
    run.clear();
    space.faults = 0;
    const prepared = this.prepareWhole();
    const { reclaimer } = draft;
    const status = prepared === OK || reclaimer === undefined ? prepared : reclaimer.settle(draft, prepared);
    if (draft.platform.mmu.kpti) this.isolate(status);
    this.count(status);
    return status;
  }

  private begin(batch: Batch, at: number): void {
    const { objects } = this.draft;
    this.at = at;
    this.cpu = batch.cpu[at]!;
    this.object = batch.object[at]!;
    this.mode = batch.c[at]!;
    // A reference of no bytes touches the byte that it names.
    this.sizeBytes = Math.max(batch.b[at]!, 1);
    this.first = objects.get(this.object, OBJECT.start) + batch.a[at]!;
    this.cls = objects.get(this.object, OBJECT.class);
  }

  private count(status: number): void {
    const { draft, mode, run } = this;
    const counts = (mode & CONTINUED) === 0;
    if (counts) draft.counters[COUNTER.references]!++;
    if (status !== OK) {
      draft.counters[COUNTER.failures]!++;
      return;
    }
    if (counts) countSpace(draft, this.addressType());
    const isKernel = this.cls !== USER;
    const isFetch = (mode & OPERATION_MASK) === EXECUTE;
    if (isFetch) run.fetches = run.count;
    if (isKernel) run.kernelPages = run.count;
    if (isFetch && isKernel) run.kernelFetches = run.count;
  }

  /** Page-table isolation: the mode that the access needs, and the way into the kernel and back for each fault. */
  private isolate(status: number): void {
    if (status === NO_OBJECT || status === NO_PROCESS || status === TOO_LARGE) return;
    const { draft, mode, space } = this;
    beginAccess(draft, (mode & KERNEL_MODE) !== 0, space.faults + (status === OK ? 0 : 1));
    tagKeys(draft, this.run);
  }

  /** Until no page of the access was reclaimed while another was faulted in: then it can go on. */
  private prepareWhole(): number {
    const { draft, run } = this;
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const { reclaims } = draft;
      run.count = 0;
      const status = this.preparePages();
      if (status !== OK || draft.reclaims === reclaims) return status;
    }
    return OUT_OF_MEMORY;
  }

  /** Puts the page references of the access into the run, faulting pages in; or says why it cannot be done. */
  private preparePages(): number {
    const { cls, first, mode, sizeBytes } = this;
    if (cls === NO_CLASS) return NO_OBJECT;
    if (cls !== USER && (mode & KERNEL_MODE) === 0) return PRIVILEGE;
    if (cls === USER && this.space.mm === 0) return NO_PROCESS;
    const { pageBytes } = this.draft.platform.mmu;
    if (sizeBytes > pageBytes) return TOO_LARGE;
    const segmented = this.checkSegment();
    if (segmented !== OK) return segmented;
    const lastPage = Math.floor((first + sizeBytes - 1) / pageBytes);
    for (let page = Math.floor(first / pageBytes); page <= lastPage; page++) {
      const status = cls === USER ? this.prepareUserPage(page) : this.prepareKernelPage(page);
      if (status !== OK) return status;
    }
    return OK;
  }

  /** The segmentation unit, which comes before all paging. High memory has no linear address before kmap. */
  private checkSegment(): number {
    const { cls, draft, first, mode, object, sizeBytes } = this;
    const { segments, pageBytes } = draft.platform.mmu;
    if (segments === undefined) return OK;
    const isUser = cls === USER;
    const vpn = isUser
      ? objectBase(draft, draft.records.mm(this.space.mm), object)
      : draft.objects.get(object, OBJECT.vpn);
    if (vpn < 0) return OK;
    const segment = segmentFor(segments, isUser, (mode & OPERATION_MASK) === EXECUTE);
    return checkSegment(segment, vpn * pageBytes + first, sizeBytes, (mode & KERNEL_MODE) === 0);
  }

  private prepareUserPage(page: number): number {
    const { at, cpu, draft, object, space } = this;
    const mode = this.mode & ~CONTINUED;
    const operation = mode & OPERATION_MASK;
    const mm = draft.records.mm(space.mm);
    const vpn = objectBase(draft, mm, object) + page;
    const vma = vmaWithin(draft, mm.vmas, vpn);
    if (vma === undefined || vma.object !== object) return NO_MAPPING;
    if (!allows(vma.prot, operation, draft.platform.mmu.nx)) return PROTECTION;
    if (forbidsFetch(draft.platform, mode)) return PROTECTION;
    const store = operation !== READ && operation !== EXECUTE;
    const kind = pageFault(draft, space.mm, vpn, store);
    if (kind < 0) return -kind;
    if (kind > 0) space.noteFault(at, kind);
    const asid = draft.cpus.get(cpu, CPU.asid);
    this.run.push(userKey(draft, mm.root, asid, vpn), refOf(at, operation, true));
    return OK;
  }

  private prepareKernelPage(page: number): number {
    const { at, draft, first, object, sizeBytes } = this;
    const { objects, platform } = draft;
    const operation = this.mode & OPERATION_MASK;
    if (first + sizeBytes > objects.get(object, OBJECT.start) + objects.get(object, OBJECT.sizeBytes))
      return NO_MAPPING;
    if (operation === EXECUTE && platform.mmu.nx) return PROTECTION;
    const isHigh = objects.get(object, OBJECT.vpn) < 0;
    const key = isHigh ? this.kmapKey(page) : this.kernelKey(page);
    if (key === undefined) return isHigh ? HIGH_PAGE : NO_MAPPING;
    this.run.push(key, refOf(at, operation, false));
    return OK;
  }

  /** Of a high memory page, where this cpu reaches it: kmap() or, on this cpu, kmap_local(). */
  private kmapKey(page: number): number | undefined {
    const { draft } = this;
    const pfn = draft.objects.get(this.object, OBJECT.pfn) + page;
    const slot = draft.frames.get(pfn, FRAME_KMAP);
    const vpn = slot === 0 ? kmapLocalVpnOf(draft, this.cpu, pfn) : draft.platform.pkmapVpn + slot - 1;
    return vpn === undefined ? undefined : keyBase(0, 0) + vpn;
  }

  /** Of a kernel page, of whatever size; undefined when nothing is mapped there. */
  private kernelKey(page: number): number | undefined {
    const { bindings, draft, object } = this;
    const slot = bindings.slotOf(draft, this.cpu, object);
    if (bindings.limit[slot]! >= 0)
      return bindings.base[slot]! + ((bindings.bias[slot]! + page) >>> bindings.shift[slot]!);
    const vpn = draft.objects.get(object, OBJECT.vpn) + page;
    const sizeClass = kernelSizeClass(draft, vpn);
    if (sizeClass === undefined) return undefined;
    return keyBase(0, sizeClass) + Math.floor(vpn / draft.platform.mmu.pageSpans[sizeClass]!);
  }

  /** The type of address through which the cpu reaches the object. */
  private addressType(): number {
    const { cls, draft, object } = this;
    if (cls === USER) return USER_VIRTUAL;
    const isLogical = !isArea(cls) && draft.objects.get(object, OBJECT.vpn) >= 0;
    return isLogical ? KERNEL_LOGICAL : KERNEL_VIRTUAL;
  }
}
