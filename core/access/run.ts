/**
 * Filling runs: neighbouring accesses of one cpu, as page references waiting for translation.
 *
 * `collect` turns accesses into TLB keys and leaves out those that repeat the page before: the loop that every
 * reference of a trace goes through.
 */

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
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { REF_EXECUTE, REF_KERNEL, REF_SHIFT, REF_STORE, type Run } from '../tlb/run.ts';
import { type Bindings, KERNEL_LOGICAL, USER_VIRTUAL } from './bindings.ts';

/** No page of an object has this number. */
const NO_PAGE = -1;

/** Counts a reference to kernel memory by its type of address. */
export function countSpace(draft: Draft, space: number): void {
  if (space === USER_VIRTUAL) return;
  const which = space === KERNEL_LOGICAL ? COUNTER.kernelLogicalReferences : COUNTER.kernelVirtualReferences;
  draft.counters[which]!++;
}

/** A reference of event `at`, to a user page or one of the kernel's, whose dirty bit does not matter. */
export function refOf(at: number, operation: number, isUser: boolean): number {
  const whose = isUser ? 0 : REF_KERNEL;
  if (operation === EXECUTE) return (at << REF_SHIFT) | whose | REF_EXECUTE;
  return (at << REF_SHIFT) | whose | (isUser && operation !== READ ? REF_STORE : 0);
}

/**
 * Fills the run with the accesses in [start, end), all of this cpu, up to the first that cannot be bound, leaving out
 * those that repeat the page before (same TLB, nothing new to find out). Returns where it stopped.
 */
export function collect(
  draft: Draft,
  bindings: Bindings,
  run: Run,
  batch: Batch,
  cpu: number,
  start: number,
  end: number,
): number {
  const { object, a, b, c } = batch;
  const { base, bias, shift, start: starts, limit: limits, allow, space } = bindings;
  const { pageShift } = draft.platform.mmu;
  // Whole numbers of 32 bits, and no look at another module, for the innermost loop.
  const pageBytes = 1 << pageShift;
  const offsetMask = pageBytes - 1;
  const fetch: number = EXECUTE;
  run.reserve(2 * (end - start));
  const { keys, refs } = run;
  let count = 0;
  let repeats = 0;
  let fetchRepeats = 0;
  let continued = 0;
  let fetches = 0;
  let kernelPages = 0;
  let kernelFetches = 0;
  let lastCode = 0;
  let lastData = 0;
  let lastDataDirty = false;
  // The user pages touched last, as (object, page), and the modes in which touching them again is a plain repeat.
  let codeObject = 0;
  let codePage = NO_PAGE;
  let dataObject = 0;
  let dataPage = NO_PAGE;
  let dataModes = 0;
  let at = start;
  for (; at < end; at++) {
    // 1. Repeats of the page before are first-level hits, and that page is the most recent entry already. A loop of its
    // own, as nearly all accesses are such: what the rest needs would crowd it out of the registers.
    const first = at;
    for (; at < end; at++) {
      const offset = a[at]!;
      if (b[at]! > pageBytes - (offset & offsetMask)) break;
      const page = offset >>> pageShift;
      const mode = c[at]!;
      if (mode === fetch) {
        if (page !== codePage || object[at] !== codeObject) break;
        fetchRepeats++;
      } else if (page !== dataPage || object[at] !== dataObject || ((dataModes >>> mode) & 1) === 0) break;
    }
    repeats += at - first;
    if (at === end) break;
    // 2. The object, as bound for this run, and its page as a TLB key.
    const id = object[at]!;
    const offset = a[at]!;
    const size = b[at]!;
    const mode = c[at]!;
    const slot = bindings.slotOf(draft, cpu, id);
    if (offset + size > limits[slot]! || size > pageBytes || size === 0) break;
    if (mode >= MODE_COUNT || ((allow[slot]! >>> mode) & 1) === 0) break;
    const position = starts[slot]! + offset;
    const page = bias[slot]! + (position >>> pageShift);
    const key = base[slot]! + (page >>> shift[slot]!);
    const operation = mode & OPERATION_MASK;
    const isUser = space[slot] === USER_VIRTUAL;
    if (mode >= CONTINUED) continued++;
    else if (!isUser) countSpace(draft, space[slot]!);
    // 3. Into the run, once for each page that it touches.
    const ref = refOf(at, operation, isUser);
    const nrPages = (position & offsetMask) + size > pageBytes ? 2 : 1;
    const last = nrPages === 2 ? base[slot]! + ((page + 1) >>> shift[slot]!) : key;
    if (!isUser) {
      kernelPages += nrPages;
      if (operation === EXECUTE) kernelFetches += nrPages;
    }
    if (operation === EXECUTE) {
      fetches += nrPages;
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
    } else if (nrPages === 2) repeats++;
    // 4. What counts as a repeat from here on.
    const repeatable = isUser && nrPages === 1 ? offset >>> pageShift : NO_PAGE;
    if (operation === EXECUTE) {
      codeObject = id;
      codePage = repeatable;
    } else {
      dataObject = id;
      dataPage = repeatable;
      dataModes = allow[slot]! & (lastDataDirty ? DATA_MODES : LOAD_MODES);
    }
  }
  run.count = count;
  run.repeats = repeats;
  run.fetches = fetches + fetchRepeats;
  run.kernelPages = kernelPages;
  run.kernelFetches = kernelFetches;
  run.continued = continued;
  run.thinkNs = sum(batch.thinkNs, start, at);
  return at;
}

export function sum(column: Uint32Array, start: number, end: number): number {
  let total = 0;
  for (let at = start; at < end; at++) {
    const value = column[at]!;
    // Mostly nothing: a compared number takes less than one added to what the sum is just then.
    if (value !== 0) total += value;
  }
  return total;
}

const modeBits = (...modes: number[]): number => modes.reduce((bits, mode) => bits | (1 << mode), 0);
const LOAD_MODES = modeBits(READ, READ | KERNEL_MODE);
const DATA_MODES = LOAD_MODES | modeBits(WRITE, MODIFY, WRITE | KERNEL_MODE, MODIFY | KERNEL_MODE);
