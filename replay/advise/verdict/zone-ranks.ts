/**
 * Which zones the kernel of a report had, empty ones too, for lowmem_reserve[] counts them all: from its length and from
 * the zones that are told of (include/linux/mmzone.h, enum zone_type, 2.6.0 to 7.0).
 */
import * as gfp from '../../../core/event/gfp.ts';
import { dialectNamed } from '../../../core/index.ts';
import type { FailureReport } from '../../../traces/index.ts';

export type ReportedZoneName = 'DMA' | 'DMA32' | 'Normal' | 'HighMem' | 'Movable' | 'Device';

/** In ascending order, those of 32 bits first. DMA32 stood in all kernels of 2.6.15 to 2.6.18. */
const KERNELS_32: readonly (readonly ReportedZoneName[])[] = [
  ['DMA', 'Normal', 'HighMem', 'Movable'],
  ['DMA', 'Normal', 'HighMem'],
  ['DMA', 'DMA32', 'Normal', 'HighMem'],
  ['Normal', 'HighMem', 'Movable'],
  ['DMA', 'Normal', 'Movable'],
  ['Normal', 'HighMem'],
  ['Normal', 'Movable'],
  ['DMA', 'Normal'],
  ['Normal'],
];
const KERNELS_64: readonly (readonly ReportedZoneName[])[] = [
  ['DMA', 'DMA32', 'Normal', 'Movable', 'Device'],
  ['DMA', 'DMA32', 'Normal', 'Movable'],
  ['DMA', 'DMA32', 'Normal'],
  ['DMA32', 'Normal', 'Movable', 'Device'],
  ['DMA32', 'Normal', 'Movable'],
  ['DMA', 'Normal', 'Movable', 'Device'],
  ['DMA', 'Normal', 'Movable'],
  ['DMA', 'Normal'],
  ['Normal', 'Movable', 'Device'],
  ['Normal', 'Movable'],
  ['Normal'],
];

/** Bits of a word of the kernel, as far as the report shows: only 32-bit ones have high memory, a populated DMA32 is of 64. */
export function wordBitsOf({ arch, zones, highPages = 0 }: FailureReport): 32 | 64 {
  const told = dialectNamed(arch)?.wordBits;
  if (told !== undefined) return told;
  if (highPages > 0 || zones.some(({ zone }) => zone === 'HighMem')) return 32;
  const presentKb = zones.reduce((sum, { present }) => sum + present, 0);
  return zones.some(({ zone }) => zone === 'DMA32') || presentKb > MOST_LOW_KB ? 64 : 32;
}

/** Without high memory: more than any kernel of 3G/1G maps, the split that nearly all have. */
const MOST_LOW_KB = 2 ** 20;

/** Those of the kernel, ascending. */
export function zonesOfKernel(report: FailureReport): readonly ReportedZoneName[] {
  const { zones, emptyZones } = report;
  const told = new Set([...zones.map(({ zone }) => zone), ...emptyZones] as ReportedZoneName[]);
  const length = Math.max(0, ...report.zones.map(({ reserve }) => reserve.length));
  const kernels = wordBitsOf(report) === 64 ? KERNELS_64 : KERNELS_32;
  const fits = (names: readonly ReportedZoneName[]): boolean =>
    [...told].every((name) => names.includes(name));
  return kernels.find((names) => names.length === length && fits(names)) ?? kernels.find(fits) ?? [...told];
}

/** The highest zone that a request may use (gfp_zone()). */
export function zoneAskedFor(names: readonly ReportedZoneName[], mask: number): ReportedZoneName {
  const wanted = zoneOfFlags(mask);
  if (names.includes(wanted)) return wanted;
  if (wanted === 'Movable' && names.includes('HighMem')) return 'HighMem';
  return 'Normal';
}

function zoneOfFlags(mask: number): ReportedZoneName {
  if (mask & gfp.__GFP_DMA) return 'DMA';
  if (mask & gfp.__GFP_DMA32) return 'DMA32';
  if ((mask & gfp.__GFP_HIGHMEM) === 0) return 'Normal';
  return mask & gfp.__GFP_MOVABLE ? 'Movable' : 'HighMem';
}
