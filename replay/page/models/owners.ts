/**
 * Who owns each page frame, as one number: a kind of owner, and which of them.
 *
 * A private page belongs to the process that maps it. One with several references (after a fork, or while a device uses
 * it; a huge page whose entry was split) is shared.
 */
import type { Machine, Mm } from '../../../core/machine/machine.ts';
import { isSwapPte, PTE_LARGE, PTE_SPECIAL, pteFrame } from '../../../core/paging/pte.ts';
import { forEachEntry } from '../../../core/paging/table-walk.ts';
import { TABLE } from '../../../core/paging/tables.ts';
import {
  blockOf,
  FRAME,
  USE_ANON,
  USE_FREE,
  USE_KERNEL_STACK,
  USE_NONE,
  USE_PAGE_CACHE,
  USE_PAGE_TABLE,
  USE_PCP,
  USE_RESERVED,
  USE_SLAB,
} from '../../../core/phys/frames.ts';
import { cacheName } from '../../../core/slab/info.ts';
import { SLAB } from '../../../core/slab/tables.ts';
import type { Cells } from '../../../core/state/table.ts';
import { hiddenObject } from '../../../core/vm/page-cache.ts';
import { CachedFiles } from './cached-files.ts';
import { ASK, classByUse, forEachRun } from './frame-runs.ts';

/** kind * 2^33 + number. */
export type OwnerKey = number;

const KIND = 2 ** 33;
const PROCESS = KIND;
const FILE = 2 * KIND;
const SHARED_MEMORY = 3 * KIND;
const CACHE = 4 * KIND;
const OBJECT = 5 * KIND;

/** Of kind 0. */
export const FREE: OwnerKey = 0;
export const ON_CPU_LIST: OwnerKey = 1;
export const KERNEL: OwnerKey = 2;
export const SHARED: OwnerKey = 3;
/** A private page that no process maps: a device still has it. */
export const NOBODY: OwnerKey = 4;
export const NO_RAM: OwnerKey = 5;

/** 0: none of those that have numbers. 1 to 5: process, file, shared memory, slab cache, object. */
export function kindOf(key: OwnerKey): number {
  return Math.floor(key / KIND);
}

export const processKey = (pid: number): OwnerKey => PROCESS + pid;
export const cacheKey = (row: number): OwnerKey => CACHE + row;
export const objectKey = (object: number): OwnerKey => OBJECT + object;

/** Of an owner with a number: `process 3`. */
export function ownerName(machine: Machine, key: OwnerKey): string {
  const number = key % KIND;
  switch (kindOf(key) * KIND) {
    case PROCESS:
      return `process ${number}`;
    case FILE:
      return `file ${number}`;
    case SHARED_MEMORY:
      return `shared memory, object ${number}`;
    case CACHE:
      return `slab cache ${cacheName(machine, number)}`;
    default:
      return `object ${number}`;
  }
}

const KEYS = classByUse(
  {
    ...{ [USE_NONE]: NO_RAM, [USE_FREE]: FREE, [USE_PCP]: ON_CPU_LIST },
    ...{ [USE_RESERVED]: KERNEL, [USE_PAGE_TABLE]: KERNEL },
  },
  ASK,
);

/**
 * Every frame of [first, end), ascending, as far as its own row tells: private pages with one reference are NOBODY's, and
 * page tables the KERNEL's, until `forEachOwned` says whose they are.
 */
export function forEachOwner(
  machine: Machine,
  first: number,
  end: number,
  visit: (from: number, to: number, key: OwnerKey) => void,
): void {
  const files = new CachedFiles(machine);
  forEachRun(machine, first, end, KEYS, (leaf, at) => ownerOf(machine, files, leaf, at), visit);
}

/** Every address space, with the first process that runs in it: threads share one. */
export function forEachAddressSpace(
  { records: { processes, mms } }: Machine,
  visit: (pid: number, mm: Mm) => void,
): void {
  const seen = new Set<number>();
  for (const { pid, mm } of Object.values(processes)) {
    if (seen.has(mm)) continue;
    seen.add(mm);
    visit(pid, mms[mm]!);
  }
}

