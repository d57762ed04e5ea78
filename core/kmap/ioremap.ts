/**
 * ioremap(): device memory in the vmalloc window (arch/x86/mm/ioremap.c and mm/vmalloc.c, v6.1).
 *
 * The area is aligned to its size, so that large pages fit: 4 MiB of it at most with two levels (where none are
 * used), 2 MiB with PAE, 1 GiB on 64 bits. Device memory has no frames to count. Left out: conflicts of cache types.
 */
import type { IoremapRules } from '../arch/port.ts';
import { physicalLimit } from '../layout/convert.ts';
import type { Layout } from '../layout/layout.ts';
import type { Draft } from '../machine/draft.ts';
import type { Handler } from '../machine/handler.ts';
import { EXISTS, INVALID, IS_RAM, VMALLOC_SPACE } from '../outcome/outcome.ts';
import { makePte, PTE_LARGE, PTE_SPECIAL } from '../paging/pte.ts';
import { clearLargePages, freeEmptyTables, mapPage, mapPages } from '../paging/tables.ts';
import { blockOf, FRAME, USE_NONE, USE_RESERVED } from '../phys/frames.ts';
import { IOREMAP, NO_CLASS, OBJECT } from '../state/objects.ts';
import { freeArea, freesAreas, giveArea, nameArea, purgeIfDue, takeArea, unmapArea } from './areas.ts';

/** Event fields count device memory in units of 4 KiB, whatever the page size. */
const DEVICE_UNIT_BYTES = 4096;

export const ioremap: Handler<'ioremap'> = (
  draft,
  { cpu, object, size: sizeBytes, pfn: unit, offset },
  result,
) => {
  const { costs, layout, mmu } = draft.platform;
  draft.spend(costs.vmapAreaNs);
  if (draft.objects.get(object, OBJECT.class) !== NO_CLASS) return EXISTS;
  const physical = unit * DEVICE_UNIT_BYTES + offset;
  if (sizeBytes === 0 || physical + sizeBytes > physicalLimit(layout)) return INVALID;
  if (touchesRam(draft, physical, physical + sizeBytes)) return IS_RAM;
  const { pageBytes } = mmu;
  const pfn = Math.floor(physical / pageBytes);
  const nrPages = Math.ceil((physical + sizeBytes) / pageBytes) - pfn;
  const vpn = takeArea(draft, cpu, nrPages, ioremapAlignPages(draft, nrPages));
  if (vpn === undefined) return VMALLOC_SPACE;
  const failure = mapDevice(draft, vpn, pfn, nrPages);
  if (failure < 0) {
    dropDevice(draft, vpn, nrPages);
    return -failure;
  }
  nameArea(draft, object, IOREMAP, vpn, nrPages, sizeBytes);
  draft.objects.set(object, OBJECT.start, physical % pageBytes);
  draft.objects.set(object, OBJECT.pfn, pfn);
  return giveArea(draft, result, object);
};

export const iounmap = freesAreas(IOREMAP, (draft, cpu, vpn, nrPages) => {
  purgeIfDue(draft, cpu);
  dropDevice(draft, vpn, nrPages);
});

/** Those of a kernel for one cpu may be others. */
function rulesOf({ arch, nrCpus }: Layout): IoremapRules {
  const { ioremap, ioremapUp } = arch.port;
  return nrCpus === 1 ? (ioremapUp ?? ioremap) : ioremap;
}

/** The size as a power of two, up to IOREMAP_MAX_ORDER. */
export function ioremapAlignPages(
  { platform: { layout, mmu } }: Pick<Draft, 'platform'>,
  nrPages: number,
): number {
  const { alignLevels, alignBytes } = rulesOf(layout);
  const level = Math.max(0, mmu.levels.length - 1 - alignLevels);
  const most = alignBytes === undefined ? mmu.levels[level]!.span : alignBytes / mmu.pageBytes;
  return Math.min(2 ** Math.ceil(Math.log2(nrPages)), most);
}

/** Whether the kernel refuses [start, end), physical bytes, for being RAM. */
function touchesRam(draft: Draft, start: number, end: number): boolean {
  const { layout } = draft.platform;
  return rulesOf(layout).refuses === 'first-frame' ? isRam(layout, start) : hasUsablePage(draft, start, end);
}

