/** The random numbers that a workload draws. */
import { Prng } from '../../workloads/engine/prng.ts';
import type { Row, Suite } from './suite.ts';

const DRAWS = 2 ** 14;

export const prng: Suite = {
  name: 'prng',
  unit: 'draws',
  doc: 'xoroshiro128+ and what is made of it',
  rows: [
    draws('uint32', (random) => random.uint32()),
    draws('below(1000)', (random) => random.below(1000)),
    draws('exponential(1000)', (random) => random.exponential(1000)),
    draws('logUniform(8, 8192)', (random) => random.logUniform(8, 8192)),
  ],
};

function draws(name: string, draw: (random: Prng) => number): Row {
  return {
    name,
    prepare({ seed }) {
      const random = Prng.fromSeed(seed);
      const run = (): number => {
        let sum = 0;
        for (let i = 0; i < DRAWS; i++) sum += draw(random);
        return sum;
      };
      return { events: DRAWS, run };
    },
  };
}
