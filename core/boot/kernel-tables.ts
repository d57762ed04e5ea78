/** The kernel's page tables as boot makes them: the direct map, and empty tables for kmap and kmap_local. */
import { directMap } from '../layout/dump/direct-map.ts';
import { KMAP_LOCAL_SLOTS } from '../layout/fixmap.ts';
import type { Layout } from '../layout/layout.ts';
import type { Draft } from '../machine/draft.ts';
import type { MmuGeometry } from '../paging/geometry.ts';
import { makePte, PTE_LARGE, PTE_NX, PTE_RW } from '../paging/pte.ts';
import { mapPage, mapPages } from '../paging/tables.ts';
import { required } from './too-small.ts';

/** Maps low memory at PAGE_OFFSET, as the kernel has it once it is up. */
export function buildDirectMap(draft: Draft, root: number, layout: Layout, mmu: MmuGeometry): void {
  const base = draft.platform.linearVpn;
  for (const { startPfn, endPfn, pageFrames, writable, executable } of directMap(layout)) {
    const level = mmu.levels.findIndex(({ span }) => span === pageFrames);
    let flags = pageFrames > 1 ? mmu.kernelFlags | PTE_LARGE : mmu.kernelFlags;
    if (!writable) flags &= ~PTE_RW;
    if (executable && mmu.nx) flags &= ~PTE_NX;
    let pfn = startPfn;
    if (pageFrames === 1)
      required(
        mapPages(draft, root, base + pfn, endPfn - startPfn, () => makePte(pfn++, flags)),
        layout,
      );
    for (; pfn < endPfn; pfn += pageFrames)
      required(mapPage(draft, root, base + pfn, makePte(pfn, flags), level), layout);
  }
}

/** The last-level tables of kmap and kmap_local are there from boot on (permanent_kmaps_init, page_table_range_init). */
export function buildKmapTables(draft: Draft, root: number, layout: Layout): void {
  if (layout.pkmap === undefined || layout.highstartPfn === undefined) return;
  const { pkmapVpn, kmapLocalVpn } = draft.platform;
  const slots = KMAP_LOCAL_SLOTS * layout.nrCpus;
  buildTables(draft, root, pkmapVpn, layout.pkmap.slots);
  buildTables(draft, root, kmapLocalVpn + 1 - slots, slots);
}

function buildTables(draft: Draft, root: number, vpn: number, nrPages: number): void {
  const { layout, mmu } = draft.platform;
  for (let at = vpn - (vpn % mmu.leafEntries); at < vpn + nrPages; at += mmu.leafEntries) {
    for (const pte of [makePte(0, mmu.kernelFlags), 0]) required(mapPage(draft, root, at, pte), layout);
  }
}
