/** Mappings of a process: putting them in, taking them out, and counting who still maps an object. */
import { flushUser } from '../paging/flush.ts';
import { PTE_SPECIAL, pteFrame } from '../paging/pte.ts';
import { clearPtes } from '../paging/tables.ts';
import type { Draft, MmDraft } from '../state/draft.ts';
import { OBJECT } from '../state/objects.ts';
import { putFrame } from './fault.ts';
import { countMapping } from './page-cache.ts';
import { endVpn, firstEndingAbove, type Vma } from './vma.ts';

/** Adds a VMA at its place. */
export function insertVma(mm: MmDraft, vma: Vma): void {
  mm.vmas.splice(firstEndingAbove(mm.vmas, vma.startVpn), 0, vma);
}

/** A process maps an object (again, or one more process does). */
export function keepMapping(draft: Draft, vma: Vma): void {
  draft.objects.add(vma.object, OBJECT.extra, 1);
  if (vma.file !== 0) countMapping(draft, vma.file, 1);
}

/** A process no longer maps an object; the object ends with its last mapping. */
export function forgetMapping(draft: Draft, vma: Vma): void {
  if (draft.objects.add(vma.object, OBJECT.extra, -1) === 0) draft.objects.clear(vma.object);
  if (vma.file !== 0) countMapping(draft, vma.file, -1);
}

/** Unmaps the part of a VMA in [start, end), in pages and in the VMA list. The caller flushes. */
export function unmapPart(draft: Draft, mm: MmDraft, vma: Vma, start: number, end: number): void {
  zapPages(draft, mm.root, start, end);
  const at = mm.vmas.indexOf(vma);
  const rest: Vma[] = [];
  if (start > vma.startVpn) rest.push({ ...vma, nrPages: start - vma.startVpn });
  if (end < endVpn(vma)) {
    const skipped = end - vma.startVpn;
    rest.push({
      ...vma,
      startVpn: end,
      nrPages: vma.nrPages - skipped,
      objectPage: vma.objectPage + skipped,
    });
  }
  mm.vmas.splice(at, 1, ...rest);
}

/** Unmaps everything (exit_mmap). The caller flushes. */
export function unmapAll(draft: Draft, mmId: number): void {
  const mm = draft.records.editMm(mmId);
  const vmas = mm.vmas;
  mm.vmas = [];
  for (const vma of vmas) zapPages(draft, mm.root, vma.startVpn, endVpn(vma));
  // Only now: an object may lie in several VMAs, and shared memory ends with its last mapping.
  const mapped = new Map(vmas.map((vma) => [vma.object, vma]));
  for (const vma of mapped.values()) forgetMapping(draft, vma);
}

/** Unmaps [start, end) pages of an object wherever this process maps them. False when it maps none of them. */
export function unmapObject(
  draft: Draft,
  cpu: number,
  mmId: number,
  object: number,
  start: number,
  end: number,
): boolean {
  const mm = draft.records.editMm(mmId);
  const mapped = mm.vmas.filter(
    (vma) => vma.object === object && vma.objectPage < end && vma.objectPage + vma.nrPages > start,
  );
  for (const vma of mapped) {
    const base = vma.startVpn - vma.objectPage;
    const first = Math.max(vma.startVpn, base + start);
    const last = Math.min(endVpn(vma), base + end);
    unmapPart(draft, mm, vma, first, last);
    flushUser(draft, cpu, mmId, first, last - first);
  }
  const last = mapped[mapped.length - 1];
  if (last !== undefined && !mm.vmas.some((vma) => vma.object === object)) forgetMapping(draft, last);
  return last !== undefined;
}

/** Clears the entries of [start, end), gives up their frames and the tables left empty. */
function zapPages(draft: Draft, root: number, start: number, end: number): void {
  const { pteNs } = draft.platform.costs;
  clearPtes(draft, root, start, end, (pte) => {
    if ((pte & PTE_SPECIAL) === 0) putFrame(draft, pteFrame(pte));
    draft.spend(pteNs);
  });
}