function ownerOf(machine: Machine, files: CachedFiles, leaf: Cells, at: number): OwnerKey {
  const owner = leaf[at + FRAME.owner]! >>> 0;
  switch (leaf[at + FRAME.use]) {
    case USE_ANON:
      return leaf[at + FRAME.refs] === 1 ? NOBODY : SHARED;
    case USE_PAGE_CACHE:
      return fileKey(files, owner);
    case USE_KERNEL_STACK:
      return processKey(owner);
    case USE_SLAB:
      return cacheKey(machine.slabs.get(owner, SLAB.cache) - 1);
    default:
      return objectKey(owner);
  }
}

export function fileKey(files: CachedFiles, slot: number): OwnerKey {
  const file = files.at(slot);
  if (file === undefined) return KERNEL;
  return file.shmem ? SHARED_MEMORY + hiddenObject(file.id) : FILE + file.id;
}

/** The page tables of an address space, and the private pages that nobody else has a reference to: frames in a row. */
export function forEachOwned(
  machine: Machine,
  mm: Mm,
  visit: (pfn: number, count: number, isTable: boolean) => void,
): void {
  const { frames } = machine;
  forEachTable(machine, mm.root, (pfn) => visit(pfn, 2 ** frames.get(pfn, FRAME.order), true));
  let first = 0;
  let end = 0;
  forEachPage(machine, mm, (_vpn, pfn, nrPages, pte) => {
    if (!isOnlyHere(machine, pfn) || (pte & PTE_SPECIAL) !== 0) return;
    // Pages that were first touched one after the other are neighbours.
    if (pfn !== end) {
      visit(first, end - first, false);
      first = pfn;
    }
    end = pfn + nrPages;
  });
  visit(first, end - first, false);
}

/** Of a frame that an address space maps. */
function isOnlyHere({ frames }: Machine, pfn: number): boolean {
  const head = frames.get(pfn, FRAME.use) === USE_NONE ? blockOf(frames, pfn) : pfn;
  return frames.get(head, FRAME.use) === USE_ANON && frames.get(head, FRAME.refs) === 1;
}

/** The tables of a tree, from its root (a row of `tables`) down: first frame, row, level, and the first page that it maps. */
export function forEachTable(
  machine: Machine,
  root: number,
  visit: (pfn: number, table: number, level: number, firstVpn: number) => void,
): void {
  const { platform, tables } = machine;
  const { levels } = platform.mmu;
  const visitTable = (table: number, level: number, firstVpn: number): void => {
    visit(tables.get(table, TABLE.pfn), table, level, firstVpn);
    const below = levels[level + 1];
    if (below === undefined) return;
    const { span } = levels[level]!;
    forEachEntry(machine, table, level, (entry, index) => {
      if ((entry & PTE_LARGE) !== 0) return;
      visitTable(pteFrame(entry), level + 1, firstVpn + (index - (index % below.tablesPerPage)) * span);
    });
  };
  visitTable(root, 0, 0);
}

/** A page of an address space: `nrPages` base pages from `vpn` on, in frames from `pfn` on. */
export type PageVisitor = (vpn: number, pfn: number, nrPages: number, pte: number) => void;

/** Pages that are in frames, huge ones as one; ascending within a table. */
export function forEachPage(machine: Machine, mm: Mm, visit: PageVisitor): void {
  const { ptes, platform } = machine;
  const { levels, entriesPerTable } = platform.mmu;
  const leafRows = 1 << ptes.shape.leafBits;
  forEachTable(machine, mm.root, (_pfn, table, level, firstVpn) => {
    const { span, mask } = levels[level]!;
    const isLast = level === levels.length - 1;
    const first = table * entriesPerTable;
    const end = first + mask + 1;
    // Leaf by leaf: a process may have a million entries.
    for (let row = first; row < end; ) {
      const leaf = ptes.leafAt(row);
      const from = row % leafRows;
      const to = Math.min(leafRows, from + end - row);
      for (let at = from; at < to; at++) {
        const pte = leaf[at]!;
        if (pte === 0 || (!isLast && (pte & PTE_LARGE) === 0) || isSwapPte(pte)) continue;
        visit(firstVpn + (row - first + at - from) * span, pteFrame(pte), span, pte);
      }
      row += to - from;
    }
  });
}
