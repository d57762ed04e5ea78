/**
 * Conservation: what must hold of every machine between two batches (the laws of which tests and long runs are made).
 *
 * - Every frame of RAM is in exactly one block; free blocks are aligned, merged as far as they can be, linked in
 *   their zone's lists or waiting on one cpu's, and counted.
 * - Every frame in use has the owner that says it has it, and as many references as there are.
 * - Every present PTE maps a frame in use; a private frame that several processes map is writable by none.
 * - VMAs are in order, and every page of a process lies in one (vm/mm-invariants.ts).
 * - Every TLB entry agrees with its page table, or is of a freed area that waits for its flush.
 * - The kernel's windows: see kmap/check-windows.ts.
 * - What a device can reach is alive and held, and nothing else is reached (dma/check-dma.ts).
 * - Pages of processes and of the page cache, and no others, are on one LRU list (reclaim/invariants.ts).
 * - Every slab is in one place, and every object of it free or alive (slab/invariants.ts).
 */

import { checkDma, dmaPins, iommuRoots } from './dma/check-dma.ts';
import { checkWindows } from './kmap/check-windows.ts';
import { tlbEntryCount, USER_VIEW } from './paging/invalidate.ts';
import { isSwapPte, PTE_DIRTY, PTE_LARGE, PTE_RW, PTE_SPECIAL, pteFrame } from './paging/pte.ts';
import { findLeaf, pageSpan, TABLE } from './paging/tables.ts';
import { keyPage, keyTag, tagAsid, tagSizeClass } from './paging/tlb.ts';
import {
  FRAME,
  FRAME_MIGRATE_TYPE,
  frameOwner,
  USE_ANON,
  USE_FREE,
  USE_NAMES,
  USE_NONE,
  USE_PAGE_CACHE,
  USE_PAGE_TABLE,
  USE_PCP,
  USE_VMALLOC,
} from './phys/frames.ts';
import { freePagesOf, headOf, listLength, ordersCell } from './phys/free-lists.ts';
import { MIGRATE_NAMES, MIGRATE_PCPTYPES } from './phys/migrate.ts';
import { zoneOfPfn } from './phys/page-alloc.ts';
import { NR_PCP_LISTS, pcpCount, pcpList } from './phys/pcp-lists.ts';
import { MAX_ORDER, type Zone } from './phys/zones.ts';
import { checkReclaim } from './reclaim/invariants.ts';
import { checkSlabs } from './slab/invariants.ts';
import { CPU } from './state/cpus.ts';
import type { Machine } from './state/machine.ts';
import { SHAPES, VAR } from './state/machine.ts';
import { COHERENT, isContiguous, KMALLOC_LARGE, NO_CLASS, OBJECT, PAGES } from './state/objects.ts';
import { checkMms } from './vm/mm-invariants.ts';

/** What is wrong with the machine, a sentence each; empty when nothing is. Reads everything: slow. */
export function checkMachine(machine: Machine): string[] {
  const faults: string[] = [];
  checkBlocks(machine, faults);
  checkFreeLists(machine, faults);
  checkPcps(machine, faults);
  const references = countReferences(machine, faults);
  checkReferences(machine, references, faults);
  checkReclaim(machine, references.slots, faults);
  checkObjects(machine, faults);
  checkSlabs(machine, faults);
  checkMms(machine, faults);
  checkDma(machine, faults);
  checkTlbs(machine, faults);
  checkWindows(machine, faults);
  return faults;
}

/** Calls `visit` with every block of RAM, ascending. */
function forEachBlock(
  machine: Machine,
  visit: (pfn: number, use: number, order: number) => void,
  lost: (pfn: number) => void,
): void {
  const { layout } = machine.platform;
  const pageBytes = 2 ** layout.pageShift;
  for (const range of layout.ram) {
    const end = Math.min(Math.floor(Number(range.end) / pageBytes), layout.maxPfn);
    for (let pfn = Math.ceil(Number(range.start) / pageBytes); pfn < end; ) {
      const use = machine.frames.get(pfn, FRAME.use);
      const order = machine.frames.get(pfn, FRAME.order);
      if (use === USE_NONE) lost(pfn);
      else visit(pfn, use, order);
      pfn += use === USE_NONE ? 1 : 2 ** order;
    }
  }
}

