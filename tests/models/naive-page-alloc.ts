/**
 * The page allocator the slow way: free lists as plain arrays, head first, searched from one end to the other;
 * pageblocks and per-cpu lists as maps.
 */
import {
  __GFP_ATOMIC,
  __GFP_DIRECT_RECLAIM,
  __GFP_DMA,
  __GFP_DMA32,
  __GFP_HIGH,
  __GFP_HIGHMEM,
  __GFP_KSWAPD_RECLAIM,
  __GFP_MOVABLE,
  __GFP_RECLAIMABLE,
} from '../../core/event/gfp.ts';
import type { Machine } from '../../core/machine/machine.ts';
import type { StatusName } from '../../core/outcome/outcome.ts';
import { boostCell } from '../../core/phys/free-lists.ts';
import { listCell, listEntries, PCP_FREE_FACTOR, pcpCell } from '../../core/phys/pcp-lists.ts';
import type { Zone } from '../../core/phys/zones.ts';
import { type FreeLists, freeLists } from '../support/laws.ts';

const [UNMOVABLE, MOVABLE, RECLAIMABLE] = [0, 1, 2];
const FALLBACKS = [
  [RECLAIMABLE, MOVABLE],
  [RECLAIMABLE, UNMOVABLE],
  [UNMOVABLE, MOVABLE],
] as number[][];

type Mark = (zone: number) => number;

interface Pcp {
  /** Of each order and type, then of huge pages: PFNs, the next to be given first, with the type that each goes back to. */
  lists: { pfn: number; type: number }[][];
  freeFactor: number;
}

export class NaivePageAllocator {
  readonly lists: FreeLists;
  private readonly zones: readonly Zone[];
  private readonly blockPages: number;
  private readonly blockTypes = new Map<number, number>();
  private readonly pcps = new Map<string, Pcp>();
  private readonly boosts: number[];
  /** Order of huge pages, where cpus have lists of them. */
  private readonly hugeOrder: number | undefined;

  constructor(machine: Machine, hugeOrder?: number) {
    this.hugeOrder = hugeOrder;
    const { zones, pageblockOrder } = machine.platform;
    this.zones = zones;
    this.blockPages = 2 ** pageblockOrder;
    this.lists = freeLists(machine);
    this.boosts = zones.map(({ index }) => machine.freeLists[boostCell(index)]!);
    for (const { startPfn, spannedPages } of zones)
      for (let block = this.blockOf(startPfn); block <= this.blockOf(startPfn + spannedPages - 1); block++)
        this.blockTypes.set(block, machine.pageblocks.get(block, 0));
    for (const { index } of zones) {
      const pcp = this.pcp(0, index);
      pcp.freeFactor = machine.pcps[pcpCell(0, index) + PCP_FREE_FACTOR]!;
      for (let list = 0; list < pcp.lists.length; list++) {
        const pfns = listEntries(machine, listCell(pcpCell(0, index), list));
        pcp.lists[list] = pfns.map((pfn) => ({ pfn, type: this.blockTypes.get(this.blockOf(pfn))! }));
      }
    }
  }

  alloc(cpu: number, order: number, gfp: number): { status: StatusName; pfn: number } {
    if (order > 10) return { status: 'too-large', pfn: 0 };
    const asked = this.askedZone(gfp);
    const low: Mark = (z) => this.zones[z]!.low + this.boosts[z]!;
    const minimum: Mark = (z) => this.minimum(z, order, gfp);
    const kswapd = (gfp & __GFP_KSWAPD_RECLAIM) !== 0;
    const apart = this.zones[asked]!.name === 'Normal' && this.zones[asked - 1]!.name === 'DMA32';
    const pass = (mark: Mark, wholeOnly = false): number | undefined =>
      this.fromZones(cpu, asked, order, gfp, mark, wholeOnly);
    let pfn = pass(low, apart);
    if (pfn === undefined && apart) pfn = pass(low);
    if (pfn === undefined) {
      if (kswapd) this.boosts.fill(0);
      pfn = pass(minimum);
    }
    if (pfn === undefined && (gfp & __GFP_DIRECT_RECLAIM) !== 0) {
      this.drainAll();
      pfn = pass(minimum);
    }
    if (pfn !== undefined) return { status: 'ok', pfn };
    return { status: this.reason(asked, order, gfp), pfn: 0 };
  }

