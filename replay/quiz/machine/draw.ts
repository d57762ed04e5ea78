/** Chance, until what it brings is worth asking. */
import { UsageError } from '../../../core/base/errors.ts';
import type { Prng } from '../../../workloads/engine/prng.ts';

const MOST_TRIES = 500;

/** The first of what `draw` gives that is as wanted. */
export function drawUntil<T>(draw: () => T, isWanted: (drawn: T) => boolean): T {
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const drawn = draw();
    if (isWanted(drawn)) return drawn;
  }
  throw new UsageError(
    `found nothing worth asking in ${MOST_TRIES} tries, expected a machine with more room: give it more RAM, or take ` +
      'another layout',
  );
}

/** The same things in any order (Fisher and Yates). */
export function shuffled<T>(items: readonly T[], random: Prng): T[] {
  const mixed = [...items];
  for (let i = mixed.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [mixed[i], mixed[j]] = [mixed[j]!, mixed[i]!];
  }
  return mixed;
}
