/** The slab allocator against naive slabs, every object at the same physical address, and its rules one by one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkMachine } from '../../../core/check/invariants.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { __GFP_RECLAIMABLE, GFP_ATOMIC, GFP_DMA, GFP_DMA32, GFP_KERNEL } from '../../../core/event/gfp.ts';
import type { MemoryEvent } from '../../../core/event/kinds.ts';
import { SLAB_NO_MERGE } from '../../../core/event/slab-flags.ts';
import { fold } from '../../../core/fold/fold.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { STATUSES } from '../../../core/outcome/outcome.ts';
import { slabCaches } from '../../../core/slab/info.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { fixtureMachine } from '../../captures/oracle-machines.ts';
import { NaivePageAllocator } from '../../models/naive-page-alloc.ts';
import { type NaiveCacheKind, NaiveSlabs } from '../../models/naive-slabs.ts';
import { atDepth } from '../../support/depth.ts';
import { drained, freeLists } from '../../support/laws.ts';
import { pc } from '../../support/pc.ts';
import {
  eventOf,
  HIGH,
  kmalloc,
  machineOf,
  Session,
  SMALL_MACHINES,
  type Step,
  sessionOf,
  starve,
} from '../../support/rows.ts';

/** The kmalloc caches that a kernel with four cpus printed. */
const KMALLOC_KINDS: readonly NaiveCacheKind[] = fixtureMachine('i386-3g_1024_smp4')
  .slabs.filter(({ name }) => name.startsWith('kmalloc-') && !name.startsWith('kmalloc-rcl-'))
  .map(({ slab_size, order, objs_per_slab, min_partial, cpu_partial }) => ({
    sizeBytes: slab_size,
    order,
    objects: objs_per_slab,
    minPartial: min_partial,
    cpuPartialSlabs: Math.ceil((2 * cpu_partial) / objs_per_slab),
  }));

/** Cache 1, for objects of 1300 bytes (slabs of 24 for four cpus), and cache 2, for such as take a slab each. */
const CACHES: readonly { number: number; size: number; kind: NaiveCacheKind }[] = [
  {
    number: 1,
    size: 1304,
    kind: { sizeBytes: 1304, order: 3, objects: 25, minPartial: 5, cpuPartialSlabs: 2 },
  },
  {
    number: 2,
    size: 20_000,
    kind: { sizeBytes: 20_000, order: 3, objects: 1, minPartial: 7, cpuPartialSlabs: 12 },
  },
];

/** So many objects in a row, all alike, come or go on one cpu. */
interface Burst {
  readonly cpu: number;
  readonly frees: boolean;
  readonly count: number;
  /** Which kind of object, and in which order they go. */
  readonly which: number;
  readonly gfp: number;
}

const bursts: fc.Arbitrary<Burst[]> = fc.array(
  fc.record({
    cpu: fc.nat(3),
    frees: fc.boolean(),
    count: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 120 })),
    which: fc.nat(2 ** 16),
    gfp: fc.constantFrom(GFP_KERNEL, GFP_KERNEL, GFP_ATOMIC, GFP_DMA, GFP_KERNEL | __GFP_RECLAIMABLE),
  }),
  { maxLength: 40, size: 'max' },
);

const SIZES = [64, 512, 1000, 2048, 4096, 8192, 0, 20_000];

/** The events of a list of bursts: objects get new numbers, and are freed first in first out, last first, or mixed. */
function* eventsOfBursts(list: readonly Burst[]): Generator<MemoryEvent> {
  const live: { object: number; cache: number }[] = [];
  let object = 1;
  for (const { cpu, frees, count, which, gfp } of list) {
    for (let i = 0; i < count; i++) {
      if (frees && live.length > 0) {
        const at = [0, live.length - 1, (which * 7919 + i * 104_729) % live.length][which % 3]!;
        const [gone] = live.splice(at, 1);
        const kind = gone!.cache === 0 ? 'kfree' : 'kmem_cache_free';
        yield eventOf({ kind, cpu, object: gone!.object });
      } else {
        const cache = Math.max(0, (which % 5) - 2);
        live.push({ object, cache });
        yield eventOf(
          cache === 0
            ? { kind: 'kmalloc', cpu, object, size: SIZES[(which >> 3) % SIZES.length]!, gfp }
            : { kind: 'kmem_cache_alloc', cpu, object, cache, gfp },
        );
        object++;
      }
    }
  }
}

const MACHINES = SMALL_MACHINES.flatMap(({ name, boot }) => [
  { name, machine: withCaches(boot()) },
  { name: `${name}, all but 200 pages taken`, machine: withCaches(starve(boot(), 200, false)) },
]);

