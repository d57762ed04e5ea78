/**
 * An IOMMU: each device behind it has an address space of its own, in pages, that makes scattered frames contiguous
 * on the bus and keeps the device from everything else (drivers/iommu/dma-iommu.c and iova.c, v6.1).
 *
 * I/O addresses (IOVAs) are given out from the top: first below 4 GiB, then below the device's mask. A request is
 * aligned to its size, and a small one is rounded up to a power of two.
 *
 * Simplified: the IOMMU's tables have the format of the cpu's and count as page tables; an address is free again as
 * soon as it is unmapped (no per-cpu caches of addresses, no flush queue: iommu.strict=1); windows of PCI bridges
 * are not kept free.
 */

import type { Draft } from '../machine/draft.ts';
import { IOVA_SPACE, OK } from '../outcome/outcome.ts';
import { makePte, PTE_PRESENT, PTE_RW, PTE_SPECIAL } from '../paging/pte.ts';
import { clearPtes, freeTable, mapPages, newTable } from '../paging/tables.ts';
import type { RunList } from './runs.ts';

/** Address width of the second-level tables: 39 bits, three levels, as QEMU's intel-iommu has it by default. */
const IOVA_BITS = 39;
const LOW_BITS = 32;
/** Interrupt messages are written here: never an IOVA (IOAPIC_RANGE_START, drivers/iommu/intel/iommu.c, v6.1). */
const MSI_START = 0xfee0_0000;
const MSI_END = 0xfef0_0000;
/** Requests below this many pages are rounded up (IOVA_RANGE_CACHE_MAX_SIZE is 6). */
const ROUNDED_PAGES = 32;

/** Pages of I/O address space that a mapping has: [iova, iova + pages), as `iovaHoles` numbers them. */
export interface IovaRange {
  iova: number;
  pages: number;
}

/** A device gets its address space: the row of its root table, or a negated reason. */
export function attachDevice(draft: Draft): number {
  const root = newTable(draft, draft.platform.mmu.rootOrder);
  if (root > 0) for (const [start, end] of windowOf(draft, root)) draft.iovaHoles.release(start, end);
  return root;
}

/** The address space goes, with nothing left in it. */
export function detachDevice(draft: Draft, root: number): void {
  for (const [start, end] of windowOf(draft, root)) draft.iovaHoles.takeHighest(end - start, 1, start, end);
  freeTable(draft, root);
}

/** Maps all runs one behind the other. Fills in `range`; 0 or a negated reason. */
export function mapRuns(
  draft: Draft,
  root: number,
  maskBits: number,
  runs: RunList,
  deviceWrites: boolean,
  range: IovaRange,
): number {
  const { costs, mmu } = draft.platform;
  const pages = runs.pages(mmu.pageShift);
  if (!takeIova(draft, root, maskBits, pages, range)) return -IOVA_SPACE;
  const flags = PTE_PRESENT | PTE_SPECIAL | (deviceWrites ? PTE_RW : 0);
  let page = iovaPage(draft, range.iova);
  for (let run = 0; run < runs.count; run++) {
    const nrPages = runs.pagesOf(run, mmu.pageShift);
    let pfn = runs.pfn[run]!;
    const failure = mapPages(draft, root, page, nrPages, () => makePte(pfn++, flags));
    if (failure < 0) {
      unmapIova(draft, root, range);
      return failure;
    }
    page += nrPages;
  }
  draft.spend(pages * costs.pteNs);
  return OK;
}

/** Takes the entries away, waits for the IOMMU to forget them, and gives the addresses back. */
export function unmapIova(draft: Draft, root: number, { iova, pages }: IovaRange): void {
  const { costs } = draft.platform;
  const page = iovaPage(draft, iova);
  clearPtes(draft, root, page, page + pages, (_entries, count) => draft.spend(count * costs.pteNs));
  draft.spend(costs.iotlbFlushNs);
  draft.iovaHoles.release(iova, iova + pages);
}

/** The page on the bus: what the IOMMU's tables translate. */
export function iovaPage(draft: { readonly platform: Draft['platform'] }, iova: number): number {
  return iova % spacePages(draft.platform.mmu.pageShift);
}

/** alloc_iova_fast(): below 4 GiB if there is room (a single address cycle on PCI), else anywhere in reach. */
function takeIova(draft: Draft, root: number, maskBits: number, pages: number, range: IovaRange): boolean {
  const align = pages === 1 ? 1 : 1 << (32 - Math.clz32(pages - 1));
  const size = pages < ROUNDED_PAGES ? align : pages;
  const base = root * spacePages(draft.platform.mmu.pageShift);
  const below = (bits: number): number | undefined =>
    draft.iovaHoles.takeHighest(size, align, base, base + pagesBelow(bits, draft.platform.mmu.pageShift));
  const iova = below(Math.min(maskBits, LOW_BITS)) ?? below(Math.min(maskBits, apertureBits(draft)));
  if (iova === undefined) return false;
  range.iova = iova;
  range.pages = size;
  return true;
}

/** What is free in the space of a device at first: not page 0, nor where interrupt messages go. */
function windowOf(draft: Draft, root: number): (readonly [start: number, end: number])[] {
  const { pageShift } = draft.platform.mmu;
  const base = root * spacePages(pageShift);
  const at = (address: number): number => base + address / 2 ** pageShift;
  const end = base + pagesBelow(apertureBits(draft), pageShift);
  const below: readonly [number, number] = [base + 1, Math.min(at(MSI_START), end)];
  return at(MSI_END) < end ? [below, [at(MSI_END), end]] : [below];
}

/** As wide as the tables go. */
function apertureBits({ platform: { layout } }: Draft): number {
  return Math.min(IOVA_BITS, layout.arch.virtualBits);
}

/** Pages of the addresses of so many bits. */
function pagesBelow(bits: number, pageShift: number): number {
  return 2 ** (bits - pageShift);
}

/** Every device's pages have numbers of their own in `iovaHoles`: root table row * this + page. */
function spacePages(pageShift: number): number {
  return pagesBelow(IOVA_BITS, pageShift);
}
