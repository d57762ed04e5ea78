/**
 * Areas: what a kernel keeps as one VMA although several events asked for it. Events name objects, so that here each of
 * them has VMAs of its own; huge pages, and the kernel's files, go by areas.
 *
 * Simplified: neighbours that both had pages before anything joined them are one area, where a kernel keeps apart what has
 * another reverse map (is_mergeable_anon_vma of mm/mmap.c, v6.1); so are neighbours of two objects that a fork made alike.
 */
import type { Mm } from './records.ts';
import { endVpn, VM_ANON, VM_DONTEXPAND, VM_GROWSDOWN, VM_SHIFTED, type Vma } from './vma.ts';

type ReadsVmas = Pick<Mm, 'vmas' | 'heap'>;

/** What never joins: pages that keep the offsets of where they were, stacks, and the kernel's own. */
const APART = VM_SHIFTED | VM_GROWSDOWN | VM_DONTEXPAND;

/**
 * can_vma_merge_after() of private anonymous memory (mm/mmap.c, v6.1): alike in all but where it came from. Parts of one
 * object that are alike and two VMAs were left so by a fork, which merges nothing. The heap is never joined to what it
 * begins behind (brk: vma_prev_limit).
 */
export function isOneArea({ heap }: Pick<Mm, 'heap'>, left: Vma, right: Vma): boolean {
  if (right.object === heap || right.object === left.object) return false;
  if (endVpn(left) !== right.startVpn || left.prot !== right.prot) return false;
  const isPlain = left.file === 0 && right.file === 0 && ((left.flags | right.flags) & APART) === 0;
  return isPlain && ((left.flags ^ right.flags) & ~VM_ANON) === 0;
}

/** Whether one area contains [start, end). */
export function isWithinArea(mm: ReadsVmas, start: number, end: number): boolean {
  let last: Vma | undefined;
  mm.vmas.visitFrom(start, (vma) => {
    const goesOn = last === undefined ? vma.startVpn <= start : isOneArea(mm, last, vma);
    if (goesOn) last = vma;
    return goesOn && endVpn(vma) < end;
  });
  return last !== undefined && endVpn(last) >= end;
}

/** The VMAs of an area from one of them on, ascending. */
export function restOfArea(mm: ReadsVmas, vma: Vma): Vma[] {
  const found: Vma[] = [];
  mm.vmas.visitFrom(vma.startVpn, (next) => {
    const goesOn = found.length === 0 || isOneArea(mm, found[found.length - 1]!, next);
    if (goesOn) found.push(next);
    return goesOn;
  });
  return found;
}
