/** What a machine costs beside one that it shares the rest with. */
import { expect, test } from 'vitest';
import { bootMachine, buildLayout, fold, type Machine } from '../../../core/index.ts';
import { ownBytes } from '../../../core/machine/own-bytes.ts';
import { workload } from '../../../workloads/index.ts';

const boot = bootMachine(buildLayout('linux-3g1g', { ramBytes: 2n ** 28n }));

/** All typed arrays that are reached from a machine, each once. */
function arraysOf(value: unknown, found = new Set<ArrayBufferView>()): Set<ArrayBufferView> {
  if (ArrayBuffer.isView(value)) found.add(value);
  else if (typeof value === 'object' && value !== null)
    for (const part of Object.values(value)) arraysOf(part, found);
  return found;
}

test('nothing beside itself; by cells, what is not shared', () => {
  expect(ownBytes(boot, boot)).toBe(0);
  let before: Machine = boot;
  for (const batch of workload('prefork').generate(1, {}, 20_000, 4096)) {
    const { machine } = fold(before, batch);
    const shared = arraysOf(before);
    const own = [...arraysOf(machine)].filter((array) => !shared.has(array));
    const bytes = own.reduce((sum, { byteLength }) => sum + byteLength, 0);
    expect(ownBytes(machine, before)).toBeGreaterThanOrEqual(bytes);
    expect(ownBytes(machine, before)).toBeLessThan(1.6 * bytes);
    before = machine;
  }
});
