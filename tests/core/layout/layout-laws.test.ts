/** What every layout obeys, whatever it is asked for. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Layout } from '../../../core/layout/catalog/index.ts';
import { anyLayout } from '../../generators/any-layout.ts';
import { atDepth } from '../../support/depth.ts';

describe('laws', () => {
  const holds = (law: (layout: Layout) => void) =>
    fc.assert(fc.property(anyLayout, law), { numRuns: atDepth({ quick: 167, full: 500 }) });

  test('regions ascend and do not overlap, and fill their windows', () => {
    holds(({ regions, arch: { wordBits } }) => {
      let above = 0n;
      for (const { start, end } of regions) {
        expect(start).toBeGreaterThanOrEqual(above);
        expect(end).toBeGreaterThan(start);
        above = end;
      }
      expect(above).toBeLessThanOrEqual(1n << BigInt(wordBits));
    });
  });

  test('zones ascend, do not overlap, and hold every page frame below max_pfn once', () => {
    holds(({ zones, ram, maxPfn, pageShift, arch, physicalBase }) => {
      const lowest = arch.port.firstPageIsRam ? Number(physicalBase) / 2 ** pageShift : 1;
      let above = lowest;
      for (const zone of zones) {
        expect(zone.startPfn).toBeGreaterThanOrEqual(above);
        expect(zone.presentPages).toBeLessThanOrEqual(zone.spannedPages);
        above = zone.startPfn + zone.spannedPages;
      }
      expect(above).toBeLessThanOrEqual(maxPfn);
      const present = zones.reduce((sum, zone) => sum + zone.presentPages, 0);
      expect(present).toBe(naivePages(ram, lowest, maxPfn, 2 ** pageShift));
    });
  });

  test('the direct map holds low memory exactly, and vmalloc lies above it', () => {
    holds((layout) => {
      expect(layout.highMemory).toBe(
        layout.pageOffset + (BigInt(layout.maxLowPfn) << BigInt(layout.pageShift)) - layout.physicalBase,
      );
      if (layout.family !== 'ia64') expect(layout.vmalloc.start).toBeGreaterThan(layout.highMemory);
      expect(layout.maxLowPfn).toBeLessThanOrEqual(layout.maxPfn);
      expect(layout.kernelImage.end).toBeLessThanOrEqual(
        BigInt(layout.maxLowPfn) << BigInt(layout.pageShift),
      );
    });
  });

  test('the levels of the page tables add up to the width of an address', () => {
    holds(({ arch: { name, translation, pageShift, virtualBits } }) => {
      // On arm64 one more bit says which of two roots it is.
      const select = name.startsWith('arm64') ? 1 : 0;
      expect(translation.levels.reduce((sum, { bits }) => sum + bits, pageShift)).toBe(virtualBits - select);
    });
  });
});

/** Whole pages of RAM from `lowest` (the BIOS's first is none) to below `maxPfn`. */
function naivePages(ram: Layout['ram'], lowest: number, maxPfn: number, pageBytes: number): number {
  const pages = ram.map(({ start, end }) => {
    const first = Math.max(lowest, Math.ceil(Number(start) / pageBytes));
    return Math.max(0, Math.min(maxPfn, Math.floor(Number(end) / pageBytes)) - first);
  });
  return pages.reduce((sum, count) => sum + count, 0);
}
