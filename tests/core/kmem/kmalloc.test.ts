/** Every kmalloc that the captured kernels were asked for: whether it works, how much it gives, and where. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { batchOf } from '../../../core/event/batch.ts';
import { GFP_ATOMIC, GFP_DMA, GFP_DMA32, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { fold } from '../../../core/fold/fold.ts';
import { va } from '../../../core/layout/convert.ts';
import { regionOf } from '../../../core/layout/regions.ts';
import { OK } from '../../../core/outcome/outcome.ts';
import { frameOwner } from '../../../core/phys/frames.ts';
import { zoneOfPfn } from '../../../core/phys/page-alloc.ts';
import { cacheName } from '../../../core/slab/info.ts';
import { SLAB } from '../../../core/slab/tables.ts';
import { KMALLOC, OBJECT } from '../../../core/state/objects.ts';
import { bootedMachines } from '../../captures/booted-machines.ts';
import type { CapturedKmalloc } from '../../captures/captured-machine.ts';
import { FULL } from '../../support/depth.ts';
import { eventOf, Session } from '../../support/rows.ts';

const GFP: Record<string, number> = { GFP_KERNEL, GFP_DMA, GFP_DMA32, GFP_ATOMIC };

/** No cache: the probes say `page_allocator`, or `page-order-2` of what `ksize` tells too. */
const PAGES = 'page allocator';

/** What one request gave, in the oracle's words. */
function kmallocOf(
  session: Session,
  object: number,
  { gfp, size }: CapturedKmalloc,
): Partial<CapturedKmalloc> {
  const { status, pfn } = session.do({ kind: 'kmalloc', object, size, gfp: GFP[gfp]! });
  if (status !== 'ok') return { ok: 0 };
  if (size === 0) return { ok: 1 };
  const { objects, slabs, frames, platform } = session.machine;
  const isSlab = objects.get(object, OBJECT.class) === KMALLOC;
  const ksize = objects.get(object, OBJECT.sizeBytes);
  const { layout } = platform;
  const isDirect = objects.get(object, OBJECT.vpn) === platform.linearVpn + pfn;
  const address = va(layout, BigInt(pfn) << BigInt(layout.pageShift));
  const slab = objects.get(object, OBJECT.extra);
  return {
    ok: 1,
    ksize,
    zone: zoneOfPfn(platform.zones, pfn).name,
    virt_addr_valid: isDirect && regionOf(layout, address)?.kind === 'direct' ? 1 : 0,
    cache: isSlab ? cacheName(session.machine, slabs.get(slab, SLAB.cache) - 1) : PAGES,
    ...(!isSlab && frameOwner(frames, pfn) !== object && { ok: 0 }),
  };
}

/** A third, and those with large pages: x86 and ARM, of 32 and 64 bits, with and without high memory. */
const machines = bootedMachines().filter(({ layout }, i) => FULL || i % 3 === 0 || layout.pageShift > 12);

describe.each(machines)('$id', ({ oracle: machine, layout }) => {
  const booted = bootMachine(layout);

  test('works or fails, with the size, zone and cache that it had', () => {
    for (const row of machine.kmalloc) {
      const { ok, ksize, zone, virt_addr_valid } = row;
      const cache = row.cache?.startsWith('page') ? PAGES : row.cache;
      const theirs = { ok, ksize, zone, virt_addr_valid, cache };
      expect({ ...theirs, ...kmallocOf(new Session(booted), 1, row) }, JSON.stringify(row)).toEqual(theirs);
    }
  });

  test('three at once lie where their size says', () => {
    for (const row of machine.kmalloc.filter(({ addr3 }) => addr3 !== undefined)) {
      const three = [1, 2, 3];
      const { size, gfp } = row;
      const steps = three.map((object) => eventOf({ kind: 'kmalloc', object, size, gfp: GFP[gfp]! }));
      const { machine: after, outcomes } = fold(booted, batchOf(steps));
      expect(
        three.map((_, i) => outcomes.status[i]),
        JSON.stringify(row),
      ).toEqual([OK, OK, OK]);
      const addresses = three.map(
        (object) =>
          after.objects.get(object, OBJECT.pfn) * 2 ** layout.pageShift +
          after.objects.get(object, OBJECT.start),
      );
      expect(new Set(addresses).size).toBe(3);
      for (const [i, theirs] of [row.addr, row.addr2, row.addr3].entries()) {
        const alignBytes = commonAlignment(row);
        expect(BigInt(theirs!) % BigInt(alignBytes)).toBe(0n);
        expect(addresses[i]! % alignBytes).toBe(0);
      }
    }
  });
});

/** Powers of two are aligned to themselves; 96 and 192 to what divides them and a page. */
function commonAlignment({ ksize }: CapturedKmalloc): number {
  return ksize! & -ksize!;
}