function checkBlocks(machine: Machine, faults: string[]): void {
  const { zones } = machine.platform;
  forEachBlock(
    machine,
    (pfn, use, order) => {
      if (pfn % 2 ** order !== 0)
        faults.push(`PFN ${pfn}: ${USE_NAMES[use]} block of order ${order} is not aligned`);
      if (use !== USE_FREE || order === MAX_ORDER - 1) return;
      const buddy = pfn ^ (1 << order);
      const mergeable =
        machine.frames.get(buddy, FRAME.use) === USE_FREE &&
        machine.frames.get(buddy, FRAME.order) === order &&
        zoneOfPfn(zones, buddy) === zoneOfPfn(zones, pfn);
      if (mergeable)
        faults.push(`PFN ${pfn}: free block of order ${order} was not merged with its buddy ${buddy}`);
    },
    (pfn) => faults.push(`PFN ${pfn}: belongs to no block`),
  );
}

function checkFreeLists(machine: Machine, faults: string[]): void {
  const { zones } = machine.platform;
  const blocks = zones.map(() => new Int32Array(MAX_ORDER * MIGRATE_PCPTYPES));
  forEachBlock(
    machine,
    (pfn, use, order) => {
      if (use !== USE_FREE) return;
      const type = machine.frames.get(pfn, FRAME_MIGRATE_TYPE);
      blocks[zoneOfPfn(zones, pfn).index]![type * MAX_ORDER + order]!++;
    },
    () => {},
  );
  for (const zone of zones) {
    let pages = 0;
    for (let list = 0; list < MAX_ORDER * MIGRATE_PCPTYPES; list++) {
      const order = list % MAX_ORDER;
      const type = Math.floor(list / MAX_ORDER);
      const found = blocks[zone.index]![list]!;
      pages += found * 2 ** order;
      checkFreeList(machine, zone, order, type, found, faults);
    }
    const counted = freePagesOf(machine, zone.index);
    if (pages !== counted) faults.push(`zone ${zone.name}: ${pages} free pages, ${counted} counted`);
  }
}

function checkFreeList(
  machine: Machine,
  zone: Zone,
  order: number,
  type: number,
  found: number,
  faults: string[],
): void {
  const place = `zone ${zone.name} order ${order} ${MIGRATE_NAMES[type]}`;
  const counted = listLength(machine, zone.index, order, type);
  let linked = 0;
  for (let at = headOf(machine, zone.index, order, type); at >= 0 && linked <= found; linked++)
    at = machine.frames.get(at, FRAME.next) - 1;
  if (found !== counted || found !== linked)
    faults.push(`${place}: ${found} free blocks, ${counted} counted, ${linked} in the list`);
  const flagged = (machine.freeLists[ordersCell(zone.index, type)]! >>> order) & 1;
  if (flagged !== Number(found > 0)) faults.push(`${place}: ${found} free blocks, flag ${flagged}`);
}

/** Every block on a per-cpu list is marked so, and there are no others that are. */
function checkPcps(machine: Machine, faults: string[]): void {
  const listed = new Set<number>();
  for (let cpu = 0; cpu < machine.vars[VAR.busyCpus]!; cpu++) {
    for (const zone of machine.platform.zones) {
      const place = `cpu ${cpu} zone ${zone.name}`;
      let pages = 0;
      for (let index = 0; index < NR_PCP_LISTS; index++) {
        const order = Math.floor(index / MIGRATE_PCPTYPES);
        for (const pfn of pcpList(machine, cpu, zone.index, order, index % MIGRATE_PCPTYPES)) {
          pages += 2 ** order;
          listed.add(pfn);
          const isHere =
            machine.frames.get(pfn, FRAME.use) === USE_PCP && machine.frames.get(pfn, FRAME.order) === order;
          if (!isHere) faults.push(`${place}: PFN ${pfn} of list ${index} is not on a per-cpu list`);
        }
      }
      const counted = pcpCount(machine, cpu, zone.index);
      if (pages !== counted) faults.push(`${place}: ${pages} pages on per-cpu lists, ${counted} counted`);
    }
  }
  forEachBlock(
    machine,
    (pfn, use) => {
      if (use === USE_PCP && !listed.delete(pfn)) faults.push(`PFN ${pfn}: on no per-cpu list`);
    },
    () => {},
  );
}

