/**
 * Access events: from (object, offset) to page references, and those through the MMU.
 *
 * Accesses come in runs: neighbours in the batch, on one cpu. `accessRun` takes as many as it can at once:
 * resolve each to a TLB key, drop those that repeat the page before, translate the rest (translate.ts). An
 * access that may fail, or whose object has no simple form, ends the run and is done alone by `accessAlone`, which
 * finds out whether it can succeed before it touches any TLB.
 */
import { COUNTER } from '../counters.ts';
import { assert } from '../errors.ts';
import {
  CONTINUED,
  EXECUTE,
  KERNEL_MODE,
  MODE_COUNT,
  MODIFY,
  OPERATION_MASK,
  READ,
  WRITE,
} from '../event/access-mode.ts';
import type { Batch } from '../event/batch.ts';
import { EVENT_KINDS } from '../event/kinds.ts';
import {
  FAULT_MASK,
  FAULT_SHIFT,
  HIGH_PAGE,
  NO_MAPPING,
  NO_OBJECT,
  NO_PROCESS,
  OK,
  type Outcomes,
  PRIVILEGE,
  PROTECTION,
} from '../outcome.ts';
import { lowmemHeadroom } from '../phys/buddy.ts';
import { FRAME_KMAP } from '../phys/frames.ts';
import { CPU } from '../state/cpus.ts';
import type { Draft } from '../state/draft.ts';
import { NO_CLASS, OBJECT, USER } from '../state/objects.ts';
import { pageFault } from '../vm/fault.ts';
import { vmaAt } from '../vm/vma.ts';
import { allows, Bindings, KERNEL_LOGICAL, USER_VIRTUAL } from './bindings.ts';
import { keyBase, type TlbParts, tlbParts } from './tlb.ts';
import { type AddressSpace, REF_EXECUTE, REF_SHIFT, REF_STORE, Run, translateRun } from './translate.ts';

const ACCESS = EVENT_KINDS.access.code;

/** Scratch shared by all folds: holds nothing between runs. */
const bindings = new Bindings();
const run = new Run(1024);

/** The MMU of one fold. */
export class Mmu implements AddressSpace {
  private readonly draft: Draft;
  private readonly parts: TlbParts;
  readonly kernelRoot: number;
  userRoot = 0;
  private mm = 0;
  private out: Outcomes;

  constructor(draft: Draft, out: Outcomes) {
    this.draft = draft;
    this.out = out;
    this.parts = tlbParts(draft.platform.mmu);
    this.kernelRoot = draft.platform.kernelRoot;
  }

  /** Folds the accesses from index `start` on, at least one; returns the index behind the last one done. */
  accessRun(batch: Batch, start: number): number {
    const { draft, out } = this;
    const cpu = batch.cpu[start]!;
    this.enter(cpu);
    const limit = Math.min(batch.count, start + this.longestSafeRun());
    const end = resolve(draft, batch, cpu, start, limit);
    if (end === start) return this.accessAlone(batch, start);
    const { accessNs } = draft.platform.costs;
    const count = end - start;
    out.latencyNs.fill(accessNs, start, end);
    const translations = run.count + run.repeats;
    draft.counters[COUNTER.references]! += count - run.continued;
    draft.counters[COUNTER.translations]! += translations;
    draft.counters[COUNTER.l1Hits]! += run.repeats;
    const extraNs = translateRun(draft, this.tlb(cpu), this.parts, this, run, out);
    draft.cpus.add(cpu, CPU.clockNs, run.thinkNs + count * accessNs + extraNs);
    return end;
  }

  /** AddressSpace: a fault that cannot fail, as `longestSafeRun` saw to it. */
  fault(vpn: number, store: boolean, event: number): void {
    const kind = pageFault(this.draft, this.mm, vpn, store);
    assert(kind > 0, `page fault at page ${vpn} failed with ${kind} in a run that had headroom`);
    this.noteFault(event, kind);
  }

  private noteFault(event: number, kind: number): void {
    const { flags } = this.out;
    flags[event] = (flags[event]! & ~FAULT_MASK) | (kind << FAULT_SHIFT);
  }

  /** Every reference may fault in two pages, and each of them needs its page, a copy, and tables. */
  private longestSafeRun(): number {
    const worstCasePages = 2 * (this.draft.platform.mmu.levels.length + 1);
    return Math.floor(lowmemHeadroom(this.draft) / worstCasePages);
  }

