/** Captured traces of a real kernel's page allocator: what is predicted of each of them comes true. */
import { createReadStream } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readMoments } from '../../../replay/cli/files/snapshot-files.ts';
import { type KernelVerification, type RuleName, verifyKernelTrace } from '../../../replay/index.ts';
import { fileText } from '../../../replay/node/run-files.ts';
import { KERNEL_TRACES } from '../../captures/kernel-traces.ts';

/** Rules that a whole trace leaves next to no doubt about. */
const SURE: readonly RuleName[] = [
  'refill-when',
  'refill-first',
  'refill-order',
  'drain-tail',
  'direct',
  'buddy',
  'smallest-order',
  'steal',
  'buddyinfo',
];
/** Percent; allocations that are not traced (alloc_pages_bulk) cost some of the others. */
const AT_LEAST = 95;
const SURE_AT_LEAST = 99;

async function verified(path: string): Promise<KernelVerification> {
  return verifyKernelTrace(
    { name: path, blocks: createReadStream(path) },
    await readMoments(undefined, path, fileText),
    {
      atLeastPercent: AT_LEAST,
    },
  );
}

/** Whether a rule has at most as many misses, rounded up, as the percentage allows. */
const isSure = (result: KernelVerification, rule: RuleName): boolean => {
  const { made, right } = result.rules[rule] ?? { made: 0, right: 0 };
  return made - right <= Math.ceil((made * (100 - SURE_AT_LEAST)) / 100);
};

describe.each(KERNEL_TRACES)('$name', ({ path }) => {
  test('the predictions of every rule come true', { timeout: 60_000 }, async () => {
    const result = await verified(path);
    // Of some tasks only: what the others did to the lists cannot be known.
    if (result.missing.length > 0) return;
    expect(result.failed, JSON.stringify(result.disagreements, undefined, 1)).toEqual([]);
    for (const rule of SURE) expect([rule, isSure(result, rule)]).toEqual([rule, true]);
    const wrongBooks = result.phases.flatMap(({ label, zones }) =>
      zones
        .filter(({ agrees, expected }) => !agrees && /^-?\d+$/.test(expected))
        .map((zone) => ({ label, zone })),
    );
    expect(wrongBooks).toEqual([]);
  });
});

const experiments = KERNEL_TRACES.filter(({ path }) => /buddy\/[^/]+$/.test(path));

test.each(experiments)(
  '$name: an experiment with a snapshot before each of its phases',
  { timeout: 60_000 },
  async ({ path }) => {
    const { rules, phases, moments } = await verified(path);
    expect(phases.length).toBe(moments.length - 1);
    expect(phases.length).toBeGreaterThanOrEqual(33);
    expect(rules.accounting).toEqual({
      made: 3 * phases.length,
      right: 3 * phases.length,
      unpredictable: {},
    });
    for (const rule of [
      'pcp-lifo',
      'drain-tail',
      'drain-size',
      'refill-size',
      'pcp-count',
      'pcp-high',
    ] as const) {
      const { made, right } = rules[rule]!;
      expect([rule, made > 0, right / made >= 0.99]).toEqual([rule, true, true]);
    }
  },
);
