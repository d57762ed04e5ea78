/**
 * The page allocator, started from what a booted kernel showed of its own: the free lists with their PFNs, the number
 * of pages on the per-cpu lists, the watermarks. What those lists held is not known: a page that cannot have come
 * from the buddy allocator was on one of them, and says nothing about us.
 */
import { bootMachine, type Layout } from '../../core/index.ts';
import { Draft } from '../../core/machine/draft.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { FRAME, USE_FREE, USE_PAGES, USE_PCP } from '../../core/phys/frames.ts';
import {
  addToFreeListTail,
  boostCell,
  FREE_LIST_CELLS,
  freeCmaCell,
  freePagesCell,
  listLength,
  removeFromFreeList,
} from '../../core/phys/free-lists.ts';
import {
  MIGRATE_CMA,
  MIGRATE_NAMES,
  migrateTypeOf,
  pageblockType,
  pcpTypeOf,
  setPageblockType,
} from '../../core/phys/migrate.ts';
import { allocPages, freePages, zoneOfPfn } from '../../core/phys/page-alloc.ts';
import {
  PCP_CELLS_PER_CPU,
  PCP_COUNT,
  PCP_FREE_FACTOR,
  PCP_MAX_ORDER,
  pcpCell,
  pcpList,
  pcpListBits,
} from '../../core/phys/pcp-lists.ts';
import { MAX_ZONES, type Zone } from '../../core/phys/zones.ts';
import { Table } from '../../core/state/table.ts';
import type { BootedMachine } from './booted-machines.ts';
import type { CapturedFreeList, CapturedMachine } from './captured-machine.ts';
import { zoneRanks } from './managed-pages.ts';

export type Verdict =
  | { readonly kind: 'determined'; readonly expected: number; readonly found: number }
  /** Why what was known did not determine the page. */
  | { readonly kind: 'unknown'; readonly why: string };

export class CapturedPages {
  readonly draft: Draft;
  private readonly zones: readonly Zone[];
  /** By zone: pages on the per-cpu lists whose PFNs were not captured. */
  private readonly unknownPages: number[];
  /** Lists that were seen empty: whatever stands on them since is known. */
  private readonly known = new Set<string>();
  /** Lists of which more blocks were counted than captured. */
  private readonly partial: { zone: number; order: number; type: number }[] = [];
  /** First frames of free blocks that no list shows: by conjecture, see wholeList(). */
  private readonly conjectured = new Set<number>();
  /** A probe that came as a module shares the machine with all that a distribution's kernel runs. */
  private readonly hasOtherTasks: boolean;
  /** Zones in which unknown pages went back to the buddy allocator. */
  private readonly lost = new Set<number>();

  constructor(booted: BootedMachine) {
    const { oracle } = booted;
    const { lists: listTag, counts } = momentOf(oracle);
    this.hasOtherTasks = /^(deb|board)-/.test(oracle.variant);
    const machine = emptyMachine(booted);
    this.draft = new Draft(machine);
    this.zones = machine.platform.zones;
    this.unknownPages = this.zones.map(
      ({ name }) => oracle.buddy_snapshots.find((one) => one.tag === counts && one.zone === name)!.pcp_count,
    );
    const lists = oracle.freelists.filter((list) => list.tag === listTag);
    for (const list of lists.toSorted((a, b) => a.order - b.order)) this.addList(list);
    for (const zone of this.zones) {
      const { free } = oracle.zone_snapshots.find((one) => one.tag === counts && one.name === zone.name)!;
      this.draft.freeLists[freePagesCell(zone.index)] = free;
      this.draft.pcps[pcpCell(0, zone.index) + PCP_COUNT] = this.unknownPages[zone.index]!;
    }
  }

  isLost(zone: number): boolean {
    return this.lost.has(zone);
  }