  private enter(cpu: number): void {
    this.mm = this.draft.cpus.get(cpu, CPU.mm);
    this.userRoot = this.mm === 0 ? 0 : this.draft.records.mm(this.mm).root;
    bindings.begin();
  }

  private tlb(cpu: number): Float64Array {
    const tlb = this.draft.tlb(cpu);
    if (tlb !== undefined) return tlb;
    const entries = new Float64Array(this.parts.length);
    this.draft.setTlb(cpu, entries);
    return entries;
  }

  /** One access: first whether it can be done, then the TLBs. */
  private accessAlone(batch: Batch, at: number): number {
    const { draft, out } = this;
    const cpu = batch.cpu[at]!;
    const mode = batch.c[at]!;
    run.count = 0;
    draft.extraNs = 0;
    const status = this.prepare(cpu, batch.object[at]!, batch.a[at]!, batch.b[at]!, mode, at);
    const { accessNs } = draft.platform.costs;
    let spentNs = accessNs + draft.extraNs;
    out.latencyNs[at] = spentNs;
    out.status[at] = status;
    draft.counters[COUNTER.references]! += (mode & CONTINUED) === 0 ? 1 : 0;
    if (status === OK) {
      draft.counters[COUNTER.translations]! += run.count;
      spentNs += translateRun(draft, this.tlb(cpu), this.parts, this, run, out);
    } else draft.counters[COUNTER.failures]!++;
    draft.cpus.add(cpu, CPU.clockNs, batch.thinkNs[at]! + spentNs);
    return at + 1;
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
    const first = objects.get(object, OBJECT.start) + offset;
    const lastPage = Math.floor((first + Math.max(size, 1) - 1) / 2 ** pageShift);
    for (let page = Math.floor(first / 2 ** pageShift); page <= lastPage; page++) {
      const status =
        cls === USER
          ? this.prepareUserPage(cpu, object, page, mode & OPERATION_MASK, at)
          : this.prepareKernelPage(cpu, object, page, first, size, mode & OPERATION_MASK, at);
      if (status !== OK) return status;
    }
    return OK;
  }

  private prepareUserPage(cpu: number, object: number, page: number, operation: number, at: number): number {
    const { draft } = this;
    const vpn = draft.objects.get(object, OBJECT.vpn) + page;
    const vma = vmaAt(draft.records.mm(this.mm).vmas, vpn);
    if (vma === undefined || vma.object !== object) return NO_MAPPING;
    if (!allows(vma.prot, operation, draft.platform.mmu.nx)) return PROTECTION;
    const store = operation !== READ && operation !== EXECUTE;
    const kind = pageFault(draft, this.mm, vpn, store);
    if (kind < 0) return -kind;
    if (kind > 0) this.noteFault(at, kind);
    run.push(keyBase(draft.cpus.get(cpu, CPU.asid), 0) + vpn, refOf(at, operation, true));
    return OK;
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
      const slot = draft.frames.get(objects.get(object, OBJECT.pfn) + page, FRAME_KMAP);
      if (slot === 0) return HIGH_PAGE;
      run.push(keyBase(0, 0) + platform.pkmapVpn + slot - 1, refOf(at, operation, false));
      draft.counters[COUNTER.kernelVirtualReferences]!++;
      return OK;
    }
    const slot = bindings.slotOf(draft, cpu, object);
    if (bindings.limit[slot]! < 0) return NO_MAPPING;
    countSpace(draft, bindings.space[slot]!);
    run.push(
      bindings.base[slot]! + ((bindings.bias[slot]! + page) >>> bindings.shift[slot]!),
      refOf(at, operation, false),
    );
    return OK;
  }
}

function countSpace(draft: Draft, space: number): void {
  if (space === USER_VIRTUAL) return;
  const which = space === KERNEL_LOGICAL ? COUNTER.kernelLogicalReferences : COUNTER.kernelVirtualReferences;
  draft.counters[which]!++;
}

function refOf(at: number, operation: number, tracksDirty: boolean): number {
  if (operation === EXECUTE) return (at << REF_SHIFT) | REF_EXECUTE;
  return (at << REF_SHIFT) | (tracksDirty && operation !== READ ? REF_STORE : 0);
}

