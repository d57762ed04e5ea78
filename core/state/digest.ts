/**
 * Digests: two machines in the same state have the same one, however they came there.
 *
 * Rows and cells that are zero do not count (a leaf that was
 * written back to zeros equals one that was never written), so every cell is mixed with its place.
 */
import { Digest } from '../base/digest.ts';
import type { Machine } from './machine.ts';
import type { RangeSet } from './ranges.ts';
import type { Table } from './table.ts';

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
