/** A step is a pure function: the lane given stays, and the same step gives the same lane. */
import { describe, expect, test } from 'vitest';
import { batchOf } from '../../../core/event/batch.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { addDifferences, differencesResult, noDifferences } from '../../../replay/diff/lockstep.ts';
import { type Lane, newLane, stepLane } from '../../../replay/lane/lane.ts';
import { layoutResult } from '../../../replay/run/result.ts';
import { batchesOf, event, lane, MIB, randomEvents } from '../support.ts';

const BATCHES = batchesOf(randomEvents(21, 1200), 300);

/** All that a lane tells, the whole machine included. */
const told = (one: Lane): unknown => [stateDigest(one.machine), layoutResult(one)];

/** The lanes before each batch, and after the last. */
function lanesAlong(start: Lane): Lane[] {
  const lanes = [start];
  for (const batch of BATCHES) lanes.push(stepLane(lanes.at(-1)!, batch).lane);
  return lanes;
}

describe('a step of a lane', () => {
  test.each(['3g1g', 'x86_64'])(
    '%s: leaves every lane before it as it was, and can be made again',
    (name) => {
      const lanes = lanesAlong(lane(name));
      const before = lanes.map(told);
      const again = BATCHES.map((batch, i) => told(stepLane(lanes[i]!, batch).lane));
      expect(again).toEqual(before.slice(1));
      expect(lanes.map(told)).toEqual(before);
      expect(lanes.at(-1)!.firstFailures.length).toBeGreaterThan(3);
    },
  );

  test('two futures of one lane know nothing of each other', () => {
    const fill = batchOf([1, 2, 3].map((object) => event('vmalloc', { object, size: 40 * MIB })));
    const use = batchOf([event('vfree', { object: 3 })]);
    const start = lane('3g1g');
    const full = stepLane(start, fill).lane;
    const after = stepLane(full, use).lane.firstFailures;
    expect(after.map(({ detail }) => detail)).toEqual([
      expect.stringContaining('largest hole'),
      'its vmalloc failed at event 2',
    ]);
    expect(stepLane(start, use).lane.firstFailures.map(({ detail }) => detail)).toEqual(['']);
    expect([start, full].map(({ firstFailures }) => firstFailures.length)).toEqual([0, 1]);
  });

  test('its machines and outcomes are those of the lanes', () => {
    const start = newLane(lane('3g1g').layout, { name: 'mine' });
    const step = stepLane(start, BATCHES[0]!);
    expect([step.before, step.after]).toEqual([start.machine, step.lane.machine]);
    expect(step.lane).toMatchObject({ name: 'mine', layout: start.layout, events: 300 });
    expect(step.outcomes.count).toBe(300);
  });
});

describe('differences', () => {
  test('of a batch can be found again, and those before it stay', () => {
    let lanes = [lane('3g1g'), lane('x86_64')];
    let found = noDifferences(['a', 'b']);
    for (const batch of BATCHES) {
      const steps = lanes.map((one) => stepLane(one, batch));
      const before = structuredClone(differencesResult(found));
      const next = addDifferences(found, batch, steps);
      expect(differencesResult(addDifferences(found, batch, steps))).toEqual(differencesResult(next));
      expect(differencesResult(found)).toEqual(before);
      found = next;
      lanes = steps.map((step) => step.lane);
    }
    expect(found.nrUneven).toBeGreaterThan(0);
    expect(found.total).toBeGreaterThan(10);
  });
});
