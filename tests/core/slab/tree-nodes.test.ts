/** Trees of pages: how many nodes, and when they go (lib/xarray.c, v6.1). */
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { WRITE } from '../../../core/event/access-mode.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { slabCaches } from '../../../core/slab/info.ts';
import { addSwapEntry, removeSwapEntry } from '../../../core/slab/tree-nodes.ts';
import { access, MIB, machineOf, mmap, PAGE, RUNNING, RW, Session, type Step } from '../../support/rows.ts';

const FILE_MIB = 24;
const reclaims = (swapMib: number): Session =>
  new Session(machineOf('linux-x86_64', 64, { cpus: 1 }, { reclaim: { swapBytes: BigInt(swapMib) << 20n } }));
const read = (pages: number, first = 0): Step => ({
  ...{ kind: 'file_read', file: 1 },
  ...{ offset: first * PAGE, length: pages * PAGE },
});

function nodesOf(session: Session): number {
  expect(checkMachine(session.machine)).toEqual([]);
  return slabCaches(session.machine).find(({ name }) => name === 'radix_tree_node')?.liveObjects ?? 0;
}

describe('of files', () => {
  const file = (): Session => reclaims(0).given({ kind: 'file', file: 1, length: FILE_MIB * MIB });

  test.each([
    [1, 1],
    [64, 1],
    [65, 2 + 1],
    [4096, 64 + 1],
    [4097, 65 + 2 + 1],
  ])('%d pages from the first on have %d nodes', (pages, nodes) => {
    expect(nodesOf(file().given(read(pages)))).toBe(nodes);
  });

  test('a file of one page has none: the page stands in the place of the root', () => {
    expect(nodesOf(reclaims(0).given({ kind: 'file', file: 1, length: PAGE }, read(1)))).toBe(0);
  });

  test('they go when the file is dropped', () => {
    const on = file().given(read(640));
    expect(nodesOf(on)).toBe(10 + 1);
    expect(nodesOf(on.given({ kind: 'file_drop', file: 1 }))).toBe(0);
  });

  test('a machine that does not reclaim has none', () => {
    const on = new Session(machineOf('linux-x86_64', 64));
    on.given({ kind: 'file', file: 1, length: FILE_MIB * MIB }, read(640));
    expect(slabCaches(on.machine).map(({ name }) => name)).not.toContain('radix_tree_node');
  });
});

test('of the swap area: a node above goes with the last of its leaves', () => {
  const draft = new Draft(reclaims(64).machine);
  const nodes = (): number => {
    const { machine } = draft.seal(false);
    return slabCaches(machine).find(({ name }) => name === 'radix_tree_node')!.liveObjects;
  };
  addSwapEntry(draft, 70);
  addSwapEntry(draft, 71);
  expect(nodes()).toBe(1 + 1);
  addSwapEntry(draft, 130);
  expect(nodes()).toBe(2 + 1);
  removeSwapEntry(draft, 70);
  expect(nodes()).toBe(2 + 1);
  removeSwapEntry(draft, 71);
  expect(nodes()).toBe(1 + 1);
  removeSwapEntry(draft, 130);
  expect(nodes()).toBe(0);
});

test('of the swap area: a leaf for 64 slots, which goes with the last of them', () => {
  const on = reclaims(64).given(...RUNNING, mmap(1, 80 * MIB, RW));
  on.given(...Array.from({ length: (80 * MIB) / PAGE }, (_, page) => access(1, page * PAGE, 8, WRITE)));
  const leaves = Math.ceil(on.counter('pswpout') / 64);
  expect(leaves).toBeGreaterThan(64);
  // Slots may have been given back meanwhile; above the leaves are those of 4,096 and of 16,384 slots.
  expect(Math.abs(nodesOf(on) - leaves)).toBeLessThanOrEqual(4);
  expect(nodesOf(on.given({ kind: 'exit' }))).toBe(0);
});
