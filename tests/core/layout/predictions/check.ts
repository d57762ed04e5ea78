/** The test of a set of booted machines: every key of each is predicted by its layout, or left for a reason. */
import { describe, expect, test } from 'vitest';
import type { Layout } from '../../../../core/layout/catalog/index.ts';
import type { CapturedMachine } from '../../../captures/captured-machine.ts';
import type { Predictions } from './prediction.ts';

/** Numbers and strings in a value, however nested. */
function countFigures(value: unknown): number {
  if (value === null || typeof value !== 'object') return 1;
  return Object.values(value).reduce<number>((sum, inner) => sum + countFigures(inner), 0);
}

/** `leastFigures`: that are compared on the poorest of the captured machines. */
export function checkPredictions<M extends CapturedMachine>(
  machines: readonly M[],
  layoutOf: (machine: M) => Layout,
  table: Predictions<M>,
  leastFigures: number,
): void {
  test('there are machines to compare with', () => {
    expect(machines.length).toBeGreaterThan(0);
  });

  describe.each(machines.map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
    const layout = layoutOf(machine);

    test('every key is predicted, or left for a reason', () => {
      expect(Object.keys(machine).filter((key) => !(key in table))).toEqual([]);
    });

    const predictions = Object.entries(table).flatMap(([key, predict]) =>
      typeof predict === 'string' || !(key in machine) ? [] : [{ key, ...predict(machine, layout) }],
    );
    test.each(
      predictions.map(
        ({ key, captured, ...rest }) => [key, countFigures(captured), { captured, ...rest }] as const,
      ),
    )('%s: %i figures', (_key, _count, { predicted, captured }) => {
      expect(predicted).toEqual(captured);
    });

    const total = countFigures(predictions.map(({ captured }) => captured));
    test(`${total} figures in all`, () => expect(total).toBeGreaterThan(leastFigures));
  });
}
