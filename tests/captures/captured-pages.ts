/**
 * The page allocator, started from what a booted kernel showed of its own: the free lists with their PFNs, the number
 * of pages on the per-cpu lists, the watermarks. What those lists held is not known: a page that cannot have come
 * from the buddy allocator was on one of them, and says nothing about us.
 */
import { bootMachine, type Layout } from '../../core/index.ts';
import { Draft } from '../../core/machine/draft.ts';
import type { Machine } from '../../core/machine/machine.ts';
import { FRAME, USE_FREE, USE_PAGES } from '../../core/phys/frames.ts';
import {
  addToFreeListTail,
  boostCell,
  FREE_LIST_CELLS,
  freePagesCell,
  listLength,
} from '../../core/phys/free-lists.ts';
import { MIGRATE_MOVABLE, MIGRATE_NAMES, migrateTypeOf, setPageblockType } from '../../core/phys/migrate.ts';
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
  /** Zones in which unknown pages went back to the buddy allocator. */
  private readonly lost = new Set<number>();
  /** Zones with pages for movable requests only (CMA), of which the machine has none. */
  private readonly cma = new Set<number>();
  /** Built with transparent huge pages: cpus have a list of those too. */
  private readonly keepsHugePages: boolean;

  constructor(booted: BootedMachine) {
    const { oracle } = booted;
    const { lists: listTag, counts } = momentOf(oracle);
    this.keepsHugePages = 'AnonHugePages' in oracle.meminfo_kb;
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
    const lacking = this.mechanismLacking(zone, order, type);
    if (lacking !== undefined) {
      this.lost.add(zone);
      return { kind: 'unknown', why: lacking };
    }
    const mayHoldUnknown =
      order <= PCP_MAX_ORDER &&
      !this.known.has(list) &&
      this.unknownPages[zone]! > 0 &&
      pcpList(this.draft, 0, zone, order, type).length === 0;
    if (mayHoldUnknown && !this.isFree(found)) return this.takeUnknown(zone, order, type, found);
    if (
      this.partial.some((one) => one.zone === zone && listLength(this.draft, zone, one.order, one.type) === 0)
    )
      return { kind: 'unknown', why: 'the free list was captured in part' };
    if (pcpList(this.draft, 0, zone, order, type).length === 0) this.known.add(list);
    const expected = allocPages(this.draft, order, gfp, USE_PAGES, 0);
    if (expected !== found && order <= PCP_MAX_ORDER && this.draft.platform.layout.cpus > 1) {
      this.lost.add(zone);
      return { kind: 'unknown', why: 'another cpu may have asked, whose lists were not captured' };
    }
    return { kind: 'determined', expected, found };
  }

  /** What the kernel took the page by and the machine has not; from then on the zone differs. */
  private mechanismLacking(zone: number, order: number, type: number): string | undefined {
    if (this.cma.has(zone) && type === MIGRATE_MOVABLE) return 'CMA gives to movable requests';
    return this.keepsHugePages && order === this.draft.platform.pageblockOrder
      ? 'cpus keep huge pages (NR_PCP_THP)'
      : undefined;
  }

  free(pfn: number): void {
    const zone = zoneOfPfn(this.zones, pfn);
    const order = this.draft.frames.get(pfn, FRAME.order);
    const count = this.draft.pcps[pcpCell(0, zone.index) + PCP_COUNT]! + 2 ** order;
    const drainsAll = order > 0 && this.draft.pcps[pcpCell(0, zone.index) + PCP_FREE_FACTOR]! > 0;
    const drains = order <= PCP_MAX_ORDER && (drainsAll || count >= zone.pcpHigh);
    const type = this.draft.pageblocks.get(pfn >>> this.draft.platform.pageblockOrder, 0);
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
    // Such a page was freed to this list, which is that of its pageblock.
    setPageblockType(this.draft, pfn, type);
    // Something else on that machine freed pages meanwhile, if there are more than were counted.
    this.unknownPages[zone] = Math.max(this.unknownPages[zone]! - 2 ** order, 0);
    this.draft.pcps[pcpCell(0, zone) + PCP_COUNT]! -= 2 ** order;
    this.draft.frames.set(pfn, FRAME.use, USE_PAGES);
    this.draft.frames.set(pfn, FRAME.order, order);
    return { kind: 'unknown', why: 'a page of a per-cpu list whose content was not captured' };
  }

  private isFree(pfn: number): boolean {
    const { frames } = this.draft;
    return Array.from({ length: this.draft.platform.maxOrder }, (_, order) => order).some((order) => {
      const head = Math.floor(pfn / 2 ** order) * 2 ** order;
      return frames.get(head, FRAME.use) === USE_FREE && frames.get(head, FRAME.order) === order;
    });
  }

  private addList(list: CapturedFreeList): void {
    const zone = this.zones.find(({ name }) => name === list.zone)!;
    const type = MIGRATE_NAMES.indexOf(list.mt as (typeof MIGRATE_NAMES)[number]);
    if (type < 0) {
      this.cma.add(zone.index);
      return;
    }
    const { frames } = this.draft;
    // Smaller blocks are listed first.
    const isWhole = (pfn: number): boolean =>
      Array.from({ length: 2 ** list.order }, (_, i) => pfn + i).every(
        (page) => frames.get(page, FRAME.use) !== USE_FREE,
      );
    const blocks = wholeList(list, zone, this.draft.platform.layout, isWhole);
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
  const booted = bootMachine(layout);
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
