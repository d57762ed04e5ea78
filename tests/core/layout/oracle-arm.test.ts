/** Linux on ARM and arm64 against every figure that booted kernels and boards printed: predicted, or left with a reason. */
import { describe, expect, test } from 'vitest';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { armLayoutName, armMachines, armOptions } from '../../captures/arm-machines.ts';
import { ARM_PREDICTIONS } from './arm-predictions.ts';

const machines = armMachines();

/** Figures compared on a machine: there are at least this many on the poorest of the captured ones. */
const LEAST_FIGURES = 200;

test('there are machines to compare with', () => {
  expect(machines.length).toBeGreaterThan(0);
});

/** Numbers and strings in a value, however nested. */
function countFigures(value: unknown): number {
  if (value === null || typeof value !== 'object') return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countFigures(inner), 0);
}

describe.each(machines.map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
  const layout = buildLayout(armLayoutName(machine), armOptions(machine));

  test('every key is predicted, or left for a reason', () => {
    expect(Object.keys(machine).filter((key) => !(key in ARM_PREDICTIONS))).toEqual([]);
  });

  const predictions = Object.entries(ARM_PREDICTIONS).flatMap(([key, predict]) =>
    typeof predict === 'string' || !(key in machine) ? [] : [{ key, ...predict(machine, layout) }],
  );
  test.each(
    predictions.map(
      ({ key, captured, ...rest }) => [key, countFigures(captured), { captured, ...rest }] as const,
    ),
  )('%s: %i figures', (_key, _count, { predicted, captured }) => {
    expect(predicted).toEqual(captured);
  });

  test(`${countFigures(predictions.map(({ captured }) => captured))} figures in all`, () => {
    expect(countFigures(predictions.map(({ captured }) => captured))).toBeGreaterThan(LEAST_FIGURES);
  });
});
