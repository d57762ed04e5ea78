/** Mappings of a process: taking them out, where they are, and counting who still maps an object. */

import type { Draft } from '../machine/draft.ts';
import type { Machine, Mm } from '../machine/machine.ts';
import { Moved } from '../mm/moved.ts';
import { countMapped, countResident, forgetUsage } from '../mm/usage.ts';
import { endVpn, type Vma } from '../mm/vma.ts';
import { Vmas } from '../mm/vmas.ts';
import { putSwapEntry, unmapFrame, unmapHugeFrame } from '../pages/frame-refs.ts';
import { markAccessed, PG_DIRTY, setLruFlag } from '../pages/lru.ts';
import { flushUser } from '../paging/flush.ts';
import { isSwapPte, PTE_ACCESSED, PTE_DIRTY, PTE_LARGE, PTE_SPECIAL, pteFrame } from '../paging/pte.ts';
import { clearEntries, freeEmptyTables } from '../paging/tables.ts';
import { FRAME, USE_PAGE_CACHE } from '../phys/frames.ts';
import { CPU } from '../state/cpus.ts';
import { isDmaMapped, NO_CLASS, OBJECT, USER } from '../state/objects.ts';
import { clearHuge, forEachSize, hugeEntry, hugeStart, splitAround } from '../thp/entries.ts';
import { countMapping } from './page-cache.ts';

/** `heap` of an address space that has none: no object's number. */
export const NO_HEAP = -1;

/** Where page 0 of an object lies (or would lie) in an address space that maps it. */
export function objectBase(of: Pick<Machine | Draft, 'objects'>, mm: Mm, object: number): number {
  return mm.moved.baseOf(object) ?? of.objects.get(object, OBJECT.vpn);
}

/**
 * Where page 0 of an object lies for whoever runs on `cpu`: in user space, or in the kernel half. -1 when the object
 * does not exist, or has no address there.
 */
export function basePageOf({ objects, records, cpus }: Machine, cpu: number, object: number): number {
  const cls = objects.get(object, OBJECT.class);
  if (cls === NO_CLASS) return -1;
  if (cls !== USER) return objects.get(object, OBJECT.vpn);
  const mm = records.mms[cpus.get(cpu, CPU.mm)];
  return mm === undefined ? -1 : objectBase({ objects }, mm, object);
}

/** A process maps an object (again, or one more process does). */
export function keepMapping(draft: Draft, vma: Vma): void {
  draft.objects.add(vma.object, OBJECT.extra, 1);
  if (vma.file !== 0) countMapping(draft, vma.file, 1);
}

/** A process no longer maps an object; the object ends with its last mapping, a device's included. */
function forgetMapping(draft: Draft, vma: Vma): void {
  const isLast = draft.objects.add(vma.object, OBJECT.extra, -1) === 0;
  if (isLast && !isDmaMapped(draft, vma.object)) draft.objects.clear(vma.object);
  if (vma.file !== 0) countMapping(draft, vma.file, -1);
}

/** Unmaps everything (exit_mmap), ascending. The caller flushes. */
export function unmapAll(draft: Draft, mmId: number): void {
  const mm = draft.records.editMm(mmId);
  const vmas = mm.vmas.toArray();
  mm.vmas = Vmas.EMPTY.edit();
  mm.moved = Moved.NOTHING;
  for (const vma of vmas) zapPages(draft, mm.root, vma.startVpn, endVpn(vma));
  forgetUsage(draft, mm.root);
  // Only now: an object may lie in several VMAs, and shared memory ends with its last mapping.
  const mapped = new Map(vmas.map((vma) => [vma.object, vma]));
  for (const vma of mapped.values()) forgetMapping(draft, vma);
}

/** Unmaps parts of an object, as `partsOf` gives them. */
function unmapParts(draft: Draft, cpu: number, mmId: number, parts: readonly Vma[]): void {
  const mm = draft.records.editMm(mmId);
  for (const part of parts) {
    splitAround(draft, mmId, part.startVpn, endVpn(part));
    const stride = zapPages(draft, mm.root, part.startVpn, endVpn(part));
    mm.vmas.cut(part.startVpn, endVpn(part));
    countMapped(draft, mm.root, -part.nrPages);
    flushUser(draft, cpu, mmId, part.startVpn, part.nrPages, stride);
  }
  const last = parts[parts.length - 1];
  if (last === undefined || mm.vmas.maps(last.object)) return;
  forgetMapping(draft, last);
  if (last.object === mm.heap) mm.heap = NO_HEAP;
  mm.moved = mm.moved.with(last.object, undefined);
}