  free(cpu: number, pfn: number, order: number): void {
    const z = this.zoneOf(pfn);
    const type = this.blockTypes.get(this.blockOf(pfn))!;
    if (!this.hasLists(order)) {
      this.giveBack(z, pfn, order, type);
      return;
    }
    const pcp = this.pcp(cpu, z);
    pcp.lists[this.place(order, type)]!.unshift({ pfn, type });
    const { pcpHigh, pcpBatch } = this.zones[z]!;
    if (order > 0 && order <= 3 && pcp.freeFactor > 0) this.drain(z, pcp, Infinity, order, type);
    else if (this.countOf(pcp) >= pcpHigh) {
      let pages = pcpBatch * 2 ** pcp.freeFactor;
      if (pages < pcpHigh - pcpBatch && pcp.freeFactor < 5) pcp.freeFactor++;
      pages = Math.min(Math.max(pages, pcpBatch), pcpHigh - pcpBatch);
      this.drain(z, pcp, pcpHigh < pcpBatch ? 1 : pages, order, type);
    }
  }

  drainAll(): void {
    for (const key of [...this.pcps.keys()].sort()) {
      const [, zone] = key.split(' ').map(Number);
      this.drain(zone!, this.pcps.get(key)!, Infinity, 0, 0);
    }
  }

  private fromZones(
    cpu: number,
    asked: number,
    order: number,
    gfp: number,
    mark: Mark,
    wholeOnly: boolean,
  ): number | undefined {
    const type = gfp & __GFP_RECLAIMABLE ? RECLAIMABLE! : gfp & __GFP_MOVABLE ? MOVABLE! : UNMOVABLE!;
    const kswapd = (gfp & __GFP_KSWAPD_RECLAIM) !== 0;
    for (let z = asked; z >= 0; z--) {
      if (!this.isAbove(z, asked, order, mark) || !this.hasBlock(z, order)) continue;
      const pfn = this.hasLists(order)
        ? this.fromPcp(cpu, z, order, type, kswapd, wholeOnly)
        : this.take(z, order, type, kswapd, wholeOnly);
      if (pfn !== undefined) return pfn;
    }
    return undefined;
  }

  private fromPcp(
    cpu: number,
    z: number,
    order: number,
    type: number,
    kswapd: boolean,
    wholeOnly: boolean,
  ): number | undefined {
    const pcp = this.pcp(cpu, z);
    pcp.freeFactor = Math.floor(pcp.freeFactor / 2);
    const list = pcp.lists[this.place(order, type)]!;
    if (list.length === 0) {
      const { pcpBatch } = this.zones[z]!;
      const batch = pcpBatch === 1 ? 1 : Math.max(Math.floor(pcpBatch / 2 ** order), 2);
      for (let i = 0; i < batch; i++) {
        const pfn = this.take(z, order, type, kswapd, wholeOnly);
        if (pfn !== undefined) list.push({ pfn, type });
      }
    }
    return list.shift()?.pfn;
  }

  /** From the list asked for on, each list from its end, until so many pages are back. */
  private drain(z: number, pcp: Pcp, nrPages: number, order: number, type: number): void {
    let left = Math.min(nrPages, this.countOf(pcp));
    for (let index = this.place(order, type); left > 0; index = (index + 1) % pcp.lists.length) {
      const list = pcp.lists[index]!;
      const size = this.orderAt(index);
      while (left > 0 && list.length > 0) {
        const last = list.pop()!;
        this.giveBack(z, last.pfn, size, last.type);
        left -= 2 ** size;
      }
    }
  }

  private take(
    z: number,
    order: number,
    type: number,
    kswapd: boolean,
    wholeOnly: boolean,
  ): number | undefined {
    const found = this.takeSmallest(z, order, type);
    if (found !== undefined || !this.fallBack(z, order, type, kswapd, wholeOnly)) return found;
    return this.takeSmallest(z, order, type);
  }

