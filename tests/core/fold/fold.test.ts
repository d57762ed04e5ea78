/** The fold itself: what it shares, and what it tells. */
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import type { Outcomes } from '../../../core/outcome/outcome.ts';
import { pc } from '../../support/pc.ts';
import { access, eventOf, mmap, PAGE, RUNNING } from '../../support/rows.ts';

const told = ({ status, flags, latencyNs, vpn, pfn }: Outcomes) => ({ status, flags, latencyNs, vpn, pfn });

describe('fold', () => {
  test('an empty batch changes nothing', () => {
    expect(stateDigest(fold(pc, batchOf([])).machine)).toBe(stateDigest(pc));
  });

  test('tells what changed in the records, when asked', () => {
    const batch = batchOf([...RUNNING, mmap(1, PAGE)].map(eventOf));
    expect(fold(pc, batch).patches).toEqual([]);
    const paths = fold(pc, batch, { patches: true }).patches.map(({ op, path }) => [op, ...path]);
    expect(paths).toEqual([
      ['add', 'mms', '1'],
      ['add', 'processes', '1'],
    ]);
  });

  test('writes outcomes over spare ones of as many events, and over no others', () => {
    const first = fold(pc, batchOf([...RUNNING, mmap(1, PAGE), access(2, 0, 8)].map(eventOf)));
    const then = batchOf([mmap(1, PAGE), mmap(2, PAGE), access(1, 0, 8), access(1, 8, 8)].map(eventOf));
    const afresh = fold(first.machine, then).outcomes;
    expect(fold(first.machine, batchOf([]), { spare: first.outcomes }).outcomes).not.toBe(first.outcomes);
    const again = fold(first.machine, then, { spare: first.outcomes }).outcomes;
    expect(again).toBe(first.outcomes);
    expect(told(again)).toEqual(told(afresh));
  });

  test('shares what did not change with the machine before', () => {
    const { machine } = fold(pc, batchOf([eventOf({ kind: 'spawn', pid: 1 })]));
    expect(machine.objects).toBe(pc.objects);
    expect(machine.vmallocHoles).toBe(pc.vmallocHoles);
    expect(machine.records.files).toBe(pc.records.files);
    expect(machine.platform).toBe(pc.platform);
    expect(machine.frames).not.toBe(pc.frames);
  });
});
