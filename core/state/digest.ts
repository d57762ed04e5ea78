/**
 * Digests: two machines in the same state have the same one, however they came there.
 *
 * 64 bits as two 32-bit lanes of an FNV-1a-like mix. Rows and cells that are zero do not count (a leaf that was
 * written back to zeros equals one that was never written), so every cell is mixed with its place.
 */
import type { Machine } from './machine.ts';
import type { RangeSet } from './ranges.ts';
import type { Table } from './table.ts';

/** Sums up (place, value) pairs; their order does not matter. */
export class Digest {
  private low = 0;
  private high = 0;

  add(place: number, value: number): void {
    const seed = mix(mix(0x811c9dc5, place >>> 0), Math.floor(place / 2 ** 32));
    const h = mix(mix(seed, value >>> 0), Math.floor(value / 2 ** 32));
    this.low = (this.low + h) | 0;
    this.high = (this.high + mix(h, 0x9e3779b9)) | 0;
  }

  addText(place: number, text: string): void {
    let h = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) h = mix(h, text.charCodeAt(i));
    this.add(place, h >>> 0);
  }

  /** Two digests of disjoint parts make that of the whole. */
  merge(other: Digest): void {
    this.low = (this.low + other.low) | 0;
    this.high = (this.high + other.high) | 0;
  }

  toString(): string {
    return hex(this.high) + hex(this.low);
  }
}

/** Numbers of the parts of a machine, which never change: digests of old recordings stay what they are. */
const PART = {
  /** Tables in the order of `TABLES`. */
  tables: 0,
  /** By cpu. */
  tlbs: 20,
  freeLists: 98,
  pcps: 99,
  vmallocHoles: 100,
  pageCacheSlots: 101,
  vars: 102,
  counters: 103,
  /** Processes, address spaces, files. */
  records: 104,
  vmallocLazy: 110,
  /** Tables in the order of `DMA_TABLES`. */
  dma: 120,
  iovaHoles: 125,
} as const;

const TABLES = [
  'frames',
  'objects',
  'tables',
  'ptes',
  'slabs',
  'slabLinks',
  'slabCaches',
  'slabCpus',
  'cacheNumbers',
  'pageCache',
  'kmapSlots',
  'cpus',
  'pageblocks',
  'pcpPages',
  'kmapLocal',
  'lru',
  'swapMap',
] as const satisfies readonly (keyof Machine)[];
const DMA_TABLES = [
  'devices',
  'dmaMappings',
  'dmaSegments',
  'bounceSlots',
  'bounceAreas',
] as const satisfies readonly (keyof Machine)[];
const RANGES = ['vmallocHoles', 'pageCacheSlots', 'vmallocLazy', 'iovaHoles'] as const;
const CELLS = ['freeLists', 'pcps', 'vars', 'counters'] as const;

/** The state of a machine: everything that a later event could make a difference of. */
export function stateDigest(machine: Machine): string {
  const digest = new Digest();
  TABLES.forEach((name, i) => {
    addTable(digest, partBase(PART.tables + i), machine[name]);
  });
  DMA_TABLES.forEach((name, i) => {
    addTable(digest, partBase(PART.dma + i), machine[name]);
  });
  for (const name of RANGES) addRanges(digest, partBase(PART[name]), machine[name]);
  for (const name of CELLS) addCells(digest, partBase(PART[name]), machine[name]);
  machine.tlbs.forEach((tlb, cpu) => {
    addCells(digest, partBase(PART.tlbs + cpu), tlb ?? []);
  });
  Object.values(machine.records).forEach((records: Readonly<Record<number, object>>, i) => {
    for (const record of Object.values(records))
      digest.addText(partBase(PART.records + i), JSON.stringify(record));
  });
  return digest.toString();
}

/** Cell numbers of a part start here; no table reaches the next one. */
function partBase(part: number): number {
  return part * 2 ** 44;
}

function addTable(digest: Digest, base: number, table: Table): void {
  const { stride } = table.shape;
  table.forEachLeaf((leaf, firstRow) => addCells(digest, base + firstRow * stride, leaf));
}

function addCells(digest: Digest, base: number, cells: ArrayLike<number>): void {
  for (let i = 0; i < cells.length; i++) if (cells[i] !== 0) digest.add(base + i, cells[i]!);
}

function addRanges(digest: Digest, base: number, ranges: RangeSet): void {
  ranges.starts.forEach((start, i) => {
    digest.add(base + 2 * i, start);
    digest.add(base + 2 * i + 1, ranges.ends[i]!);
  });
}

/** MurmurHash3's body and a third of its finish (public domain, A. Appleby): good spread, cheap in int32. */
function mix(h: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let x = h ^ Math.imul(k, 0x1b873593);
  x = (x << 13) | (x >>> 19);
  x = (Math.imul(x, 5) + 0xe6546b64) | 0;
  return x ^ (x >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
