/** What a machine costs beside another one that it shares the rest with. */
import { expect, test } from 'vitest';
import { bootMachine, buildLayout, fold, type Machine } from '../../../core/index.ts';
import { ownBytes } from '../../../core/machine/own-bytes.ts';
import { PARTS } from '../../../core/machine/slices.ts';
import { lineBitsOf } from '../../../core/state/store.ts';
import { Table } from '../../../core/state/table.ts';
import { workload } from '../../../workloads/index.ts';

const boot = bootMachine(buildLayout('linux-3g1g', { ramBytes: 2n ** 28n }));

/** All typed arrays that are reached from a part of a machine, each once. */
function arraysOf(value: unknown, found = new Set<ArrayBufferView>(), seen = new Set<object>()) {
  if (typeof value !== 'object' || value === null || seen.has(value)) return found;
  seen.add(value);
  if (ArrayBuffer.isView(value)) found.add(value);
  else for (const part of Object.values(value)) arraysOf(part, found, seen);
  return found;
}

/** Bytes of the arrays that are reached from `value` and not from `other`. */
function bytesOnlyOf(value: unknown, other: unknown): number {
  const others = arraysOf(other);
  const own = [...arraysOf(value)].filter((array) => !others.has(array));
  return own.reduce((sum, { byteLength }) => sum + byteLength, 0);
}

interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * Of a table's lines that differ between two versions, each with its number: those that held something have to be kept,
 * those that held nothing need not be.
 */
function changedBytes(old: Table, now: Table): Bounds {
  const { shape } = now;
  const lineCells = shape.stride << lineBitsOf(shape);
  const lineBytes = 4 + lineCells * (shape.cells === 'int32' ? 4 : 8);
  const before = leavesOf(old);
  const after = leavesOf(now);
  let [filled, empty] = [0, 0];
  for (const firstRow of new Set([...before.keys(), ...after.keys()])) {
    const [was, is] = [before.get(firstRow) ?? [], after.get(firstRow) ?? []];
    for (let at = 0; at < Math.max(was.length, is.length); at += lineCells) {
      if (!differs(was, is, at, at + lineCells)) continue;
      if (differs(was, [], at, at + lineCells)) filled++;
      else empty++;
    }
  }
  return { least: filled * lineBytes, most: (filled + empty) * lineBytes };
}

function leavesOf(table: Table): Map<number, readonly number[]> {
  const leaves = new Map<number, readonly number[]>();
  table.forEachLeaf((leaf, firstRow) => leaves.set(firstRow, [...leaf]));
  return leaves;
}

function differs(a: readonly number[], b: readonly number[], start: number, end: number): boolean {
  for (let at = start; at < end; at++) if ((a[at] ?? 0) !== (b[at] ?? 0)) return true;
  return false;
}

test('nothing beside itself; by cells, what is not shared', () => {
  expect(ownBytes(boot, boot)).toBe(0);
  let before: Machine = boot;
  for (const batch of workload('prefork').generate(1, {}, 20_000, 4096)) {
    const { machine } = fold(before, batch);
    const parts = PARTS.map(([name]) => [machine[name], before[name]] as const);
    // Told first: who reads an old table has it copied.
    const told = parts.map(([now, old]) => ownBytes(now, old));
    const sum = ownBytes(machine, before);
    // The old version of a table is what has to be kept beside the new one.
    const bounds = parts.map(([now, old]): Bounds => {
      if (now instanceof Table) return changedBytes(old as unknown as Table, now);
      const bytes = bytesOnlyOf(now, old);
      return { least: bytes, most: bytes };
    });
    bounds.forEach(({ least }, i) => {
      expect(told[i]).toBeGreaterThanOrEqual(least);
    });
    expect(sum).toBeGreaterThanOrEqual(told.reduce((a, b) => a + b, 0));
    expect(sum).toBeLessThan(1.6 * bounds.reduce((all, { most }) => all + most, 0));
    before = machine;
  }
});
