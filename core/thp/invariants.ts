/** What must hold of huge pages: each within one area, with a table in reserve, and references that add up. */

import type { Machine, Mm } from '../machine/machine.ts';
import { isHugeAnon, mapCountOf } from '../pages/huge-parts.ts';
import { PG_OTHER_OWNER } from '../pages/lru.ts';
import { LRU } from '../pages/lru-links.ts';
import { firstQueued, nextQueued, queueLength } from '../pages/split-queue.ts';
import { PAGES_VAR } from '../pages/state.ts';
import { depositedTables } from '../paging/deposit.ts';
import { isSwapPte, PTE_LARGE, PTE_RW, PTE_SPECIAL, pteFrame } from '../paging/pte.ts';
import { TABLE } from '../paging/tables.ts';
import { forEachUserPage } from '../paging/user-pages.ts';
import { blockOf, FRAME } from '../phys/frames.ts';
import { containsHuge } from './fault.ts';
import type { HugePages } from './settings.ts';

/** Tables in reserve of a table of a process in which so many entries map huge pages. */
export function checkDeposits(machine: Machine, table: number, nrHuge: number, faults: string[]): number[] {
  const rows = depositedTables(machine, table);
  if (rows.length !== nrHuge)
    faults.push(`page table ${table}: ${rows.length} tables in reserve for ${nrHuge} huge pages`);
  for (const row of rows)
    if (machine.tables.get(row, TABLE.entries) !== 0)
      faults.push(`page table ${row}: in reserve, and in use`);
  return rows;
}

/** `pins`: by first frame of a block, the references that devices hold. */
export function checkHugePages(machine: Machine, pins: ReadonlyMap<number, number>, faults: string[]): void {
  const { thp } = machine.platform;
  if (thp === undefined) return;
  checkOwners(machine, faults);
  checkSplitQueue(machine, faults);
  const mappers = new Map<number, number>();
  const writable = new Set<number>();
  let zeroes = 0;
  for (const mm of Object.values(machine.records.mms)) {
    forEachUserPage(machine, mm.root, (vpn, pte) => {
      if (isSwapPte(pte)) return;
      const isHuge = (pte & PTE_LARGE) !== 0;
      if (isHuge && !isWithinArea(mm, thp, vpn))
        faults.push(`address space ${mm.id}: page ${vpn} is of a huge page, but no area contains that`);
      if ((pte & PTE_SPECIAL) !== 0) zeroes += isHuge ? 1 : 0;
      else {
        mappers.set(pteFrame(pte), (mappers.get(pteFrame(pte)) ?? 0) + 1);
        if ((pte & PTE_RW) !== 0) writable.add(pteFrame(pte));
      }
    });
  }
  for (const pfn of writable)
    if (isHugeAnon(machine, blockOf(machine.frames, pfn)) && mappers.get(pfn)! > 1)
      faults.push(`PFN ${pfn}: of a huge page, shared by ${mappers.get(pfn)}, writable`);
  for (const [pfn, found] of mappers) {
    const first = blockOf(machine.frames, pfn);
    if (!isHugeAnon(machine, first)) continue;
    const counted = mapCountOf(machine, first, pfn);
    if (counted !== found) faults.push(`PFN ${pfn}: of a huge page, mapped by ${found}, ${counted} counted`);
  }
  const zeroPfn = machine.vars[PAGES_VAR.hugeZeroPfn]!;
  const found = zeroes / thp.nrPages + (pins.get(zeroPfn) ?? 0);
  const refs = zeroPfn === 0 ? 0 : machine.frames.get(zeroPfn, FRAME.refs);
  if (refs !== found) faults.push(`huge zero page: ${refs} references counted, ${found} found`);
}

/** Only within a huge page pages of another object begin. */
function checkOwners(machine: Machine, faults: string[]): void {
  const { stride } = machine.lru.shape;
  machine.lru.forEachLeaf((leaf, firstPfn) => {
    for (let at = 0, pfn = firstPfn; at < leaf.length; at += stride, pfn++) {
      if ((leaf[at + LRU.state]! & PG_OTHER_OWNER) === 0) continue;
      const first = blockOf(machine.frames, pfn);
      if (pfn === first || !isHugeAnon(machine, first))
        faults.push(`PFN ${pfn}: begins the pages of an object, but is not within a huge page`);
    }
  });
}

/** Who waits to be split is a huge page, and as many wait as are counted. */
function checkSplitQueue(machine: Machine, faults: string[]): void {
  const waiting: number[] = [];
  const most = queueLength(machine);
  for (let at = firstQueued(machine); at !== 0 && waiting.length <= most; at = nextQueued(machine, at))
    waiting.push(at);
  if (waiting.length !== most) faults.push(`split queue: ${waiting.length} linked, ${most} counted`);
  for (const pfn of waiting)
    if (!isHugeAnon(machine, pfn)) faults.push(`PFN ${pfn}: waits to be split, but is no huge page`);
}

function isWithinArea(mm: Mm, thp: HugePages, vpn: number): boolean {
  const vma = mm.vmas.at(vpn);
  return vma !== undefined && vma.file === 0 && !vma.shared && containsHuge(thp, mm, vma, vpn);
}
