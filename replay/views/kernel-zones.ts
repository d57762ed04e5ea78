/**
 * Zones as the kernel counts them: all that its configuration knows, populated or not (enum zone_type of
 * include/linux/mmzone.h, v6.1). The machine has those with memory only.
 */
import type { Machine } from '../../core/machine/machine.ts';
import { kernelZoneNames, type Zone } from '../../core/phys/zones.ts';

export interface KernelZone {
  readonly name: string;
  /** Undefined when the machine has no memory there. */
  readonly zone: Zone | undefined;
  /** Lowmem reserve against each of the kernel's zones, in pages. */
  readonly protection: readonly number[];
  /** min, low and high of a zone without memory. */
  readonly idleMark: number;
}

export function kernelZones({ platform }: Machine): KernelZone[] {
  const names = [...kernelZoneNames(platform.layout), 'Movable'];
  return names.map((name, rank) => {
    const zone = platform.zones.find((zone) => zone.name === name);
    const protection = names.map((_, asked) => reserveAgainst(platform.zones, names, zone, asked));
    return { name, zone, protection, idleMark: idleMark(platform.zones, names[rank]!) };
  });
}

/** Zones without memory add nothing: what counts is the highest populated one below the zone that was asked for. */
function reserveAgainst(
  zones: readonly Zone[],
  names: readonly string[],
  zone: Zone | undefined,
  asked: number,
): number {
  const highest = zones.findLast(({ name }) => names.indexOf(name) <= asked);
  return zone === undefined || highest === undefined ? 0 : zone.lowmemReserve[highest.index]!;
}

/** SWAP_CLUSTER_MAX: the least that __setup_per_zone_wmarks gives to a zone of high memory, even an empty one. */
const HIGHMEM_LEAST = 32;

/** Movable counts as high memory when the highest zone with memory is (zone_movable_is_highmem). */
function idleMark(zones: readonly Zone[], name: string): number {
  const isHigh = name === 'HighMem' || (name === 'Movable' && zones.at(-1)?.name === 'HighMem');
  return isHigh ? HIGHMEM_LEAST : 0;
}
