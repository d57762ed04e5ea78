/**
 * Mappings of a process and their pages, as the kernel's files tell of them. Files whose names a trace does not tell are
 * named by their numbers. Neighbours of anonymous memory that a kernel would keep as one VMA are shown as one.
 */
import { PROT_EXEC, PROT_READ, PROT_WRITE } from '../../core/event/mmap-flags.ts';
import { pageAddress } from '../../core/layout/regions.ts';
import type { Machine, Mm, Process } from '../../core/machine/machine.ts';
import { isOneArea } from '../../core/mm/areas.ts';
import { endVpn, VM_DONTEXPAND, VM_GROWSDOWN, type Vma } from '../../core/mm/vma.ts';
import { isInactive, lruListOf, PG_LAZYFREE, PG_REFERENCED } from '../../core/pages/lru.ts';
import { LRU } from '../../core/pages/lru-links.ts';
import { SWAP } from '../../core/pages/swap.ts';
import {
  isSwapPte,
  PTE_ACCESSED,
  PTE_DIRTY,
  PTE_LARGE,
  PTE_SPECIAL,
  pteFrame,
} from '../../core/paging/pte.ts';
import { forEachUserPage } from '../../core/paging/user-pages.ts';
import { FRAME, USE_PAGE_CACHE } from '../../core/phys/frames.ts';
import { hiddenObject } from '../../core/vm/page-cache.ts';
import type { FilePart, MapsLine } from '../../traces/index.ts';
import { hugeMapcounts, hugePageOf } from './huge-pages.ts';

/** A page that is present. */
export interface ProcessPage {
  readonly address: bigint;
  readonly pfn: number;
  /** The shared zero page, which the kernel counts for nobody. */
  readonly isZero: boolean;
  /** Of the page cache, shared memory included. */
  readonly isFile: boolean;
  /** Page-table entries that map the frame. */
  readonly mapcount: number;
  readonly dirty: boolean;
  readonly referenced: boolean;
  /** One entry maps all of the huge page that it is part of. */
  readonly isHuge: boolean;
  /** First frame of that huge page, also if its entry was split. */
  readonly hugePfn: number | undefined;
  /** PG_active and PG_referenced, of machines that reclaim. */
  readonly lru: { readonly active: boolean; readonly referenced: boolean; readonly lazyFree: boolean };
}

export interface ProcessMapping {
  readonly line: MapsLine;
  readonly vma: Vma;
  readonly pages: readonly ProcessPage[];
  readonly swap: SwappedPages;
}

/** Pages of a mapping that are in the swap area, and so in no frame. */
export interface SwappedPages {
  /** Of each private page: entries that refer to its slot (swp_swapcount). */
  readonly swapcounts: readonly number[];
  /** Pages of shared memory, whose entries are empty: its file knows (shmem_swap_usage). */
  readonly nrShared: number;
}

export function mappingsOf(machine: Machine, { mm: id }: Process): ProcessMapping[] {
  const mm = machine.records.mms[id]!;
  const entries: { vpn: number; pte: number }[] = [];
  const hugeCounts = hugeMapcounts(machine);
  forEachUserPage(machine, mm.root, (vpn, pte) => entries.push({ vpn, pte }));
  let next = 0;
  return mergedVmas(mm).map((vma) => {
    const first = next;
    while (next < entries.length && entries[next]!.vpn < endVpn(vma)) next++;
    const own = entries.slice(first, next);
    const pages = own
      .filter(({ pte }) => !isSwapPte(pte))
      .map(({ vpn, pte }) => pageOf(machine, hugeCounts, vpn, pte));
    const slots = own.filter(({ pte }) => isSwapPte(pte)).map(({ pte }) => pteFrame(pte));
    const swapcounts = slots.map((slot) => machine.swapMap.get(slot, SWAP.count));
    const swap = { swapcounts, nrShared: nrSharedSwapped(machine, vma) };
    return { line: mapsLine(machine, mm, vma), vma, pages, swap };
  });
}

/** The same with the names of files, and offsets in these, where they are known; parts of one file have one inode. */
export function namedMappingsOf(
  machine: Machine,
  process: Process,
  files: readonly FilePart[],
): ProcessMapping[] {
  return mappingsOf(machine, process).map((mapping) => ({ ...mapping, line: withFile(mapping, files) }));
}

export function withFile(
  { line, vma }: Pick<ProcessMapping, 'line' | 'vma'>,
  files: readonly FilePart[],
): MapsLine {
  const part = files[vma.file - 1];
  if (part === undefined || !line.name.startsWith('/file/')) return line;
  const inode = files.findIndex(({ name }) => name === part.name) + 1;
  const name = part.name.startsWith('/') ? part.name : line.name;
  return { ...line, name, inode, offsetBytes: line.offsetBytes + BigInt(part.offset) };
}

