/**
 * Which memory a buffer [offset, offset + length) of an object is, for a device: one physically contiguous run, or
 * as many as it takes (dma_map_single, dma_map_page: include/linux/dma-mapping.h; sg_alloc_table_from_pages; v6.1).
 */

import { DMA_TO_DEVICE } from '../event/dma-flags.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { Mm } from '../machine/machine.ts';
import { baseVpn, type Vma } from '../mm/vma.ts';
import {
  HIGH_PAGE,
  NO_MAPPING,
  NO_OBJECT,
  NO_PROCESS,
  NOT_CONTIGUOUS,
  NOT_RAM,
  OK,
  PROTECTION,
} from '../outcome/outcome.ts';
import { getFrame, putFrame } from '../pages/frame-refs.ts';
import { pteFrame } from '../paging/pte.ts';
import { findLeaf, pageSpan } from '../paging/table-walk.ts';
import { CPU } from '../state/cpus.ts';
import { IOREMAP, isContiguous, NO_CLASS, OBJECT, USER, VM_AREA, VMALLOC } from '../state/objects.ts';
import { faultIn } from '../vm/fault.ts';
import { PAGE_MAPPING, SG_MAPPING, SINGLE_MAPPING } from './dma-tables.ts';
import type { RunList } from './runs.ts';

/** What is to be mapped. */
export interface Buffer {
  object: number;
  offset: number;
  lengthBytes: number;
  /** SINGLE_, PAGE_ or SG_MAPPING. */
  kind: number;
  direction: number;
  /** No run may be longer. */
  maxRunBytes: number;
}

/** Finds the runs of a buffer; pages of a process are brought in and pinned. OK or a reason. */
export function findRuns(draft: Draft, cpu: number, buffer: Buffer, runs: RunList): number {
  const { objects } = draft;
  runs.clear();
  const cls = objects.get(buffer.object, OBJECT.class);
  if (cls === NO_CLASS) return NO_OBJECT;
  if (cls === IOREMAP) return NOT_RAM;
  if (cls === VM_AREA || buffer.lengthBytes === 0) return NO_MAPPING;
  if (cls === USER) return userRuns(draft, cpu, buffer, runs);
  if (buffer.offset + buffer.lengthBytes > objects.get(buffer.object, OBJECT.sizeBytes)) return NO_MAPPING;
  if (isContiguous(cls)) return contiguousRuns(draft, buffer, runs);
  // vmap() does not own its pages, so nothing would hold them.
  return cls === VMALLOC ? vmallocRuns(draft, buffer, runs) : NOT_CONTIGUOUS;
}

/** Memory of the direct map, or a block of high memory, which has no address to give to dma_map_single(). */
function contiguousRuns({ objects, platform }: Draft, buffer: Buffer, runs: RunList): number {
  const { object, offset, kind, maxRunBytes } = buffer;
  if (kind === SINGLE_MAPPING && objects.get(object, OBJECT.vpn) < 0) return HIGH_PAGE;
  const pageBytes = 1 << platform.mmu.pageShift;
  let at = objects.get(object, OBJECT.start) + offset;
  let left = buffer.lengthBytes;
  while (left > 0) {
    const bytes = kind === SG_MAPPING ? Math.min(left, maxRunBytes) : left;
    runs.push(objects.get(object, OBJECT.pfn) + Math.floor(at / pageBytes), at % pageBytes, bytes);
    at += bytes;
    left -= bytes;
  }
  return OK;
}

function vmallocRuns(draft: Draft, buffer: Buffer, runs: RunList): number {
  const { kernelRoot, mmu } = draft.platform;
  const vpn = draft.objects.get(buffer.object, OBJECT.vpn);
  return pagedRuns(draft, buffer, runs, (page) => {
    const { pte, level } = findLeaf(draft, kernelRoot, vpn + page);
    return pteFrame(pte) + ((vpn + page) % mmu.levels[level]!.span);
  });
}

/** The running process's pages of a mapping, each pinned (pin_user_pages, mm/gup.c, v6.1). */
function userRuns(draft: Draft, cpu: number, buffer: Buffer, runs: RunList): number {
  const mmId = draft.cpus.get(cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  const pinned: number[] = [];
  const status = pagedRuns(draft, buffer, runs, (page) => {
    const pfn = pinPage(draft, mmId, buffer, page);
    if (pfn >= 0) pinned.push(pfn);
    return pfn;
  });
  if (status !== OK) for (const pfn of pinned) unpinFrame(draft, pfn);
  return status;
}

/** Page by page, by a function from the page of the object to its frame, or to a negated reason. */
function pagedRuns(draft: Draft, buffer: Buffer, runs: RunList, frameOf: (page: number) => number): number {
  const { offset, lengthBytes, kind, maxRunBytes } = buffer;
  const pageBytes = 1 << draft.platform.mmu.pageShift;
  const end = offset + lengthBytes;
  const crosses = Math.floor(offset / pageBytes) !== Math.floor((end - 1) / pageBytes);
  if (kind === SINGLE_MAPPING || (kind === PAGE_MAPPING && crosses)) return NOT_CONTIGUOUS;
  for (let at = offset; at < end; ) {
    const page = Math.floor(at / pageBytes);
    const stop = Math.min(end, (page + 1) * pageBytes);
    const pfn = frameOf(page);
    if (pfn < 0) return -pfn;
    runs.extend(pfn, at - page * pageBytes, stop - at, pageBytes, maxRunBytes);
    at = stop;
  }
  return OK;
}

/** Brings a page in, writable if the device writes, and takes a reference: its frame, or a negated reason. */
function pinPage(draft: Draft, mmId: number, { object, direction }: Buffer, page: number): number {
  const mm = draft.records.mm(mmId);
  const vma = vmaOf(mm, object, page);
  if (vma === undefined) return -NO_MAPPING;
  const store = direction !== DMA_TO_DEVICE;
  const needed = store ? PROT_WRITE : PROT_READ | PROT_WRITE | PROT_EXEC;
  if ((vma.prot & needed) === 0) return -PROTECTION;
  const vpn = vma.startVpn + page - vma.objectPage;
  const fault = faultIn(draft, mmId, vpn, store);
  if (fault < 0) return fault;
  const { pte, level } = findLeaf(draft, mm.root, vpn);
  const pfn = pteFrame(pte) + (vpn % pageSpan(draft.platform.mmu, level));
  if (pfn !== draft.platform.zeroPfn) getFrame(draft, pfn);
  return pfn;
}

function vmaOf({ vmas }: Mm, object: number, page: number): Vma | undefined {
  const first = vmas.firstOf(object);
  if (first === undefined) return undefined;
  const vpn = baseVpn(first) + page;
  const vma = vmas.firstOf(object, vpn);
  return vma !== undefined && vma.startVpn <= vpn ? vma : undefined;
}

/** Drops the reference to a page of a process; the zero page is nobody's. */
export function unpinFrame(draft: Draft, pfn: number): void {
  if (pfn !== draft.platform.zeroPfn) putFrame(draft, pfn);
}