function withCaches(machine: Machine): Machine {
  const creations = CACHES.map(({ number, size }) =>
    eventOf({ kind: 'kmem_cache_create', cache: number, size, align: 0, slabFlags: SLAB_NO_MERGE }),
  );
  return fold(machine, batchOf(creations)).machine;
}

describe.each(MACHINES)('$name', ({ machine }) => {
  test('objects are where the naive slabs put them, on any cpu', () => {
    fc.assert(
      fc.property(bursts, (list) => compare(machine, [...eventsOfBursts(list)])),
      { numRuns: atDepth({ quick: 3, full: 8 }), endOnFailure: process.env.VMSPLIT_SHRINK !== '1' },
    );
  });
});

function compare(start: Machine, events: readonly MemoryEvent[]): void {
  const pages = new NaivePageAllocator(start);
  const naive = new NaiveSlabs(KMALLOC_KINDS, pages);
  for (const { number, kind } of CACHES) naive.addCache(number, kind);
  let machine = start;
  for (const [at, event] of events.entries()) {
    const folded = fold(machine, batchOf([event]));
    machine = folded.machine;
    const status = STATUSES[folded.outcomes.status[0]!]!.name;
    const object = (event as { object: number }).object;
    const seen = { status, address: status === 'ok' ? addressOf(machine, object) : 0 };
    const told = naive.apply(event);
    if (seen.status !== told.status || seen.address !== told.address)
      expect(seen, `event ${at}: ${JSON.stringify(event)}`).toEqual(told);
  }
  expect(freeLists(machine)).toEqual(pages.lists);
  expect(checkMachine(machine)).toEqual([]);
  const caches = slabCaches(machine);
  for (const { number } of CACHES)
    expect(caches.find(({ name }) => name === `cache-${number}`)!.totalSlabs).toBe(naive.slabsOf(number));
}

/** Physical address of an object; 0 when it is not alive. */
function addressOf({ objects }: Machine, object: number): number {
  return objects.get(object, OBJECT.pfn) * 4096 + objects.get(object, OBJECT.start);
}

test.each([
  [8192, 8],
  [8193, 0],
])('%i bytes take %i pages of slabs', (size, slabPages) => {
  const session = sessionOf('3g1g', 64).given(kmalloc(1, size));
  expect(session.counter('slabPages')).toBe(slabPages);
});

const ATOMIC_64 = { kind: 'kmalloc', size: 64, gfp: GFP_ATOMIC } as const;

/** Objects of 64 bytes, 64 of them in a slab; returns their addresses. */
function give(session: Session, first: number, count: number, cpu = 0): number[] {
  return Array.from({ length: count }, (_, i) => {
    session.given({ ...ATOMIC_64, object: first + i, cpu });
    return addressOf(session.machine, first + i);
  });
}

function take(session: Session, first: number, count: number, cpu = 0): void {
  session.given(
    ...Array.from({ length: count }, (_, i): Step => ({ kind: 'kfree', object: first + i, cpu })),
  );
}

const slabsOf64 = (session: Session) =>
  slabCaches(session.machine).find(({ name }) => name === 'kmalloc-64')!;

describe('reuse', () => {
  test('a new slab is given out in the order of addresses; what was freed last is given first', () => {
    const session = sessionOf('3g1g', 64);
    const addresses = give(session, 1, 4);
    expect(addresses).toEqual([0, 64, 128, 192].map((offset) => addresses[0]! + offset));
    session.given({ kind: 'kfree', object: 2 }, { kind: 'kfree', object: 4 });
    expect(give(session, 5, 3)).toEqual([addresses[3], addresses[1], addresses[0]! + 256]);
  });

  test('what another cpu frees comes back when the list of the cpu that has the slab is used up', () => {
    const session = sessionOf('3g1g', 64, { cpus: 2 });
    const addresses = give(session, 1, 10);
    take(session, 1, 2, 1);
    expect(give(session, 11, 1)).toEqual([addresses[0]! + 640]);
    give(session, 12, 53);
    expect(give(session, 65, 2)).toEqual([addresses[1], addresses[0]]);
    expect(slabsOf64(session).totalSlabs).toBe(1);
  });

  test('each cpu has a slab of its own', () => {
    const session = sessionOf('3g1g', 64, { cpus: 2 });
    const [first] = give(session, 1, 1);
    const [other] = give(session, 2, 1, 1);
    expect(Math.floor(first! / 4096)).not.toBe(Math.floor(other! / 4096));
    expect(give(session, 3, 1)).toEqual([first! + 64]);
  });
});

