/** mmap, munmap and brk: mappings come and go. */
import {
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
import {
  ADDRESS_USER,
  EXISTS,
  NO_MAPPING,
  NO_OBJECT,
  NO_PROCESS,
  OK,
  USER_SPACE,
} from '../outcome/outcome.ts';
import { CPU } from '../state/cpus.ts';
import type { Draft } from '../state/draft.ts';
import type { Handler } from '../state/handler.ts';
import { NO_CLASS, OBJECT, USER } from '../state/objects.ts';
import { baseVpn, endVpn, VM_DONTEXPAND, VM_GROWSDOWN, type Vma } from '../vma/vma.ts';
import { insertVma } from '../vma/vma-list.ts';
import { populate } from './fault.ts';
import { keepMapping, unmapObject } from './mapping.ts';
import { createFile } from './page-cache.ts';
import { isFreeForHeap, place } from './place.ts';

export const mmap: Handler<'mmap'> = (draft, event, result) => {
  const { cpu, object, length: lengthBytes, flags, file: named } = event;
  draft.spend(draft.platform.costs.syscallNs);
  const mmId = draft.cpus.get(cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  const shared = (flags & MAP_SHARED) !== 0;
  const nrPages = pagesOf(draft, lengthBytes);
  const file = named !== 0 ? named : shared ? hiddenFile(object) : 0;
  if (named !== 0 && draft.records.file(file) === undefined) return NO_OBJECT;
  const where = flags & PLACE_MASK;
  // Of a stack the upper end only; the rest comes when it is touched.
  const nrMapped =
    where === PLACE_STACK ? Math.min(nrPages, draft.platform.userSpace.firstStackPages) : nrPages;
  const firstMapped = place(draft, draft.records.mm(mmId), where, nrMapped);
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
    flags: vmFlags(where),
    shared,
    file,
  };
  addMapping(draft, mmId, vma, lengthBytes);
  if (where === PLACE_TEXT || where === PLACE_PIE) draft.records.editMm(mmId).textEnd = startVpn + nrPages;
  result.vpn = startVpn;
  result.address = ADDRESS_USER;
  return (flags & MAP_POPULATE) === 0 || prot === 0 ? OK : -populate(draft, mmId, vma);
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
  const heap = mm.vmas.findLast((vma) => vma.object === mm.heap);
  if (heap !== undefined && mm.heap !== object) return EXISTS;
  const nrPages = lengthBytes === 0 ? 0 : pagesOf(draft, lengthBytes);
  if (heap !== undefined) return resizeHeap(draft, cpu, mmId, heap, nrPages, lengthBytes);
  if (nrPages === 0) return OK;
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  // The heap begins where the program ends (mm->start_brk without randomisation).
  const startVpn = mm.textEnd || draft.platform.userSpace.heapVpn;
  if (!isFreeForHeap(draft, mm, startVpn, startVpn + nrPages)) return USER_SPACE;
  addMapping(draft, mmId, heapPart(object, startVpn, startVpn, startVpn + nrPages), lengthBytes);
  draft.records.editMm(mmId).heap = object;
  result.vpn = startVpn;
  result.address = ADDRESS_USER;
  return OK;
};

/** Pages of an object in which bytes [offset, offset + length) lie; length 0 means without an end. */
export function pageRange(
  draft: Draft,
  offsetBytes: number,
  lengthBytes: number,
): { start: number; end: number } {
  const pageBytes = 2 ** draft.platform.mmu.pageShift;
  const end =
    lengthBytes === 0 ? Number.POSITIVE_INFINITY : Math.ceil((offsetBytes + lengthBytes) / pageBytes);
  return { start: Math.floor(offsetBytes / pageBytes), end };
}

export function pagesOf(draft: Draft, bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 2 ** draft.platform.mmu.pageShift));
}

function vmFlags(where: number): number {
  return where === PLACE_STACK ? VM_GROWSDOWN : where === PLACE_VDSO ? VM_DONTEXPAND : 0;
}

function addMapping(draft: Draft, mmId: number, vma: Vma, sizeBytes: number): void {
  insertVma(draft.records.editMm(mmId).vmas, vma);
  const { objects } = draft;
  objects.set(vma.object, OBJECT.class, USER);
  objects.set(vma.object, OBJECT.vpn, baseVpn(vma));
  objects.set(vma.object, OBJECT.sizeBytes, sizeBytes);
  keepMapping(draft, vma);
}

/** Pages [start, end) of a heap that begins at page `base`. */
function heapPart(object: number, base: number, start: number, end: number): Vma {
  const prot = PROT_READ | PROT_WRITE;
  const place = { startVpn: start, nrPages: end - start, objectPage: start - base };
  return { ...place, object, prot, flags: 0, shared: false, file: 0 };
}

/** Moves the end of the heap, whose last VMA is `last`, to `nrPages` behind its beginning. */
function resizeHeap(
  draft: Draft,
  cpu: number,
  mmId: number,
  last: Vma,
  nrPages: number,
  sizeBytes: number,
): number {
  const { object } = last;
  const base = baseVpn(last);
  const end = base + nrPages;
  if (end > endVpn(last)) {
    const mm = draft.records.editMm(mmId);
    if (!isFreeForHeap(draft, mm, endVpn(last), end)) return USER_SPACE;
    insertVma(mm.vmas, heapPart(object, base, endVpn(last), end));
  } else unmapObject(draft, cpu, mmId, object, nrPages, Number.POSITIVE_INFINITY);
  if (draft.objects.get(object, OBJECT.class) === USER) {
    draft.objects.set(object, OBJECT.sizeBytes, sizeBytes);
  }
  return OK;
}

/** Shared anonymous memory is a file of its own, numbered below zero. */
function hiddenFile(object: number): number {
  return -object;
}
