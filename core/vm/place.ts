/**
 * Where mappings go: the gaps of an address space, and which of them the kernel picks (arch/x86/kernel/sys_x86_64.c; for
 * those that huge pages could fill mm/huge_memory.c).
 */
import { PLACE_PIE, PLACE_STACK, PLACE_TEXT } from '../event/mmap-flags.ts';
import type { Draft } from '../machine/draft.ts';
import type { Mm } from '../machine/machine.ts';
import { type GapSearch, guardedStart, highestGap, lowestGap } from '../mm/vma-gaps.ts';

/** What a mapping is of: a file, shared memory, or private pages. */
export type Backing = 'file' | 'shared' | 'private';

/** First page for a new mapping; undefined when no gap is large enough. `where` is a PLACE_. */
export function place(
  draft: Draft,
  mm: Mm,
  where: number,
  nrPages: number,
  backing: Backing,
): number | undefined {
  const { userSpace } = draft.platform;
  if (where === PLACE_STACK) {
    // Below another stack: a process has one, but a trace may ask for more.
    return highestGap(mm.vmas, gapsFor(draft, nrPages, userSpace.stackLowVpn, userSpace.stackTopVpn));
  }
  if (where === 0) return placeAligned(draft, mm, nrPages, backing) ?? placeAnywhere(draft, mm, nrPages);
  if (where !== PLACE_TEXT && where !== PLACE_PIE) return placeAnywhere(draft, mm, nrPages);
  const start = mm.textEnd || (where === PLACE_PIE ? userSpace.pieVpn : userSpace.textVpn);
  return isFree(draft, mm, start, start + nrPages) ? start : undefined;
}

/** Top-down from mmap_base; when that is full, or in the old order, bottom-up. */
export function placeAnywhere(draft: Draft, mm: Mm, nrPages: number): number | undefined {
  const { lowestVpn, mmapBaseVpn, unmappedBaseVpn, mmapEndVpn, legacyMmap } = draft.platform.userSpace;
  const high = legacyMmap ? undefined : highestGap(mm.vmas, gapsFor(draft, nrPages, lowestVpn, mmapBaseVpn));
  return high ?? lowestGap(mm.vmas, gapsFor(draft, nrPages, unmappedBaseVpn, mmapEndVpn));
}

function gapsFor({ platform }: Draft, nrPages: number, lowVpn: number, highVpn: number): GapSearch {
  return { nrPages, lowVpn, highVpn, guardPages: platform.userSpace.stackGuardPages };
}

/**
 * At a multiple of a huge page, in a gap that has so much more room; undefined where the kernel does not care or there is
 * none (thp_get_unmapped_area; offsets in files are 0 here).
 */
function placeAligned(draft: Draft, mm: Mm, nrPages: number, backing: Backing): number | undefined {
  const { thp, layout, userSpace } = draft.platform;
  if (thp === undefined || nrPages < thp.nrPages || !wantsAlignment(draft, nrPages, backing))
    return undefined;
  const found = placeAnywhere(draft, mm, nrPages + thp.nrPages);
  if (found === undefined) return undefined;
  const ahead = Math.ceil(found / thp.nrPages) * thp.nrPages - found;
  const goesDown = layout.kernel.hugeAlignment.keepsTop && !userSpace.legacyMmap;
  return found + (ahead === 0 && goesDown ? thp.nrPages : ahead);
}

function wantsAlignment({ platform }: Draft, nrPages: number, backing: Backing): boolean {
  const { kernel, arch } = platform.layout;
  const { files, anonymous, on32Bits } = kernel.hugeAlignment;
  if (arch.wordBits === 32 && !on32Bits) return false;
  if (backing !== 'private') return backing === 'file' && files;
  return anonymous === 'large' || (anonymous === 'whole' && nrPages % platform.thp!.nrPages === 0);
}

/** Nothing is mapped in [start, end), and it lies in user space. */
export function isFree(draft: Draft, { vmas }: Pick<Mm, 'vmas'>, start: number, end: number): boolean {
  if (end > partEnd(draft, start)) return false;
  const next = vmas.firstEndingAbove(start);
  return next === undefined || next.startVpn >= end;
}

/** First page above the part of user space that a page lies in. */
export function partEnd({ platform }: Draft, vpn: number): number {
  return platform.userSpace.partEnds.find((end) => vpn <= end) ?? 0;
}

/** The same for the heap, which keeps a page and a stack's guard gap above it free. */
export function isFreeForHeap(draft: Draft, { vmas }: Pick<Mm, 'vmas'>, start: number, end: number): boolean {
  if (end > partEnd(draft, start)) return false;
  const next = vmas.firstEndingAbove(start);
  return next === undefined || guardedStart(next, draft.platform.userSpace.stackGuardPages) >= end + 1;
}
