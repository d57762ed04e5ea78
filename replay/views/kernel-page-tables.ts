/**
 * /sys/kernel/debug/page_tables/kernel of a machine, folded into ranges as the kernel does it (ptdump_walk_pgd of
 * mm/ptdump.c, v6.1). The direct map, the vmalloc window and the kmap window are read from the machine's page tables;
 * above them (fixmap, cpu entry areas, kernel image and memory map of 64 bits) is what a kernel of this layout maps
 * at boot, and what kmap_local adds.
 */

import {
  type DumpEntry,
  type DumpRange,
  foldEntries,
  isUnlisted,
  leafLevel,
  pageTableDump,
} from '../../core/layout/dump/page-table-dump.ts';
import type { Layout } from '../../core/layout/layout.ts';
import { hexDigits, pageAddress, pageNumber } from '../../core/layout/regions.ts';
import type { Machine } from '../../core/machine/machine.ts';
import {
  PTE_GLOBAL,
  PTE_LARGE,
  PTE_NX,
  PTE_RW,
  PTE_SPECIAL,
  pteFlags,
  pteFrame,
} from '../../core/paging/pte.ts';
import { entryRow, findLeaf } from '../../core/paging/table-walk.ts';
import {
  formatKernelPageTables,
  type PageTableMarker,
  type PageTableProtection,
} from '../../traces/index.ts';
import { viewOf } from './view.ts';

export const kernelPageTables = viewOf(
  'kernel_page_tables',
  "the kernel's page tables as ranges that are mapped alike (/sys/kernel/debug/page_tables/kernel)",
  figures,
  (markers, { platform }) => formatKernelPageTables(markers, hexDigits(platform.layout)),
);

function figures(machine: Machine): PageTableMarker[] {
  return foldEntries(machine.platform.layout, entriesOf(machine)).map(({ name, ranges }) => ({
    name,
    ranges: ranges.map(({ attributes, ...range }) => ({ ...range, protection: protectionOf(attributes) })),
    skipped: 0,
  }));
}

function* entriesOf(machine: Machine): Generator<DumpEntry> {
  const { layout, kernelRoot } = machine.platform;
  const fixed = firstFixedAddress(layout);
  yield* tableEntries(machine, { table: kernelRoot, firstVpn: 0, level: 0 }, pageNumber(layout, fixed));
  for (const range of pageTableDump(layout).flatMap(({ ranges }) => ranges))
    if (range.end > fixed)
      yield* fixedEntries(machine, { ...range, start: range.start > fixed ? range.start : fixed });
}

/** A range as it is at boot; kmap_local maps pages into holes of the fixmap. */
function* fixedEntries(machine: Machine, range: DumpRange): Generator<DumpEntry> {
  const { layout, kernelRoot } = machine.platform;
  const { start, end, level, attributes } = range;
  yield range;
  const { fixmap } = layout;
  if (attributes !== '' || start < fixmap.start || start >= fixmap.end) return;
  const first = pageNumber(layout, start);
  const last = pageNumber(layout, (end < fixmap.end ? end : fixmap.end) - 1n);
  for (let vpn = first; vpn <= last; vpn++) {
    const { pte } = findLeaf(machine, kernelRoot, vpn);
    const found = pte === 0 ? '' : attributesOf(layout, pteFlags(pte));
    yield { start: pageAddress(layout, vpn), level, attributes: found };
  }
}

/** Above the windows that events change page by page. */
function firstFixedAddress({ vmalloc, regions }: Layout): bigint {
  const above = regions.filter(({ kind, start }) => start >= vmalloc.end && kind !== 'pkmap');
  return above[0]!.start;
}

interface PlacedTable {
  readonly table: number;
  readonly firstVpn: number;
  readonly level: number;
}

/** Every entry below page `end`, those that map something and those that do not. */
function* tableEntries(
  machine: Machine,
  { table, firstVpn, level }: PlacedTable,
  end: number,
): Generator<DumpEntry> {
  const { mmu, layout } = machine.platform;
  const { span, mask, name } = mmu.levels[level]!;
  const isLast = level === mmu.levels.length - 1;
  for (let index = 0; index <= mask && firstVpn + index * span < end; index++) {
    if (level === 0 && isUnlisted(layout, index)) continue;
    const vpn = firstVpn + index * span;
    const start = pageAddress(layout, vpn);
    const pte = machine.ptes.get(entryRow(mmu, table, vpn, level), 0);
    if (pte === 0) yield { start, level: name, attributes: '' };
    else if (isLast || (pte & PTE_LARGE) !== 0)
      yield { start, level: leafLevel(layout, level), attributes: attributesOf(layout, pteFlags(pte)) };
    else yield* tableEntries(machine, { table: pteFrame(pte), firstVpn: vpn, level: level + 1 }, end);
  }
}

/** Memory of devices is mapped uncached (_PAGE_CACHE_MODE_UC_MINUS). */
function attributesOf({ arch }: Layout, flags: number): string {
  const words = [
    (flags & PTE_RW) !== 0 ? 'RW' : 'ro',
    (flags & PTE_SPECIAL) !== 0 ? 'PCD' : '',
    (flags & PTE_LARGE) !== 0 ? 'PSE' : '',
    (flags & PTE_GLOBAL) !== 0 ? 'GLB' : '',
    arch.translation.nx && (flags & PTE_NX) !== 0 ? 'NX' : 'x',
  ];
  return words.filter((word) => word !== '').join(' ');
}

function protectionOf(attributes: string): PageTableProtection | undefined {
  if (attributes === '') return undefined;
  const words = attributes.split(' ');
  return {
    writable: words.includes('RW'),
    executable: !words.includes('NX'),
    flags: words.filter((word) => !['RW', 'ro', 'NX', 'x'].includes(word)),
  };
}
