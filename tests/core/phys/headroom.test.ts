/** Pages that can be had without anybody being woken, against all of them counted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { GFP_HIGHUSER_MOVABLE, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { Draft } from '../../../core/machine/draft.ts';
import { USE_PAGES } from '../../../core/phys/frames.ts';
import { boostCell, freeCmaPagesOf, freePagesOf, listLength } from '../../../core/phys/free-lists.ts';
import { MIGRATE_PCPTYPES } from '../../../core/phys/migrate.ts';
import { allocPages, quietHeadroom } from '../../../core/phys/page-alloc.ts';
import { GFP_ZONE_MASK, type Zone } from '../../../core/phys/zones.ts';
import { PageReclaimer } from '../../../core/reclaim/reclaimer.ts';
import { atDepth } from '../../support/depth.ts';
import { machineOf } from '../../support/rows.ts';

/** Free pages of a zone that are for everybody, above its raised low mark and what a request for `asked` leaves there. */
function above(draft: Draft, zone: Zone, asked: number): number {
  const mark = zone.low + draft.freeLists[boostCell(zone.index)]! + zone.lowmemReserve[asked]!;
  return freePagesOf(draft, zone.index) - freeCmaPagesOf(draft, zone.index) - mark - 2 * zone.pcpBatch;
}

function lowmem(draft: Draft): number {
  const { zones } = draft.platform;
  const low = zones.filter(({ name }) => name !== 'HighMem');
  return low.reduce((sum, zone) => sum + Math.max(0, above(draft, zone, zones.length - 1)), 0);
}

/** In the zone that serves a request: of its whole pageblocks all but one. */
function unboosted(draft: Draft, gfp: number): number {
  const { zones, highestZones, pageblockOrder, maxOrder } = draft.platform;
  const asked = highestZones[gfp & GFP_ZONE_MASK]!;
  const serving = zones
    .slice(0, asked + 1)
    .reverse()
    .find((zone) => above(draft, zone, asked) > -2 * zone.pcpBatch);
  if (serving === undefined) return 0;
  let blocks = 0;
  for (let order = pageblockOrder; order < maxOrder; order++)
    for (let type = 0; type < MIGRATE_PCPTYPES; type++)
      blocks += listLength(draft, serving.index, order, type) << (order - pageblockOrder);
  return Math.max(0, Math.min((blocks - 1) << pageblockOrder, above(draft, serving, asked)));
}

function headroomOf(draft: Draft): number {
  if (draft.reclaimer === undefined) return lowmem(draft);
  return Math.min(lowmem(draft), ...[GFP_HIGHUSER_MOVABLE, GFP_KERNEL].map((gfp) => unboosted(draft, gfp)));
}

const request = fc.record({
  gfp: fc.constantFrom(GFP_KERNEL, GFP_HIGHUSER_MOVABLE),
  order: fc.integer({ min: 0, max: 10 }),
  count: fc.integer({ min: 1, max: 40 }),
});

test.each([
  ['x86-64', machineOf('linux-x86_64', 96, {}, { reclaim: {} })],
  ['high memory', machineOf('linux-3g1g', 960, { vmallocBytes: 120n << 20n }, { reclaim: {} })],
  ['memory of CMA', machineOf('linux-arm-3g1g', 96, {}, { reclaim: {}, cma: { bytes: 16n << 20n } })],
  ['nobody who reclaims', machineOf('linux-x86_64', 96)],
])('is what there is, up to what is enough: %s', (_name, machine) => {
  fc.assert(
    fc.property(fc.array(request, { maxLength: 30 }), (requests) => {
      const draft = new Draft(machine);
      draft.onCpu(0);
      for (const { gfp, order, count } of requests)
        for (let i = 0; i < count; i++) allocPages(draft, order, gfp, USE_PAGES, 1);
      if (machine.platform.reclaim !== undefined) draft.reclaimer = new PageReclaimer();
      const pages = headroomOf(draft);
      for (const enough of [1, 100, 511, 512, 513, pages - 1, pages, pages + 1, 1e7])
        if (enough > 0) expect(Math.min(quietHeadroom(draft, enough), enough)).toBe(Math.min(pages, enough));
    }),
    { numRuns: atDepth({ quick: 40, full: 300 }) },
  );
});