  /** What we give, beside what the kernel gave; from here on the page is in use. */
  alloc(gfp: number, order: number, found: number): Verdict {
    const zone = zoneOfPfn(this.zones, found).index;
    const type = migrateTypeOf(gfp);
    const list = `${zone} ${order} ${type}`;
    if (this.lost.has(zone)) return { kind: 'unknown', why: 'unknown pages were drained before' };
    const mayHoldUnknown =
      this.hasLists(order) &&
      !this.known.has(list) &&
      this.unknownPages[zone]! > 0 &&
      pcpList(this.draft, 0, zone, order, type).length === 0;
    if (mayHoldUnknown && !this.isSurelyFree(found)) return this.takeUnknown(zone, order, type, found);
    if (this.hasOtherTasks && this.hasLists(order) && this.isInUse(found)) {
      this.hold(found, order, type);
      return { kind: 'unknown', why: 'another task freed the page meanwhile' };
    }
    if (
      this.partial.some((one) => one.zone === zone && listLength(this.draft, zone, one.order, one.type) === 0)
    )
      return { kind: 'unknown', why: 'the free list was captured in part' };
    if (pcpList(this.draft, 0, zone, order, type).length === 0) this.known.add(list);
    const expected = allocPages(this.draft, order, gfp, USE_PAGES, 0);
    if (expected !== found && this.hasLists(order) && this.draft.platform.layout.cpus > 1) {
      this.lost.add(zone);
      return { kind: 'unknown', why: 'another cpu may have asked, whose lists were not captured' };
    }
    return { kind: 'determined', expected, found };
  }

  private hasLists(order: number): boolean {
    return ((this.draft.platform.pcpLists.orders >>> order) & 1) !== 0;
  }

  free(pfn: number): void {
    const zone = zoneOfPfn(this.zones, pfn);
    const order = this.draft.frames.get(pfn, FRAME.order);
    const count = this.draft.pcps[pcpCell(0, zone.index) + PCP_COUNT]! + 2 ** order;
    const drainsAll =
      order > 0 && order <= PCP_MAX_ORDER && this.draft.pcps[pcpCell(0, zone.index) + PCP_FREE_FACTOR]! > 0;
    const drains = this.hasLists(order) && (drainsAll || count >= zone.pcpHigh);
    const type = pcpTypeOf(pageblockType(this.draft, pfn));
    const listed = pcpList(this.draft, 0, zone.index, order, type).length * 2 ** order;
    const isSure =
      this.unknownPages[zone.index] === 0 ||
      (!drainsAll && this.known.has(`${zone.index} ${order} ${type}`) && listed >= this.mostDrained(zone));
    if (drains && !isSure) this.lost.add(zone.index);
    else if (!this.lost.has(zone.index)) freePages(this.draft, pfn);
  }

  /** Pages that go back at once: more each time, as long as none are asked for in between (nr_pcp_free). */
  private mostDrained({ index, pcpBatch, pcpHigh }: Zone): number {
    const factor = this.draft.pcps[pcpCell(0, index) + PCP_FREE_FACTOR]!;
    return Math.min(pcpBatch * 2 ** factor, Math.max(1, pcpHigh - pcpBatch));
  }

  private takeUnknown(zone: number, order: number, type: number, pfn: number): Verdict {
    const block = this.freeBlockOf(pfn);
    if (block !== undefined) this.forgetConjecture(zone, block);
    this.hold(pfn, order, type);
    // Something else on that machine freed pages meanwhile, if there are more than were counted.
    this.unknownPages[zone] = Math.max(this.unknownPages[zone]! - 2 ** order, 0);
    this.draft.pcps[pcpCell(0, zone) + PCP_COUNT]! -= 2 ** order;
    return { kind: 'unknown', why: 'a page of a per-cpu list whose content was not captured' };
  }

  /** The page is in use from now on. It was freed to this list, that of its pageblock, or, if that is CMA's, of movable ones. */
  private hold(pfn: number, order: number, type: number): void {
    if (pageblockType(this.draft, pfn) !== MIGRATE_CMA) setPageblockType(this.draft, pfn, type);
    this.draft.frames.set(pfn, FRAME.use, USE_PAGES);
    this.draft.frames.set(pfn, FRAME.order, order);
  }

  private isInUse(pfn: number): boolean {
    return this.freeBlockOf(pfn) === undefined && this.draft.frames.get(pfn, FRAME.use) !== USE_PCP;
  }

  private isSurelyFree(pfn: number): boolean {
    const block = this.freeBlockOf(pfn);
    return block !== undefined && !this.conjectured.has(block);
  }

  /** First frame of the free block that a frame is in. */
  private freeBlockOf(pfn: number): number | undefined {
    const { frames, platform } = this.draft;
    const heads = Array.from({ length: platform.maxOrder }, (_, order) => pfn - (pfn % 2 ** order));
    return heads.find(
      (head, order) => frames.get(head, FRAME.use) === USE_FREE && frames.get(head, FRAME.order) === order,
    );
  }

  /** A block that was taken for free is in use. */
  private forgetConjecture(zone: number, block: number): void {
    removeFromFreeList(this.draft, zone, block, this.draft.frames.get(block, FRAME.order));
    this.conjectured.delete(block);
  }

