/** The fold itself: what it shares, and what it tells. */
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../core/event/batch.ts';
import { fold } from '../../core/fold.ts';
import { stateDigest } from '../../core/state/digest.ts';
import { eventOf, machineOf, mmap, PAGE, RUNNING } from '../support/rows.ts';

const small = machineOf('3g1g', 96, { highmemBytes: 32n << 20n });

describe('fold', () => {
  test('an empty batch changes nothing', () => {
    expect(stateDigest(fold(small, batchOf([])).machine)).toBe(stateDigest(small));
  });

  test('tells what changed in the records, when asked', () => {
    const batch = batchOf([...RUNNING, mmap(1, PAGE)].map(eventOf));
    expect(fold(small, batch).patches).toEqual([]);
    const paths = fold(small, batch, { patches: true }).patches.map(({ op, path }) => [op, ...path]);
    expect(paths).toEqual([
      ['add', 'mms', '1'],
      ['add', 'processes', '1'],
    ]);
  });

  test('shares what did not change with the machine before', () => {
    const { machine } = fold(small, batchOf([eventOf({ kind: 'spawn', pid: 1 })]));
    expect(machine.objects).toBe(small.objects);
    expect(machine.vmallocHoles).toBe(small.vmallocHoles);
    expect(machine.records.files).toBe(small.records.files);
    expect(machine.platform).toBe(small.platform);
    expect(machine.frames).not.toBe(small.frames);
  });
});
