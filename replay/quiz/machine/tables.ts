/** Page tables as a dump: the tables that walks read, as their memory is. */
import { type WalkStep, walkOf } from '../../../core/explain/walk.ts';
import type { Machine } from '../../../core/machine/machine.ts';

/** A table: where it lies, and some of its entries, by index. */
export interface DumpedTable {
  readonly level: string;
  readonly start: bigint;
  readonly entries: Map<number, WalkStep>;
}

/** Which entries of a table of `count` are told beside the one at `index`. */
export type Neighbours = (index: number, count: number) => readonly number[];

/** The tables on the way from `root` to some pages, each once, in the order of their levels and places. */
export function dumpTables(
  machine: Machine,
  root: number,
  vpns: readonly number[],
  neighbours: Neighbours,
): DumpedTable[] {
  const tables = new Map<string, DumpedTable>();
  for (const vpn of vpns)
    walkOf(machine, root, vpn).forEach((step, level) => {
      const key = `${level} ${startOf(machine, step)}`;
      const table = tables.get(key) ?? {
        level: step.level,
        start: startOf(machine, step),
        entries: new Map(),
      };
      tables.set(key, table);
      readInto(table, machine, root, vpn, level, neighbours);
    });
  const levels = machine.platform.layout.arch.translation.levels.map(({ name }) => name);
  const rank = ({ level }: DumpedTable): number => levels.indexOf(level);
  return [...tables.values()].sort((a, b) => rank(a) - rank(b) || (a.start < b.start ? -1 : 1));
}

/** What is read with another index is of this table as far as it lies in it: at the top, halves may have roots of their own. */
function readInto(
  { start, entries }: DumpedTable,
  machine: Machine,
  root: number,
  vpn: number,
  level: number,
  neighbours: Neighbours,
): void {
  const { span } = machine.platform.mmu.levels[level]!;
  const count = 2 ** machine.platform.layout.arch.translation.levels[level]!.bits;
  const { index: own } = walkOf(machine, root, vpn)[level]!;
  for (const index of [own, ...neighbours(own, count)]) {
    if (index < 0 || index >= count || entries.has(index)) continue;
    const step = walkOf(machine, root, vpn + (index - own) * span)[level]!;
    if (startOf(machine, step) === start) entries.set(index, step);
  }
}

function startOf({ platform }: Machine, { entryAddress, index }: WalkStep): bigint {
  return entryAddress - BigInt(index * platform.layout.arch.translation.entryBytes);
}
