/** What booted kernels computed the marks of their zones from. */

import { pfnOf } from '../../core/base/units.ts';
import type { Layout } from '../../core/layout/catalog/index.ts';
import type { CapturedMachine, CapturedZone } from './captured-machine.ts';

/** Zones as they were when the probe began. */
export function zonesAtBoot({ zone_snapshots }: CapturedMachine): CapturedZone[] {
  return zone_snapshots.filter(({ tag }) => tag === 'initcall');
}

/**
 * By zone: pages that it managed when the kernel computed marks, which is before the memory of init code and of the RAM
 * disk is given back. A probe that is a part of the kernel saw it so; one that came as a module came later.
 */
export function managedAtMarks(oracle: CapturedMachine, { kernelImage, pageShift }: Layout): number[] {
  const image = pfnOf(kernelImage.start, pageShift);
  const later = oracle.zones;
  return zonesAtBoot(oracle).map(({ name, managed, start_pfn, spanned }) => {
    const isComplete = later.find((zone) => zone.name === name)!.managed === managed;
    const hasImage = image >= start_pfn && image < start_pfn + spanned;
    return managed - (isComplete && hasImage ? freedPages(oracle, pageShift) : 0);
  });
}

/** `Freeing initrd memory: 976K`, in pages. */
function freedPages({ dmesg_memory_lines }: CapturedMachine, pageShift: number): number {
  const kib = dmesg_memory_lines.map((line) => /Freeing .* memory: (\d+)K/.exec(line)?.[1] ?? 0);
  return kib.reduce<number>((sum, one) => sum + Number(one), 0) / 2 ** (pageShift - 10);
}

/** The kernel's zones, those without pages too, in its own order: that of `lowmem_reserve`. */
export function zoneRanks({ zones, zones_empty }: CapturedMachine): string[] {
  const names = new Set([...zones.map(({ name }) => name), ...zones_empty]);
  return ['DMA', 'DMA32', 'Normal', 'HighMem', 'Movable'].filter((name) => names.has(name));
}
