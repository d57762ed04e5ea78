/** Who has a cpu that kswapd shares: rows of what the scheduler says, in milliseconds. */
import { describe, expect, test } from 'vitest';
import { bootMachine, buildLayout } from '../../../core/index.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { KSWAPD } from '../../../core/reclaim/kswapd-state.ts';
import {
  endOfKswapdsTurn,
  endsTasksTurn,
  resumeTask,
  taskWakes,
  wakeBesideTask,
} from '../../../core/reclaim/turns.ts';

const MS = 1_000_000;
const machine = bootMachine(buildLayout('linux-x86_64', { ramBytes: 64n << 20n }), { reclaim: {} });

/** The task has run so much more than kswapd, and was picked then. */
function turns({ leadMs = 0, pickedMs = 0, nowMs = 0 }): Draft {
  const draft = new Draft(machine);
  draft.kswapd[KSWAPD.leadNs] = leadMs * MS;
  draft.kswapd[KSWAPD.leadAtNs] = nowMs * MS;
  draft.kswapd[KSWAPD.pickedNs] = pickedMs * MS;
  return draft;
}

describe('kswapd, woken,', () => {
  test.each([
    { leadMs: 0.9, runs: false, why: 'the task is not a millisecond ahead' },
    { leadMs: 1.1, runs: true, why: 'it is' },
    { leadMs: 50, runs: true, why: 'however long it slept' },
  ])('runs at once: $runs, $why', ({ leadMs, runs }) => {
    const draft = turns({ leadMs, nowMs: 1 });
    wakeBesideTask(draft, 1 * MS);
    expect(endsTasksTurn(draft, 1 * MS)).toBe(runs);
    // Credit for half a period at most.
    expect(draft.kswapd[KSWAPD.leadNs]).toBe(Math.min(leadMs, 3) * MS);
  });
});

describe('the task, woken by the disk,', () => {
  test.each([
    { leadMs: 2, hadMs: 1, preempts: false, why: 'has had more than kswapd still' },
    { leadMs: 2, hadMs: 2.9, preempts: false, why: 'is not a millisecond behind' },
    { leadMs: 2, hadMs: 3.1, preempts: true, why: 'is' },
    { leadMs: 2, hadMs: 90, preempts: true, why: 'however long it slept' },
  ])('has the cpu at once: $preempts, $why', ({ leadMs, hadMs, preempts }) => {
    const draft = turns({ leadMs });
    expect(taskWakes(draft, hadMs * MS, hadMs * MS)).toBe(preempts);
    expect(draft.kswapd[KSWAPD.leadNs]).toBeCloseTo(Math.max(leadMs - hadMs, -3) * MS, 0);
  });

  test('waits for a tick otherwise, by which kswapd has had the cpu since before', () => {
    expect(endOfKswapdsTurn(turns({ leadMs: 1 }), 0.5 * MS, 2 * MS)).toBe(4 * MS);
    expect(endOfKswapdsTurn(turns({ leadMs: 3 }), 0.5 * MS, 2 * MS)).toBe(8 * MS);
  });
});

describe('the task gives the cpu away', () => {
  test.each([
    { pickedMs: 0, nowMs: 3.9, before: 1, ends: false, why: 'not before a tick' },
    { pickedMs: 0, nowMs: 4.1, before: 1, ends: true, why: 'with the tick, after 3 ms' },
    { pickedMs: 1.5, nowMs: 4.1, before: 2, ends: false, why: 'had less than 3 ms then' },
    { pickedMs: 1.5, nowMs: 8.1, before: 7, ends: true, why: 'with the next one' },
    { pickedMs: 0, nowMs: 5, before: 4.5, ends: false, why: 'the tick was looked at before' },
    { pickedMs: 0, nowMs: 4.1, before: 1, leadMs: -5, ends: false, why: 'it is behind, and picked again' },
  ])('picked at $pickedMs, at $nowMs: $ends, $why', ({ pickedMs, nowMs, before, leadMs = 0.1, ends }) => {
    const draft = turns({ leadMs, pickedMs, nowMs: before });
    expect(endsTasksTurn(draft, nowMs * MS)).toBe(ends);
  });

  test('sooner, if it is far ahead', () => {
    const draft = turns({ leadMs: 3.5, pickedMs: 3, nowMs: 3 });
    expect(endsTasksTurn(draft, 4.1 * MS)).toBe(true);
  });
});

describe('kswapd gives it back', () => {
  test.each([
    { began: 0.5, leadMs: 1, end: 4 },
    { began: 1.5, leadMs: 1, end: 8 },
    { began: 3.5, leadMs: 1, end: 8 },
    { began: 2, leadMs: -2, end: 4 },
    { began: 3.5, leadMs: 6, end: 12, why: 'at 8 it is behind still, and picked again' },
  ])('began at $began, $leadMs behind: at $end', ({ began, leadMs, end }) => {
    expect(endOfKswapdsTurn(turns({ leadMs }), began * MS)).toBe(end * MS);
  });

  test('and has had so much', () => {
    const draft = turns({ leadMs: 3 });
    resumeTask(draft, 2 * MS, 6 * MS);
    expect([draft.kswapd[KSWAPD.leadNs], draft.kswapd[KSWAPD.pickedNs]]).toEqual([-1 * MS, 6 * MS]);
  });
});
