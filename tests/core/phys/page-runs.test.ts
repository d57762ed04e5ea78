/** Many single pages at once are the same pages that as many requests, one after the other, come to. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { __GFP_RECLAIMABLE, GFP_ATOMIC, GFP_HIGHUSER_MOVABLE, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { Draft } from '../../../core/machine/draft.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { USE_VMALLOC } from '../../../core/phys/frames.ts';
import { allocPageRun, allocPages, freePageRun, freePages } from '../../../core/phys/page-alloc.ts';
import { atDepth } from '../../support/depth.ts';
import { HIGH, machineOf } from '../../support/rows.ts';

const OWNER = 7;
/** More than a cpu keeps before it gives some back. */
const MOST = 2500;

/** Takes pages, or frees of those that are held. */
interface Turn {
  readonly cpu: number;
  readonly gfp: number;
  readonly count: number;
  readonly frees: boolean;
}

const turn: fc.Arbitrary<Turn> = fc.record({
  cpu: fc.nat(1),
  // 0 wakes nobody: a mark that it raises is told by the next request.
  gfp: fc.constantFrom(GFP_KERNEL, HIGH, GFP_ATOMIC, GFP_HIGHUSER_MOVABLE, GFP_KERNEL | __GFP_RECLAIMABLE, 0),
  count: fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: MOST })),
  frees: fc.boolean(),
});

/** How pages are taken and freed; the first is what the two have to come to. */
interface Way {
  take(draft: Draft, gfp: number, count: number): number[];
  free(draft: Draft, pfns: readonly number[]): void;
}

const oneByOne: Way = {
  take(draft, gfp, count) {
    const pfns: number[] = [];
    while (pfns.length < count && (pfns.at(-1) ?? 0) >= 0)
      pfns.push(allocPages(draft, 0, gfp, USE_VMALLOC, OWNER));
    return pfns;
  },
  free(draft, pfns) {
    for (const pfn of pfns) freePages(draft, pfn);
  },
};

const inRuns: Way = {
  take(draft, gfp, count) {
    const pfns = new Int32Array(count);
    let taken = 0;
    while (taken < count) {
      const run = allocPageRun(draft, gfp, USE_VMALLOC, OWNER, pfns, taken, count);
      if (run < 0) return [...pfns.subarray(0, taken), run];
      taken += run;
    }
    return [...pfns];
  },
  free(draft, pfns) {
    freePageRun(draft, Int32Array.from(pfns), pfns.length);
  },
};

/** What all turns gave, and the machine that they leave. */
function played(machine: Machine, turns: readonly Turn[], way: Way): { given: number[][]; state: string } {
  const draft = new Draft(machine);
  const held: number[] = [];
  const given: number[][] = [];
  for (const { cpu, gfp, count, frees } of turns) {
    draft.onCpu(cpu);
    if (frees) way.free(draft, held.splice(0, count));
    else {
      const pfns = way.take(draft, gfp, count);
      given.push(pfns);
      held.push(...pfns.filter((pfn) => pfn >= 0));
    }
  }
  return { given, state: stateDigest(draft.seal(false).machine) };
}

test.each([
  ['with high memory', machineOf('3g1g', 960, { vmallocBytes: 120n << 20n, cpus: 2 })],
  ['so little that it runs out', machineOf('linux-3g1g', 32, { cpus: 2 })],
  ['with memory of CMA', machineOf('linux-arm-3g1g', 48, { cpus: 2 }, { cma: { bytes: 16n << 20n } })],
  ['with zones to try before types are mixed', machineOf('linux-x86_64', 64, { cpus: 2 })],
])('runs of pages on a machine %s', (_name, machine) => {
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 30 }), (turns) => {
      expect(played(machine, turns, inRuns)).toEqual(played(machine, turns, oneByOne));
    }),
    { numRuns: atDepth({ quick: 30, full: 200 }) },
  );
});

test('a run is what waits on the list, after one page for which it was refilled if nothing did', () => {
  const draft = new Draft(machineOf('linux-x86_64', 512));
  draft.onCpu(0);
  const { pcpBatch } = draft.platform.zones[1]!;
  const pfns = new Int32Array(3 * pcpBatch);
  const run = (from: number, to: number): number =>
    allocPageRun(draft, GFP_HIGHUSER_MOVABLE, USE_VMALLOC, OWNER, pfns, from, to);
  // What boot left there.
  run(0, pfns.length);
  expect(run(0, pfns.length)).toBe(pcpBatch);
  expect(run(5, 7)).toBe(2);
  expect(run(0, pfns.length)).toBe(pcpBatch - 2);
});
