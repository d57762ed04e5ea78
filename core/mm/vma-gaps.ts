/**
 * Free room between VMAs: the highest and the lowest gap that is large enough, found in O(log n) by the largest gap below
 * each node of the tree, as maple trees keep it for the kernel (vm_unmapped_area of mm/mmap.c, v6.1).
 *
 * A gap ends where the VMA above it begins, or, if that is a stack, its guard gap (vm_start_gap). How large guard gaps are
 * never changes within a machine, so that what is once worked out of a node holds as long as the node is not written.
 */
import { type Node, UNKNOWN } from '../state/sorted-tree.ts';
import { endVpn, VM_GROWSDOWN, type Vma } from './vma.ts';
import type { Vmas } from './vmas.ts';

/** What is looked for: `nrPages` free pages within [lowVpn, highVpn). */
export interface GapSearch {
  readonly nrPages: number;
  readonly lowVpn: number;
  readonly highVpn: number;
  /** Pages below a stack that stay free. */
  readonly guardPages: number;
}

/** Where such a gap begins that ends as high as possible, at the upper end of its room. */
export function highestGap({ byAddress: { root } }: Vmas, search: GapSearch): number | undefined {
  const { nrPages, lowVpn, highVpn } = search;
  if (root.entries.length === 0) return highVpn - lowVpn >= nrPages ? highVpn - nrPages : undefined;
  const found = highestIn(root, highVpn, search);
  if (found !== undefined) return found;
  const ceiling = Math.min(highVpn, guardedStart(root.first, search.guardPages));
  return ceiling - lowVpn >= nrPages ? ceiling - nrPages : undefined;
}

/** The same as low as possible. */
export function lowestGap({ byAddress: { root } }: Vmas, search: GapSearch): number | undefined {
  const { nrPages, lowVpn, highVpn } = search;
  const found = root.entries.length === 0 ? undefined : lowestIn(root, lowVpn, search);
  if (found !== undefined) return found;
  const floor = root.entries.length === 0 ? lowVpn : Math.max(lowVpn, endVpn(root.last));
  return highVpn - floor >= nrPages ? floor : undefined;
}

/** vm_start_gap(): a stack keeps pages below it free. */
export function guardedStart(vma: Vma, guardPages: number): number {
  return (vma.flags & VM_GROWSDOWN) === 0 ? vma.startVpn : Math.max(0, vma.startVpn - guardPages);
}

/** Between neighbours below a node, and between its last VMA and `ceiling`, where the next one begins. */
function highestIn(node: Node<Vma>, above: number, search: GapSearch): number | undefined {
  const { nrPages, lowVpn, highVpn, guardPages } = search;
  let ceiling = above;
  // The guard gap of a stack may reach below the VMA below it, so it does not say how much room is left.
  let top = highVpn;
  for (let i = node.entries.length - 1; i >= 0 && top - lowVpn >= nrPages; i--) {
    const [first, last] = endsOf(node, i);
    if (ceiling - Math.max(lowVpn, endVpn(last)) >= nrPages) return ceiling - nrPages;
    if (node.height > 0 && first.startVpn < highVpn) {
      const child = node.entries[i] as Node<Vma>;
      const found = gapOf(child, guardPages) < nrPages ? undefined : highestIn(child, ceiling, search);
      if (found !== undefined) return found;
    }
    ceiling = Math.min(highVpn, guardedStart(first, guardPages));
    top = Math.min(highVpn, first.startVpn);
  }
  return undefined;
}

/** Between neighbours below a node, and between `floor`, where the one before ends, and its first VMA. */
function lowestIn(node: Node<Vma>, below: number, search: GapSearch): number | undefined {
  const { nrPages, lowVpn, highVpn, guardPages } = search;
  let floor = below;
  for (let i = 0; i < node.entries.length && highVpn - floor >= nrPages; i++) {
    const [first, last] = endsOf(node, i);
    if (endVpn(last) <= lowVpn) continue;
    if (Math.min(guardedStart(first, guardPages), highVpn) - floor >= nrPages) return floor;
    if (node.height > 0) {
      const child = node.entries[i] as Node<Vma>;
      const found = gapOf(child, guardPages) < nrPages ? undefined : lowestIn(child, floor, search);
      if (found !== undefined) return found;
    }
    floor = Math.max(lowVpn, endVpn(last));
  }
  return undefined;
}

/** The largest gap between neighbours below a node. */
function gapOf(node: Node<Vma>, guardPages: number): number {
  if (node.gap !== UNKNOWN) return node.gap;
  let gap = 0;
  for (let i = 0; i < node.entries.length; i++) {
    const [first] = endsOf(node, i);
    if (i > 0) gap = Math.max(gap, guardedStart(first, guardPages) - endVpn(endsOf(node, i - 1)[1]));
    if (node.height > 0) gap = Math.max(gap, gapOf(node.entries[i] as Node<Vma>, guardPages));
  }
  node.gap = gap;
  return gap;
}

/** The first and the last VMA below an entry. */
function endsOf({ entries, height }: Node<Vma>, i: number): readonly [Vma, Vma] {
  const entry = entries[i]!;
  if (height > 0) return [(entry as Node<Vma>).first, (entry as Node<Vma>).last];
  return [entry as Vma, entry as Vma];
}
