/**
 * The memory map: which physical addresses are RAM, as the firmware tells the kernel.
 *
 * `ramFromSize` is the map of a PC with that much RAM: QEMU's pc-i440fx, as in every oracle machine's `e820`.
 * `CONTIGUOUS` is the books' picture: RAM from 0 upwards without a hole. Left out: the hole that QEMU keeps
 * at 1012 GiB for AMD processors, and memory hotplug.
 */
import { UsageError } from '../errors.ts';
import type { RamRange } from './layout.ts';
import { formatSize, GIB, KIB, MIB, TIB } from './units.ts';

/** Frame numbers of the simulator stay below 2^28, so that tables of frames keep small indexes. */
export const PHYSICAL_LIMIT = TIB;

/** Start of the extended BIOS data area, which takes the last KiB below 640 KiB. */
const EBDA = 0x9fc00n;
/** QEMU keeps these for its firmware at the top of the RAM below 4 GiB. */
const FIRMWARE_RESERVE = 128n * KIB;
/** From this much RAM on, only 3 GiB stay below the PCI hole (hw/i386/pc_piix.c, QEMU). */
const SPLIT_THRESHOLD = 3n * GIB + 512n * MIB;
const SPLIT_LOW = 3n * GIB;
const ABOVE_PCI_HOLE = 4n * GIB;

/** The memory map of a PC with this much RAM. */
export function ramFromSize(ramBytes: bigint): RamRange[] {
  const low = ramBytes < SPLIT_THRESHOLD ? ramBytes : SPLIT_LOW;
  const ranges = [
    { start: 0n, end: EBDA },
    { start: MIB, end: low - FIRMWARE_RESERVE },
  ];
  if (ramBytes > low) ranges.push({ start: ABOVE_PCI_HOLE, end: ABOVE_PCI_HOLE + ramBytes - low });
  return ranges;
}

/** A kind of machine: where it puts its RAM, and how much of it the simulator can take. */
export interface MachineModel {
  readonly ramFromSize: (ramBytes: bigint) => readonly RamRange[];
  readonly maximumRamBytes: bigint;
}

export const PC: MachineModel = {
  ramFromSize,
  maximumRamBytes: PHYSICAL_LIMIT - (ABOVE_PCI_HOLE - SPLIT_LOW),
};

/** RAM from physical address 0 upwards. */
export const CONTIGUOUS: MachineModel = {
  ramFromSize: (ramBytes) => [{ start: 0n, end: ramBytes }],
  maximumRamBytes: PHYSICAL_LIMIT,
};

/** Refuses an amount of RAM that the layout or the simulator cannot work with. */
export function checkRamBytes(ramBytes: bigint, minimum: bigint, maximum: bigint, layout: string): void {
  if (ramBytes >= minimum && ramBytes <= maximum) return;
  throw new UsageError(
    `layout ${layout}: ${formatSize(ramBytes)} of RAM; expected ${formatSize(minimum)} to ` +
      `${formatSize(maximum)}: ${ramBytes < minimum ? 'give it more' : 'give it less'}`,
  );
}

/** Refuses a map that is empty, out of order, overlapping, or beyond what can be simulated. */
export function checkMemoryMap(ranges: readonly RamRange[], layout: string): void {
  if (ranges.length === 0) {
    throw new UsageError(`layout ${layout}: an empty memory map; expected at least one range of RAM`);
  }
  let previousEnd = 0n;
  for (const { start, end } of ranges) {
    const found = `layout ${layout}: RAM at 0x${start.toString(16)}..0x${end.toString(16)}`;
    if (end <= start) throw new UsageError(`${found} is empty; expected an end above its start`);
    if (start < previousEnd) {
      throw new UsageError(
        `${found} is not above the range before it; expected ascending ranges: sort or merge them`,
      );
    }
    if (end > PHYSICAL_LIMIT) {
      throw new UsageError(
        `${found} ends above ${formatSize(PHYSICAL_LIMIT)}; expected less RAM, or RAM placed lower`,
      );
    }
    previousEnd = end;
  }
}

export function totalBytes(ranges: readonly RamRange[]): bigint {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0n);
}
