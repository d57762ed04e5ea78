/** How many objects of slabs a round asks for (mm/vmscan.c, v6.1: do_shrink_slab). */
import { describe, expect, test } from 'vitest';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { SLAB_RECLAIM_ACCOUNT } from '../../../core/event/slab-flags.ts';
import { askForShare, type Shrinker, shrinkSlabs } from '../../../core/reclaim/shrinkers.ts';
import { machineOf, Session } from '../../support/rows.ts';
import { within } from './looks.ts';

/** Has so many objects, of which none goes; writes down what it is asked for. */
function stubborn(objects: number, deferred = 0): Shrinker & { readonly asked: number[] } {
  const asked: number[] = [];
  return {
    asked,
    deferred,
    count: () => objects,
    scan: (_draft, nrToScan) => {
      asked.push(nrToScan);
      return [];
    },
  };
}

const machine = (): Session => new Session(machineOf('linux-x86_64', 64, {}, { reclaim: {} }));

describe('a round', () => {
  test.each([
    // Twice the share of the lists; what is less than a batch waits.
    { objects: 5952, priority: 12, asked: [], deferred: 2 },
    { objects: 2336, deferredBefore: 704, priority: 6, asked: [], deferred: 776 },
    { objects: 9536, deferredBefore: 16_602, priority: 8, asked: [128], deferred: 16_602 + 74 - 128 },
    // Of what waits only a share too.
    { objects: 6112, deferredBefore: 236, priority: 3, asked: Array(12).fill(128), deferred: 228 },
    // All there is, however few, once that is asked for.
    { objects: 40, priority: 1, asked: [40], deferred: 0 },
    // No more than twice what there is, and no more is remembered.
    { objects: 200, priority: 0, deferredBefore: 1000, asked: [128, 128, 128], deferred: 400 },
    { objects: 0, priority: 0, deferredBefore: 7, asked: [], deferred: 7 },
  ])('$objects objects, $deferredBefore deferred, at priority $priority', (row) => {
    const shrinker = stubborn(row.objects, row.deferredBefore);
    within(machine(), (draft) => shrinkSlabs(draft, [shrinker], row.priority));
    expect(shrinker.asked).toEqual(row.asked);
    expect(shrinker.deferred).toBe(row.deferred);
  });

  test('is over when nothing more can be done, and what was not looked at waits', () => {
    const asked: number[] = [];
    const left = askForShare(1000, 10, 0, (nrToScan) => asked.push(nrToScan) < 3);
    expect(asked).toEqual([128, 128, 128]);
    expect(left).toBe(10 + 2000 - 2 * 128);
  });

  test('gives objects back to their slabs, and counts the pages that come free', () => {
    const session = machine().given({
      ...{ kind: 'kmem_cache_create', cache: 1, size: 4096, align: 8 },
      slabFlags: SLAB_RECLAIM_ACCOUNT,
    });
    const objects = Array.from({ length: 256 }, (_, i) => 10 + i);
    session.given(
      ...objects.map((object) => ({ kind: 'kmem_cache_alloc', object, cache: 1, gfp: GFP_KERNEL }) as const),
    );
    const pages = session.counter('slabPages');
    const left = [...objects];
    const giving = {
      deferred: 0,
      count: () => left.length,
      scan: (_: unknown, n: number) => left.splice(0, n),
    };
    const freed = within(session, (draft) => shrinkSlabs(draft, [giving], 1));
    expect(left).toEqual([]);
    expect(freed).toBeGreaterThan(0);
    expect(session.counter('slabPages')).toBe(pages - freed);
    expect(session.status({ kind: 'kmem_cache_free', object: 10 })).toBe('no-object');
  });
});
