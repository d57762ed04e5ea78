/** Accesses told in steps are folded without their columns: every outcome and the machine are those of the columns. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CONTINUED, EXECUTE, MODIFY, READ, WRITE } from '../../../core/event/access-mode.ts';
import { type Batch, batchOf } from '../../../core/event/batch.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { PROT_EXEC, PROT_READ } from '../../../core/event/mmap-flags.ts';
import { bootMachine, buildLayout, fold, type Machine, OutcomeDigest } from '../../../core/index.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import type { MachineOptions } from '../../../core/machine/options.ts';
import { inSteps } from '../../models/naive-steps.ts';
import { atDepth } from '../../support/depth.ts';
import { eventOf, mmap, RUNNING, RW, starve } from '../../support/rows.ts';

const MACHINES: readonly (readonly [string, bigint, MachineOptions])[] = [
  ['linux-3g1g', 2n ** 28n, {}],
  ['linux-x86_64', 2n ** 28n, { reclaim: {} }],
  ['linux-x86_64', 2n ** 28n, { thp: 'always' }],
  ['linux-x86_64', 2n ** 28n, { mmu: { l1d: { sets: 1, ways: 3 }, l1i: { sets: 8, ways: 1 } } }],
  ['linux-x86_64', 2n ** 28n, { mmu: { replacement: 'fifo' } }],
  ['vax-vms', 2n ** 26n, {}],
  ['ia64-64k', 2n ** 28n, {}],
];

/** Pages of objects 1 to 5, which are mappings; 6 is the kernel's, 7 nothing. */
const PAGES = [1, 3, 40, 40, 700];
const CODE = 4;

function withMappings(machine: Machine, pageBytes: number): Machine {
  const mappings = PAGES.map((count, i) =>
    mmap(i + 1, count * pageBytes, i + 1 === CODE ? PROT_READ | PROT_EXEC : RW),
  );
  const kernel = { kind: 'kmalloc', object: 6, size: 128, gfp: GFP_KERNEL } as const;
  return fold(machine, batchOf([...RUNNING, ...mappings, kernel].map(eventOf))).machine;
}

const HEADER = { kind: 'access', cpu: 0 } as const;
const thinkNs = fc.oneof({ weight: 20, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(7) });
const size = fc.constantFrom(1, 4, 8, 16);

/** What goes well, around few pages; across their ends now and then. */
function usualOf(pageBytes: number): fc.Arbitrary<MemoryEvent> {
  const place = fc.tuple(fc.oneof(fc.nat(2), fc.nat(700)), fc.constantFrom(0, 8, pageBytes - 8));
  const data = fc.tuple(fc.constantFrom(1, 2, 3, 5, 5, 5), fc.constantFrom(READ, READ, WRITE, MODIFY));
  const what = fc.oneof(data, fc.constant([CODE, EXECUTE] as const));
  const isContinued = fc.nat(20).map((n) => n === 0);
  return fc
    .tuple(what, place, size, isContinued, thinkNs)
    .map(([[object, mode], [page, at], bytes, second, ns]) => ({
      ...HEADER,
      thinkNs: ns,
      object,
      offset: (page % PAGES[object - 1]!) * pageBytes + (second ? 0 : at),
      size: bytes,
      mode: second ? mode | CONTINUED : mode,
    }));
}

function oddOf(pageBytes: number): fc.Arbitrary<MemoryEvent> {
  const page = fc.nat(2 ** 20).map((number) => (number * pageBytes) % 2 ** 32);
  return fc.record({
    kind: fc.constant('access' as const),
    cpu: fc.constant(0),
    thinkNs,
    object: fc.integer({ min: 1, max: 7 }),
    offset: fc.oneof(fc.constantFrom(0, pageBytes - 1, 2 ** 32 - 1, 2 ** 32 - 8), page),
    size: fc.oneof(size, fc.constantFrom(0, pageBytes, pageBytes + 1)),
    mode: fc.nat(15),
  });
}

function told(machine: Machine, batches: readonly Batch[]): readonly string[] {
  let digest = new OutcomeDigest();
  let now = machine;
  for (const batch of batches) {
    const { machine: next, outcomes } = fold(now, batch);
    digest = digest.with(outcomes);
    now = next;
  }
  return [digest.toString(), stateDigest(now)];
}

describe.each(MACHINES)('%s with %i bytes, %o', (name, ramBytes, options) => {
  const layout = buildLayout(name, { ramBytes });
  const pageBytes = 2 ** layout.pageShift;
  const booted = bootMachine(layout, options);

  const events = fc.oneof(
    { weight: 60, arbitrary: usualOf(pageBytes) },
    { weight: 1, arbitrary: oddOf(pageBytes) },
  );

  test.each([
    ['room for all', withMappings(booted, pageBytes)],
    [
      'room for few at a time',
      withMappings(starve(booted, Number(ramBytes) / pageBytes > 5000 ? 2000 : 600, false), pageBytes),
    ],
  ])('%s', (_, machine) => {
    fc.assert(
      fc.property(
        fc.array(events, { minLength: 1, maxLength: 400, size: 'max' }),
        fc.integer({ min: 1, max: 5 }),
        (given, every) => {
          const plain = batchOf(given);
          const steps = inSteps(plain, every);
          expect(told(machine, [steps, steps])).toEqual(told(machine, [plain, plain]));
        },
      ),
      { numRuns: atDepth({ quick: 4, full: 12 }) },
    );
  });
});
