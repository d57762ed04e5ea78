/** kmem_cache_create and its kin: who shares slabs with whom, and what the captured kernels' caches give. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import {
  SLAB_CACHE_DMA,
  SLAB_CACHE_DMA32,
  SLAB_CONSTRUCTOR,
  SLAB_HWCACHE_ALIGN,
  SLAB_NO_MERGE,
  SLAB_RECLAIM_ACCOUNT,
} from '../../../core/event/slab-flags.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { pageAddress } from '../../../core/layout/regions.ts';
import { type SlabCacheInfo, slabCaches } from '../../../core/slab/info.ts';
import { OBJECT } from '../../../core/state/objects.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';
import { buddyinfo, drained } from '../../support/laws.ts';
import { cache, fromCache, Session, type Step, sessionOf } from '../../support/rows.ts';

/** The caches that are not kmalloc's, newest first. */
function created({ machine }: Session): SlabCacheInfo[] {
  return slabCaches(machine).filter(({ name }) => name.startsWith('cache-'));
}

function physicalAddress({ machine }: Session, object: number): number {
  return machine.objects.get(object, OBJECT.pfn) * 4096 + machine.objects.get(object, OBJECT.start);
}

describe.each(oracleMachines().map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
  const booted = bootMachine(buildLayout(layoutNameOf(machine), optionsOf(machine)));

  test('the first objects of a cache are as far apart as its slabs say', () => {
    const session = new Session(booted);
    let object = 1;
    for (const [number, probe] of machine.slab_probe.entries()) {
      const flags = SLAB_NO_MERGE | (probe.hwalign ? SLAB_HWCACHE_ALIGN : 0);
      session.given(cache(number, probe.size_req, 0, flags));
      const theirs = [probe.a0, probe.a1, probe.a2].map((address) => Number(BigInt(address) & 0xffffffffn));
      if (theirs[0] === 0) continue; // not asked for: too large
      const ours = theirs.map(() => {
        session.given(fromCache(object, number));
        return physicalAddress(session, object++);
      });
      const together = Math.min(probe.objs_per_slab, ours.length);
      const distances = (addresses: readonly number[]): number[] =>
        addresses.slice(1, together).map((address) => address - addresses[0]!);
      expect([probe.name, ...distances(ours)]).toEqual([probe.name, ...distances(theirs)]);
      for (const address of ours) expect(address % probe.align).toBe(0);
    }
  });
});

describe('caches of a size share slabs', () => {
  test('the second takes its objects where the first does', () => {
    const session = sessionOf('linux-x86_64', 64).given(cache(1, 64), cache(2, 60));
    session.given(fromCache(1, 1), fromCache(2, 2));
    expect(physicalAddress(session, 2) - physicalAddress(session, 1)).toBe(64);
    expect(created(session)).toMatchObject([{ name: 'cache-1', totalSlabs: 1, liveObjects: 2 }]);
  });

  test('the larger of their objects decides what may be touched', () => {
    const session = sessionOf('linux-x86_64', 64).given(cache(1, 60), cache(2, 64), fromCache(1, 1));
    expect(created(session)).toMatchObject([{ objectSizeBytes: 64 }]);
    expect(session.status({ kind: 'access', object: 1, offset: 63, size: 1, mode: 4 })).toBe('ok');
    expect(session.status({ kind: 'access', object: 1, offset: 64, size: 1, mode: 4 })).toBe('no-mapping');
  });

  test('a new cache joins the one that fits; the newest are told first, in whichever row they are', () => {
    const session = sessionOf('linux-x86_64', 64).given(
      cache(1, 64, 0, SLAB_NO_MERGE),
      cache(2, 200),
      cache(3, 64),
      { kind: 'kmem_cache_destroy', cache: 2 },
      // In the row that cache 2 leaves, yet younger than cache 3.
      cache(4, 60, 0, SLAB_CONSTRUCTOR),
      cache(5, 60),
    );
    expect(created(session).map(({ name }) => name)).toEqual(['cache-4', 'cache-3', 'cache-1']);
    session.given(fromCache(1, 3), fromCache(2, 5));
    expect(physicalAddress(session, 2) - physicalAddress(session, 1)).toBe(64);
  });

  test.each([
    ['a constructor', SLAB_CONSTRUCTOR],
    ['a wish to be alone', SLAB_NO_MERGE],
    ['reclaimable slabs', SLAB_RECLAIM_ACCOUNT],
  ])('but not with %s', (_, flags) => {
    const session = sessionOf('linux-x86_64', 64).given(cache(1, 64), cache(2, 64, 0, flags));
    expect(created(session)).toHaveLength(2);
  });

  test('and none with a kmalloc cache', () => {
    expect(created(sessionOf('linux-x86_64', 64).given(cache(1, 64, 64)))).toHaveLength(1);
  });
});

describe('kmem_cache_destroy', () => {
  test('the slabs go with the last cache that shares them, and nothing is left', () => {
    const start = sessionOf('linux-x86_64', 64, { cpus: 4 });
    const before = buddyinfo(drained(start.machine));
    const session = start.given(cache(1, 1000), cache(2, 1000));
    const objects = Array.from({ length: 300 }, (_, i) => i + 1);
    session.given(...objects.map((one) => ({ ...fromCache(one, 1 + (one % 2)), cpu: one % 4 }) as Step));
    session.given({ kind: 'kmem_cache_destroy', cache: 1 });
    expect(session.status({ kind: 'kmem_cache_destroy', cache: 2 })).toBe('cache-in-use');
    session.given(
      ...objects.map((object): Step => ({ kind: 'kmem_cache_free', object, cpu: (object >> 3) % 4 })),
    );
    expect(created(session)).toMatchObject([{ liveObjects: 0 }]);
    expect(session.counter('slabPages')).toBeGreaterThan(0);
    session.given({ kind: 'kmem_cache_destroy', cache: 2 });
    expect(created(session)).toEqual([]);
    expect(session.counter('slabPages')).toBe(0);
    expect(buddyinfo(drained(session.machine))).toEqual(before);
  });
});

test('explain names the cache of a frame', () => {
  const session = sessionOf('linux-3g1g', 64).given(cache(7, 64), fromCache(1, 7));
  const { layout } = session.machine.platform;
  const address = pageAddress(layout, session.machine.objects.get(1, OBJECT.vpn));
  expect(explainAddress(session.machine, 'virtual', address).frame?.owner).toBe('slab of cache-7');
});

describe('slabs come from where the cache wants them', () => {
  const memoryMap = [
    { start: 1n << 20n, end: 64n << 20n },
    { start: 4n << 30n, end: (4n << 30n) + (32n << 20n) },
  ];
  test.each([
    ['anywhere', 0, 2 ** 20, 2 ** 21],
    ['below 4 GiB', SLAB_CACHE_DMA32, 2 ** 12, 2 ** 20],
    ['below 16 MiB', SLAB_CACHE_DMA, 0, 2 ** 12],
  ])('%s', (_, flags, first, end) => {
    const session = sessionOf('linux-x86_64', 0, { memoryMap }).given(cache(1, 64, 0, flags));
    const { pfn } = session.do(fromCache(1, 1));
    expect([pfn >= first, pfn < end]).toEqual([true, true]);
  });
});
