/** Dropping entries from the TLBs of one cpu, under whichever asids they are kept. */
import { MOST_ASIDS } from '../state/cpus.ts';
import { keyBase } from '../tlb/keys.ts';
import type { MmuGeometry } from './geometry.ts';

/**
 * With page-table isolation an address space has two asids: its own one in the kernel, where the kernel's pages are
 * not global and so kept under it too, and this much more in user mode (kern_pcid and user_pcid of tlb.c, v6.1).
 */
export const USER_VIEW = MOST_ASIDS;

/** All entries under an asid: of the address space that it stands for. */
export function dropAsid(mmu: MmuGeometry, cells: Float64Array, asid: number): void {
  for (const view of userViews(mmu, asid)) mmu.tlb.drop(cells, keyBase(view, 0), keyBase(view + 1, 0));
}

/** Pages of an address space, of `stride` base pages each. */
export function dropUserPages(
  mmu: MmuGeometry,
  cells: Float64Array,
  asid: number,
  vpn: number,
  nrPages: number,
  stride: number,
): void {
  const first = Math.floor(vpn / stride);
  const count = Math.ceil((vpn + nrPages) / stride) - first;
  for (const view of userViews(mmu, asid)) {
    const firstKey = keyBase(view, mmu.pageSpans.indexOf(stride)) + first;
    mmu.tlb.drop(cells, firstKey, firstKey + count);
  }
}

/** Base pages of the kernel, under whatever asid they are kept. */
export function dropKernelPages(mmu: MmuGeometry, cells: Float64Array, vpn: number, nrPages: number): void {
  for (let asid = 0; asid <= (mmu.kpti ? mmu.nrAsids : 0); asid++) {
    const firstKey = keyBase(asid, 0) + vpn;
    mmu.tlb.drop(cells, firstKey, firstKey + nrPages);
  }
}

function userViews({ kpti }: MmuGeometry, asid: number): readonly number[] {
  return kpti ? [asid, asid + USER_VIEW] : [asid];
}
