/** What a machine costs beside another one that it shares the rest with. */
import { expect, test } from 'vitest';
import { bootMachine, buildLayout, fold, type Machine } from '../../../core/index.ts';
import { ownBytes } from '../../../core/machine/own-bytes.ts';
import { PARTS } from '../../../core/machine/slices.ts';
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

test('nothing beside itself; by cells, what is not shared', () => {
  expect(ownBytes(boot, boot)).toBe(0);
  let before: Machine = boot;
  for (const batch of workload('prefork').generate(1, {}, 20_000, 4096)) {
    const { machine } = fold(before, batch);
    const parts = PARTS.map(([name]) => [machine[name], before[name]] as const);
    // The old version of a table is what has to be kept beside the new one.
    const bytes = parts.map(([now, old]) =>
      now instanceof Table ? bytesOnlyOf(old, now) : bytesOnlyOf(now, old),
    );
    const sum = bytes.reduce((a, b) => a + b, 0);
    expect(ownBytes(machine, before)).toBeGreaterThanOrEqual(sum);
    expect(ownBytes(machine, before)).toBeLessThan(1.6 * sum);
    before = machine;
  }
});
