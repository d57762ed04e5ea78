/** The direct map by size of page, as meminfo tells it: DirectMap4k, DirectMap2M or 4M, DirectMap1G, in KiB. */
import { pageNumber } from '../../core/boot.ts';
import { findLeaf } from '../../core/paging/tables.ts';
import type { Machine } from '../../core/state/machine.ts';

export function directMapPages(machine: Machine): Record<string, number> {
  const { layout, mmu, kernelRoot } = machine.platform;
  const sizes = mmu.levels.map(({ span }) => span * 2 ** (layout.pageShift - 10));
  const listed = mmu.levels.flatMap(({ mayBeLarge }, level) =>
    mayBeLarge || level === mmu.levels.length - 1 ? [level] : [],
  );
  const kib = Object.fromEntries(listed.reverse().map((level) => [`DirectMap${sizeName(sizes[level]!)}`, 0]));
  const end = pageNumber(layout, layout.highMemory - 1n) + 1;
  for (let vpn = pageNumber(layout, layout.pageOffset); vpn < end; ) {
    const { pte, level } = findLeaf(machine, kernelRoot, vpn);
    const { span } = mmu.levels[level]!;
    if (pte !== 0) kib[`DirectMap${sizeName(sizes[level]!)}`]! += sizes[level]!;
    vpn = (Math.floor(vpn / span) + 1) * span;
  }
  return kib;
}

function sizeName(kib: number): string {
  if (kib < 1024) return `${kib}k`;
  return kib < 2 ** 20 ? `${kib / 1024}M` : `${kib / 2 ** 20}G`;
}
