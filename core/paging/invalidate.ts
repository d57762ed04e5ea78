/** Dropping entries from the TLBs of one cpu that has some, under whichever asids they are kept. */
import { fail } from '../base/errors.ts';
import type { Draft } from '../machine/draft.ts';
import { MOST_ASIDS } from '../state/cpus.ts';
import { END_OF_KEYS, keyBase } from '../tlb/keys.ts';
import type { MmuGeometry } from './geometry.ts';

/**
 * With page-table isolation an address space has two asids: its own one in the kernel, where the kernel's pages are
 * not global and so kept under it too, and this much more in user mode (kern_pcid and user_pcid of tlb.c, v6.1).
 */
export const USER_VIEW = MOST_ASIDS;

/** All entries under an asid: of the address space that it stands for. */
export function dropAsid(draft: Draft, cpu: number, asid: number): void {
  for (const view of userViews(draft.platform.mmu, asid))
    drop(draft, cpu, keyBase(view, 0), keyBase(view + 1, 0));
}

/** Entries for pages of `stride` base pages each, of an address space. */
export function dropUserPages(
  draft: Draft,
  cpu: number,
  asid: number,
  vpn: number,
  nrPages: number,
  stride: number,
): void {
  const { mmu } = draft.platform;
  const first = Math.floor(vpn / stride);
  const count = Math.ceil((vpn + nrPages) / stride) - first;
  for (const view of userViews(mmu, asid)) {
    const firstKey = keyBase(view, mmu.pageSpans.indexOf(stride)) + first;
    drop(draft, cpu, firstKey, firstKey + count);
  }
}

/**
 * Pages of an address space that an instruction names one by one, of `stride` base pages each. It takes whatever entry
 * translates them, and so all of a huge page of which a part is named (TLBI by address: ARM ARM, DDI 0406C, B3.10; INVLPG:
 * Intel SDM vol. 3A, 4.10.4.1).
 */
export function dropNamedPages(
  draft: Draft,
  cpu: number,
  asid: number,
  vpn: number,
  nrPages: number,
  stride: number,
): void {
  dropUserPages(draft, cpu, asid, vpn, nrPages, stride);
  const { thp } = draft.platform;
  if (thp !== undefined && stride < thp.nrPages) dropUserPages(draft, cpu, asid, vpn, nrPages, thp.nrPages);
}

/** Base pages of the kernel, under whatever asid they are kept. */
export function dropKernelPages(draft: Draft, cpu: number, vpn: number, nrPages: number): void {
  const { mmu } = draft.platform;
  for (let asid = 0; asid <= (mmu.kpti ? mmu.nrAsids : 0); asid++) {
    const firstKey = keyBase(asid, 0) + vpn;
    drop(draft, cpu, firstKey, firstKey + nrPages);
  }
}

/** Everything, global entries too. */
export function dropAll(draft: Draft, cpu: number): void {
  draft.platform.mmu.tlb.empty(cellsOf(draft, cpu));
  draft.log?.drop(cpu, 0, END_OF_KEYS);
}

function drop(draft: Draft, cpu: number, low: number, high: number): void {
  draft.platform.mmu.tlb.drop(cellsOf(draft, cpu), low, high);
  draft.log?.drop(cpu, low, high);
}

function cellsOf(draft: Draft, cpu: number): Float64Array {
  const cells = draft.tlbs.of(cpu);
  if (cells === undefined) fail(`cpu ${cpu} has no TLB to drop entries from`);
  return cells;
}

function userViews({ kpti }: MmuGeometry, asid: number): readonly number[] {
  return kpti ? [asid, asid + USER_VIEW] : [asid];
}
