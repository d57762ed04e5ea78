/** Every kmalloc that the captured kernels were asked for: whether it works, how much it gives, and where. */
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { GFP_ATOMIC, GFP_DMA, GFP_DMA32, GFP_KERNEL } from '../../../core/event/gfp.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { regionOf } from '../../../core/layout/regions.ts';
import { frameOwner } from '../../../core/phys/frames.ts';
import { zoneOfPfn } from '../../../core/phys/page-alloc.ts';
import { cacheName } from '../../../core/slab/info.ts';
import { SLAB } from '../../../core/slab/tables.ts';
import { KMALLOC, OBJECT } from '../../../core/state/objects.ts';
import type { OracleKmalloc } from '../../captures/oracle-machine.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';
import { Session } from '../../support/rows.ts';

const GFP: Record<string, number> = { GFP_KERNEL, GFP_DMA, GFP_DMA32, GFP_ATOMIC };

/** What one request gave, in the oracle's words. */
function kmallocOf(session: Session, object: number, { gfp, size }: OracleKmalloc): Partial<OracleKmalloc> {
  const { status, pfn } = session.do({ kind: 'kmalloc', object, size, gfp: GFP[gfp]! });
  if (status !== 'ok') return { ok: 0 };
  if (size === 0) return { ok: 1 };
  const { objects, slabs, frames, platform } = session.machine;
  const isSlab = objects.get(object, OBJECT.class) === KMALLOC;
  const ksize = objects.get(object, OBJECT.sizeBytes);
  const { layout, directMapVpn } = platform;
  const isDirect = objects.get(object, OBJECT.vpn) === directMapVpn + pfn;
  const address = layout.pageOffset + (BigInt(pfn) << BigInt(layout.pageShift));
  const slab = objects.get(object, OBJECT.extra);
  return {
    ok: 1,
    ksize,
    zone: zoneOfPfn(platform.zones, pfn).name,
    virt_addr_valid: isDirect && regionOf(layout, address)?.kind === 'direct' ? 1 : 0,
    cache: isSlab
      ? cacheName(session.machine, slabs.get(slab, SLAB.cache) - 1)
      : `page-order-${Math.log2(ksize / 4096)}`,
    ...(!isSlab && frameOwner(frames, pfn) !== object && { ok: 0 }),
  };
}

describe.each(oracleMachines().map((machine) => [machine.id, machine] as const))('%s', (_, machine) => {
  const booted = bootMachine(buildLayout(layoutNameOf(machine), optionsOf(machine)));

  test('works or fails, with the size, zone and cache that it had', () => {
    for (const row of machine.kmalloc) {
      const { ok, ksize, zone, virt_addr_valid, cache } = row;
      const theirs = { ok, ksize, zone, virt_addr_valid, cache };
      expect({ ...theirs, ...kmallocOf(new Session(booted), 1, row) }, JSON.stringify(row)).toEqual(theirs);
    }
  });

  test('three at once lie where their size says', () => {
    for (const row of machine.kmalloc.filter(({ addr3 }) => addr3 !== undefined)) {
      const session = new Session(booted);
      const addresses = [1, 2, 3].map((object) => {
        expect(kmallocOf(session, object, row).ok, JSON.stringify(row)).toBe(1);
        const { objects } = session.machine;
        return objects.get(object, OBJECT.pfn) * 4096 + objects.get(object, OBJECT.start);
      });
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
function commonAlignment({ ksize }: OracleKmalloc): number {
  return ksize! & -ksize!;
}
