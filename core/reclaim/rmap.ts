/**
 * Reverse mapping: which page-table entries map a page (mm/rmap.c, v6.1: folio_referenced, try_to_unmap).
 *
 * No chains are kept: an object lies at one place in each address space that maps it, and a file's page where VMAs of
 * the file say, so the entries are found by looking there; those of a huge page where each object lies that it has pages of. A page's references tell when all have been found.
 */
import { PROT_EXEC } from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { Mm } from '../machine/machine.ts';
import { countResident } from '../mm/usage.ts';
import { endVpn, VM_LOCKED, type Vma } from '../mm/vma.ts';
import { type HugePart, partsOfHuge } from '../pages/huge-owners.ts';
import { ownerOf, pageInOwner } from '../pages/lru-links.ts';
import { slotOfPage } from '../pages/swap.ts';
import { flushUser } from '../paging/flush.ts';
import { isSwapPte, PTE_ACCESSED, PTE_DIRTY, PTE_LARGE, PTE_SPECIAL, pteFrame } from '../paging/pte.ts';
import { entryRow, leafTable } from '../paging/table-walk.ts';
import { writePte } from '../paging/tables.ts';
import { FRAME, USE_ANON } from '../phys/frames.ts';
import { hugeRow } from '../thp/entries.ts';
import { objectBase } from '../vm/mapping.ts';

/** An entry that maps a page. */
export interface Mapper {
  readonly mm: Mm;
  readonly vma: Vma;
  readonly vpn: number;
  /** Row of `ptes`. */
  readonly row: number;
}

interface MappedFile {
  readonly mm: Mm;
  readonly vma: Vma;
}

/** What a look at the entries of a page finds. */
export interface References {
  /** Entries through which it was used since the last look. */
  readonly count: number;
  readonly isLocked: boolean;
  readonly isExecutable: boolean;
}

/** The address spaces as they are when it is made: good for one round of reclaim. */
export class ReverseMap {
  private readonly draft: Draft;
  private readonly mms: readonly Mm[];
  private files: Map<number, MappedFile[]> | undefined;

  constructor(draft: Draft) {
    this.draft = draft;
    this.mms = draft.records.mmIds().map((id) => draft.records.mm(id));
  }

  /** All entries that map a page, by address space, ascending. */
  mappersOf(pfn: number): Mapper[] {
    const { frames } = this.draft;
    const of = ownerOf(this.draft, pfn);
    const page = pageInOwner(this.draft, pfn);
    const refs = frames.get(pfn, FRAME.refs) - (slotOfPage(this.draft, pfn) === 0 ? 0 : 1);
    if (refs === 0) return [];
    if (frames.get(pfn, FRAME.use) === USE_ANON)
      return frames.get(pfn, FRAME.order) > 0
        ? this.mappersOfHuge(pfn, refs)
        : this.mappersOfAnon(pfn, of, page, refs);
    return refs === 1 ? [] : this.mappersOfCached(pfn, of, page);
  }

  private mappersOfAnon(pfn: number, object: number, page: number, refs: number): Mapper[] {
    const found: Mapper[] = [];
    for (const mm of this.mms) {
      if (found.length === refs) break;
      const vpn = objectBase(this.draft, mm, object) + page;
      const vma = mm.vmas.at(vpn);
      if (vma?.object === object) this.addIfMapped(found, pfn, mm, vma, vpn);
    }
    return found;
  }

  /** Of a huge page: entries that map all of it, and those of its base pages where such an entry was split. */
  private mappersOfHuge(pfn: number, refs: number): Mapper[] {
    const found: Mapper[] = [];
    const parts = partsOfHuge(this.draft, pfn);
    for (const mm of this.mms) {
      if (found.length === refs) break;
      for (const part of parts) this.addMappersOfPart(found, pfn, mm, part);
    }
    return found;
  }

  /** Of the pages of one object in it; an entry for all is that of its first page. */
  private addMappersOfPart(found: Mapper[], pfn: number, mm: Mm, { from, to, object, page }: HugePart): void {
    const { draft } = this;
    const base = objectBase(draft, mm, object) + page - from;
    for (let i = from; i < to; i++) {
      const vma = mm.vmas.at(base + i);
      if (vma?.object !== object) continue;
      const row = hugeRow(draft, mm.root, base + i);
      const entry = row === 0 ? 0 : draft.ptes.get(row, 0);
      if ((entry & PTE_LARGE) === 0) this.addIfMapped(found, pfn + i, mm, vma, base + i);
      else if (i === 0 && pteFrame(entry) === pfn) found.push({ mm, vma, vpn: base, row });
    }
  }

  private mappersOfCached(pfn: number, file: number, page: number): Mapper[] {
    const found: Mapper[] = [];
    this.files ??= this.mappedFiles();
    for (const { mm, vma } of this.files.get(file) ?? []) {
      const vpn = vma.startVpn + page - vma.objectPage;
      if (vpn >= vma.startVpn && vpn < endVpn(vma)) this.addIfMapped(found, pfn, mm, vma, vpn);
    }
    return found;
  }

  private mappedFiles(): Map<number, MappedFile[]> {
    const files = new Map<number, MappedFile[]>();
    for (const mm of this.mms) {
      for (const vma of mm.vmas) {
        if (vma.file === 0) continue;
        const of = files.get(vma.file);
        if (of === undefined) files.set(vma.file, [{ mm, vma }]);
        else of.push({ mm, vma });
      }
    }
    return files;
  }

  private addIfMapped(found: Mapper[], pfn: number, mm: Mm, vma: Vma, vpn: number): void {
    const { draft } = this;
    const table = leafTable(draft, mm.root, vpn);
    if (table === 0) return;
    const { mmu } = draft.platform;
    const row = entryRow(mmu, table, vpn, mmu.levels.length - 1);
    const pte = draft.ptes.get(row, 0);
    const isHere = pte !== 0 && !isSwapPte(pte) && (pte & PTE_SPECIAL) === 0 && pteFrame(pte) === pfn;
    if (isHere) found.push({ mm, vma, vpn, row });
  }
}

/** Reads and clears the accessed bits; on x86 that needs no flush: a TLB that holds the entry keeps it. */
export function testAndClearAccessed({ ptes }: Draft, mappers: readonly Mapper[]): References {
  let count = 0;
  for (const { row } of mappers) {
    const pte = ptes.get(row, 0);
    if ((pte & PTE_ACCESSED) === 0) continue;
    ptes.set(row, 0, pte - PTE_ACCESSED);
    count++;
  }
  return {
    count,
    isLocked: mappers.some(({ vma }) => (vma.flags & VM_LOCKED) !== 0),
    isExecutable: mappers.some(({ vma }) => (vma.prot & PROT_EXEC) !== 0),
  };
}

export function isMappedDirty({ ptes }: Draft, mappers: readonly Mapper[]): boolean {
  return mappers.some(({ row }) => (ptes.get(row, 0) & PTE_DIRTY) !== 0);
}

/** Writes `pte` (0, or where the page is in the swap area) over every entry, and flushes each. Tables stay. */
export function unmapPage(draft: Draft, mappers: readonly Mapper[], pte: number): void {
  for (const { mm, vpn, row } of mappers) {
    writePte(draft, row, pte);
    countResident(draft, mm.root, -1);
    flushUser(draft, draft.cpu, mm.id, vpn, 1);
  }
}
