/**
 * The TLBs of a cpu: two first-level ones (instructions, data), a second level, and the cache of last-level table
 * addresses that walks use. Set-associative, true LRU: a set is a list with its most recent entry in front
 * (move to front), so the order within the set is the whole replacement state.
 *
 * All entries of a cpu lie in one Float64Array. An entry is a key: the page number, plus a tag in the bits above
 * that says whose page and of which size it is. 0 is an empty entry. In the data TLB a negative key is a page
 * known to be dirty, so that only the first store to a page has to look at its PTE. Entries hold no frame: the
 * kernel model flushes whatever it changes, so the page table always agrees (law 6 checks it).
 *
 *     key = (1 + asid * 4 + sizeClass) * 2^45 + (vpn >> (bits of that size class))
 *
 * asid 0 is the kernel's: global pages, which survive a switch. sizeClass 0 is a base page, 1 a page mapped one
 * level up, and so on. 45 bits hold the page numbers of 57-bit addresses.
 */
import type { MmuGeometry } from './geometry.ts';

const PAGE_SPAN = 2 ** 45;
const SIZE_CLASSES = 4;

export function keyBase(asid: number, sizeClass: number): number {
  return (1 + asid * SIZE_CLASSES + sizeClass) * PAGE_SPAN;
}

export function keyTag(key: number): number {
  return Math.floor(Math.abs(key) / PAGE_SPAN) - 1;
}

export function keyPage(key: number): number {
  const positive = Math.abs(key);
  return positive - Math.floor(positive / PAGE_SPAN) * PAGE_SPAN;
}

export function tagAsid(tag: number): number {
  return Math.floor(tag / SIZE_CLASSES);
}

export function tagSizeClass(tag: number): number {
  return tag % SIZE_CLASSES;
}

/** Where each part begins in the array of a cpu. */
export interface TlbParts {
  readonly l1i: number;
  readonly l1d: number;
  readonly l2: number;
  /** Keys of the walk cache, then the rows of their tables. */
  readonly walkKeys: number;
  readonly walkTables: number;
  readonly length: number;
}

export function tlbParts(mmu: MmuGeometry): TlbParts {
  const l1d = mmu.l1i.sets * mmu.l1i.ways;
  const l2 = l1d + mmu.l1d.sets * mmu.l1d.ways;
  const walkKeys = l2 + mmu.l2.sets * mmu.l2.ways;
  const walkTables = walkKeys + mmu.pdeCache.ways;
  return { l1i: 0, l1d, l2, walkKeys, walkTables, length: walkTables + mmu.pdeCache.ways };
}

export const MISS = 0;
export const HIT = 1;
/** A store hit an entry that is not known to be dirty. */
export const HIT_CLEAN = 2;

/**
 * Looks a key up in the set that starts at `first`, and makes it the most recent entry whether or not it was
 * there: a miss always fills. The entry pushed out of the last way is gone.
 */
export function touch(tlb: Float64Array, first: number, ways: number, key: number, store: boolean): number {
  let pushed = tlb[first]!;
  if (pushed === key && !store) return HIT;
  if (pushed === -key) return HIT;
  tlb[first] = store ? -key : key;
  if (pushed === key) return HIT_CLEAN;
  const end = first + ways;
  for (let way = first + 1; way < end; way++) {
    const entry = tlb[way]!;
    tlb[way] = pushed;
    if (entry === key) return store ? HIT_CLEAN : HIT;
    if (entry === -key) {
      tlb[first] = entry;
      return HIT;
    }
    pushed = entry;
  }
  return MISS;
}

/** Drops every entry whose key lies in [low, high), and the walk cache, as every invalidation does (SDM 4.10.4.1). */
export function dropKeys(mmu: MmuGeometry, tlb: Float64Array, low: number, high: number): void {
  const parts = tlbParts(mmu);
  dropFromSets(tlb, parts.l1i, parts.l1d, mmu.l1i.ways, low, high);
  dropFromSets(tlb, parts.l1d, parts.l2, mmu.l1d.ways, low, high);
  dropFromSets(tlb, parts.l2, parts.walkKeys, mmu.l2.ways, low, high);
  tlb.fill(0, parts.walkKeys, parts.length);
}

/** The same for the base pages [firstKey, firstKey + nrPages), looking at their sets only. */
export function dropPages(mmu: MmuGeometry, tlb: Float64Array, firstKey: number, nrPages: number): void {
  const parts = tlbParts(mmu);
  for (let key = firstKey; key < firstKey + nrPages; key++) {
    dropFromSet(tlb, parts.l1i + (key & (mmu.l1i.sets - 1)) * mmu.l1i.ways, mmu.l1i.ways, key, key + 1);
    dropFromSet(tlb, parts.l1d + (key & (mmu.l1d.sets - 1)) * mmu.l1d.ways, mmu.l1d.ways, key, key + 1);
    dropFromSet(tlb, parts.l2 + (key & (mmu.l2.sets - 1)) * mmu.l2.ways, mmu.l2.ways, key, key + 1);
  }
  tlb.fill(0, parts.walkKeys, parts.length);
}

function dropFromSets(
  tlb: Float64Array,
  start: number,
  end: number,
  ways: number,
  low: number,
  high: number,
): void {
  for (let set = start; set < end; set += ways) dropFromSet(tlb, set, ways, low, high);
}

/** The entries that stay keep their order and move up; behind the first empty one there are no more. */
function dropFromSet(tlb: Float64Array, first: number, ways: number, low: number, high: number): void {
  const end = first + ways;
  let kept = first;
  let way = first;
  for (; way < end; way++) {
    const entry = tlb[way]!;
    if (entry === 0) break;
    const key = Math.abs(entry);
    if (key >= low && key < high) continue;
    if (kept !== way) tlb[kept] = entry;
    kept++;
  }
  for (; kept < way; kept++) tlb[kept] = 0;
}
