/** Families of TLBs: each make comes to what a machine of its own with it comes to. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { TlbFamily } from '../../../../core/access/family/family.ts';
import { bootMachine } from '../../../../core/boot/boot.ts';
import { KERNEL_MODE, READ } from '../../../../core/event/access-mode.ts';
import { type Batch, batchOf } from '../../../../core/event/batch.ts';
import { fold } from '../../../../core/fold/fold.ts';
import { buildLayout } from '../../../../core/layout/catalog/index.ts';
import type { Machine } from '../../../../core/machine/machine.ts';
import type { MachineOptions } from '../../../../core/machine/options.ts';
import { countersOf } from '../../../../core/outcome/counters.ts';
import { OutcomeDigest } from '../../../../core/outcome/outcome-digest.ts';
import { mmuGeometry } from '../../../../core/paging/geometry.ts';
import { CPU, CPUS_VAR } from '../../../../core/state/cpus.ts';
import type { MmuOptions } from '../../../../core/tlb/options.ts';
import { ReferenceLog } from '../../../../core/tlb/reference-log.ts';
import { hugeEvents } from '../../../generators/huge-events.ts';
import { anyMmu } from '../../../generators/mmu-options.ts';
import { batchOfRows, forStreams, type Row, randomEvents } from '../../../generators/random-events.ts';
import { atDepth } from '../../../support/depth.ts';
import { eventOf, type Step } from '../../../support/rows.ts';

type Makes = readonly Partial<MmuOptions>[];

interface Told {
  readonly digest: string;
  readonly counters: object;
  readonly cpus: readonly (readonly number[])[];
}

/** All that a report says of translations, and all that a machine counts. */
function told(machine: Machine, digest: OutcomeDigest): Told {
  return {
    digest: digest.toString(),
    counters: countersOf(machine.counters),
    cpus: Array.from({ length: machine.vars[CPUS_VAR.busyCpus]! }, (_, cpu) =>
      [CPU.clockNs, CPU.translations, CPU.l2Hits, CPU.walks].map((field) => machine.cpus.get(cpu, field)),
    ),
  };
}

const boot = (name: string, mmu: Partial<MmuOptions>, options: MachineOptions = {}): Machine =>
  bootMachine(buildLayout(name, { ramBytes: 2n ** 26n, cpus: 2 }), { ...options, mmu });

function alone(start: Machine, batches: readonly Batch[]): Told {
  let machine = start;
  let digest = new OutcomeDigest();
  for (const batch of batches) {
    const { machine: next, outcomes } = fold(machine, batch);
    machine = next;
    digest = digest.with(outcomes);
  }
  return told(machine, digest);
}

/** Undefined for a make with which the machine takes another course. */
function together(start: Machine, makes: Makes, batches: readonly Batch[]): (Told | undefined)[] {
  const { layout } = start.platform;
  const family = new TlbFamily(
    start,
    makes.map((options) => mmuGeometry(layout, options)),
  );
  const log = new ReferenceLog();
  let machine = start;
  let digest = new OutcomeDigest();
  let events = 0;
  for (const batch of batches) {
    log.clear();
    const { machine: next, outcomes } = fold(machine, batch, { log });
    family.add(log, outcomes, events);
    events += batch.count;
    machine = next;
    digest = digest.with(outcomes);
  }
  return makes.map((_, i) => {
    const kin = family.kin(i, machine, digest);
    return kin && told(kin.machine, kin.digest);
  });
}

function cut(rows: readonly Row[], size: number): Batch[] {
  const count = Math.ceil(rows.length / size);
  return Array.from({ length: count }, (_, i) => batchOfRows(rows.slice(i * size, (i + 1) * size)));
}

/** Shapes of one level that share everything else, as a sweep has them. */
const shapes = fc
  .tuple(
    fc.constantFrom('l1d', 'l1i', 'l2'),
    fc.array(fc.tuple(fc.constantFrom(1, 2, 4, 8), fc.integer({ min: 1, max: 5 })), {
      minLength: 3,
      maxLength: 6,
    }),
  )
  .map(([name, sizes]): Makes => {
    const small = { l1i: { sets: 1, ways: 2 }, l1d: { sets: 2, ways: 2 }, l2: { sets: 4, ways: 2 } };
    return sizes.map(([sets, ways]) => ({ ...small, [name]: { sets, ways } }));
  });

