/**
 * Why an event came out as it did: sentences for people, made from the machine as it was just before the event.
 * A status's row gives the rule that was broken and names the figures that show it; this file finds them.
 */

import { DEVICE } from '../../core/dma/dma-tables.ts';
import { MAX_BOUNCE_BYTES, SLOT_BYTES, slotAddress } from '../../core/dma/swiotlb.ts';
import { EXECUTE, OPERATION_MASK } from '../../core/event/access-mode.ts';
import type { Space } from '../../core/event/field-types.ts';
import { GFP_HIGHUSER, GFP_KERNEL } from '../../core/event/gfp.ts';
import type { MemoryEvent } from '../../core/event/kinds.ts';
import { kindNamed } from '../../core/event/vocabulary.ts';
import { userSpaceBytes } from '../../core/layout/ram.ts';
import { pageNumber } from '../../core/layout/regions.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { endVpn, type Vma } from '../../core/mm/vma.ts';
import { COUNTER } from '../../core/outcome/counters.ts';
import { type FailureFigures, STATUS, type StatusName } from '../../core/outcome/outcome.ts';
import { segmentFor } from '../../core/paging/segments.ts';
import { ALLOC_CMA } from '../../core/phys/fallback.ts';
import { boostCell, freeCmaPagesOf } from '../../core/phys/free-lists.ts';
import { GFP_ZONE_MASK, markFor } from '../../core/phys/zones.ts';
import { liveObjects } from '../../core/slab/tables.ts';
import { CPU } from '../../core/state/cpus.ts';
import { OBJECT, USER } from '../../core/state/objects.ts';
import { kmapOf, memoryOf, pageBytesOf, vmallocOf } from '../figures/figures.ts';
import { ownerElsewhere } from './access-text.ts';
import { formatBytes, formatCount, hexOf } from './units.ts';

/** An earlier event that a failure follows from. */
export interface Origin {
  readonly event: number;
  readonly kind: string;
}

/** The figures behind a failure; the empty string when the status says it all. */
export function figuresBehind(
  machine: Machine,
  event: MemoryEvent,
  status: StatusName,
  origin?: Origin,
): string {
  const { figures } = STATUS[status];
  return figures === undefined ? '' : FIGURES[figures](machine, event, origin);
}

type Figures = (machine: Machine, event: MemoryEvent, origin: Origin | undefined) => string;

const FIGURES: Readonly<Record<FailureFigures, Figures>> = {
  zones: (machine, event) => freeMemory(machine, gfpBehind(event)),
  'zones of the kernel': (machine, event) => freeMemory(machine, 'gfp' in event ? event.gfp : GFP_KERNEL),
  'free blocks': freeBlocks,
  'largest block': (machine) =>
    `the largest block has ${formatBytes(2 ** (machine.platform.maxOrder - 1) * pageBytesOf(machine))}`,
  'vmalloc window': vmallocSpace,
  'user space': (machine, event) => userSpace(machine, event.cpu),
  'kmap slots': kmapSlots,
  segment: (machine, event) => (event.kind === 'access' ? segmentBehind(machine, event) : ''),
  'live objects': (machine, event) => objectsLeft(machine, numberIn('cache', event) ?? 0),
  'live mappings': (machine, event) => mappingsLeft(machine, numberIn('device', event) ?? 0),
  'reach of the device': reachOfDevice,
  'owner or cause': (machine, event, origin) =>
    origin === undefined ? ownerElsewhere(machine, event) : earlierFailure(origin),
  cause: (_machine, _event, origin) => (origin === undefined ? '' : earlierFailure(origin)),
};

function earlierFailure({ kind, event }: Origin): string {
  return `its ${kind} failed at event ${formatCount(event)}`;
}

/** The descriptor that an access goes through, when segments are not flat. */
function segmentBehind(machine: Machine, { object, mode }: MemoryEvent & { kind: 'access' }): string {
  const { platform, objects } = machine;
  const { segments } = platform.mmu;
  if (segments === undefined) return '';
  const isUser = objects.get(object, OBJECT.class) === USER;
  const { name, base, limit, privilege } = segmentFor(segments, isUser, (mode & OPERATION_MASK) === EXECUTE);
  const end = base + limit;
  return `it goes through the ${name} segment: ${hexOf(base)} to ${hexOf(end)}, privilege ${privilege}`;
}

