/** Dropping entries from the TLBs of one cpu, however they are arranged, and under whichever asids they are kept. */
import { NR_ASIDS } from '../state/cpus.ts';
import { dropArranged } from './arrangement.ts';
import type { MmuGeometry } from './geometry.ts';
import { dropKeys, dropPages, keyBase, tlbParts } from './tlb.ts';

/**
 * With page-table isolation an address space has two asids: its own one in the kernel, where the kernel's pages are
 * not global and so kept under it too, and this much more in user mode (kern_pcid and user_pcid of tlb.c, v6.1).
 */
export const USER_VIEW = NR_ASIDS;

/** The TLBs and walk caches of a cpu, empty. */
export function newTlb(mmu: MmuGeometry): Float64Array {
  const { arrangement } = mmu;
  if (arrangement === undefined) return new Float64Array(tlbParts(mmu).length);
  const cells = new Float64Array(arrangement.length);
  if (arrangement.replacement === 'random') {
    arrangement.arrays.forEach(({ state }, i) => {
      cells[state] = (mmu.seed + i) >>> 0;
    });
  }
  return cells;
}

/** How many of the first cells are TLB entries. */
export function tlbEntryCount(mmu: MmuGeometry): number {
  return mmu.arrangement?.tlbEnd ?? tlbParts(mmu).walkKeys;
}

/** Everything, global entries too. */
export function dropAll({ arrangement }: MmuGeometry, tlb: Float64Array): void {
  tlb.fill(0, 0, arrangement?.keysEnd);
}

/** All entries under an asid: of the address space that it stands for. */
export function dropAsid(mmu: MmuGeometry, tlb: Float64Array, asid: number): void {
  for (const view of userViews(mmu, asid)) dropRange(mmu, tlb, keyBase(view, 0), keyBase(view + 1, 0));
}

/** Pages of an address space, of `stride` base pages each. */
export function dropUserPages(
  mmu: MmuGeometry,
  tlb: Float64Array,
  asid: number,
  vpn: number,
  nrPages: number,
  stride: number,
): void {
  for (const view of userViews(mmu, asid)) {
    if (stride === 1) dropRun(mmu, tlb, keyBase(view, 0) + vpn, nrPages);
    else dropLarge(mmu, tlb, view, vpn, nrPages, stride);
  }
}

function dropLarge(
  mmu: MmuGeometry,
  tlb: Float64Array,
  asid: number,
  vpn: number,
  nrPages: number,
  stride: number,
): void {
  const first = Math.floor(vpn / stride);
  const count = Math.ceil((vpn + nrPages) / stride) - first;
  dropRun(mmu, tlb, keyBase(asid, mmu.pageSpans.indexOf(stride)) + first, count);
}

/** Base pages of the kernel, under whatever asid they are kept. */
export function dropKernelPages(mmu: MmuGeometry, tlb: Float64Array, vpn: number, nrPages: number): void {
  for (let asid = 0; asid <= (mmu.kpti ? NR_ASIDS : 0); asid++)
    dropRun(mmu, tlb, keyBase(asid, 0) + vpn, nrPages);
}

function userViews({ kpti }: MmuGeometry, asid: number): readonly number[] {
  return kpti ? [asid, asid + USER_VIEW] : [asid];
}

function dropRange(mmu: MmuGeometry, tlb: Float64Array, low: number, high: number): void {
  if (mmu.arrangement === undefined) dropKeys(mmu, tlb, low, high);
  else dropArranged(mmu.arrangement, tlb, low, high);
}

function dropRun(mmu: MmuGeometry, tlb: Float64Array, firstKey: number, nrPages: number): void {
  if (mmu.arrangement === undefined) dropPages(mmu, tlb, firstKey, nrPages);
  else dropArranged(mmu.arrangement, tlb, firstKey, firstKey + nrPages);
}
