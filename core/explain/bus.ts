/**
 * What a bus address is, and under which bus addresses devices find some memory. Without an IOMMU a bus address is the
 * physical one (every PC), but the memory there may be a bounce buffer that stands for another; behind an IOMMU it
 * means something for one device only.
 */

import { UsageError } from '../base/errors.ts';
import { DEVICE } from '../dma/dma-tables.ts';
import { type DmaMapping, type DmaSegment, dmaMapping, liveMappings } from '../dma/mapping-facts.ts';
import type { Machine } from '../machine/machine.ts';
import { type WalkStep, walkOf } from './walk.ts';

/** A byte that is mapped for a device. */
export interface BusFacts extends Omit<DmaMapping, 'root' | 'segments' | 'lengthBytes' | 'offset'> {
  /** Of the byte in the object. */
  readonly offset: number;
  readonly bus: bigint;
  /** Where the byte lies, and where the device reads or writes it: elsewhere if it bounces. */
  readonly physical: bigint;
  readonly reached: bigint;
}

/** Every way by which a device reaches the byte at a physical address. */
export function busAddressesOf(machine: Machine, physical: bigint): BusFacts[] {
  return mappedBytes(machine, (segment) => Number(physical) - segment.physical);
}

/** Every byte that some device (or this one) finds at a bus address. */
export function bytesAtBus(machine: Machine, bus: bigint, device?: number): BusFacts[] {
  const all = mappedBytes(machine, (segment) => Number(bus) - segment.bus);
  return device === undefined ? all : all.filter((byte) => byte.device === device);
}

/** The bytes that lie `at(segment)` behind the start of a segment. */
function mappedBytes(machine: Machine, at: (segment: DmaSegment) => number): BusFacts[] {
  return liveMappings(machine).flatMap((row) => {
    const { segments, root: _, lengthBytes: __, ...mapping } = dmaMapping(machine, row);
    let { offset } = mapping;
    return segments.flatMap((segment): BusFacts[] => {
      const here = at(segment);
      const start = offset;
      offset += segment.lengthBytes;
      if (here < 0 || here >= segment.lengthBytes) return [];
      const [bus, physical, reached] = [segment.bus, segment.physical, segment.reached].map((address) =>
        BigInt(address + here),
      ) as [bigint, bigint, bigint];
      return [{ ...mapping, offset: start + here, bus, physical, reached }];
    });
  });
}

/** Where a device comes to by a bus address. */
interface BusRoute {
  readonly meaning: string;
  readonly device: number | undefined;
  /** The IOMMU's walk. */
  readonly walk: readonly WalkStep[];
  readonly physical: bigint | undefined;
  readonly unmapped: string | undefined;
}

/** `given`: whose bus address it is; by default that of a device which has something mapped there. */
export function routeOf(machine: Machine, bus: bigint, given: number | undefined): BusRoute {
  const device = given ?? bytesAtBus(machine, bus)[0]?.device;
  const maskBits = device === undefined ? 64 : machine.devices.get(device, DEVICE.maskBits);
  if (maskBits === 0)
    throw new UsageError(`device ${device}: not there at this moment, expected a device of the trace`);
  const root = device === undefined ? 0 : machine.devices.get(device, DEVICE.root);
  const route = { device, walk: [], physical: undefined, unmapped: undefined };
  if (bus >= 1n << BigInt(maskBits)) {
    const unmapped = `device ${device} drives ${maskBits} address bits and cannot say this address`;
    return { ...route, meaning: 'beyond the DMA mask', unmapped };
  }
  if (root !== 0) return { ...route, ...throughIommu(machine, bus, device!, root) };
  return { ...route, meaning: directMeaning(machine, bus, device), physical: bus };
}

function directMeaning(machine: Machine, bus: bigint, device: number | undefined): string {
  const bounced = bytesAtBus(machine, bus, device).find(({ physical, reached }) => physical !== reached);
  if (bounced !== undefined)
    return `a bounce buffer, which stands for physical 0x${bounced.physical.toString(16)}: the device cannot reach that`;
  return 'what a device puts on the bus; without an IOMMU it is the physical address';
}

function throughIommu(
  machine: Machine,
  bus: bigint,
  device: number,
  root: number,
): Pick<BusRoute, 'meaning' | 'walk' | 'physical' | 'unmapped'> {
  const shift = BigInt(machine.platform.layout.pageShift);
  const meaning = `an I/O address of device ${device}: the IOMMU translates it, for this device alone`;
  const walk = walkOf(machine, root, Number(bus >> shift));
  const page = walk.at(-1)!.page;
  if (page !== undefined) {
    const physical = (BigInt(page.pfn) << shift) + (bus & ((1n << shift) - 1n));
    return { meaning, walk, physical, unmapped: undefined };
  }
  const unmapped = 'nothing is mapped for the device here: the IOMMU stops the access and reports a fault';
  return { meaning, walk, physical: undefined, unmapped };
}
