/** Traces that are not what they should be: nothing breaks, and what cannot be verified is said. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { KernelVerification } from '../../../replay/index.ts';
import { atDepth } from '../../support/depth.ts';
import { alloc, batched, drain, free, given, lost, moment, read, stolen, verify } from './traces.ts';

const START = 0x10_0000;

/** Few pages and large blocks, so that they meet. */
const block = fc.record({
  at: fc.nat(63),
  order: fc.constantFrom(0, 0, 0, 1, 2, 3, 4, 5, 9, 10),
  type: fc.nat(3),
  cpu: fc.nat(1),
});
const calls = [alloc, free, given, drain, batched] as const;
const event = fc.oneof(
  { arbitrary: fc.tuple(fc.constantFrom(...calls), block), weight: 30 },
  fc.constantFrom('read', 'lost', 'stolen'),
);

function lineOf(one: typeof event extends fc.Arbitrary<infer T> ? T : never, at: number): string {
  if (one === 'read') return read('a');
  if (one === 'lost') return lost(0);
  if (one === 'stolen') return stolen(START + 1024 * (at % 4), at % 10, 10);
  const [call, { at: place, ...rest }] = one;
  return call(START + place * 2 ** rest.order, rest);
}

const isSound = ({ rules }: KernelVerification): boolean =>
  Object.values(rules).every(({ made, right }) => right <= made);

test('whatever the events, they are taken as they come', async () => {
  const start = moment('a', { free: 5000, types: [[3, 2, 1], [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4], []] });
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 400 }), async (events) => {
      expect(isSound(await verify(events.map(lineOf).join(''), [start]))).toBe(true);
    }),
    { numRuns: atDepth({ quick: 20, full: 60 }) },
  );
});

test('where lines are missing, less comes true, but most of it does', async () => {
  const lines = gunzipSync(readFileSync('tests/fixtures/kernel/buddy/trace.txt.gz')).toString().split('\n');
  const result = await verify(lines.filter((_, i) => i < 20 || i % 97 !== 0).join('\n'));
  const { made, right } = result.rules['pcp-lifo']!;
  expect([made > 2000, right < made, right > 0.8 * made]).toEqual([true, true, true]);
});

describe('what cannot be verified', () => {
  test('pages above 4 TiB', async () => {
    await expect(verify(alloc(2 ** 30))).rejects.toThrow(
      /line 2: found pfn 0x40000000, expected one below 4 TiB/,
    );
    await expect(verify(alloc(2 ** 30 - 1))).resolves.toBeDefined();
  });

  test('more cpus than the lists have room for', async () => {
    await expect(verify(alloc(1, { cpu: 999 }))).rejects.toThrow(
      /line 2: found cpu 999, expected less than \d+ cpus/,
    );
    await expect(verify(alloc(1, { cpu: 255 }))).resolves.toBeDefined();
  });

  test('machines with several nodes', async () => {
    await expect(verify(alloc(1), [moment('a', { free: 1, node: 1 })])).rejects.toThrow(/Normal of node 1/);
  });
});
