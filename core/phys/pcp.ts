/**
 * Per-cpu page lists: small blocks that a cpu frees wait on its own lists for the next request of their order and
 * type, last in first out, and go back to the buddy allocator in batches, the longest unused ones first
 * (mm/page_alloc.c, v6.1: rmqueue_pcplist, rmqueue_bulk, free_unref_page_commit, nr_pcp_free, free_pcppages_bulk).
 *
 * A list is a ring in `pcpPages`: the entries at positions [first, end), of which `first` is the one that was freed
 * last. Unlike a list through the frames, it is pushed and popped without touching any other frame.
 */
import { COUNTER } from '../counters.ts';
import type { Draft } from '../state/draft.ts';
import { VAR } from '../state/machine.ts';
import { type BlockRun, freeBlock, takeRun } from './buddy.ts';
import { FRAME, FRAME_MIGRATE_TYPE, USE_PCP } from './frames.ts';
import { MIGRATE_PCPTYPES, pageblockType } from './migrate.ts';
import { MAX_ZONES, type Zone } from './zones.ts';

/** PAGE_ALLOC_COSTLY_ORDER: larger blocks go straight to the buddy allocator. */
export const PCP_MAX_ORDER = 3;
/** Lists of one cpu in one zone: by order, then by migrate type. */
export const NR_PCP_LISTS = (PCP_MAX_ORDER + 1) * MIGRATE_PCPTYPES;

/** Cells of `pcps` for each cpu and zone: pages on all lists; log2 by which the next batch given back grows. */
export const PCP_COUNT = 0;
export const PCP_FREE_FACTOR = 1;
/** Of each list: the positions of its first entry and behind its last one. */
const LISTS = 2;
const FIRST = 0;
const END = 1;
const PCP_CELLS = LISTS + 2 * NR_PCP_LISTS;
/** Cells of one cpu. */
export const PCP_CELLS_PER_CPU = PCP_CELLS * MAX_ZONES;

/** First cell of what a cpu has of a zone. */
export function pcpCell(cpu: number, zone: number): number {
  return cpu * PCP_CELLS_PER_CPU + zone * PCP_CELLS;
}

/** First cell of a list: by order, then by migrate type. */
function listCell(pcp: number, order: number, migrateType: number): number {
  return pcp + LISTS + 2 * (order * MIGRATE_PCPTYPES + migrateType);
}

/** Row of `pcpPages` of a position of a list. */
function entryRow({ platform }: Draft, list: number, position: number): number {
  const { pcpListBits } = platform;
  return ((list >>> 1) << pcpListBits) | (position & ((1 << pcpListBits) - 1));
}

/** A page of the right order and type from this cpu's lists, refilled when there is none; its PFN, or -1. */
export function allocFromPcp(
  draft: Draft,
  zone: Zone,
  order: number,
  migrateType: number,
  allocFlags: number,
): number {
  const { pcps, pcpPages } = draft;
  const pcp = pcpCell(draft.cpu, zone.index);
  const list = listCell(pcp, order, migrateType);
  pcps[pcp + PCP_FREE_FACTOR]! >>>= 1;
  const first = pcps[list + FIRST]!;
  if (first === pcps[list + END]) return refill(draft, zone, order, migrateType, allocFlags);
  const entry = entryRow(draft, list, first);
  const pfn = pcpPages.get(entry, 0) - 1;
  pcpPages.set(entry, 0, 0);
  pcps[list + FIRST] = first + 1;
  pcps[pcp + PCP_COUNT]! -= 1 << order;
  return pfn;
}

const run: BlockRun = { pfn: 0, count: 0 };

/** Takes a batch from the buddy allocator: the first block is for the request, the others wait in their order. */
function refill(draft: Draft, zone: Zone, order: number, migrateType: number, allocFlags: number): number {
  const { frames, pcps, pcpPages } = draft;
  const pcp = pcpCell(draft.cpu, zone.index);
  const list = listCell(pcp, order, migrateType);
  const batch = zone.pcpBatch > 1 ? Math.max(zone.pcpBatch >>> order, 2) : 1;
  let given = -1;
  let waiting = -1;
  while (waiting < batch - 1) {
    if (!takeRun(draft, zone, order, migrateType, allocFlags, batch - 1 - waiting, run)) break;
    const end = run.pfn + (run.count << order);
    for (let pfn = run.pfn; pfn < end; pfn += 1 << order, waiting++) {
      if (waiting < 0) {
        given = pfn;
        continue;
      }
      frames.set(pfn, FRAME.use, USE_PCP);
      frames.set(pfn, FRAME.order, order);
      frames.set(pfn, FRAME_MIGRATE_TYPE, migrateType);
      pcpPages.set(entryRow(draft, list, waiting), 0, pfn + 1);
    }
  }
  if (given < 0) return -1;
  pcps[list + FIRST] = 0;
  pcps[list + END] = waiting;
  pcps[pcp + PCP_COUNT]! += waiting << order;
  draft.counters[COUNTER.pcpRefills]!++;
  return given;
}

