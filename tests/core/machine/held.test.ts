/** Machines that are held: each can be read, written to bytes and gone on from, in whatever order, as if it were alone. */
import { expect, test } from 'vitest';
import { machineFromBytes } from '../../../core/boot/boot.ts';
import {
  type Batch,
  bootMachine,
  buildLayout,
  fold,
  type Machine,
  OutcomeDigest,
} from '../../../core/index.ts';
import { machineBytes } from '../../../core/machine/codec.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { workload } from '../../../workloads/index.ts';
import { atDepth } from '../../support/depth.ts';

const NAMES = atDepth({ quick: ['drivers'], full: ['prefork', 'drivers', 'build'] });
const BATCHES = 11;
const start = bootMachine(buildLayout('linux-3g1g', { ramBytes: 2n ** 26n }), {
  reclaim: { swapBytes: 2n ** 25n },
});

interface Held {
  readonly machine: Machine;
  readonly batch: Batch;
  /** Of the machine, and of what the batch makes of it: told before anything else was done with it. */
  readonly state: string;
  readonly after: string;
}

/** Of machines that are booted from bytes and so share nothing with any other. */
function alone(machine: Machine, batch: Batch): Pick<Held, 'state' | 'after'> {
  const copy = machineFromBytes(machineBytes(machine));
  return { state: stateDigest(copy), after: told(copy, batch) };
}

function told(machine: Machine, batch: Batch): string {
  const { machine: next, outcomes } = fold(machine, batch);
  return `${stateDigest(next)} ${new OutcomeDigest().with(outcomes)}`;
}

function history(name: string): Held[] {
  const held: Held[] = [];
  let machine: Machine = start;
  for (const batch of [...workload(name).generate(1, {}, BATCHES * 250, 250)].slice(0, BATCHES)) {
    held.push({ machine, batch, ...alone(machine, batch) });
    machine = fold(machine, batch).machine;
  }
  return held;
}

test.each(NAMES)('%s: in any order', (name) => {
  const held = history(name);
  // 7 and 5 have no factor in common with their number: each comes once.
  for (let i = 0; i < BATCHES; i++) {
    const { machine, batch, state, after } = held[(7 * i) % BATCHES]!;
    const other = held[(5 * i + 3) % BATCHES]!;
    expect(told(machine, batch)).toBe(after);
    expect(stateDigest(other.machine)).toBe(other.state);
    expect(stateDigest(machine)).toBe(state);
    expect(told(machine, batch)).toBe(after);
  }
  for (const { machine, batch, state, after } of held.toReversed())
    expect(alone(machine, batch)).toEqual({ state, after });
});
