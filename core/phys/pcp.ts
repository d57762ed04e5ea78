/**
 * Per-cpu page lists: small blocks and huge pages that a cpu frees wait on its own lists for the next request of their order and
 * type, last in first out, and go back to the buddy allocator in batches, the longest unused ones first
 * (mm/page_alloc.c, v6.1: rmqueue_pcplist, rmqueue_bulk, free_unref_page_commit, nr_pcp_free, free_pcppages_bulk).
 */

import { blocksOfBatch } from '../kernel/pcp-rules.ts';
import type { Draft } from '../machine/draft.ts';
import { COUNTER } from '../outcome/counters.ts';
import { CPUS_VAR } from '../state/cpus.ts';

import { type BlockRun, cmaBlocksFirst, freeBlock, takeCmaRun, takeRun } from './buddy.ts';
import { ALLOC_CMA } from './fallback.ts';
import { FRAME, FRAME_MIGRATE_TYPE, USE_PCP } from './frames.ts';
import { pageblockType, pcpTypeOf } from './migrate.ts';
import {
  entriesOf,
  entryRow,
  LIST_END,
  LIST_FIRST,
  listCell,
  listIndex,
  listOrder,
  PCP_COUNT,
  PCP_FREE_FACTOR,
  PCP_MAX_ORDER,
  pcpCell,
  pushFirst,
  takeFirst,
  takeLast,
} from './pcp-lists.ts';
import { PHYS_VAR } from './state.ts';
import type { Zone } from './zones.ts';

/** CONFIG_PCP_BATCH_SCALE_MAX: drains double so often (nr_pcp_free() of 6.1.176, in mainline since 6.7). */
const MOST_FREE_FACTOR = 5;

/** A page of the right order and type from this cpu's lists, refilled when there is none; its PFN, or -1. */
export function allocFromPcp(
  draft: Draft,
  zone: Zone,
  order: number,
  migrateType: number,
  allocFlags: number,
): number {
  const { pcps } = draft;
  const pcp = pcpCell(draft.cpu, zone.index);
  const list = listCell(pcp, listIndex(order, migrateType));
  pcps[pcp + PCP_FREE_FACTOR]! >>>= 1;
  if (pcps[list + LIST_FIRST] === pcps[list + LIST_END])
    return refill(draft, zone, order, migrateType, allocFlags);
  pcps[pcp + PCP_COUNT]! -= 1 << order;
  return takeFirst(draft, list);
}

/**
 * The single pages that wait on this cpu's list, as so many calls of `allocFromPcp` give them without a refill: written
 * to `pfns` from `from` on, up to `to` at most. How many.
 */
export function takeWaiting(
  draft: Draft,
  zone: Zone,
  migrateType: number,
  pfns: Int32Array,
  from: number,
  to: number,
): number {
  const { pcps } = draft;
  const pcp = pcpCell(draft.cpu, zone.index);
  const list = listCell(pcp, listIndex(0, migrateType));
  const count = Math.min(to - from, entriesOf(draft, list));
  for (let i = from; i < from + count; i++) pfns[i] = takeFirst(draft, list);
  pcps[pcp + PCP_COUNT]! -= count;
  pcps[pcp + PCP_FREE_FACTOR]! >>>= Math.min(count, MOST_FREE_FACTOR);
  return count;
}

const run: BlockRun = { pfn: 0, count: 0, migrateType: 0 };

/** Takes a batch from the buddy allocator: the first block is for the request, the others wait in their order. */
function refill(draft: Draft, zone: Zone, order: number, migrateType: number, allocFlags: number): number {
  const { frames, pcps, pcpPages } = draft;
  const pcp = pcpCell(draft.cpu, zone.index);
  const list = listCell(pcp, listIndex(order, migrateType));
  const batch = blocksOfBatch(zone.pcpBatch, order);
  let given = -1;
  let waiting = -1;
  let fromCma = allocFlags & ALLOC_CMA ? cmaBlocksFirst(draft, zone, order) : 0;
  while (waiting < batch - 1) {
    const most = batch - 1 - waiting;
    if (fromCma > 0 && takeCmaRun(draft, zone, order, Math.min(most, fromCma), run)) fromCma -= run.count;
    else if (takeRun(draft, zone, order, migrateType, allocFlags, most, run)) fromCma = 0;
    else break;
    const end = run.pfn + (run.count << order);
    for (let pfn = run.pfn; pfn < end; pfn += 1 << order, waiting++) {
      if (waiting < 0) {
        given = pfn;
        continue;
      }
      const frame = frames.toWrite(pfn);
      const at = frames.cellOf(pfn);
      frame[at + FRAME.use] = USE_PCP;
      frame[at + FRAME.order] = order;
      frame[at + FRAME_MIGRATE_TYPE] = run.migrateType;
      pcpPages.set(entryRow(draft, list, waiting), 0, pfn + 1);
    }
  }
  if (given < 0) return -1;
  pcps[list + LIST_FIRST] = 0;
  pcps[list + LIST_END] = waiting;
  pcps[pcp + PCP_COUNT]! += waiting << order;
  draft.counters[COUNTER.pcpRefills]!++;
  return given;
}

