/** mmap, munmap and brk: where the layout puts what a process maps. */
import {
  MAP_POPULATE,
  MAP_SHARED,
  PLACE_MASK,
  PLACE_STACK,
  PLACE_TEXT,
  PROT_MASK,
  PROT_READ,
  PROT_WRITE,
} from '../event/mmap-flags.ts';
import type { Handler } from '../fold-event.ts';
import { ADDRESS_USER, EXISTS, NO_MAPPING, NO_OBJECT, NO_PROCESS, OK, USER_SPACE } from '../outcome.ts';
import { CPU } from '../state/cpus.ts';
import type { Draft } from '../state/draft.ts';
import type { Mm } from '../state/machine.ts';
import { NO_CLASS, OBJECT, USER } from '../state/objects.ts';
import { pageFault } from './fault.ts';
import { insertVma, keepMapping, unmapObject } from './mapping.ts';
import { createFile } from './page-cache.ts';
import { endVpn, firstEndingAbove, highestGap, type Vma } from './vma.ts';

/** mmap_min_addr: nothing is mapped below 64 KiB (mm/Kconfig DEFAULT_MMAP_MIN_ADDR, v6.1). */
const MMAP_MIN_BYTES = 65_536;

export const mmap: Handler = (draft, event, result) => {
  const { object, a: lengthBytes, b: flags } = event;
  draft.spend(draft.platform.costs.syscallNs);
  const mmId = draft.cpus.get(event.cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  const shared = (flags & MAP_SHARED) !== 0;
  const nrPages = pagesOf(draft, lengthBytes);
  const file = event.c !== 0 ? event.c : shared ? hiddenFile(object) : 0;
  if (event.c !== 0 && draft.records.file(file) === undefined) return NO_OBJECT;
  const startVpn = place(draft, draft.records.mm(mmId), flags & PLACE_MASK, nrPages);
  if (startVpn === undefined) return USER_SPACE;
  if (file < 0 && !createFile(draft, file, lengthBytes, true)) return USER_SPACE;
  const prot = flags & PROT_MASK;
  addMapping(draft, mmId, { startVpn, nrPages, object, objectPage: 0, prot, shared, file }, lengthBytes);
  if ((flags & PLACE_MASK) === PLACE_TEXT) draft.records.editMm(mmId).textEnd = startVpn + nrPages;
  result.vpn = startVpn;
  result.address = ADDRESS_USER;
  return (flags & MAP_POPULATE) === 0
    ? OK
    : populate(draft, mmId, startVpn, nrPages, (prot & PROT_WRITE) !== 0);
};

export const munmap: Handler = (draft, { cpu, object, a: offsetBytes, b: lengthBytes }) => {
  draft.spend(draft.platform.costs.syscallNs);
  const mmId = draft.cpus.get(cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  if (draft.objects.get(object, OBJECT.class) !== USER) return NO_OBJECT;
  const { pageShift } = draft.platform.mmu;
  const start = Math.floor(offsetBytes / 2 ** pageShift);
  const end =
    lengthBytes === 0 ? Number.POSITIVE_INFINITY : Math.ceil((offsetBytes + lengthBytes) / 2 ** pageShift);
  return unmapObject(draft, cpu, mmId, object, start, end) ? OK : NO_MAPPING;
};

export const brk: Handler = (draft, { cpu, object, a: lengthBytes }, result) => {
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
  // The heap begins one page above the program (mm->start_brk without randomisation).
  const startVpn = (mm.textEnd || textBase(draft)) + 1;
  if (!isFree(draft, mm, startVpn, startVpn + nrPages)) return USER_SPACE;
  const prot = PROT_READ | PROT_WRITE;
  addMapping(
    draft,
    mmId,
    { startVpn, nrPages, object, objectPage: 0, prot, shared: false, file: 0 },
    lengthBytes,
  );
  draft.records.editMm(mmId).heap = object;
  result.vpn = startVpn;
  result.address = ADDRESS_USER;
  return OK;
};

/** MAP_POPULATE: faults all pages in. When memory runs out, what is mapped stays mapped. */
function populate(draft: Draft, mmId: number, startVpn: number, nrPages: number, writable: boolean): number {
  for (let vpn = startVpn; vpn < startVpn + nrPages; vpn++) {
    const kind = pageFault(draft, mmId, vpn, writable);
    if (kind < 0) return -kind;
  }
  return OK;
}

function addMapping(draft: Draft, mmId: number, vma: Vma, sizeBytes: number): void {
  insertVma(draft.records.editMm(mmId), vma);
  const { objects } = draft;
  objects.set(vma.object, OBJECT.class, USER);
  objects.set(vma.object, OBJECT.vpn, vma.startVpn);
  objects.set(vma.object, OBJECT.sizeBytes, sizeBytes);
  objects.set(vma.object, OBJECT.detail, vma.prot);
  keepMapping(draft, vma);
}

/** Moves the end of the heap, whose last VMA is `heap`, to `nrPages` behind its beginning. */
function resizeHeap(
  draft: Draft,
  cpu: number,
  mmId: number,
  heap: Vma,
  nrPages: number,
  sizeBytes: number,
): number {
  const end = heap.startVpn - heap.objectPage + nrPages;
  if (end > endVpn(heap)) {
    const mm = draft.records.editMm(mmId);
    if (!isFree(draft, mm, endVpn(heap), end)) return USER_SPACE;
    mm.vmas[mm.vmas.indexOf(heap)] = { ...heap, nrPages: end - heap.startVpn };
  } else unmapObject(draft, cpu, mmId, heap.object, nrPages, Number.POSITIVE_INFINITY);
  if (draft.objects.get(heap.object, OBJECT.class) === USER) {
    draft.objects.set(heap.object, OBJECT.sizeBytes, sizeBytes);
  }
  return OK;
}

/** First page for a new mapping; undefined when no gap is large enough. */
function place(draft: Draft, mm: Mm, where: number, nrPages: number): number | undefined {
  const { layout, mmu } = draft.platform;
  const top = userPage(draft, layout.stackTop);
  const base = userPage(draft, layout.mmapBase);
  if (where === PLACE_TEXT) {
    const start = mm.textEnd || textBase(draft);
    return isFree(draft, mm, start, start + nrPages) ? start : undefined;
  }
  const bottom = MMAP_MIN_BYTES >>> mmu.pageShift || 1;
  if (where === PLACE_STACK) return highestGap(mm.vmas, nrPages, base, top);
  // Top-down from mmap_base; when that is full, anywhere (arch_get_unmapped_area_topdown falls back bottom-up).
  return highestGap(mm.vmas, nrPages, bottom, base) ?? highestGap(mm.vmas, nrPages, bottom, top);
}

function textBase(draft: Draft): number {
  return userPage(draft, draft.platform.layout.textBase);
}

function userPage(draft: Draft, address: bigint): number {
  return Number(address >> BigInt(draft.platform.mmu.pageShift));
}

/** Nothing is mapped in [start, end), and it lies in user space. */
function isFree(draft: Draft, mm: { readonly vmas: readonly Vma[] }, start: number, end: number): boolean {
  if (end > userPage(draft, draft.platform.layout.taskSize)) return false;
  const next = mm.vmas[firstEndingAbove(mm.vmas, start)];
  return next === undefined || next.startVpn >= end;
}

function pagesOf(draft: Draft, bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 2 ** draft.platform.mmu.pageShift));
}

/** Shared anonymous memory is a file of its own, numbered below zero. */
function hiddenFile(object: number): number {
  return -object;
}