interface References {
  /** PFN to number of PTEs and caches that refer to it. */
  readonly counts: Map<number, number>;
  /** PFNs that some PTE may write to. */
  readonly writable: Set<number>;
  /** Slot of the swap area to number of entries that refer to it. */
  readonly slots: Map<number, number>;
}

/** Walks every page table and the page cache. */
function countReferences(machine: Machine, faults: string[]): References {
  const references: References = { counts: new Map(), writable: new Set(), slots: new Map() };
  const { counts, writable, slots } = references;
  const count = (pfn: number): void => void counts.set(pfn, (counts.get(pfn) ?? 0) + 1);
  const countSlot = (slot: number): void => void slots.set(slot, (slots.get(slot) ?? 0) + 1);
  const tablesSeen = new Set<number>();
  const visitTable = (table: number, level: number, isUser: boolean): void => {
    tablesSeen.add(table);
    const { mmu } = machine.platform;
    let used = 0;
    for (let i = 0; i <= mmu.levels[level]!.mask; i++) {
      const pte = machine.ptes.get(table * mmu.entriesPerTable + i, 0);
      if (pte === 0) continue;
      used++;
      if (level < mmu.levels.length - 1 && (pte & PTE_LARGE) === 0)
        visitTable(pteFrame(pte), level + 1, isUser);
      else if (isUser && isSwapPte(pte)) countSlot(pteFrame(pte));
      else if ((pte & PTE_SPECIAL) === 0 && isUser) {
        count(pteFrame(pte));
        if ((pte & PTE_RW) !== 0) writable.add(pteFrame(pte));
      }
    }
    const counted = machine.tables.get(table, TABLE.entries);
    if (used !== counted) faults.push(`page table ${table}: ${used} entries in use, ${counted} counted`);
    const pfn = machine.tables.get(table, TABLE.pfn);
    const owned =
      machine.frames.get(pfn, FRAME.use) === USE_PAGE_TABLE && frameOwner(machine.frames, pfn) === table;
    if (!owned) faults.push(`page table ${table}: frame ${pfn} is not its own`);
  };
  visitTable(machine.platform.kernelRoot, 0, false);
  for (const root of iommuRoots(machine)) visitTable(root, 0, false);
  for (const mm of Object.values(machine.records.mms)) visitTable(mm.root, 0, true);
  const tablesLeft = machine.vars[VAR.tableRows]! - freeTableRows(machine);
  if (tablesSeen.size !== tablesLeft)
    faults.push(`${tablesLeft} page tables are live, ${tablesSeen.size} can be reached`);
  machine.pageCache.forEachLeaf((leaf) => {
    for (const cell of leaf) {
      if (cell > 0) count(cell - 1);
      else if (cell < 0) countSlot(-cell);
    }
  });
  return references;
}

function freeTableRows(machine: Machine): number {
  let rows = 0;
  for (let at = machine.vars[VAR.freeTable]!; at !== 0; rows++) at = machine.tables.get(at, TABLE.pfn);
  return rows;
}

function checkReferences(machine: Machine, { counts, writable }: References, faults: string[]): void {
  const pins = dmaPins(machine);
  forEachBlock(
    machine,
    (pfn, use) => {
      const found = counts.get(pfn) ?? 0;
      const refs = machine.frames.get(pfn, FRAME.refs);
      const shareable = use === USE_ANON || use === USE_PAGE_CACHE;
      const pinned = pins.get(pfn) ?? 0;
      if (shareable && found + pinned !== refs)
        faults.push(`PFN ${pfn}: ${refs} references counted, ${found + pinned} found`);
      if (!shareable && found !== 0) faults.push(`PFN ${pfn}: ${USE_NAMES[use]} is mapped by a process`);
      if (use === USE_ANON && found > 1 && writable.has(pfn))
        faults.push(`PFN ${pfn}: private, shared by ${found}, writable`);
      counts.delete(pfn);
    },
    () => {},
  );
  for (const pfn of counts.keys()) faults.push(`PFN ${pfn}: mapped, but not the first frame of a block`);
}

