/** mremap: mappings grow, shrink and move; their pages stay in the same frames (mm/mremap.c, v6.1). */
import { MREMAP_MAYMOVE } from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { FoldResult, Handler } from '../machine/handler.ts';
import type { Mm } from '../machine/machine.ts';
import { countMapped, setNewestAside } from '../mm/usage.ts';
import {
  baseVpn,
  clipVma,
  endVpn,
  VM_ANON,
  VM_DONTEXPAND,
  VM_LOCKED,
  VM_SHIFTED,
  type Vma,
} from '../mm/vma.ts';
import {
  ADDRESS_USER,
  INVALID,
  NO_MAPPING,
  NO_OBJECT,
  NO_PROCESS,
  OK,
  USER_SPACE,
} from '../outcome/outcome.ts';
import { flushUser } from '../paging/flush.ts';
import { forEachPte } from '../paging/table-walk.ts';
import { clearPtes, freeEmptyTables, mapPage } from '../paging/tables.ts';
import { CPU } from '../state/cpus.ts';
import { OBJECT, USER } from '../state/objects.ts';
import { forEachSize, hugeRow, mapHuge, splitAround, splitHuge, takeHuge } from '../thp/entries.ts';
import { populate } from './fault.ts';
import { pagesOf } from './map-events.ts';
import { objectBase, unmapObject, unmapRange } from './mapping.ts';
import { isFree, partEnd, placeAnywhere } from './place.ts';

