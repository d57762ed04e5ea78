/**
 * The memory map: which physical addresses are RAM, as the firmware tells the kernel.
 *
 * `ramFromSize` is the map of a PC with that much RAM: QEMU's pc-i440fx, as in every oracle machine's `e820`.
 * `CONTIGUOUS` is the books' picture: RAM from 0 upwards without a hole. Left out: the hole that QEMU keeps
 * at 1012 GiB for AMD processors, and memory hotplug.
 */
import { UsageError } from '../../base/errors.ts';
import { formatSize, GIB, KIB, MIB, TIB } from '../../base/units.ts';
import type { AddressRange, PhysicalRange, RamRange } from '../layout.ts';
import { PHYSICAL_LIMIT } from '../page-frames.ts';

/** What /proc/iomem calls RAM. */
export const SYSTEM_RAM = 'System RAM';
const RESERVED = 'Reserved';

/** Start of the extended BIOS data area, which takes the last KiB below 640 KiB. */
const EBDA = 0x9fc00n;
/** The window of video memory and ROMs behind it. */
const BIOS_WINDOW_START = 0xa0000n;
/** QEMU keeps these for its firmware at the top of the RAM below 4 GiB. */
const FIRMWARE_RESERVE = 128n * KIB;
/** From this much RAM on, only 3 GiB stay below the PCI hole (hw/i386/pc_piix.c, QEMU). */
const SPLIT_THRESHOLD = 3n * GIB + 512n * MIB;
const SPLIT_LOW = 3n * GIB;
const ABOVE_PCI_HOLE = 4n * GIB;

/** What is not RAM is at the same place whatever the amount of RAM: `iomem` of every oracle machine. */
const PC_FIXTURES: readonly PhysicalRange[] = [
  named(RESERVED, EBDA, BIOS_WINDOW_START),
  named('Video ROM', 0xc0000n, 0xc9c00n),
  named('Adapter ROM', 0xca000n, 0xca600n),
  named(RESERVED, 0xf0000n, MIB),
  named('System ROM', 0xf0000n, MIB),
  named('0000:00:02.0', 0xfd000000n, 0xfe000000n),
  named('0000:00:02.0', 0xfebf0000n, 0xfebf1000n),
  named('IOAPIC 0', 0xfec00000n, 0xfec00400n),
  named('Local APIC', 0xfee00000n, 0xfee01000n),
  named(RESERVED, 0xfffc0000n, ABOVE_PCI_HOLE),
  named(RESERVED, 1012n * GIB, TIB),
];

function named(name: string, start: bigint, end: bigint): PhysicalRange {
  return { start, end, name };
}

/** RAM, firmware and devices of a PC with this much RAM. */
function pcFromSize(ramBytes: bigint): PhysicalRange[] {
  const low = ramBytes < SPLIT_THRESHOLD ? ramBytes : SPLIT_LOW;
  const ranges = [
    named(SYSTEM_RAM, 0n, EBDA),
    named(SYSTEM_RAM, MIB, low - FIRMWARE_RESERVE),
    named(RESERVED, low - FIRMWARE_RESERVE, low),
  ];
  if (ramBytes > low) ranges.push(named(SYSTEM_RAM, ABOVE_PCI_HOLE, ABOVE_PCI_HOLE + ramBytes - low));
  return [...ranges, ...PC_FIXTURES];
}

/** The RAM among named ranges. */
export function ramOf(ranges: readonly PhysicalRange[]): RamRange[] {
  return ranges.filter(({ name }) => name === SYSTEM_RAM).map(({ start, end }) => ({ start, end }));
}

/** Ranges without the addresses of a hole. */
export function without(ranges: readonly AddressRange[], hole: AddressRange): AddressRange[] {
  return ranges
    .flatMap(({ start, end }) => [
      { start, end: end < hole.start ? end : hole.start },
      { start: start > hole.end ? start : hole.end, end },
    ])
    .filter(({ start, end }) => start < end);
}

/** The memory map of a PC with this much RAM. */
export function ramFromSize(ramBytes: bigint): RamRange[] {
  return ramOf(pcFromSize(ramBytes));
}

/** A kind of machine: what its physical addresses are, and how much RAM the simulator can take. */
export interface MachineModel {
  /** `base`: where physical memory begins. */
  readonly fromSize: (ramBytes: bigint, base: bigint) => readonly PhysicalRange[];
  readonly maximumRamBytes: bigint;
}

export const PC: MachineModel = {
  fromSize: pcFromSize,
  maximumRamBytes: PHYSICAL_LIMIT - (ABOVE_PCI_HOLE - SPLIT_LOW),
};

/** RAM from the first physical address upwards. */
export const CONTIGUOUS: MachineModel = {
  fromSize: (ramBytes, base) => [named(SYSTEM_RAM, base, base + ramBytes)],
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

/** Refuses a map that is empty, out of order, overlapping, or beyond what can be simulated or begins too low. */
export function checkMemoryMap(
  ranges: readonly RamRange[],
  { name: layout, physicalBase }: { readonly name: string; readonly physicalBase: bigint },
): void {
  if (ranges.length === 0) {
    throw new UsageError(`layout ${layout}: an empty memory map; expected at least one range of RAM`);
  }
  let previousEnd = 0n;
  for (const { start, end } of ranges) {
    const found = `layout ${layout}: RAM at 0x${start.toString(16)}..0x${end.toString(16)}`;
    if (end <= start) throw new UsageError(`${found} is empty; expected an end above its start`);
    if (start < physicalBase) {
      throw new UsageError(
        `${found} lies below 0x${physicalBase.toString(16)}, where physical memory begins; expected it above: move ` +
          'it, or let physical memory begin lower (physicalBase)',
      );
    }
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

/** The sum of the ranges, which must not overlap. */
export function totalBytes(ranges: readonly RamRange[]): bigint {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0n);
}