/** Pages of shared memory that a mapping of it covers, and that are in the swap area. */
function nrSharedSwapped({ records, pageCache }: Machine, { file: id, objectPage, nrPages }: Vma): number {
  const file = records.files[id];
  if (file === undefined || !file.shmem) return 0;
  const end = Math.min(objectPage + nrPages, file.nrPages);
  let nrSwapped = 0;
  for (let page = objectPage; page < end; page++)
    if (pageCache.get(file.firstSlot + page, 0) < 0) nrSwapped++;
  return nrSwapped;
}

function mergedVmas(mm: Mm): Vma[] {
  const merged: Vma[] = [];
  let before: Vma | undefined;
  for (const vma of mm.vmas) {
    if (before !== undefined && isOneArea(mm, before, vma)) merged.push(joined(merged.pop()!, vma));
    else merged.push(vma);
    before = vma;
  }
  return merged;
}

function joined(left: Vma, right: Vma): Vma {
  return { ...left, nrPages: left.nrPages + right.nrPages, flags: left.flags | right.flags };
}

/** A mapping as /proc/PID/maps has it. */
export function mapsLine({ platform: { layout } }: Machine, mm: Mm, vma: Vma): MapsLine {
  const { prot, shared, file } = vma;
  const offset = file === 0 ? 0 : vma.objectPage * 2 ** layout.pageShift;
  return {
    start: pageAddress(layout, vma.startVpn),
    end: pageAddress(layout, vma.startVpn) + (BigInt(vma.nrPages) << BigInt(layout.pageShift)),
    permissions: permissionsOf(prot, shared ? 's' : 'p'),
    offsetBytes: BigInt(offset),
    device: file === 0 ? '00:00' : file < 0 ? '00:01' : 'fe:00',
    // No inode has the number 0, but an object may.
    inode: file < 0 ? hiddenObject(file) + 1 : file,
    name: nameOf(mm, vma),
  };
}

function permissionsOf(prot: number, shared: string): string {
  return [
    prot & PROT_READ ? 'r' : '-',
    prot & PROT_WRITE ? 'w' : '-',
    prot & PROT_EXEC ? 'x' : '-',
    shared,
  ].join('');
}

/** Shared anonymous memory is a file of its own, as in the kernel. */
function nameOf({ heap }: Mm, { object, prot, flags, file }: Vma): string {
  if ((flags & VM_GROWSDOWN) !== 0) return '[stack]';
  if ((flags & VM_DONTEXPAND) !== 0) return (prot & PROT_EXEC) !== 0 ? '[vdso]' : '[vvar]';
  if (file !== 0) return file < 0 ? '/dev/zero (deleted)' : `/file/${file}`;
  return object === heap ? '[heap]' : '';
}

function pageOf(
  machine: Machine,
  hugeCounts: ReadonlyMap<number, number>,
  vpn: number,
  pte: number,
): ProcessPage {
  const { platform, frames } = machine;
  const pfn = pteFrame(pte);
  const hugePfn = hugePageOf(machine, pfn);
  const isFile = frames.get(pfn, FRAME.use) === USE_PAGE_CACHE;
  const isZero = (pte & PTE_SPECIAL) !== 0;
  return {
    address: pageAddress(platform.layout, vpn),
    pfn,
    isZero,
    isFile: isFile && !isZero,
    // The page cache has a reference of its own.
    mapcount: isZero ? 0 : (hugeCounts.get(pfn) ?? frames.get(pfn, FRAME.refs) - (isFile ? 1 : 0)),
    // A huge page is dirty from the start, as a whole: entries that were split from its own need not tell.
    dirty: (pte & PTE_DIRTY) !== 0 || hugePfn !== undefined,
    referenced: (pte & PTE_ACCESSED) !== 0,
    isHuge: (pte & PTE_LARGE) !== 0,
    hugePfn,
    lru: lruOf(machine, hugePfn ?? pfn),
  };
}

/** The list that a page is on: of a huge page, the first frame is (PF_HEAD of include/linux/page-flags.h, v6.1). */
function lruOf(machine: Machine, pfn: number): ProcessPage['lru'] {
  const list = lruListOf(machine, pfn);
  const state = machine.lru.get(pfn, LRU.state);
  return {
    active: list >= 0 && !isInactive(list),
    referenced: (state & PG_REFERENCED) !== 0,
    lazyFree: (state & PG_LAZYFREE) !== 0,
  };
}