export const mremap: Handler<'mremap'> = (
  draft,
  { cpu, object, length: lengthBytes, mremapFlags: flags },
  result,
) => {
  draft.spend(draft.platform.costs.syscallNs);
  const mmId = draft.cpus.get(cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  if (draft.objects.get(object, OBJECT.class) !== USER) return NO_OBJECT;
  const mm = draft.records.mm(mmId);
  const [first, last] = [mm.vmas.firstOf(object), mm.vmas.lastOf(object)];
  if (first === undefined || last === undefined) return NO_MAPPING;
  const nrPages = pagesOf(draft, lengthBytes);
  // The end of the heap is brk's to move; and something must be left.
  if (lengthBytes === 0 || object === mm.heap || nrPages <= first.objectPage) return INVALID;
  const growsBy = nrPages - last.objectPage - last.nrPages;
  if (growsBy <= 0) unmapObject(draft, cpu, mmId, object, nrPages, Number.POSITIVE_INFINITY);
  else {
    // One mapping grows, not several.
    if (first !== last || (last.flags & VM_DONTEXPAND) !== 0) return NO_MAPPING;
    const status = grow(draft, cpu, mmId, last, growsBy, (flags & MREMAP_MAYMOVE) !== 0);
    if (status !== OK) return status;
  }
  draft.objects.set(object, OBJECT.sizeBytes, lengthBytes);
  tellPlace(draft, mmId, object, result);
  return OK;
};

export const mremapFixed: Handler<'mremap_fixed'> = (
  draft,
  { cpu, object, over, offset: offsetBytes },
  result,
) => {
  draft.spend(draft.platform.costs.syscallNs);
  const mmId = draft.cpus.get(cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  for (const id of [object, over]) if (draft.objects.get(id, OBJECT.class) !== USER) return NO_OBJECT;
  const mm = draft.records.mm(mmId);
  const vma = mm.vmas.firstOf(object);
  if (vma === undefined || vma !== mm.vmas.lastOf(object) || !mm.vmas.maps(over)) return NO_MAPPING;
  const page = offsetBytes / draft.platform.mmu.pageBytes;
  const target = objectBase(draft, mm, over) + page;
  // As mmap of MAP_FIXED it may lie there already: in the hole that it is for.
  const isThere = target === vma.startVpn;
  const overlaps = !isThere && target < endVpn(vma) && target + vma.nrPages > vma.startVpn;
  if (!Number.isInteger(page) || overlaps || object === mm.heap) return INVALID;
  const { lowestVpn } = draft.platform.userSpace;
  if (target < lowestVpn || target + vma.nrPages > partEnd(draft, target)) return INVALID;
  if (isThere) {
    tellPlace(draft, mmId, object, result);
    return OK;
  }
  const aside = setNewestAside(draft, mm.root, object, vma.nrPages);
  unmapRange(draft, cpu, mmId, target, target + vma.nrPages);
  countMapped(draft, mm.root, aside);
  const failure = move(draft, cpu, mmId, vma, target, vma.nrPages);
  if (failure < 0) return -failure;
  tellPlace(draft, mmId, object, result);
  return OK;
};

function tellPlace(draft: Draft, mmId: number, object: number, result: FoldResult): void {
  result.vpn = objectBase(draft, draft.records.mm(mmId), object);
  result.address = ADDRESS_USER;
}

/** In place when there is room above, else elsewhere. */
function grow(draft: Draft, cpu: number, mmId: number, vma: Vma, growsBy: number, mayMove: boolean): number {
  const mm = draft.records.mm(mmId);
  const nrPages = vma.nrPages + growsBy;
  let { startVpn } = vma;
  if (isFree(draft, mm, endVpn(vma), startVpn + nrPages)) {
    draft.records.editMm(mmId).vmas.insert(added(vma, startVpn, nrPages));
    countMapped(draft, mm.root, growsBy);
  } else {
    const elsewhere = mayMove ? placeAnywhere(draft, mm, nrPages) : undefined;
    if (elsewhere === undefined) return USER_SPACE;
    startVpn = elsewhere;
    const failure = move(draft, cpu, mmId, vma, startVpn, nrPages);
    if (failure < 0) return -failure;
  }
  // What is locked is faulted in; where that fails, it has grown all the same (mm_populate ignores errors).
  if ((vma.flags & VM_LOCKED) !== 0 && vma.prot !== 0) populate(draft, mmId, added(vma, startVpn, nrPages));
  return OK;
}

/** What a VMA that now begins at `startVpn` has more. */
function added(vma: Vma, startVpn: number, nrPages: number): Vma {
  return clipVma({ ...vma, startVpn, nrPages }, startVpn + vma.nrPages, startVpn + nrPages);
}

/** Moves a VMA to a free place, where it has `nrPages`. 0 or a negated reason, and then nothing has moved. */
function move(draft: Draft, cpu: number, mmId: number, vma: Vma, to: number, nrPages: number): number {
  const failure = moveEntries(draft, draft.records.mm(mmId), vma, to);
  if (failure < 0) return failure;
  const mm = draft.records.editMm(mmId);
  mm.vmas.cut(vma.startVpn, endVpn(vma));
  const moved = { ...vma, startVpn: to, nrPages, flags: vma.flags | shiftedBy(vma) };
  mm.vmas.insert(moved);
  mm.moved = mm.moved.with(vma.object, baseVpn(moved));
  countMapped(draft, mm.root, nrPages - vma.nrPages);
  flushUser(draft, cpu, mmId, vma.startVpn, vma.nrPages);
  return 0;
}

/** copy_vma(): anonymous memory of which no page was ever faulted in is as if it had been mapped there. */
function shiftedBy({ file, flags }: Vma): number {
  return file === 0 && (flags & VM_ANON) !== 0 ? VM_SHIFTED : 0;
}

/** move_page_tables(): the entries go, one by one, to tables that may have to be made; when one cannot, all go back. */
function moveEntries(draft: Draft, mm: Mm, vma: Vma, to: number): number {
  const { root } = mm;
  const end = endVpn(vma);
  const shift = to - vma.startVpn;
  splitAround(draft, mm.id, vma.startVpn, end);
  splitUnaligned(draft, mm, vma, shift);
  // While a page is in two places, reclaim would find one of them.
  const { reclaimer } = draft;
  draft.reclaimer = undefined;
  let failure = copyEntries(draft, root, vma, shift);
  const moved: number[] = [];
  forEachSize(
    draft,
    root,
    vma.startVpn,
    end,
    () => {},
    (vpn) => {
      if (failure === 0) failure = moveHuge(draft, root, vpn, vpn + shift);
      if (failure === 0) moved.push(vpn);
    },
  );
  draft.reclaimer = reclaimer;
  if (failure === 0) {
    clearPtes(draft, root, vma.startVpn, end);
    return 0;
  }
  for (const vpn of moved) moveHuge(draft, root, vpn + shift, vpn);
  clearPtes(draft, root, to, to + vma.nrPages);
  return failure;
}

/** Base pages: into entries at the new place too. */
function copyEntries(draft: Draft, root: number, vma: Vma, shift: number): number {
  let failure = 0;
  forEachPte(draft, root, vma.startVpn, endVpn(vma), (vpn, _row, pte) => {
    if (failure < 0) return;
    draft.spend(draft.platform.costs.pteNs);
    failure = mapPage(draft, root, vpn + shift, pte);
    if (failure < 0) freeEmptyTables(draft, root, vpn + shift, vpn + shift + 1);
  });
  return failure;
}

/** A huge page stays one only where the new place is aligned as the old one is. */
function splitUnaligned(draft: Draft, mm: Mm, vma: Vma, shift: number): void {
  const { thp } = draft.platform;
  if (thp === undefined || shift % thp.nrPages === 0) return;
  forEachSize(
    draft,
    mm.root,
    vma.startVpn,
    endVpn(vma),
    () => {},
    (vpn) => splitHuge(draft, mm, vpn),
  );
}

/** move_huge_pmd(): with the table in reserve. 0 or a negated reason, and then nothing has moved. */
function moveHuge(draft: Draft, root: number, from: number, to: number): number {
  draft.spend(draft.platform.costs.pteNs);
  const row = hugeRow(draft, root, from);
  const entry = draft.ptes.get(row, 0);
  const deposited = takeHuge(draft, row);
  const failure = mapHuge(draft, root, to, entry, deposited);
  if (failure === 0) return 0;
  freeEmptyTables(draft, root, to, to + 1);
  mapHuge(draft, root, from, entry, deposited);
  return failure;
}