/** Puts a block first on this cpu's list of its pageblock's type; at the high mark, some go back. */
export function freeToPcp(draft: Draft, zone: Zone, pfn: number, order: number): void {
  const { frames, pcps } = draft;
  const migrateType = pageblockType(draft, pfn);
  const frame = frames.toWrite(pfn);
  const at = frames.cellOf(pfn);
  frame[at + FRAME.use] = USE_PCP;
  frame[at + FRAME.owner] = 0;
  frame[at + FRAME_MIGRATE_TYPE] = migrateType;
  const pcp = pcpCell(draft.cpu, zone.index);
  const index = listIndex(order, pcpTypeOf(migrateType));
  pushFirst(draft, listCell(pcp, index), pfn);
  const count = pcps[pcp + PCP_COUNT]! + (1 << order);
  pcps[pcp + PCP_COUNT] = count;
  // Blocks above order 0 are not hoarded once pages are being freed only, huge pages apart.
  if (order > 0 && order <= PCP_MAX_ORDER && pcps[pcp + PCP_FREE_FACTOR]! > 0)
    drain(draft, zone, pcp, count, index);
  else {
    const high = pcpHigh(draft, zone);
    if (count >= high) drain(draft, zone, pcp, batchToFree(draft, zone, pcp, high), index);
  }
}

/** nr_pcp_high(): while kswapd is at the zone, few pages are hoarded. */
function pcpHigh({ vars }: Draft, { index, pcpHigh: high, pcpBatch }: Zone): number {
  return index < vars[PHYS_VAR.reclaimedZones]! ? Math.min(pcpBatch << 2, high) : high;
}

/** nr_pcp_free(): twice as many each time, as long as nothing is allocated in between; a batch at least stays. */
function batchToFree({ pcps }: Draft, zone: Zone, pcp: number, high: number): number {
  if (high < zone.pcpBatch) return 1;
  const most = high - zone.pcpBatch;
  const factor = pcps[pcp + PCP_FREE_FACTOR]!;
  const batch = zone.pcpBatch << factor;
  if (batch < most && factor < MOST_FREE_FACTOR) pcps[pcp + PCP_FREE_FACTOR] = factor + 1;
  return Math.min(Math.max(batch, zone.pcpBatch), most);
}

/** Gives pages back to the buddy allocator: one list after the other from `from` on, each from its end. */
function drain(draft: Draft, zone: Zone, pcp: number, nrPages: number, from: number): void {
  const { pcps, frames, counters, platform } = draft;
  const { pcpLists } = platform;
  let left = Math.min(nrPages, pcps[pcp + PCP_COUNT]!);
  for (let step = 0; left > 0 && step < pcpLists.count; step++) {
    const index = (from + step) % pcpLists.count;
    const order = listOrder(pcpLists, index);
    const list = listCell(pcp, index);
    for (; left > 0 && pcps[list + LIST_END] !== pcps[list + LIST_FIRST]; left -= 1 << order) {
      const pfn = takeLast(draft, list);
      freeBlock(draft, zone, pfn, order, frames.get(pfn, FRAME_MIGRATE_TYPE));
      pcps[pcp + PCP_COUNT]! -= 1 << order;
      counters[COUNTER.pcpDrainedBlocks]!++;
    }
  }
}

/** drain_all_pages(): empties the lists of every cpu. */
export function drainAllPcps(draft: Draft): void {
  for (let cpu = 0; cpu < draft.vars[CPUS_VAR.busyCpus]!; cpu++) {
    for (const zone of draft.platform.zones) {
      const pcp = pcpCell(cpu, zone.index);
      drain(draft, zone, pcp, draft.pcps[pcp + PCP_COUNT]!, 0);
    }
  }
}
