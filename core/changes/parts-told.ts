/**
 * Changes of tables, windows and lists in words. What has no words of its own here is told by its cells, so that a new
 * table is told at once. Counters and clocks are left to whoever compares them.
 */
import type { Machine } from '../machine/machine.ts';
import { PARTS, type PartName } from '../machine/slices.ts';
import { RangeSet } from '../state/ranges.ts';
import { Table } from '../state/table.ts';
import { tableChanges } from '../state/table-diff.ts';
import { tellEntries, tellLru, tellObjects, tellTables, tellTlbs } from './mappings-told.ts';
import { tellFrames, tellFreeLists, tellPcps } from './memory-told.ts';
import { tellSlabs } from './slabs-told.ts';

type Teller = (before: Machine, after: Machine) => string[];

/** Parts with words of their own; what others say already is left out. */
const TELLERS: { readonly [K in PartName]?: Teller } = {
  frames: tellFrames,
  freeLists: tellFreeLists,
  pcps: tellPcps,
  tables: tellTables,
  ptes: tellEntries,
  objects: tellObjects,
  lru: tellLru,
  tlbs: tellTlbs,
  slabs: tellSlabs,
  slabLinks: () => [],
  slabCaches: () => [],
  slabCpus: () => [],
  pcpPages: () => [],
  vars: () => [],
  counters: () => [],
  cpus: () => [],
  records: () => [],
  usage: () => [],
};

/** A sentence for each thing that is not as it was. */
export function tellParts(before: Machine, after: Machine): string[] {
  return PARTS.flatMap(([name]) => {
    if (before[name] === after[name]) return [];
    return TELLERS[name]?.(before, after) ?? tellCells(name, before[name], after[name]);
  });
}

function tellCells(name: PartName, before: unknown, after: unknown): string[] {
  if (before instanceof RangeSet && after instanceof RangeSet) return tellRanges(name, before, after);
  if (!(before instanceof Table) || !(after instanceof Table)) return [];
  return tableChanges(before, after).map(
    ({ row, field, before: was, after: is }) => `${name} ${row}, cell ${field}: ${was} → ${is}`,
  );
}

const WINDOWS: { readonly [K in PartName]?: string } = {
  vmallocHoles: 'vmalloc window, free',
  vmallocLazy: 'vmalloc window, freed but not purged',
  iovaHoles: 'I/O address space, free',
  pageCacheSlots: 'slots of the page cache, free',
};

function tellRanges(name: PartName, before: RangeSet, after: RangeSet): string[] {
  const figures = (set: RangeSet): string => {
    if (set.count === 0) return 'nothing';
    return `${set.total()} pages in ${set.count === 1 ? 'one piece' : `${set.count} pieces`}`;
  };
  return [`${WINDOWS[name] ?? name}: ${figures(before)} → ${figures(after)}`];
}
