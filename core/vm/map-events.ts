/** mmap, munmap and brk: mappings come and go. */
import {
  MAP_ALIGNED,
  MAP_POPULATE,
  MAP_SHARED,
  PLACE_MASK,
  PLACE_PIE,
  PLACE_STACK,
  PLACE_TEXT,
  PLACE_VDSO,
  PROT_MASK,
  PROT_READ,
  PROT_WRITE,
} from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { FoldResult, Handler } from '../machine/handler.ts';
import type { Mm } from '../machine/machine.ts';
import { countMapped, countNewlyMapped } from '../mm/usage.ts';
import { baseVpn, endVpn, VM_ACCOUNT, VM_DONTEXPAND, VM_GROWSDOWN, type Vma } from '../mm/vma.ts';
import {
  ADDRESS_USER,
  EXISTS,
  INVALID,
  NO_MAPPING,
  NO_OBJECT,
  NO_PROCESS,
  OK,
  USER_SPACE,
} from '../outcome/outcome.ts';
import { CPU } from '../state/cpus.ts';
import { NO_CLASS, OBJECT, USER } from '../state/objects.ts';
import { populate } from './fault.ts';
import { keepMapping, NO_HEAP, objectBase, unmapObject, unmapRange } from './mapping.ts';
import { createFile, hiddenFile } from './page-cache.ts';
import { isFreeForHeap, place } from './place.ts';

