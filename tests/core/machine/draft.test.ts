/** Drafts go on from fold to fold: what that must not change. */
import { expect, test } from 'vitest';
import { rebatch } from '../../../core/event/batch.ts';
import { fold } from '../../../core/fold/fold.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { workload } from '../../../workloads/index.ts';
import { machineOf } from '../../support/rows.ts';

const BATCHES = [...rebatch(workload('database').generate(3, {}, 4000), 200)];

test('every machine on the way stays as it was, however far the same draft goes on', () => {
  let machine = machineOf('linux-3g1g', 128, { cpus: 2 });
  const kept = BATCHES.map((batch) => {
    machine = fold(machine, batch).machine;
    return { machine, digest: stateDigest(machine) };
  });
  for (const { machine: old, digest } of kept) expect(stateDigest(old)).toBe(digest);
});

test('two futures of one machine do not know of each other', () => {
  const [first, second, third] = BATCHES;
  const { machine } = fold(machineOf('linux-3g1g', 128, { cpus: 2 }), first!);
  const one = fold(machine, second!).machine;
  const other = fold(machine, third!).machine;
  expect(stateDigest(fold(machine, second!).machine)).toBe(stateDigest(one));
  expect(stateDigest(fold(machine, third!).machine)).toBe(stateDigest(other));
});

test('a draft is taken once: whoever comes next for the machine gets one of its own', () => {
  const { machine } = new Draft(machineOf('linux-3g1g', 128)).seal(false);
  const taken = Draft.of(machine);
  expect(Draft.of(machine)).not.toBe(taken);
});