function checkObjects(machine: Machine, faults: string[]): void {
  const { stride } = SHAPES.objects;
  const { mmu, kernelRoot } = machine.platform;
  machine.objects.forEachLeaf((leaf, firstRow) => {
    for (let row = 0; row * stride < leaf.length; row++) {
      const cls = leaf[row * stride + OBJECT.class]!;
      if (cls === NO_CLASS) continue;
      const object = firstRow + row;
      const pfn = leaf[row * stride + OBJECT.pfn]!;
      const vpn = leaf[row * stride + OBJECT.vpn]!;
      const owner = frameOwner(machine.frames, pfn);
      if ((cls === PAGES || cls === KMALLOC_LARGE || cls === COHERENT) && owner !== object)
        faults.push(`object ${object}: frame ${pfn} is owned by ${owner}`);
      if (isContiguous(cls) && vpn >= 0) {
        const { pte, level } = findLeaf(machine, kernelRoot, vpn);
        const span = pageSpan(mmu, level);
        if (pte === 0 || pteFrame(pte) + (vpn % span) !== pfn)
          faults.push(`object ${object}: page ${vpn} is not frame ${pfn} in the direct map`);
      }
    }
  });
  forEachBlock(
    machine,
    (pfn, use) => {
      if (use !== USE_VMALLOC) return;
      const object = frameOwner(machine.frames, pfn);
      if (machine.objects.get(object, OBJECT.class) === NO_CLASS)
        faults.push(`PFN ${pfn}: vmalloc page of dead object ${object}`);
    },
    () => {},
  );
}

function checkTlbs(machine: Machine, faults: string[]): void {
  const nrEntries = tlbEntryCount(machine.platform.mmu);
  machine.tlbs.forEach((tlb, cpu) => {
    for (let i = 0; tlb !== undefined && i < nrEntries; i++) {
      if (tlb[i] === 0) continue;
      const wrong = wrongEntry(machine, cpu, tlb[i]!);
      if (wrong !== undefined) faults.push(`cpu ${cpu} TLB entry ${i}: ${wrong}`);
    }
  });
}

function wrongEntry(machine: Machine, cpu: number, key: number): string | undefined {
  const { mmu, kernelRoot } = machine.platform;
  const tag = keyTag(key);
  const inUserMode = mmu.kpti && tagAsid(tag) > USER_VIEW;
  const asid = tagAsid(tag) - (inUserMode ? USER_VIEW : 0);
  const mm = asid === 0 ? undefined : machine.records.mms[machine.cpus.get(cpu, CPU.asidMm + asid - 1)];
  if (asid !== 0 && mm === undefined) return `asid ${asid} holds no address space`;
  const level = mmu.levels.length - 1 - tagSizeClass(tag);
  const vpn = keyPage(key) * pageSpan(mmu, level);
  const isKernel = mm === undefined || (mmu.kpti && vpn >= machine.platform.directMapVpn);
  if (isKernel && inUserMode) return `page ${vpn} is the kernel's, and known in user mode`;
  const leaf = findLeaf(machine, isKernel ? kernelRoot : mm.root, vpn);
  if (leaf.pte === 0 || isSwapPte(leaf.pte))
    return awaitsFlush(machine, vpn) ? undefined : `page ${vpn} is not present`;
  if (leaf.level !== level) return `page ${vpn} is mapped at level ${leaf.level}, not ${level}`;
  const knownDirty = PTE_DIRTY | PTE_RW;
  if (key < 0 && (leaf.pte & knownDirty) !== knownDirty) return `page ${vpn} is not dirty`;
  return undefined;
}

function awaitsFlush({ vmallocLazy }: Machine, vpn: number): boolean {
  return vmallocLazy.starts.some((start, i) => start <= vpn && vpn < vmallocLazy.ends[i]!);
}