const common = (options: Partial<MmuOptions>) =>
  fc.oneof(
    shapes.map((makes): Makes => makes.map((make) => ({ ...make, ...options }))),
    fc.array(anyMmu(options), { minLength: 2, maxLength: 5 }),
  );

describe.each<[string, Partial<MmuOptions>, MachineOptions?]>([
  ['linux-x86_64', { pcid: true, kpti: false, unifiedL1: false }, { thp: 'always' }],
  ['linux-x86_64', { pcid: true, kpti: true, unifiedL1: false }],
  ['linux-3g1g-pae', { pcid: false, kpti: false, unifiedL1: true }],
  ['3g1g', { pcid: false, kpti: false, unifiedL1: false }],
  ['linux-arm-3g1g', { pcid: true, kpti: false, unifiedL1: false }],
  ['ia64-8k', { pcid: true, kpti: false, unifiedL1: false }],
])('%s %j', (name, options, machineOptions) => {
  const streams = machineOptions?.thp === undefined ? randomEvents(400) : hugeEvents(200);

  test('each make comes to what it comes to by itself, or is out', () => {
    const sampled = fc.tuple(streams, common(options), fc.constantFrom(1, 7, 10_000));
    fc.assert(
      fc.property(sampled, ([rows, makes, size]) => {
        const batches = cut(rows, size);
        const found = together(boot(name, makes[0]!, machineOptions), makes, batches);
        expect(found[0]).toBeDefined();
        for (const [i, make] of makes.entries())
          if (found[i] !== undefined)
            expect(found[i]).toEqual(alone(boot(name, make, machineOptions), batches));
      }),
      {
        numRuns: atDepth({ quick: 3, full: 6, long: 300 }),
        endOnFailure: process.env.VMSPLIT_SHRINK !== '1',
      },
    );
  });
});

test('where no fault brings entries of the kernel nobody is ever out', () => {
  const makes: Makes = [
    { l2: { sets: 1, ways: 1 } },
    { l2: { sets: 4, ways: 4 } },
    { l1d: { sets: 1, ways: 1 } },
  ];
  forStreams(randomEvents(300), atDepth({ quick: 2, full: 5 }), (rows) => {
    const found = together(boot('linux-3g1g', makes[0]!), makes, cut(rows, 100));
    expect(found.filter((one) => one === undefined)).toEqual([]);
  });
});

describe('a machine whose course depends on its TLBs', () => {
  const touch = (object: number): Step => ({
    kind: 'access',
    object,
    offset: 0,
    size: 4,
    mode: READ | KERNEL_MODE,
  });
  const vmalloc = (object: number): Step => ({ kind: 'vmalloc', object, size: 4096 });
  // Process 2 is there before the window has a table: it lacks the entry that process 1 has faulted in.
  const steps: Step[] = [
    { kind: 'spawn', pid: 1 },
    { kind: 'spawn', pid: 2 },
    { kind: 'switch', pid: 1 },
    vmalloc(10),
    vmalloc(11),
    touch(10),
    touch(11),
    { kind: 'switch', pid: 2 },
    touch(10),
  ];
  const batches = [batchOf(steps.map(eventOf))];
  const large: Partial<MmuOptions> = {};
  const one: Partial<MmuOptions> = { l1d: { sets: 1, ways: 1 }, l2: { sets: 1, ways: 1 } };

  it('differs: the entry is faulted in where the TLB has lost the page', () => {
    const faults = [large, one].map((mmu) => alone(boot('3g1g', mmu), batches).counters);
    expect(faults).toMatchObject([{ vmallocFaults: 1 }, { vmallocFaults: 2 }]);
  });

  it.each([
    ['that walks where the machine hits', [large, one]],
    ['that hits where the machine walks', [one, large]],
  ])('is left by a make %s', (_, makes) => {
    const [own, other] = together(boot('3g1g', makes[0]!), makes, batches);
    expect(own).toEqual(alone(boot('3g1g', makes[0]!), batches));
    expect(other).toBeUndefined();
  });

  it('is one that reclaims', () => {
    const reclaim = { swapBytes: 0n, swappiness: 60 };
    expect(TlbFamily.mayDiffer(boot('linux-3g1g', {}, { reclaim }))).toBe(true);
    expect(TlbFamily.mayDiffer(boot('linux-3g1g', {}))).toBe(false);
  });
});
