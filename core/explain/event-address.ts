/** Which address an event is about, so that it can be explained: what it gave, touched or gave back. */

import { type DmaMapping, dmaMapping } from '../dma/mapping-facts.ts';
import { findMapping } from '../dma/mapping-index.ts';
import { transferDevice } from '../event/dma-flags.ts';
import type { MemoryEvent } from '../event/kinds.ts';
import type { Folded } from '../fold/fold.ts';
import { pageAddressOf } from '../kmap/convert-mapped.ts';
import { kmapLocalVpnOf } from '../kmap/kmap-local.ts';
import { pageAddress } from '../layout/regions.ts';
import type { Machine } from '../machine/machine.ts';
import { CPU } from '../state/cpus.ts';
import { OBJECT, PAGES } from '../state/objects.ts';
import { basePageOf } from '../vm/mapping.ts';
import type { AddressSpaceName } from './explain.ts';

/** A number, and what sort of address it is. */
export interface Place {
  readonly space: AddressSpaceName;
  readonly address: bigint;
}

/** The address that an event is about. */
export interface EventAddress extends Place {
  /** The process on the event's cpu, whose user space it would lie in. */
  readonly pid: number | undefined;
  /** The machine in which it means something: before the event if that took it away, else after. */
  readonly machine: Machine;
}

/**
 * `folded` is the fold of this event alone, from `before`. Undefined when an event names no address (a context
 * switch), or when what it names has none (high memory without a kmap, an allocation that failed).
 */
export function eventAddress(before: Machine, folded: Folded, event: MemoryEvent): EventAddress | undefined {
  const given = givenAddress(folded, event);
  if (given !== undefined) return { ...given, pid: pidOn(folded.machine, event), machine: folded.machine };
  for (const machine of [folded.machine, before]) {
    const place = objectAddress(machine, event);
    if (place !== undefined) return { ...place, pid: pidOn(machine, event), machine };
  }
  return undefined;
}

/** What the event gave: an address, or page frames that have none. */
export function givenAddress({ machine, outcomes }: Folded, event: MemoryEvent): Place | undefined {
  const { layout } = machine.platform;
  const [vpn, pfn] = [outcomes.vpnAt(0), outcomes.pfnAt(0)];
  const mapping = vpn === 0 ? undefined : newDmaMapping(machine, event);
  if (mapping !== undefined) return { space: 'bus', address: BigInt(mapping.segments[0]!.bus) };
  if (vpn !== 0) return { space: 'virtual', address: pageAddress(layout, vpn) + startInPage(machine, event) };
  return pfn === 0 ? undefined : { space: 'physical', address: BigInt(pfn) << BigInt(layout.pageShift) };
}

/** What an event has just mapped for a device. */
export function newDmaMapping(machine: Machine, event: MemoryEvent): DmaMapping | undefined {
  if (!('transfer' in event)) return undefined;
  const row = findMapping(machine, event.object, transferDevice(event.transfer), event.offset);
  return row === 0 ? undefined : dmaMapping(machine, row);
}

/** Of the byte of an object that the event names. */
function objectAddress(machine: Machine, event: MemoryEvent): Place | undefined {
  if (!('object' in event)) return undefined;
  const { layout } = machine.platform;
  const byte = startInPage(machine, event) + ('offset' in event ? BigInt(event.offset) : 0n);
  const base = basePageOf(machine, event.cpu, event.object);
  return base < 0
    ? highAddress(machine, event, byte)
    : { space: 'virtual', address: pageAddress(layout, base) + byte };
}

/** A high memory page is where kmap() or kmap_local() put it, or nowhere but in physical memory. */
function highAddress(
  machine: Machine,
  { cpu, object }: MemoryEvent & { readonly object: number },
  byte: bigint,
): Place | undefined {
  if (machine.objects.get(object, OBJECT.class) !== PAGES) return undefined;
  const { layout } = machine.platform;
  const pageBytes = 1n << BigInt(layout.pageShift);
  const pfn = machine.objects.get(object, OBJECT.pfn) + Number(byte / pageBytes);
  const local = kmapLocalVpnOf(machine, cpu, pfn);
  const page = local === undefined ? pageAddressOf(machine, pfn) : pageAddress(layout, local);
  return page === undefined
    ? { space: 'physical', address: BigInt(pfn) * pageBytes + (byte % pageBytes) }
    : { space: 'virtual', address: page + (byte % pageBytes) };
}

/** Objects of the slab allocator begin anywhere in a page, and so do devices. */
function startInPage({ objects }: Machine, event: MemoryEvent): bigint {
  return 'object' in event ? BigInt(objects.get(event.object, OBJECT.start)) : 0n;
}

function pidOn({ cpus, records }: Machine, { cpu }: MemoryEvent): number | undefined {
  const pid = cpus.get(cpu, CPU.pid);
  return records.processes[pid] === undefined ? undefined : pid;
}