/** The zones, each with what is free and what of it this request must leave: watermark and lowmem reserve. */
function freeMemory(machine: Machine, gfp: number): string {
  const { zones, highestZones } = machine.platform;
  const pageBytes = pageBytesOf(machine);
  const asked = highestZones[gfp & GFP_ZONE_MASK]!;
  const figures = memoryOf(machine).zones.map(({ name, freeBytes, totalBytes }, i) => {
    const boost = machine.freeLists[boostCell(i)]!;
    const keptPages = markFor(zones[i]!, gfp, 'min', boost) + zones[i]!.lowmemReserve[asked]!;
    const cma = freeCmaPagesOf(machine, i) * pageBytes;
    const terms = i > asked ? 'not for this request' : `must keep ${formatBytes(keptPages * pageBytes)}`;
    const lent = cma === 0 || (gfp & ALLOC_CMA) !== 0 ? '' : `; ${formatBytes(cma)} are CMA’s`;
    return `${name} ${formatBytes(freeBytes)} of ${formatBytes(totalBytes)} (${terms}${lent})`;
  });
  return `free: ${figures.join(', ')}`;
}

/** What was asked of the page allocator. An event without flags of its own wants pages, or a new process its tables. */
function gfpBehind(event: MemoryEvent): number {
  if ('gfp' in event) return event.gfp;
  const { row, subject } = kindNamed(event.kind)!;
  return row.creates && subject === 'pid' ? GFP_KERNEL : GFP_HIGHUSER;
}

function freeBlocks(machine: Machine): string {
  const zones = memoryOf(machine).zones.map(
    ({ name, freeBytes, largestBlockBytes }) =>
      `${name} ${formatBytes(freeBytes)}, largest block ${formatBytes(largestBlockBytes)}`,
  );
  return `free: ${zones.join('; ')}`;
}

function vmallocSpace(machine: Machine): string {
  const { usedBytes, totalBytes, largestHoleBytes } = vmallocOf(machine);
  return `${formatBytes(usedBytes)} of ${formatBytes(totalBytes)} used, largest hole ${formatBytes(largestHoleBytes)}`;
}

function kmapSlots(machine: Machine): string {
  const { used, slots } = kmapOf(machine);
  return `${used} of ${slots} slots in use`;
}

function objectsLeft(machine: Machine, cache: number): string {
  const live = liveObjects(machine, machine.cacheNumbers.get(cache, 0) - 1);
  return `${formatCount(live)} ${live === 1 ? 'object' : 'objects'} left`;
}

/** What an event names in a number space. */
function numberIn(space: Space, event: MemoryEvent): number | undefined {
  const field = kindNamed(event.kind)!.fields.find(({ type }) => type.space === space);
  if (field === undefined) return undefined;
  const value = (event as unknown as Readonly<Record<string, number>>)[field.name]!;
  return field.type.idOf?.(value) ?? value;
}

/** How far the device of an event reaches, and the bounce buffers that there are. */
function reachOfDevice(machine: Machine, event: MemoryEvent): string {
  const device = numberIn('device', event) ?? 0;
  const bits = machine.devices.get(device, DEVICE.maskBits);
  const reach = `device ${device} reaches ${formatBytes(2 ** bits)}`;
  const { bouncePool } = machine.platform;
  if (bouncePool === undefined) return `${reach}, and there is no pool of bounce buffers`;
  const start = slotAddress(bouncePool, 0, pageBytesOf(machine));
  const used = machine.counters[COUNTER.bounceSlots]!;
  return (
    `${reach}; the pool of bounce buffers begins at ${hexOf(start)}, ${formatCount(used)} of ` +
    `${formatCount(bouncePool.slots)} slots of ${formatBytes(SLOT_BYTES)} taken, ${formatBytes(MAX_BOUNCE_BYTES)} a buffer at most`
  );
}

function mappingsLeft(machine: Machine, device: number): string {
  const live = machine.devices.get(device, DEVICE.mappings);
  return `${formatCount(live)} ${live === 1 ? 'mapping' : 'mappings'} left`;
}

function userSpace(machine: Machine, cpu: number): string {
  const pid = machine.cpus.get(cpu, CPU.pid);
  const mm = machine.records.mms[machine.cpus.get(cpu, CPU.mm)];
  if (mm === undefined) return '';
  const { layout } = machine.platform;
  const pageBytes = pageBytesOf(machine);
  const mappedPages = mm.vmas.toArray().reduce((sum, { nrPages }) => sum + nrPages, 0);
  const gaps = layout.regions
    .filter(({ kind }) => kind === 'user')
    .map(({ start, end }) =>
      largestGap(mm.vmas.toArray(), pageNumber(layout, start), pageNumber(layout, end - 1n) + 1),
    );
  return (
    `process ${pid} maps ${formatBytes(mappedPages * pageBytes)} of ${formatBytes(userSpaceBytes(layout))}, ` +
    `largest gap ${formatBytes(Math.max(...gaps) * pageBytes)}`
  );
}

/** In pages, between the mappings of one part of user space. */
function largestGap(vmas: readonly Vma[], startVpn: number, end: number): number {
  let gap = 0;
  let floor = startVpn;
  for (const vma of vmas.filter((candidate) => candidate.startVpn >= startVpn && candidate.startVpn < end)) {
    gap = Math.max(gap, vma.startVpn - floor);
    floor = endVpn(vma);
  }
  return Math.max(gap, end - floor);
}