/** Unmaps [start, end) pages of an object wherever this process maps them. False when it maps none of them. */
export function unmapObject(
  draft: Draft,
  cpu: number,
  mmId: number,
  object: number,
  start: number,
  end: number,
): boolean {
  const mm = draft.records.mm(mmId);
  const parts = mm.vmas.partsOf(object, objectBase(draft, mm, object), start, end);
  unmapParts(draft, cpu, mmId, parts);
  return parts.length > 0;
}

/** Unmaps whatever lies in [start, end) of an address space, object by object (do_munmap by address). */
export function unmapRange(draft: Draft, cpu: number, mmId: number, start: number, end: number): void {
  const parts = new Map<number, Vma[]>();
  for (const part of draft.records.mm(mmId).vmas.within(start, end)) {
    unmapHugeAt(draft, cpu, mmId, part.startVpn, start, end);
    const ofObject = parts.get(part.object);
    if (ofObject === undefined) parts.set(part.object, [part]);
    else ofObject.push(part);
  }
  for (const ofObject of parts.values()) unmapParts(draft, cpu, mmId, ofObject);
}

/** Unmaps the huge page of several objects that `vpn` lies in, if all of it lies in [start, end): nothing has to split it. */
function unmapHugeAt(draft: Draft, cpu: number, mmId: number, vpn: number, start: number, end: number): void {
  const { thp } = draft.platform;
  if (thp === undefined || vpn % thp.nrPages === 0) return;
  const first = hugeStart(thp, vpn);
  const { root } = draft.records.mm(mmId);
  const isWhole = first >= start && first + thp.nrPages <= end;
  if (!isWhole || (hugeEntry(draft, root, vpn) & PTE_LARGE) === 0) return;
  const stride = zapPages(draft, root, first, first + thp.nrPages);
  flushUser(draft, cpu, mmId, first, thp.nrPages, stride);
}

/**
 * Clears the entries of [start, end), gives up their frames and the tables left empty; a huge page that begins there goes
 * as a whole. Returns in pages what an entry covered: more than one if they were all of huge pages (tlb_get_unmap_shift).
 */
export function zapPages(draft: Draft, root: number, start: number, end: number): number {
  const { thp } = draft.platform;
  const stride = thp === undefined ? 1 : zapAllSizes(draft, thp.nrPages, root, start, end);
  if (thp === undefined) zapBasePages(draft, root, start, end);
  freeEmptyTables(draft, root, start, end);
  return stride;
}

function zapAllSizes(draft: Draft, hugePages: number, root: number, start: number, end: number): number {
  let nrBase = 0;
  let nrHuge = 0;
  const zapBase = (from: number, to: number): void => {
    nrBase += zapBasePages(draft, root, from, to);
  };
  forEachSize(draft, root, start, end, zapBase, (_vpn, row) => {
    const entry = draft.ptes.get(row, 0);
    const pfn = pteFrame(entry);
    const isZero = (entry & PTE_SPECIAL) !== 0;
    clearHuge(draft, row);
    unmapHugeFrame(draft, pfn);
    if (!isZero) countResident(draft, root, -hugePages);
    draft.spend(draft.platform.costs.pteNs);
    nrHuge++;
  });
  return nrBase === 0 && nrHuge > 0 ? hugePages : 1;
}

/** Entries of base pages; returns how many there were. */
function zapBasePages(draft: Draft, root: number, start: number, end: number): number {
  const { pteNs } = draft.platform.costs;
  let cleared = 0;
  let resident = 0;
  clearEntries(draft, root, start, end, (entries, count) => {
    for (let i = 0; i < count; i++) {
      const pte = entries[i]!;
      if (isSwapPte(pte)) putSwapEntry(draft, pteFrame(pte));
      else if ((pte & PTE_SPECIAL) === 0) {
        resident++;
        // A page of a file is not freed with its last entry: the page cache has it.
        if (!unmapFrame(draft, pteFrame(pte))) noteUse(draft, pteFrame(pte), pte);
      }
    }
    draft.spend(count * pteNs);
    cleared += count;
  });
  countResident(draft, root, -resident);
  return cleared;
}

/** What an entry that goes knew of a page of a file: whether it was written, and used (zap_pte_range). */
function noteUse(draft: Draft, pfn: number, pte: number): void {
  if (draft.frames.get(pfn, FRAME.use) !== USE_PAGE_CACHE) return;
  if ((pte & PTE_DIRTY) !== 0) setLruFlag(draft, pfn, PG_DIRTY);
  if ((pte & PTE_ACCESSED) !== 0) markAccessed(draft, pfn);
}
