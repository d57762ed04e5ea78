/** The machine before the first event, under every layout. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_COSTS } from '../../../core/base/cost.ts';
import { bootMachine } from '../../../core/boot/boot.ts';
import { checkMachine } from '../../../core/check/invariants.ts';
import { GFP_KERNEL } from '../../../core/event/gfp.ts';
import { buildLayout, layoutNames } from '../../../core/layout/catalog/index.ts';
import { pageNumber } from '../../../core/layout/regions.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { countersOf } from '../../../core/outcome/counters.ts';
import { pteFrame } from '../../../core/paging/pte.ts';
import { findLeaf, pageSpan } from '../../../core/paging/table-walk.ts';
import { FRAME, USE_FREE, USE_RESERVED } from '../../../core/phys/frames.ts';
import { FULL } from '../../support/depth.ts';
import { DISTINCT_LAYOUTS } from '../../support/distinct-layouts.ts';
import { buddyinfo } from '../../support/laws.ts';
import { machineOf, Session } from '../../support/rows.ts';

const LAYOUTS = (FULL ? layoutNames() : DISTINCT_LAYOUTS).map(({ name }) => name);
const SIZES_MIB = [64n, 1024n, 5000n];

describe.each(LAYOUTS)('%s', (name) => {
  const ith = LAYOUTS.indexOf(name) % SIZES_MIB.length;
  const sizes = FULL ? SIZES_MIB : [SIZES_MIB[ith]!];
  test.each(sizes)('%i MiB: whole, and every frame where it belongs', (mib) => {
    const machine = bootMachine(buildLayout(name, { ramBytes: mib << 20n }));
    expect(checkMachine(machine)).toEqual([]);
    const { layout, zones } = machine.platform;
    // What is not managed is reserved: first MiB, kernel image, memory map. What is managed is free, but for
    // the tables made at boot and the zero page.
    const free = buddyinfo(machine).reduce((sum, zone) => sum + zone.free, 0);
    const managed = zones.reduce((sum, zone) => sum + zone.managedPages, 0);
    expect(managed - free).toBe(countersOf(machine.counters).pageTablePages + 1);
    for (const { start, end } of [{ start: 0n, end: 1n << 20n }, layout.kernelImage]) {
      const shift = BigInt(layout.pageShift);
      const [first, past] = [Number(start >> shift), Number(end >> shift)];
      const pfns = Array.from({ length: past - first }, (_, i) => first + i);
      expect(pfns.filter((pfn) => machine.frames.get(pfn, FRAME.use) === USE_FREE)).toEqual([]);
    }
    expect(machine.frames.get(machine.platform.zeroPfn, FRAME.use)).toBe(USE_RESERVED);
  });

  test('__va(pfn) maps pfn for all of low memory, and the next page nothing', () => {
    const machine = bootMachine(buildLayout(name, { ramBytes: 1024n << 20n }));
    const { layout, directMapVpn, kernelRoot, linearVpn, mmu } = machine.platform;
    const first = directMapVpn - linearVpn;
    const frameAt = (pfn: number): number | undefined => {
      const { pte, level } = findLeaf(machine, kernelRoot, linearVpn + pfn);
      return pte === 0 ? undefined : pteFrame(pte) + (pfn % pageSpan(mmu, level));
    };
    const anyPfn = fc.oneof(
      fc.integer({ min: first, max: layout.maxLowPfn - 1 }),
      fc.constantFrom(first, first + 1, layout.maxLowPfn - 1),
    );
    fc.assert(
      fc.property(anyPfn, (pfn) => void expect(frameAt(pfn)).toBe(pfn)),
      { numRuns: 200 },
    );
    expect(frameAt(layout.maxLowPfn)).toBeUndefined();
    expect(directMapVpn).toBe(pageNumber(layout, layout.pageOffset));
  });

  test('a logical address is its frame plus PAGE_OFFSET', () => {
    const session = new Session(bootMachine(buildLayout(name, { ramBytes: 256n << 20n })));
    for (let order = 0; order <= Math.min(10, 22 - session.machine.platform.mmu.pageShift); order++) {
      const { vpn, pfn } = session.do({ kind: 'page_alloc', object: order, order, gfp: GFP_KERNEL });
      expect(vpn - session.machine.platform.linearVpn).toBe(pfn);
      expect(pfn % 2 ** order).toBe(0);
    }
  });
});

test('the direct map uses the largest pages that fit', () => {
  const sizes = (layout: string, mib: number): Record<number, number> => {
    const { platform, ...machine } = machineOf(layout, mib);
    const { mmu, kernelRoot, directMapVpn } = platform;
    const pages: Record<number, number> = {};
    for (let pfn = 0; pfn < platform.layout.maxLowPfn; ) {
      const { pte, level } = findLeaf({ platform, ...machine }, kernelRoot, directMapVpn + pfn);
      const span = pageSpan(mmu, level);
      if (pte !== 0) pages[span] = (pages[span] ?? 0) + 1;
      pfn += span;
    }
    return pages;
  };
  expect(sizes('3g1g', 1024)).toEqual({ 1024: 224 });
  // Linux makes no large page of the first entry, nor of those that the kernel's sections share.
  expect(sizes('linux-3g1g', 1024)).toEqual({ 1024: 219 - 3, 1: 1022 + 3 * 1024 });
  expect(sizes('linux-3g1g-pae', 512)).toEqual({ 512: 255 - 3, 1: 480 + 3 * 512 });
  // On 64 bits the hole below 4 GiB is not mapped; 128 KiB before it belong to the firmware.
  expect(sizes('linux-x86_64', 4096)).toEqual({
    1: 512 + 480 + 3 * 512,
    512: 511 + 511 - 3,
    [2 ** 18]: 2,
  });
});

test.each([
  ['3g1g', 15n, 'expected 16 MiB'],
  ['linux-x86_64', 24n, 'give it more|give the machine more'],
])('%s with %i MiB is refused', (name, mib, message) => {
  expect(() => bootMachine(buildLayout(name, { ramBytes: mib << 20n }))).toThrow(new RegExp(message));
});

test('costs can be overridden one by one', () => {
  const { costs } = machineOf('3g1g', 64, {}, { costs: { diskReadNs: 1 } }).platform;
  expect(costs).toEqual({ ...DEFAULT_COSTS, diskReadNs: 1 });
});

test('booting twice gives the same machine', () => {
  const digests = LAYOUTS.map((name) => stateDigest(machineOf(name, 128)));
  expect(LAYOUTS.map((name) => stateDigest(machineOf(name, 128)))).toEqual(digests);
});