  private takeSmallest(z: number, order: number, type: number): number | undefined {
    let size = order;
    while (size <= 10 && this.lists[z]![type]![size]!.length === 0) size++;
    const pfn = this.lists[z]![type]![size]?.shift();
    if (pfn === undefined) return undefined;
    while (size > order) {
      size--;
      this.lists[z]![type]![size]!.unshift(pfn + 2 ** size);
    }
    return pfn;
  }

  private fallBack(z: number, order: number, type: number, kswapd: boolean, wholeOnly: boolean): boolean {
    const blockOrder = Math.log2(this.blockPages);
    const takesBlocks = (size: number): boolean => size >= Math.floor(blockOrder / 2) || type !== MOVABLE;
    const victim = (size: number): number | undefined =>
      FALLBACKS[type]!.find((other) => this.lists[z]![other]![size]!.length > 0);
    let size = 10;
    const least = wholeOnly ? Math.max(order, blockOrder) : order;
    while (size >= least && victim(size) === undefined) size--;
    if (size < least) return false;
    if (!takesBlocks(size) && size > order) for (size = order; victim(size) === undefined; size++);
    const pfn = this.lists[z]![victim(size)!]![size]![0]!;
    if (size >= blockOrder) {
      for (let i = 0; i < 2 ** size; i += this.blockPages) this.blockTypes.set(this.blockOf(pfn + i), type);
      this.move(z, pfn, size, type);
      return true;
    }
    this.boost(z, kswapd);
    if (!takesBlocks(size) || !this.claim(z, pfn, type)) this.move(z, pfn, size, type);
    return true;
  }

  private claim(z: number, pfn: number, type: number): boolean {
    const zone = this.zones[z]!;
    const block = this.blockOf(pfn);
    const end = (block + 1) * this.blockPages;
    if (end > zone.startPfn + zone.spannedPages) return false;
    const start = block * this.blockPages < zone.startPfn ? pfn : block * this.blockPages;
    const inside = this.lists[z]!.flatMap((orders) =>
      orders.flatMap((list, order) =>
        list.filter((at) => at >= start && at < end).map((at) => ({ at, order })),
      ),
    ).sort((a, b) => a.at - b.at);
    const freePages = inside.reduce((sum, { order }) => sum + 2 ** order, 0);
    for (const { at, order } of inside) this.move(z, at, order, type);
    // No page of these streams is on an LRU list: none counts as movable.
    const fromMovable = type !== MOVABLE && this.blockTypes.get(block) === MOVABLE;
    const alike = fromMovable ? this.blockPages - freePages : 0;
    if (freePages + alike >= this.blockPages / 2) this.blockTypes.set(block, type);
    return true;
  }

  private boost(z: number, kswapd: boolean): void {
    const { managedPages, high } = this.zones[z]!;
    if (kswapd) this.boosts[z] = 0;
    else if (this.blockPages * 4 <= managedPages) {
      const most = Math.max(Math.floor(high * 1.5), this.blockPages);
      this.boosts[z] = Math.min(this.boosts[z]! + this.blockPages, most);
    }
  }

  private move(z: number, pfn: number, order: number, type: number): void {
    this.remove(z, pfn, order);
    this.lists[z]![type]![order]!.push(pfn);
  }

  private remove(z: number, pfn: number, order: number): boolean {
    for (const orders of this.lists[z]!) {
      const at = orders[order]!.indexOf(pfn);
      if (at >= 0) return orders[order]!.splice(at, 1).length > 0;
    }
    return false;
  }

  private giveBack(z: number, pfn: number, order: number, type: number): void {
    let first = pfn;
    let size = order;
    while (size < 10 && this.remove(z, buddyOf(first, size), size)) {
      first = Math.min(first, buddyOf(first, size));
      size++;
    }
    const pair = Math.min(first, buddyOf(first, size));
    const isFree = (at: number, of: number): boolean =>
      this.lists[z]!.some((orders) => orders[of]!.includes(at));
    if (size < 9 && isFree(buddyOf(pair, size + 1), size + 1)) this.lists[z]![type]![size]!.push(first);
    else this.lists[z]![type]![size]!.unshift(first);
  }

