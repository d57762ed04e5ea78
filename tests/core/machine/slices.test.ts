/** The slices together: nobody's numbers are another's, and every part is in the digest and in the bytes. */
import { describe, expect, test } from 'vitest';
import { machineFromBytes } from '../../../core/boot/boot.ts';
import { DMA_VAR } from '../../../core/dma/state.ts';
import { KMAP_VAR } from '../../../core/kmap/state.ts';
import { machineBytes } from '../../../core/machine/codec.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { PARTS, type PartName } from '../../../core/machine/slices.ts';
import { PAGES_VAR } from '../../../core/pages/state.ts';
import { PAGING_VAR } from '../../../core/paging/state.ts';
import { PHYS_VAR } from '../../../core/phys/state.ts';
import { RECLAIM_VAR } from '../../../core/reclaim/state.ts';
import { SLAB_VAR } from '../../../core/slab/state.ts';
import { CPUS_VAR } from '../../../core/state/cpus.ts';
import { TableEdit } from '../../../core/state/table.ts';
import { VM_VAR } from '../../../core/vm/state.ts';
import { machineOf } from '../../support/rows.ts';

const MACHINE = machineOf('linux-3g1g', 64);

describe('numbers', () => {
  test('of parts in the digest are all different', () => {
    const numbers = PARTS.map(([, part]) => part.number);
    expect(new Set(numbers).size).toBe(numbers.length);
  });

  test('of single values are all different, and there is room for them', () => {
    const all = [CPUS_VAR, DMA_VAR, KMAP_VAR, PAGES_VAR, PAGING_VAR, PHYS_VAR, RECLAIM_VAR, SLAB_VAR, VM_VAR];
    const taken: number[] = all.flatMap((vars) => Object.values(vars));
    // The ends and lengths of four LRU lists lie behind the first of them.
    for (let cell = 1; cell < 3 * 4; cell++) taken.push(PAGES_VAR.lruLists + cell);
    expect(new Set(taken).size).toBe(taken.length);
    expect(Math.max(...taken)).toBeLessThan(MACHINE.vars.length);
  });
});

describe('every table', () => {
  const all = PARTS.map(([name]) => name).filter((name) => new Draft(MACHINE)[name] instanceof TableEdit);
  /** Nothing is decided by these, or they follow from others. */
  const told: readonly PartName[] = ['usage', 'dmaLinks', 'dmaBuckets'];
  const tables = all.filter((name) => !told.includes(name));

  test.each(tables)('%s: a cell that changed changes the digest, and survives as bytes', (name) => {
    const changed = withCell(MACHINE, name);
    expect(stateDigest(changed)).not.toBe(stateDigest(MACHINE));
    expect(stateDigest(machineFromBytes(machineBytes(changed)))).toBe(stateDigest(changed));
  });

  test.each(told)('%s: says nothing that counts: out of the digest, and survives as bytes', (name) => {
    const changed = withCell(MACHINE, name);
    expect(stateDigest(changed)).toBe(stateDigest(MACHINE));
    const bytes = Buffer.from(machineBytes(changed));
    expect(bytes.equals(machineBytes(MACHINE))).toBe(false);
    expect(bytes.equals(machineBytes(machineFromBytes(bytes)))).toBe(true);
  });

  test('the digest knows them apart', () => {
    expect(new Set(tables.map((name) => stateDigest(withCell(MACHINE, name)))).size).toBe(tables.length);
  });
});

/** One cell of a table is one more than it was. */
function withCell(machine: Machine, name: PartName): Machine {
  const draft = new Draft(machine);
  (draft[name] as TableEdit).add(1, 0, 1);
  return draft.seal(false).machine;
}