/** memblock_is_map_memory() of the frame that an address lies in. */
function isRam({ ram, maxPfn, pageShift }: Layout, physical: number): boolean {
  const pfn = Math.floor(physical / 2 ** pageShift);
  const address = BigInt(pfn) << BigInt(pageShift);
  return pfn < maxPfn && ram.some(({ start, end }) => start <= address && address < end);
}

/**
 * Whether [start, end) has a whole page of RAM that somebody may use (__ioremap_check_ram): what the kernel keeps for
 * itself, as its image or the first MiB, may be mapped, and so may a part of a page.
 */
function hasUsablePage({ platform: { layout }, frames }: Draft, start: number, end: number): boolean {
  const pageBytes = 2 ** layout.pageShift;
  return layout.ram.some((ram) => {
    const last = Math.min(Math.floor(Math.min(Number(ram.end), end) / pageBytes), layout.maxPfn);
    for (let pfn = Math.ceil(Math.max(Number(ram.start), start) / pageBytes); pfn < last; pfn++) {
      const use = frames.get(blockOf(frames, pfn), FRAME.use);
      if (use !== USE_RESERVED && use !== USE_NONE) return true;
    }
    return false;
  });
}

/** Maps device memory with the largest pages that fit (vmap_range_noflush); 0 or a negated reason. */
function mapDevice(draft: Draft, vpn: number, pfn: number, nrPages: number): number {
  const { costs, kernelRoot, mmu } = draft.platform;
  const deviceFlags = mmu.kernelFlags | PTE_SPECIAL;
  const last = mmu.levels.length - 1;
  const mayBeLarge = takesLargePages(draft, vpn, pfn, nrPages);
  let pages = 0;
  for (let done = 0; done < nrPages; done += pages) {
    const level = mayBeLarge ? largestLevel(draft, vpn + done, pfn + done, nrPages - done) : last;
    let next = pfn + done;
    // A page table's worth of small pages at a time: behind it large ones may fit.
    pages =
      level < last
        ? mmu.levels[level]!.span
        : Math.min(nrPages - done, mmu.leafEntries - ((vpn + done) % mmu.leafEntries));
    // Tables of small pages that were there before make room (pmd_free_pte_page).
    if (level < last) freeEmptyTables(draft, kernelRoot, vpn + done, vpn + done + pages);
    const failure =
      level < last
        ? mapPage(draft, kernelRoot, vpn + done, makePte(next, deviceFlags | PTE_LARGE), level)
        : mapPages(draft, kernelRoot, vpn + done, pages, () => makePte(next++, deviceFlags));
    if (failure < 0) return failure;
    draft.spend(level < last ? costs.pteNs : pages * costs.pteNs);
  }
  return 0;
}

/** arch_vmap_pud_supported() and arch_vmap_pmd_supported(); on ARM, whether all of an area is made of sections. */
function takesLargePages(
  { platform: { layout, mmu } }: Draft,
  vpn: number,
  pfn: number,
  nrPages: number,
): boolean {
  const { largePages, blockBytes } = rulesOf(layout);
  if (!largePages || layout.build?.smallKernelPages === true) return false;
  if (blockBytes === undefined) return true;
  const pages = blockBytes / mmu.pageBytes;
  return vpn % pages === 0 && pfn % pages === 0 && nrPages % pages === 0;
}

function largestLevel({ platform: { mmu } }: Draft, vpn: number, pfn: number, nrPages: number) {
  const last = mmu.levels.length - 1;
  const found = mmu.levels.findIndex(
    ({ span, mayBeLarge }) => mayBeLarge && vpn % span === 0 && pfn % span === 0 && nrPages >= span,
  );
  return found < 0 ? last : found;
}

function dropDevice(draft: Draft, vpn: number, nrPages: number): void {
  clearLargePages(draft, draft.platform.kernelRoot, vpn, vpn + nrPages);
  unmapArea(draft, vpn, nrPages);
  freeArea(draft, vpn, nrPages);
}