  private pcp(cpu: number, z: number): Pcp {
    const key = `${cpu} ${z}`;
    const found = this.pcps.get(key);
    if (found !== undefined) return found;
    const lists = Array.from({ length: this.hugeOrder === undefined ? 12 : 14 }, () => []);
    const made: Pcp = { lists, freeFactor: 0 };
    this.pcps.set(key, made);
    return made;
  }

  private hasLists(order: number): boolean {
    return order <= 3 || order === this.hugeOrder;
  }

  private place(order: number, type: number): number {
    if (order <= 3) return order * 3 + type;
    return type === MOVABLE ? 13 : 12;
  }

  private orderAt(place: number): number {
    return place < 12 ? Math.floor(place / 3) : this.hugeOrder!;
  }

  private countOf({ lists }: Pcp): number {
    return lists.reduce((sum, list, place) => sum + list.length * 2 ** this.orderAt(place), 0);
  }

  private freePages(z: number): number {
    return this.lists[z]!.flatMap((orders) => orders.map((list, order) => list.length * 2 ** order)).reduce(
      (sum, pages) => sum + pages,
      0,
    );
  }

  private isAbove(z: number, asked: number, order: number, mark: Mark): boolean {
    return this.freePages(z) - (2 ** order - 1) > mark(z) + this.zones[z]!.lowmemReserve[asked]!;
  }

  private hasBlock(z: number, order: number): boolean {
    return (
      order === 0 || this.lists[z]!.some((orders) => orders.slice(order).some((list) => list.length > 0))
    );
  }

  /** ALLOC_HIGH takes half of the mark away, ALLOC_HARDER a quarter of what is left. */
  private minimum(z: number, order: number, gfp: number): number {
    const atomic = (gfp & __GFP_ATOMIC) !== 0;
    const min = this.zones[z]!.min + (order === 0 && atomic ? 0 : this.boosts[z]!);
    if ((gfp & __GFP_HIGH) === 0) return min;
    const half = min - Math.floor(min / 2);
    return atomic ? half - Math.floor(half / 4) : half;
  }

  /** The zone that gfp names, or the next one below that exists; Normal stands in for DMA32 where there is none. */
  private askedZone(gfp: number): number {
    const names: readonly string[] = this.zones.map(({ name }) => name);
    const dma32 = names.includes('DMA32') ? ['DMA32', 'DMA'] : ['Normal', 'DMA'];
    const below =
      (gfp & __GFP_DMA) !== 0
        ? ['DMA']
        : (gfp & __GFP_DMA32) !== 0
          ? dma32
          : [...((gfp & __GFP_HIGHMEM) !== 0 ? ['HighMem'] : []), 'Normal', 'DMA32', 'DMA'];
    return names.indexOf(below.find((name) => names.includes(name))!);
  }

  private reason(asked: number, order: number, gfp: number): StatusName {
    const allowed = this.zones.map((_, z) => z).filter((z) => z <= asked);
    const mark: Mark = (z) => {
      const { min } = this.zones[z]!;
      const half = min - Math.floor(min / 2);
      if ((gfp & __GFP_HIGH) === 0) return min;
      return (gfp & __GFP_ATOMIC) !== 0 ? half - Math.floor(half / 4) : half;
    };
    if (allowed.some((z) => this.isAbove(z, asked, order, mark))) return 'fragmented';
    const high = this.zones.findIndex(({ name }) => name === 'HighMem');
    const wantsLow = (gfp & __GFP_HIGHMEM) === 0;
    return wantsLow && high >= 0 && this.isAbove(high, high, order, mark) ? 'out-of-lowmem' : 'out-of-memory';
  }

  private zoneOf(pfn: number): number {
    return this.zones.findIndex((zone) => pfn >= zone.startPfn && pfn < zone.startPfn + zone.spannedPages);
  }

  private blockOf(pfn: number): number {
    return Math.floor(pfn / this.blockPages);
  }
}

function buddyOf(pfn: number, order: number): number {
  return Math.floor(pfn / 2 ** order) % 2 === 0 ? pfn + 2 ** order : pfn - 2 ** order;
}