/**
 * Fills the run with the accesses in [start, limit) up to the first that cannot be bound, leaving out those that
 * repeat the page before (same TLB, nothing new to find out). Returns where it stopped.
 */
function resolve(draft: Draft, batch: Batch, cpu: number, start: number, limit: number): number {
  const { kind, cpu: cpus, thinkNs, object, a, b, c } = batch;
  const { base, bias, shift, start: starts, limit: limits, allow, space } = bindings;
  const { pageShift } = draft.platform.mmu;
  const pageBytes = 2 ** pageShift;
  const offsetMask = pageBytes - 1;
  run.reserve(2 * (limit - start));
  const { keys, refs } = run;
  let count = 0;
  let repeats = 0;
  let continued = 0;
  let think = 0;
  let lastCode = 0;
  let lastData = 0;
  let lastDataDirty = false;
  // The user pages touched last, as (object, page), and the modes in which touching them again is a plain repeat.
  let codeObject = -1;
  let codePage = 0;
  let dataObject = -1;
  let dataPage = 0;
  let dataModes = 0;
  let at = start;
  for (; at < limit; at++) {
    if (kind[at] !== ACCESS || cpus[at] !== cpu) break;
    const id = object[at]!;
    const offset = a[at]!;
    const size = b[at]!;
    const mode = c[at]!;
    // 1. Repeats of the page before are first-level hits, and that page is the most recent entry already.
    const crossing = (offset & offsetMask) + size > pageBytes;
    if (!crossing) {
      const repeat =
        mode === EXECUTE
          ? id === codeObject && offset >>> pageShift === codePage
          : id === dataObject && offset >>> pageShift === dataPage && ((dataModes >>> mode) & 1) !== 0;
      if (repeat) {
        think += thinkNs[at]!;
        repeats++;
        continue;
      }
    }
    // 2. The object, as bound for this run, and its page as a TLB key.
    const slot = bindings.slotOf(draft, cpu, id);
    if (offset + size > limits[slot]! || mode >= MODE_COUNT || ((allow[slot]! >>> mode) & 1) === 0) break;
    const position = starts[slot]! + offset;
    const page = bias[slot]! + (position >>> pageShift);
    const key = base[slot]! + (page >>> shift[slot]!);
    const operation = mode & OPERATION_MASK;
    const isUser = space[slot] === USER_VIRTUAL;
    think += thinkNs[at]!;
    if (mode >= CONTINUED) continued++;
    if (!isUser) countSpace(draft, space[slot]!);
    // 3. Into the run, once for each page that it touches.
    const ref = refOf(at, operation, isUser);
    const last =
      (position & offsetMask) + size > pageBytes ? base[slot]! + ((page + 1) >>> shift[slot]!) : key;
    if (operation === EXECUTE) {
      if (key === lastCode) repeats++;
      else {
        keys[count] = key;
        refs[count++] = ref;
      }
      lastCode = last;
    } else {
      const store = (ref & REF_STORE) !== 0;
      if (key === lastData && (!store || lastDataDirty)) repeats++;
      else {
        keys[count] = key;
        refs[count++] = ref;
        lastDataDirty = store;
      }
      if (last !== key) lastDataDirty = store;
      lastData = last;
    }
    if (last !== key) {
      keys[count] = last;
      refs[count++] = ref;
    } else if ((position & offsetMask) + size > pageBytes) repeats++;
    // 4. What counts as a repeat from here on.
    if (operation === EXECUTE) {
      codeObject = isUser && !crossing ? id : -1;
      codePage = offset >>> pageShift;
    } else {
      dataObject = isUser && !crossing ? id : -1;
      dataPage = offset >>> pageShift;
      dataModes = allow[slot]! & (lastDataDirty ? DATA_MODES : LOAD_MODES);
    }
  }
  run.count = count;
  run.repeats = repeats;
  run.continued = continued;
  run.thinkNs = think;
  return at;
}

const modeBits = (...modes: number[]): number => modes.reduce((bits, mode) => bits | (1 << mode), 0);
const LOAD_MODES = modeBits(READ, READ | KERNEL_MODE);
const DATA_MODES = LOAD_MODES | modeBits(WRITE, MODIFY, WRITE | KERNEL_MODE, MODIFY | KERNEL_MODE);
