/**
 * A mapping becomes two objects, so that a part of it can be moved: what mremap() of a part does first (split_vma of
 * mm/mmap.c, v6.1). Events name whole objects; nothing but the name of the part changes, and a huge page that the
 * place cuts in two is split.
 *
 * Simplified: a private page that a fork shares keeps its name, so that reclaim passes over it until it is shared no more.
 */
import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import { endVpn, type Vma } from '../mm/vma.ts';
import { DMA_MAPPED, EXISTS, INVALID, NO_MAPPING, NO_OBJECT, NO_PROCESS, OK } from '../outcome/outcome.ts';
import { countingFrame } from '../pages/frame-refs.ts';
import { renameParts } from '../pages/huge-owners.ts';
import { isHugeAnon, mapCountOf } from '../pages/huge-parts.ts';
import { LRU } from '../pages/lru-links.ts';
import { isSwapPte, PTE_SPECIAL, pteFrame } from '../paging/pte.ts';
import { forEachPte } from '../paging/table-walk.ts';
import { FRAME, USE_ANON } from '../phys/frames.ts';
import { CPU } from '../state/cpus.ts';
import { isDmaMapped, NO_CLASS, OBJECT, USER } from '../state/objects.ts';
import { forEachSize, hugeStart, splitAround } from '../thp/entries.ts';
import { keepMapping, objectBase } from './mapping.ts';

/** Pages keep their numbers: those of `tail` begin where the object's end. */
export const vmaSplit: Handler<'vma_split'> = (draft, { cpu, object, offset, tail }) => {
  const mmId = draft.cpus.get(cpu, CPU.mm);
  if (mmId === 0) return NO_PROCESS;
  const { objects, platform, records } = draft;
  if (objects.get(object, OBJECT.class) !== USER) return NO_OBJECT;
  if (objects.get(tail, OBJECT.class) !== NO_CLASS) return EXISTS;
  const mm = records.mm(mmId);
  const page = offset / platform.mmu.pageBytes;
  if (!Number.isInteger(page) || object === mm.heap) return INVALID;
  if (isDmaMapped(draft, object)) return DMA_MAPPED;
  const base = objectBase(draft, mm, object);
  const parts = mm.vmas.partsOf(object, base, page, Number.POSITIVE_INFINITY);
  const first = mm.vmas.firstOf(object);
  if (parts.length === 0 || first === undefined || first.objectPage >= page) return NO_MAPPING;
  splitAround(draft, mmId, base + page, base + page);
  const { vmas } = records.editMm(mmId);
  for (const part of parts) {
    vmas.cut(part.startVpn, endVpn(part));
    vmas.insert({ ...part, object: tail });
    renamePages(draft, mm.root, part, tail);
  }
  objects.set(tail, OBJECT.class, USER);
  objects.set(tail, OBJECT.vpn, base);
  objects.set(tail, OBJECT.sizeBytes, objects.get(object, OBJECT.sizeBytes));
  keepMapping(draft, { ...parts[0]!, object: tail });
  return OK;
};

function renamePages(draft: Draft, root: number, part: Vma, tail: number): void {
  const { thp, reclaim } = draft.platform;
  if (reclaim === undefined) return;
  const renaming = new Renaming(draft, tail);
  const isIn = (vpn: number): boolean => vpn >= part.startVpn && vpn < endVpn(part);
  const small = (start: number, end: number): void =>
    forEachPte(draft, root, start, end, (vpn, _row, pte) => {
      if (isIn(vpn) && !isSwapPte(pte) && (pte & PTE_SPECIAL) === 0) renaming.add(pteFrame(pte));
    });
  // Huge pages at its ends may be of other objects too.
  const start = thp === undefined ? part.startVpn : hugeStart(thp, part.startVpn);
  forEachSize(draft, root, start, endVpn(part), small, (vpn, row) => {
    const first = pteFrame(draft.ptes.get(row, 0));
    const isWhole = isIn(vpn) && isIn(vpn + thp!.nrPages - 1);
    // Its only reference is this entry: all of it is of one object, and mapped once.
    if (isWhole && draft.frames.get(first, FRAME.refs) === 1) draft.lru.set(first, LRU.of, tail);
    else for (let i = 0; i < thp!.nrPages; i++) if (isIn(vpn + i)) renaming.add(first + i);
  });
  renaming.end();
}

/** Pages get another name that only one process maps; those of a huge page that follow each other all at once. */
class Renaming {
  private readonly draft: Draft;
  private readonly object: number;
  /** Of a huge page: its first frame, and the frames [from, to) of it that are to be renamed; none, if they are equal. */
  private first = 0;
  private from = 0;
  private to = 0;

  constructor(draft: Draft, object: number) {
    this.draft = draft;
    this.object = object;
  }

  add(pfn: number): void {
    const { draft, object } = this;
    const { frames, lru } = draft;
    const counting = countingFrame(draft, pfn);
    if (frames.get(counting, FRAME.use) !== USE_ANON) return;
    if (!isHugeAnon(draft, counting)) {
      if (frames.get(counting, FRAME.refs) === 1) lru.set(pfn, LRU.of, object);
    } else if (mapCountOf(draft, counting, pfn) === 1) this.addPart(counting, pfn);
  }

  private addPart(first: number, pfn: number): void {
    if (first !== this.first || pfn !== this.to) {
      this.end();
      this.first = first;
      this.from = pfn;
    }
    this.to = pfn + 1;
  }

  end(): void {
    const { draft, object, first, from, to } = this;
    if (from < to) renameParts(draft, first, from - first, to - first, object);
    this.from = to;
  }
}
