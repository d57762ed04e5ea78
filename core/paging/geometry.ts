/** The shape of the MMU: its TLBs, its walk caches, and the radix tree of the layout in a form made for loops. */
import { assert, UsageError } from '../base/errors.ts';
import type { Layout } from '../layout/layout.ts';
import { pageNumber } from '../layout/regions.ts';
import { MOST_ASIDS } from '../state/cpus.ts';
import { makeTlb } from '../tlb/make.ts';
import type { TlbMaker, TlbModel } from '../tlb/model.ts';
import { checkMmu, DEFAULT_MMU, type MmuOptions } from '../tlb/options.ts';
import { KERNEL_FLAGS, PTE_GLOBAL } from './pte.ts';
import { type SegmentBounds, segmentBounds } from './segments.ts';

/** One level of the tree: index = (vpn * scale) & mask. */
interface WalkLevel {
  readonly name: string;
  readonly scale: number;
  readonly mask: number;
  /** Pages that one entry covers. */
  readonly span: number;
  readonly mayBeLarge: boolean;
}

export interface MmuGeometry extends MmuOptions {
  readonly pageShift: number;
  readonly levels: readonly WalkLevel[];
  /** Rows of `ptes` for each page-table page. */
  readonly entriesPerTable: number;
  /** Entries of a last-level table. */
  readonly leafEntries: number;
  readonly nx: boolean;
  /** Of entries that map kernel pages: with page-table isolation not global (probe_page_size_mask, init.c, v6.1). */
  readonly kernelFlags: number;
  /** The TLBs and walk caches of each cpu. */
  readonly tlb: TlbModel;
  /** Address spaces whose entries a cpu keeps apart: at most MOST_ASIDS. */
  readonly nrAsids: number;
  /** By size class: base pages that one page of it covers (see tlb/keys.ts). */
  readonly pageSpans: readonly number[];
  /** The window that needs no tables: page `startVpn` is frame 0. Its pages are of the last size class. */
  readonly linear: { readonly startVpn: number; readonly endVpn: number } | undefined;
  /** Descriptors of the segmentation unit, when they are not flat. */
  readonly segments: readonly SegmentBounds[] | undefined;
  /** Entries that a whole walk reads for a base page. */
  readonly userWalkReads: number;
  readonly kernelWalkReads: number;
}

/** TLB_NR_DYN_ASIDS of arch/x86/include/asm/tlbflush.h, v6.1: address spaces that a cpu keeps apart by PCID. */
const TLB_NR_DYN_ASIDS = 6;
assert(TLB_NR_DYN_ASIDS <= MOST_ASIDS, 'a row of the cpus table has too little room for asids');

/**
 * Options that are not given are those of DEFAULT_MMU; `tlbOf` makes the TLBs from them. Throws UsageError for sizes or
 * features that cannot be.
 */
export function mmuGeometry(
  layout: Layout,
  options: Partial<MmuOptions>,
  tlbOf: TlbMaker = makeTlb,
): MmuGeometry {
  const { levels, largePageLevels, nx, linearPageBytes, walkReads } = layout.translation;
  // PCID exists in 64-bit mode only (Intel SDM vol. 3A, 4.10.1).
  const chosen = { ...DEFAULT_MMU, pcid: layout.wordBits === 64, ...options };
  checkMmu(chosen);
  if (chosen.kpti && (levels.length === 2 || !isX86(layout))) throw needsPae(layout);
  let span = 1;
  const walkLevels: WalkLevel[] = [];
  for (let i = levels.length - 1; i >= 0; i--) {
    const { name, bits } = levels[i]!;
    walkLevels.unshift({
      name,
      scale: 1 / span,
      mask: 2 ** bits - 1,
      span,
      mayBeLarge: largePageLevels.includes(i),
    });
    span *= 2 ** bits;
  }
  const pageSpans = [
    ...walkLevels.map((level) => level.span).reverse(),
    ...(linearPageBytes === undefined ? [] : [linearPageBytes / 2 ** layout.pageShift]),
  ];
  return {
    ...chosen,
    nx,
    pageShift: layout.pageShift,
    levels: walkLevels,
    entriesPerTable: Math.max(...walkLevels.map((level) => level.mask + 1)),
    leafEntries: walkLevels[walkLevels.length - 1]!.mask + 1,
    kernelFlags: chosen.kpti ? KERNEL_FLAGS - PTE_GLOBAL : KERNEL_FLAGS,
    tlb: tlbOf(chosen, { nrLevels: levels.length, pageSpans }),
    nrAsids: chosen.pcid ? TLB_NR_DYN_ASIDS : 1,
    pageSpans,
    linear: linearPageBytes === undefined ? undefined : linearWindow(layout),
    segments: segmentBounds(layout),
    userWalkReads: walkReads?.user ?? levels.length,
    kernelWalkReads: walkReads?.kernel ?? levels.length,
  };
}

function linearWindow(layout: Layout): MmuGeometry['linear'] {
  const startVpn = pageNumber(layout, layout.pageOffset);
  return { startVpn, endVpn: startVpn + layout.maxLowPfn };
}

/** Whether the layout is one of an x86, of the books or of Linux. */
export function isX86({ family }: Layout): boolean {
  return family === 'textbook' || family === 'linux-6.1';
}

/** `config PAGE_TABLE_ISOLATION` depends on X86_64 or X86_PAE (security/Kconfig, v6.1). */
function needsPae(layout: Layout): UsageError {
  const { name } = layout;
  const found = isX86(layout) ? 'has page tables of two levels' : 'is no x86';
  return new UsageError(`mmu kpti: ${name} ${found}; expected a layout with PAE or of 64 bits`);
}