export const mmap: Handler<'mmap'> = (draft, event, result) => {
  const { cpu, object, length: lengthBytes, flags, file: named } = event;
  draft.spend(draft.platform.costs.syscallNs);
  const mmId = draft.cpus.get(cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  const shared = (flags & MAP_SHARED) !== 0;
  const file = named !== 0 ? named : shared ? hiddenFile(object) : 0;
  if (named !== 0 && draft.records.file(file) === undefined) return NO_OBJECT;
  if (lengthBytes === 0) return INVALID;
  const nrPages = pagesOf(draft, lengthBytes);
  const where = flags & PLACE_MASK;
  // Of a stack the upper end only; the rest comes when it is touched.
  const nrMapped =
    where === PLACE_STACK ? Math.min(nrPages, draft.platform.userSpace.firstStackPages) : nrPages;
  const backing = file > 0 ? 'file' : shared ? 'shared' : 'private';
  const twice = (flags & MAP_ALIGNED) === 0 ? 1 : 2;
  const first = place(draft, draft.records.mm(mmId), where, twice * nrMapped, backing);
  const firstMapped = first === undefined || twice === 1 ? first : Math.ceil(first / nrMapped) * nrMapped;
  const startVpn = firstMapped === undefined ? -1 : firstMapped + nrMapped - nrPages;
  if (startVpn < 0) return USER_SPACE;
  if (file < 0 && !createFile(draft, file, lengthBytes, true)) return USER_SPACE;
  const prot = flags & PROT_MASK;
  const vma: Vma = {
    startVpn: startVpn + nrPages - nrMapped,
    nrPages: nrMapped,
    object,
    objectPage: nrPages - nrMapped,
    prot,
    flags: vmFlags(where) | accounted(shared, prot),
    shared,
    file,
  };
  addMapping(draft, mmId, vma, lengthBytes);
  if (where === PLACE_TEXT || where === PLACE_PIE) draft.records.editMm(mmId).textEnd = startVpn + nrPages;
  result.vpn = startVpn;
  result.address = ADDRESS_USER;
  // The mapping is there, whatever becomes of its pages (mm_populate, include/linux/mm.h, v6.1: ignores errors).
  if ((flags & MAP_POPULATE) !== 0 && prot !== 0) populate(draft, mmId, vma);
  return OK;
};

export const munmap: Handler<'munmap'> = (
  draft,
  { cpu, object, offset: offsetBytes, length: lengthBytes },
) => {
  draft.spend(draft.platform.costs.syscallNs);
  const mmId = draft.cpus.get(cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  if (draft.objects.get(object, OBJECT.class) !== USER) return NO_OBJECT;
  const { start, end } = pageRange(draft, offsetBytes, lengthBytes);
  return unmapObject(draft, cpu, mmId, object, start, end) ? OK : NO_MAPPING;
};

export const brk: Handler<'brk'> = (draft, { cpu, object, length: lengthBytes }, result) => {
  draft.spend(draft.platform.costs.syscallNs);
  const mmId = draft.cpus.get(cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  const mm = draft.records.mm(mmId);
  const nrPages = pagesOf(draft, lengthBytes);
  if (mm.heap !== NO_HEAP && mm.heap !== object) return EXISTS;
  if (nrPages > mm.heapPages) return growHeap(draft, mmId, object, nrPages, lengthBytes, result);
  if (nrPages < mm.heapPages) return shrinkHeap(draft, cpu, mmId, nrPages, lengthBytes);
  if (mm.heap !== NO_HEAP) draft.objects.set(object, OBJECT.sizeBytes, lengthBytes);
  return OK;
};

/** Pages of an object in which bytes [offset, offset + length) lie; length 0 means without an end. */
export function pageRange(
  draft: Draft,
  offsetBytes: number,
  lengthBytes: number,
): { start: number; end: number } {
  const { pageBytes } = draft.platform.mmu;
  const end =
    lengthBytes === 0 ? Number.POSITIVE_INFINITY : Math.ceil((offsetBytes + lengthBytes) / pageBytes);
  return { start: Math.floor(offsetBytes / pageBytes), end };
}

export function pagesOf(draft: Draft, bytes: number): number {
  return Math.ceil(bytes / draft.platform.mmu.pageBytes);
}

function vmFlags(where: number): number {
  return where === PLACE_STACK ? VM_GROWSDOWN : where === PLACE_VDSO ? VM_DONTEXPAND : 0;
}

/** accountable_mapping(): what private stores may need is promised. */
export function accounted(shared: boolean, prot: number): number {
  return !shared && (prot & PROT_WRITE) !== 0 ? VM_ACCOUNT : 0;
}

function addMapping(draft: Draft, mmId: number, vma: Vma, sizeBytes: number): void {
  const mm = draft.records.editMm(mmId);
  mm.vmas.insert(vma);
  countNewlyMapped(draft, mm.root, vma.object, vma.nrPages);
  const row = draft.objects.toWrite(vma.object);
  const at = draft.objects.cellOf(vma.object);
  row[at + OBJECT.class] = USER;
  row[at + OBJECT.vpn] = baseVpn(vma);
  row[at + OBJECT.sizeBytes] = sizeBytes;
  keepMapping(draft, vma);
}

/** Pages [start, end) of a heap that begins at page `base`. */
function heapPart(object: number, base: number, start: number, end: number): Vma {
  const prot = PROT_READ | PROT_WRITE;
  const place = { startVpn: start, nrPages: end - start, objectPage: start - base };
  return { ...place, object, prot, flags: VM_ACCOUNT, shared: false, file: 0 };
}

/**
 * Maps what the heap has more now: from where it ended, whatever munmap has taken out of it meanwhile (do_brk_flags of
 * mm/mmap.c, v6.1). A heap of which nothing is left goes on as `object`.
 */
function growHeap(
  draft: Draft,
  mmId: number,
  object: number,
  nrPages: number,
  sizeBytes: number,
  result: FoldResult,
): number {
  const mm = draft.records.mm(mmId);
  const isNew = mm.heap === NO_HEAP;
  if (isNew && draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  const base = heapVpn(draft, mm);
  const part = heapPart(object, base, base + mm.heapPages, base + nrPages);
  if (!isFreeForHeap(draft, mm, part.startVpn, endVpn(part))) return USER_SPACE;
  if (isNew) {
    addMapping(draft, mmId, part, sizeBytes);
    result.vpn = base;
    result.address = ADDRESS_USER;
  } else {
    draft.records.editMm(mmId).vmas.insert(part);
    countMapped(draft, mm.root, part.nrPages);
    draft.objects.set(object, OBJECT.sizeBytes, sizeBytes);
  }
  Object.assign(draft.records.editMm(mmId), { heap: object, heapPages: nrPages });
  return OK;
}

/**
 * Unmaps whatever lies behind the heap's first `nrPages`, up to where it ended. Refused if that is nothing (brk() of
 * mm/mmap.c, v6.1). With the last page that is mapped goes the object.
 */
function shrinkHeap(draft: Draft, cpu: number, mmId: number, nrPages: number, sizeBytes: number): number {
  const mm = draft.records.mm(mmId);
  const base = heapVpn(draft, mm);
  const end = base + mm.heapPages;
  const first = mm.vmas.firstEndingAbove(base + nrPages);
  if (first === undefined || first.startVpn >= end) return NO_MAPPING;
  unmapRange(draft, cpu, mmId, base + nrPages, end);
  const left = draft.records.editMm(mmId);
  left.heapPages = nrPages;
  if (left.heap !== NO_HEAP) draft.objects.set(left.heap, OBJECT.sizeBytes, sizeBytes);
  return OK;
}

/** Where the heap begins: where the program ends (mm->start_brk without randomisation). */
function heapVpn(draft: Draft, mm: Mm): number {
  if (mm.heap !== NO_HEAP) return objectBase(draft, mm, mm.heap);
  return mm.textEnd || draft.platform.userSpace.heapVpn;
}
