/** The first event after which two lanes do not have the same of a figure: by samples, and by halves between two of them. */

import { UsageError } from '../../../core/base/errors.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { TIMELINE_FIGURES } from '../../timeline/figures.ts';
import type { Found } from './finder.ts';
import type { FirstPass } from './pass.ts';
import type { Travel } from './travel.ts';

export interface Parting {
  /** Of the timeline. */
  readonly figure: string;
  readonly lanes: readonly [number, number];
}

export async function partingOf(
  { samples }: FirstPass,
  travel: Travel,
  { figure: name, lanes: [a, b] }: Parting,
  signal: AbortSignal,
): Promise<Found> {
  const index = TIMELINE_FIGURES.findIndex((figure) => figure.name === name);
  if (index < 0) throw new UsageError(`found figure '${name}', expected one of the timeline`);
  const { events, values } = samples.timeline();
  const apart = events.findIndex((_, i) => values[a]![index]![i] !== values[b]![index]![i]);
  if (apart < 0) return { event: undefined };
  if (apart === 0) return { event: 0, note: 'they are not the same from the start' };
  const figureOf = (machine: Machine): number => TIMELINE_FIGURES[index]!.of(machine);
  let [same, differs] = [events[apart - 1]!, events[apart]!];
  while (differs - same > 1) {
    const middle = Math.floor((same + differs) / 2);
    const { lanes } = await travel.to(middle, signal);
    if (figureOf(lanes[a]!.machine) === figureOf(lanes[b]!.machine)) same = middle;
    else differs = middle;
  }
  // What the machines meet at `same` makes the difference.
  return {
    event: same,
    note: 'found by halves: before that they may have parted and met again between two samples',
  };
}
