/** Of which machine a heap is, from blocks as they lie there. */
import { describe, expect, test } from 'vitest';
import { HeapMachine } from '../../../traces/import/heap-machine.ts';
import { SIZES_32, SIZES_32_WIDE, SIZES_64 } from '../../../traces/malloc/index.ts';

type Block = readonly [address: number, size: number];

function machineOf(blocks: readonly Block[], isGlibc = true): HeapMachine {
  const machine = new HeapMachine(isGlibc);
  for (const [address, size] of blocks) machine.see({ record: { kind: 'alloc', address, size } });
  return machine;
}

/** Blocks of 8 bytes, one behind the other at such a distance. */
const row = (count: number, distance: number, start = 0x0980_01a0): Block[] =>
  Array.from({ length: count }, (_, i) => [start + i * distance, 8]);

test.each([
  ['beyond 4 GiB, 64 bits', [[2 ** 32, 8]], SIZES_64],
  ['below, where nothing else tells, 64 bits', [[2 ** 32 - 16, 8]], SIZES_64],
  ['aligned to 8 bytes, most machines of 32 bits', [[0x0002_2198, 8]], SIZES_32],
  ['32 bytes apart, 64 bits: a program at a fixed address', row(40, 32), SIZES_64],
  ['16 bytes apart, i386', row(40, 16), SIZES_32_WIDE],
] as const)('%s', (_, blocks, sizes) => {
  expect(machineOf(blocks).sizes).toBe(sizes);
});

describe('one neighbour of twenty may lie too close, for its block may have been freed by a call that is not traced', () => {
  test.each([
    [20, SIZES_64],
    [19, SIZES_32_WIDE],
  ])('one of %d', (neighbours, sizes) => {
    // n blocks have n - 1 neighbours; one more, in the first gap, has one that lies too close and one that does not
    const blocks = row(neighbours - 1, 64);
    expect(machineOf([...blocks, [blocks[0]![0] + 16, 40]]).sizes).toBe(sizes);
  });
});

test('blocks that are free, and those of a program that is gone, are no neighbours', () => {
  const machine = machineOf(row(2, 64));
  machine.see({ record: { kind: 'free', address: 0x0980_01a0 } });
  machine.see({ record: { kind: 'alloc', address: 0x0980_01b0, size: 8 } });
  machine.see({ record: { kind: 'exec' } });
  for (const [address, size] of row(2, 64, 0x0980_01c0))
    machine.see({ record: { kind: 'alloc', address, size } });
  expect(machine.sizes).toBe(SIZES_64);
});

test('of another allocator only the alignment tells', () => {
  expect(machineOf(row(40, 16), false).sizes).toBe(SIZES_64);
  expect(machineOf([[0x0402_8028, 8]], false).sizes).toBe(SIZES_32);
});

test('what was once said stays, whatever comes then', () => {
  const machine = machineOf(row(40, 16));
  expect(machine.sizes).toBe(SIZES_32_WIDE);
  machine.see({ record: { kind: 'alloc', address: 2 ** 40, size: 8 } });
  expect(machine.sizes).toBe(SIZES_32_WIDE);
});