/** Puts a block first on this cpu's list of its pageblock's type; at the high mark, some go back. */
export function freeToPcp(draft: Draft, zone: Zone, pfn: number, order: number): void {
  const { frames, pcps } = draft;
  const migrateType = pageblockType(draft, pfn);
  frames.set(pfn, FRAME.use, USE_PCP);
  frames.set(pfn, FRAME.owner, 0);
  frames.set(pfn, FRAME_MIGRATE_TYPE, migrateType);
  const pcp = pcpCell(draft.cpu, zone.index);
  const list = listCell(pcp, order, migrateType);
  const first = (pcps[list + FIRST]! - 1) | 0;
  pcps[list + FIRST] = first;
  draft.pcpPages.set(entryRow(draft, list, first), 0, pfn + 1);
  const count = pcps[pcp + PCP_COUNT]! + (1 << order);
  pcps[pcp + PCP_COUNT] = count;
  const index = order * MIGRATE_PCPTYPES + migrateType;
  // Blocks above order 0 are not hoarded once pages are being freed only.
  if (order > 0 && pcps[pcp + PCP_FREE_FACTOR]! > 0) drain(draft, zone, pcp, count, index);
  else if (count >= zone.pcpHigh) drain(draft, zone, pcp, batchToFree(draft, zone, pcp), index);
}

/** nr_pcp_free(): twice as many each time, as long as nothing is allocated in between; a batch at least stays. */
function batchToFree({ pcps }: Draft, zone: Zone, pcp: number): number {
  if (zone.pcpHigh < zone.pcpBatch) return 1;
  const most = zone.pcpHigh - zone.pcpBatch;
  const factor = pcps[pcp + PCP_FREE_FACTOR]!;
  const batch = zone.pcpBatch * 2 ** factor;
  if (batch < most) pcps[pcp + PCP_FREE_FACTOR] = factor + 1;
  return Math.min(Math.max(batch, zone.pcpBatch), most);
}

/** Gives pages back to the buddy allocator: one list after the other from `from` on, each from its end. */
function drain(draft: Draft, zone: Zone, pcp: number, nrPages: number, from: number): void {
  const { pcps, pcpPages, frames, counters } = draft;
  let left = Math.min(nrPages, pcps[pcp + PCP_COUNT]!);
  for (let step = 0; left > 0; step++) {
    const index = (from + step) % NR_PCP_LISTS;
    const order = Math.floor(index / MIGRATE_PCPTYPES);
    const list = pcp + LISTS + 2 * index;
    const first = pcps[list + FIRST]!;
    let end = pcps[list + END]!;
    for (; left > 0 && end !== first; left -= 1 << order) {
      end = (end - 1) | 0;
      const entry = entryRow(draft, list, end);
      const pfn = pcpPages.get(entry, 0) - 1;
      pcpPages.set(entry, 0, 0);
      freeBlock(draft, zone, pfn, order, frames.get(pfn, FRAME_MIGRATE_TYPE));
      pcps[pcp + PCP_COUNT]! -= 1 << order;
      counters[COUNTER.pcpDrainedBlocks]!++;
    }
    pcps[list + END] = end;
  }
}

/** drain_all_pages(): empties the lists of every cpu. */
export function drainAllPcps(draft: Draft): void {
  for (let cpu = 0; cpu < draft.vars[VAR.busyCpus]!; cpu++) {
    for (const zone of draft.platform.zones) {
      const pcp = pcpCell(cpu, zone.index);
      drain(draft, zone, pcp, draft.pcps[pcp + PCP_COUNT]!, 0);
    }
  }
}

/** What the lists are read from: a machine or a draft. */
interface ReadsPcps {
  readonly platform: Draft['platform'];
  readonly pcps: Int32Array;
  readonly pcpPages: { get(row: number, field: number): number };
}

/** Pages on all lists of a cpu in a zone: `count` of /proc/zoneinfo's pagesets. */
export function pcpCount(of: ReadsPcps, cpu: number, zone: number): number {
  return of.pcps[pcpCell(cpu, zone) + PCP_COUNT] ?? 0;
}

/** The first frames of the blocks on one list, the one that is given next first. */
export function pcpList(
  of: ReadsPcps,
  cpu: number,
  zone: number,
  order: number,
  migrateType: number,
): number[] {
  const { pcpListBits } = of.platform;
  const list = listCell(pcpCell(cpu, zone), order, migrateType);
  const first = of.pcps[list + FIRST] ?? 0;
  const length = ((of.pcps[list + END] ?? 0) - first) | 0;
  const position = (i: number): number => (first + i) & ((1 << pcpListBits) - 1);
  const row = (list >>> 1) << pcpListBits;
  return Array.from({ length }, (_, i) => of.pcpPages.get(row | position(i), 0) - 1);
}
