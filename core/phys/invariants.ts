/**
 * What must hold of physical memory: every frame of RAM is in exactly one block; free blocks are aligned, merged as
 * far as they can be, linked in their zone's lists or waiting on one cpu's, and counted.
 */

import type { Machine } from '../machine/machine.ts';
import { CPUS_VAR } from '../state/cpus.ts';
import { FRAME, FRAME_MIGRATE_TYPE, USE_FREE, USE_NAMES, USE_NONE, USE_PCP } from './frames.ts';
import { freeCmaPagesOf, freePagesOf, headOf, listLength, ordersCell } from './free-lists.ts';
import { MIGRATE_CMA, MIGRATE_NAMES } from './migrate.ts';
import { zoneOfPfn } from './page-alloc.ts';
import { listCell, listEntries, listOrder, pcpCell, pcpCount } from './pcp-lists.ts';
import type { Zone } from './zones.ts';

export function checkBlocks(machine: Machine, faults: string[]): void {
  checkMerged(machine, faults);
  checkFreeLists(machine, faults);
  checkPcps(machine, faults);
}

/** Calls `visit` with every block of RAM, ascending, and `lost` with every frame that is in none. */
export function forEachBlock(
  machine: Machine,
  visit: (pfn: number, use: number, order: number) => void,
  lost?: (pfn: number) => void,
): void {
  const { layout } = machine.platform;
  const pageBytes = 2 ** layout.pageShift;
  for (const range of layout.ram) {
    const end = Math.min(Math.floor(Number(range.end) / pageBytes), layout.maxPfn);
    for (let pfn = Math.ceil(Number(range.start) / pageBytes); pfn < end; ) {
      const use = machine.frames.get(pfn, FRAME.use);
      const order = machine.frames.get(pfn, FRAME.order);
      if (use === USE_NONE) lost?.(pfn);
      else visit(pfn, use, order);
      pfn += use === USE_NONE ? 1 : 2 ** order;
    }
  }
}

function checkMerged(machine: Machine, faults: string[]): void {
  const { zones, maxOrder, cmaApartOrder, pageblockOrder } = machine.platform;
  const isCma = (pfn: number): boolean => machine.pageblocks.get(pfn >>> pageblockOrder, 0) === MIGRATE_CMA;
  forEachBlock(
    machine,
    (pfn, use, order) => {
      if (pfn % 2 ** order !== 0)
        faults.push(`PFN ${pfn}: ${USE_NAMES[use]} block of order ${order} is not aligned`);
      if (use !== USE_FREE || order === maxOrder - 1) return;
      const buddy = pfn ^ (1 << order);
      const mergeable =
        machine.frames.get(buddy, FRAME.use) === USE_FREE &&
        machine.frames.get(buddy, FRAME.order) === order &&
        (order < cmaApartOrder || isCma(buddy) === isCma(pfn)) &&
        zoneOfPfn(zones, buddy) === zoneOfPfn(zones, pfn);
      if (mergeable)
        faults.push(`PFN ${pfn}: free block of order ${order} was not merged with its buddy ${buddy}`);
    },
    (pfn) => faults.push(`PFN ${pfn}: belongs to no block`),
  );
}

/** Types of free lists. */
const LISTED = [...MIGRATE_NAMES.keys(), MIGRATE_CMA];

function checkFreeLists(machine: Machine, faults: string[]): void {
  const { zones, maxOrder } = machine.platform;
  const blocks = zones.map(() => new Int32Array(maxOrder * (MIGRATE_CMA + 1)));
  forEachBlock(machine, (pfn, use, order) => {
    if (use !== USE_FREE) return;
    const type = machine.frames.get(pfn, FRAME_MIGRATE_TYPE);
    blocks[zoneOfPfn(zones, pfn).index]![type * maxOrder + order]!++;
  });
  for (const zone of zones) {
    const pagesOf = (type: number): number => {
      let pages = 0;
      for (let order = 0; order < maxOrder; order++) {
        const found = blocks[zone.index]![type * maxOrder + order]!;
        pages += found * 2 ** order;
        checkFreeList(machine, zone, order, type, found, faults);
      }
      return pages;
    };
    const byType = LISTED.map(pagesOf);
    const pages = byType.reduce((sum, count) => sum + count, 0);
    const cma = freeCmaPagesOf(machine, zone.index);
    if (byType.at(-1) !== cma)
      faults.push(`zone ${zone.name}: ${byType.at(-1)} free pages of CMA, ${cma} counted`);
    const counted = freePagesOf(machine, zone.index);
    if (pages !== counted) faults.push(`zone ${zone.name}: ${pages} free pages, ${counted} counted`);
  }
}

function checkFreeList(
  machine: Machine,
  zone: Zone,
  order: number,
  type: number,
  found: number,
  faults: string[],
): void {
  const place = `zone ${zone.name} order ${order} ${MIGRATE_NAMES[type] ?? 'CMA'}`;
  const counted = listLength(machine, zone.index, order, type);
  let linked = 0;
  for (let at = headOf(machine, zone.index, order, type); at >= 0 && linked <= found; linked++)
    at = machine.frames.get(at, FRAME.next) - 1;
  if (found !== counted || found !== linked)
    faults.push(`${place}: ${found} free blocks, ${counted} counted, ${linked} in the list`);
  const flagged = (machine.freeLists[ordersCell(zone.index, type)]! >>> order) & 1;
  if (flagged !== Number(found > 0)) faults.push(`${place}: ${found} free blocks, flag ${flagged}`);
}

/** Every block on a per-cpu list is marked so, and there are no others that are. */
function checkPcps(machine: Machine, faults: string[]): void {
  const { pcpLists } = machine.platform;
  const listed = new Set<number>();
  for (let cpu = 0; cpu < machine.vars[CPUS_VAR.busyCpus]!; cpu++) {
    for (const zone of machine.platform.zones) {
      const place = `cpu ${cpu} zone ${zone.name}`;
      let pages = 0;
      for (let index = 0; index < pcpLists.count; index++) {
        const order = listOrder(pcpLists, index);
        for (const pfn of listEntries(machine, listCell(pcpCell(cpu, zone.index), index))) {
          pages += 2 ** order;
          listed.add(pfn);
          const isHere =
            machine.frames.get(pfn, FRAME.use) === USE_PCP && machine.frames.get(pfn, FRAME.order) === order;
          if (!isHere) faults.push(`${place}: PFN ${pfn} of list ${index} is not on a per-cpu list`);
        }
      }
      const counted = pcpCount(machine, cpu, zone.index);
      if (pages !== counted) faults.push(`${place}: ${pages} pages on per-cpu lists, ${counted} counted`);
    }
  }
  forEachBlock(machine, (pfn, use) => {
    if (use === USE_PCP && !listed.delete(pfn)) faults.push(`PFN ${pfn}: on no per-cpu list`);
  });
}