  private addList(list: CapturedFreeList): void {
    const zone = this.zones.find(({ name }) => name === list.zone)!;
    const type =
      list.mt === 't4' ? MIGRATE_CMA : MIGRATE_NAMES.indexOf(list.mt as (typeof MIGRATE_NAMES)[number]);
    const { frames, freeLists } = this.draft;
    if (type === MIGRATE_CMA) freeLists[freeCmaCell(zone.index)]! += list.count * 2 ** list.order;
    // Smaller blocks are listed first.
    const isWhole = (pfn: number): boolean =>
      Array.from({ length: 2 ** list.order }, (_, i) => pfn + i).every(
        (page) => frames.get(page, FRAME.use) !== USE_FREE,
      );
    const blocks = wholeList(list, zone, this.draft.platform.layout, isWhole);
    for (const pfn of blocks.slice(list.head_pfns.length)) this.conjectured.add(pfn);
    if (blocks.length < list.count) this.partial.push({ zone: zone.index, order: list.order, type });
    for (const pfn of blocks) {
      addToFreeListTail(this.draft, zone.index, pfn, list.order, type);
      // Larger blocks come later and win: a small one may be a leftover in another type's pageblock.
      for (let page = pfn; page < pfn + 2 ** list.order; page += 2 ** this.draft.platform.pageblockOrder)
        setPageblockType(this.draft, page, type);
    }
  }
}

/**
 * Lists of the largest order go on as at boot, in even steps through RAM: what is missing is at the end of the zone.
 * `isWhole`: nothing of a block is known to be on a list of smaller ones.
 */
function wholeList(
  { head_pfns, count, order }: CapturedFreeList,
  zone: Zone,
  { ram, pageShift }: Layout,
  isWhole: (pfn: number) => boolean,
): number[] {
  const heads = head_pfns.map(Number);
  if (count === heads.length) return heads;
  const step = Math.sign(heads[1]! - heads[0]!) * 2 ** order;
  const shift = BigInt(pageShift);
  const isRam = (pfn: number): boolean =>
    ram.some(({ start, end }) => start <= BigInt(pfn) << shift && BigInt(pfn + 2 ** order) << shift <= end);
  const all: number[] = [];
  for (let pfn = heads[0]!; pfn >= zone.startPfn && pfn < zone.startPfn + zone.spannedPages; pfn += step)
    if (isRam(pfn) && isWhole(pfn)) all.push(pfn);
  return all.length >= count && heads.every((pfn, i) => pfn === all[i]) ? all.slice(0, count) : heads;
}

/** The last moment before the page allocator is probed at which lists and numbers were printed, by its tags. */
export function momentOf({ freelists }: CapturedMachine): { lists: string; counts: string } {
  return freelists.some(({ tag }) => tag === 'probe')
    ? { lists: 'probe', counts: 'zones' }
    : { lists: 'before_pages', counts: 'before_pages' };
}

/** The machine of a layout with the zones' captured figures, and no page free. */
export function emptyMachine({ oracle, layout }: BootedMachine): Machine {
  const hasCma = oracle.freelists.some(({ mt }) => mt === 't4');
  const booted = bootMachine(layout, hasCma ? { cma: { bytes: 0n } } : {});
  const ranks = zoneRanks(oracle);
  const freeLists = new Int32Array(MAX_ZONES * FREE_LIST_CELLS);
  const zones = booted.platform.zones.map((zone): Zone => {
    const at = (moment: string) =>
      oracle.zone_snapshots.find((one) => one.tag === moment && one.name === zone.name)!;
    const { min, low, high } = at('initcall');
    const now = at(momentOf(oracle).counts);
    freeLists[boostCell(zone.index)] = now.min - min;
    return {
      ...zone,
      managedPages: now.managed,
      min,
      low,
      high,
      lowmemReserve: booted.platform.zones.map(({ name }) => now.lowmem_reserve[ranks.indexOf(name)]!),
      pcpBatch: now.pcp_batch,
      pcpHigh: now.pcp_high,
    };
  });
  return {
    ...booted,
    platform: { ...booted.platform, zones, pcpListBits: pcpListBits(zones) },
    frames: Table.empty(booted.frames.shape),
    pageblocks: Table.empty(booted.pageblocks.shape),
    pcpPages: Table.empty(booted.pcpPages.shape),
    freeLists,
    pcps: new Int32Array(PCP_CELLS_PER_CPU * layout.cpus),
  };
}