describe('empty slabs', () => {
  test('a cpu keeps its current slab when it is empty', () => {
    const session = sessionOf('3g1g', 64);
    give(session, 1, 1);
    take(session, 1, 1);
    expect(slabsOf64(session)).toMatchObject({ totalSlabs: 1, activeObjects: 64, liveObjects: 0 });
  });

  test('a full slab that gets an object back waits on the list of the cpu that gave it', () => {
    const session = sessionOf('3g1g', 64);
    give(session, 1, 65);
    take(session, 1, 64);
    expect(slabsOf64(session)).toMatchObject({ totalSlabs: 2, activeObjects: 128, liveObjects: 1 });
  });

  test.each([
    // The cpu's list holds four; when the fifth comes they move to the node, which keeps five empty ones.
    ['SMP', 8, 4, 4],
    ['SMP', 8, 5, 5],
    ['SMP', 8, 8, 8],
    ['SMP', 8, 9, 6],
    ['SMP', 8, 12, 9],
    // Slabs go straight to the node, where the fifth that becomes empty counts itself and goes.
    ['UP', 1, 4, 4],
    ['UP', 1, 5, 4],
    ['UP', 1, 12, 4],
  ])(
    '%s: a kernel of NR_CPUS %i keeps of %i full slabs %i when their objects are freed',
    (_name, nrCpus, count, expected) => {
      const session = sessionOf('3g1g', 64, { nrCpus });
      give(session, 1, 64 * (count + 1));
      take(session, 1, 64 * count);
      expect(slabsOf64(session).totalSlabs - 1).toBe(expected);
      expect(slabCaches(drained(session.machine)).find(({ name }) => name === 'kmalloc-64')).toMatchObject({
        totalSlabs: 1,
        liveObjects: 64,
      });
    },
  );
});

test('without a block of the usual order a slab is as small as can be', () => {
  const slabsOf4k = (session: Session) =>
    slabCaches(session.machine).find(({ name }) => name === 'kmalloc-4k')!;
  const session = sessionOf('linux-x86_64', 64).given(kmalloc(1, 4096));
  expect(slabsOf4k(session)).toMatchObject({ totalSlabs: 1, totalObjects: 8, pagesPerSlab: 8 });
  const inPieces = new Session(starve(machineOf('linux-x86_64', 64), 400));
  const count = inPieces.repeat((i) => kmalloc(1 + i, 4096));
  const { totalSlabs, totalObjects, liveObjects } = slabsOf4k(inPieces);
  expect(liveObjects).toBe(count);
  expect(totalSlabs).toBeGreaterThan(200);
  // Whole slabs and single pages: (8 - 1) more objects for each whole one.
  expect((totalObjects - totalSlabs) % 7).toBe(0);
  expect(checkMachine(inPieces.machine)).toEqual([]);
});

describe('a request of no bytes', () => {
  test('gets a pointer to nothing, which may be freed once', () => {
    const session = sessionOf('3g1g', 64);
    expect(session.do(kmalloc(1, 0))).toMatchObject({ status: 'ok', vpn: 0, pfn: 0, address: 'none' });
    expect(session.counter('slabPages')).toBe(0);
    expect(session.status(kmalloc(1, 0))).toBe('exists');
    expect(session.status({ kind: 'access', object: 1, offset: 0, size: 1, mode: 4 })).toBe('no-mapping');
    expect(session.status({ kind: 'kfree', object: 1 })).toBe('ok');
    expect(session.status({ kind: 'kfree', object: 1 })).toBe('no-object');
  });
});

describe('large requests get the memory of the kernel, whatever zone they ask for', () => {
  const large = (gfp: number): Step => ({ kind: 'kmalloc', object: 1, size: 100_000, gfp });

  test('not high memory', () => {
    const session = new Session(pc);
    expect(session.do(large(HIGH))).toMatchObject({
      status: 'ok',
      address: 'kernel-logical',
    });
  });

  test('nor DMA32', () => {
    const memoryMap = [
      { start: 1n << 20n, end: 64n << 20n },
      { start: 4n << 30n, end: (4n << 30n) + (32n << 20n) },
    ];
    expect(sessionOf('linux-x86_64', 0, { memoryMap }).do(large(GFP_DMA32)).pfn).toBeGreaterThanOrEqual(
      2 ** 20,
    );
  });
});

test('on a kernel for one cpu full slabs join the end of the list with the first object that comes back', () => {
  const session = sessionOf('3g1g', 64, { nrCpus: 1 });
  const addresses = give(session, 1, 3 * 64);
  // One of the first slab, then one of the second; the third is the cpu's.
  session.given({ kind: 'kfree', object: 5 }, { kind: 'kfree', object: 69 });
  expect(give(session, 201, 2)).toEqual([addresses[4], addresses[68]]);
});
