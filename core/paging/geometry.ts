/** The shape of the MMU: its TLBs, its walk caches, and the radix tree of the layout in a form made for loops. */
import { type InvalidationRules, USUAL_INVALIDATION } from '../arch/architecture.ts';
import { tableOrder } from '../arch/translation.ts';
import { UsageError } from '../base/errors.ts';
import { firstPfn } from '../layout/convert.ts';
import type { Layout } from '../layout/layout.ts';
import { pageNumber } from '../layout/regions.ts';
import { makeTlb } from '../tlb/make.ts';
import type { TlbMaker, TlbModel } from '../tlb/model.ts';
import { checkMmu, DEFAULT_MMU, type MmuOptions } from '../tlb/options.ts';
import { KERNEL_FLAGS, PTE_GLOBAL } from './pte.ts';
import { type SegmentBounds, segmentBounds } from './segments.ts';

/** One level of the tree: index = (vpn * scale) & mask, in a page of tables where several share one. */
interface WalkLevel {
  readonly name: string;
  readonly scale: number;
  readonly mask: number;
  /** Pages that one entry covers. */
  readonly span: number;
  /** log2 of the pages that a table takes. */
  readonly order: number;
  /** Neighbouring tables that share a page, and are one row of `tables`: the entries above them are filled in together. */
  readonly tablesPerPage: number;
  readonly mayBeLarge: boolean;
}

export interface MmuGeometry extends MmuOptions {
  readonly pageShift: number;
  /** 2^pageShift, worked out once: a power of a variable costs more than most of what is done with it. */
  readonly pageBytes: number;
  readonly levels: readonly WalkLevel[];
  /** Rows of `ptes` for each row of `tables`: as many as the largest table needs. */
  readonly entriesPerTable: number;
  /** Entries of a last-level table, or of a page of them. */
  readonly leafEntries: number;
  /** log2 of the pages that the root of a process takes; with page-table isolation there is another one behind it. */
  readonly rootOrder: number;
  readonly nx: boolean;
  /** Of entries that map kernel pages: with page-table isolation not global (probe_page_size_mask, init.c, v6.1). */
  readonly kernelFlags: number;
  /** Kernel pages are global: a write of CR3 leaves them in the TLBs. */
  readonly globalPages: boolean;
  /** The TLBs and walk caches of each cpu. */
  readonly tlb: TlbModel;
  /** Address spaces whose entries a cpu keeps apart. */
  readonly nrAsids: number;
  /** Width of the ASIDs that all cpus share; undefined: each has its own. */
  readonly asidBits: number | undefined;
  readonly invalidation: InvalidationRules;
  /** By size class: base pages that one page of it covers (see tlb/keys.ts). */
  readonly pageSpans: readonly number[];
  /** The window that needs no tables: page `startVpn` is frame `firstPfn`. Its pages are of the last size class. */
  readonly linear:
    | { readonly startVpn: number; readonly endVpn: number; readonly firstPfn: number }
    | undefined;
  /** Descriptors of the segmentation unit, when they are not flat. */
  readonly segments: readonly SegmentBounds[] | undefined;
  /** Entries that a whole walk reads for a base page. */
  readonly userWalkReads: number;
  readonly kernelWalkReads: number;
}

/**
 * Options that are not given are those of DEFAULT_MMU; `tlbOf` makes the TLBs from them. Throws UsageError for sizes or
 * features that cannot be.
 */
export function mmuGeometry(
  layout: Layout,
  options: Partial<MmuOptions>,
  tlbOf: TlbMaker = makeTlb,
): MmuGeometry {
  const { translation, asids } = layout.arch;
  const { levels, largePageLevels, nx, linearPageBytes, walkReads } = translation;
  const chosen = { ...DEFAULT_MMU, pcid: asids.usual, ...options };
  checkMmu(chosen);
  if (chosen.kpti) checkIsolation(layout);
  const globalPages = !chosen.kpti && !layout.withoutGlobalPages;
  let span = 1;
  const walkLevels: WalkLevel[] = [];
  for (let i = levels.length - 1; i >= 0; i--) {
    const { name, bits, tablesPerPage = 1 } = levels[i]!;
    walkLevels.unshift({
      name,
      scale: 1 / span,
      mask: 2 ** bits * tablesPerPage - 1,
      span,
      order: tableOrder(translation, i, layout.pageShift),
      tablesPerPage,
      mayBeLarge: largePageLevels.includes(i) && !layout.withoutLargePages,
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
    pageBytes: 2 ** layout.pageShift,
    levels: walkLevels,
    entriesPerTable: Math.max(...walkLevels.map((level) => level.mask + 1)),
    leafEntries: walkLevels[walkLevels.length - 1]!.mask + 1,
    rootOrder: walkLevels[0]!.order,
    globalPages,
    kernelFlags: globalPages ? KERNEL_FLAGS : KERNEL_FLAGS - PTE_GLOBAL,
    tlb: tlbOf(chosen, { nrLevels: levels.length, pageSpans }),
    nrAsids: chosen.pcid ? asids.count : 1,
    asidBits: chosen.pcid ? asids.bits : undefined,
    invalidation: layout.arch.invalidation ?? USUAL_INVALIDATION,
    pageSpans,
    linear: linearPageBytes === undefined ? undefined : linearWindow(layout),
    segments: segmentBounds(layout),
    userWalkReads: walkReads?.user ?? levels.length,
    kernelWalkReads: walkReads?.kernel ?? levels.length,
  };
}

function linearWindow(layout: Layout): MmuGeometry['linear'] {
  const startVpn = pageNumber(layout, layout.pageOffset);
  const first = firstPfn(layout);
  return { startVpn, endVpn: startVpn + layout.maxLowPfn - first, firstPfn: first };
}

/** Refuses page-table isolation where the kernel has none. */
function checkIsolation({ name, arch }: Layout): void {
  const { isolation } = arch.port;
  const { levels } = arch.translation;
  if (isolation !== undefined && levels.length >= isolation.leastLevels) return;
  const found =
    isolation === undefined
      ? 'is no x86, and that of other processors is not simulated'
      : `has page tables of ${LEVEL_WORDS[levels.length]} levels`;
  throw new UsageError(`mmu kpti: ${name} ${found}; expected an x86 layout with PAE or of 64 bits`);
}

const LEVEL_WORDS: Readonly<Record<number, string>> = { 1: 'one', 2: 'two' };
