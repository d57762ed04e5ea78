/** Bounce slots and I/O addresses against models that do it the slow way. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dmaMapping, liveMappings } from '../../../core/dma/mapping-facts.ts';
import { SLOT_BYTES } from '../../../core/dma/swiotlb.ts';
import { DEVICE_IOMMU } from '../../../core/event/dma-flags.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { NaiveIova, NaivePool } from '../../models/naive-dma.ts';
import { atDepth } from '../../support/depth.ts';
import { device, dmaMap, dmaUnmap, MIB, machineOf, PAGE, pages, Session } from '../../support/rows.ts';

/** Map so many bytes on a cpu, or unmap one of what is mapped. */
const step = fc.record({
  cpu: fc.nat(3),
  bytes: fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(1, 2048, 2049, 4095, 4096, 4097, 8192, 9000, 65_536) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: MIB / 4 }) },
    { weight: 1, arbitrary: fc.constantFrom(MIB / 4, MIB / 4 + 1, MIB) },
  ),
  unmaps: fc.nat(9).map((n) => n < 4),
  which: fc.nat(1000),
});
const steps = fc.array(step, { maxLength: 300, size: 'max' });

/** Maps the parts of one large object for device 1 and unmaps them again; `taken` and `given` tell the model. */
function run(
  session: Session,
  sequence: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[],
  model: { take(cpu: number, bytes: number): number | undefined; give(at: number, bytes: number): void },
): number[] {
  const live: { offset: number; bytes: number; at: number }[] = [];
  sequence.forEach(({ cpu, bytes, unmaps, which }, offset) => {
    if (unmaps && live.length > 0) {
      const [gone] = live.splice(which % live.length, 1);
      session.given({ ...dmaUnmap(1, 1, gone!.offset * PAGE), cpu });
      model.give(gone!.at, gone!.bytes);
      return;
    }
    const expected = model.take(cpu, bytes);
    const { status } = session.do({ ...dmaMap('single', 1, 1, offset * PAGE, bytes), cpu });
    expect(status === 'ok', `${offset}: ${bytes} bytes on cpu ${cpu}`).toBe(expected !== undefined);
    if (expected === undefined) return;
    live.push({ offset, bytes, at: expected });
    expect(busOf(session.machine, offset * PAGE), `${offset}: ${bytes} bytes on cpu ${cpu}`).toBe(expected);
  });
  return live.map(({ offset }) => offset * PAGE);
}

function busOf(machine: Machine, offset: number): number {
  const all = liveMappings(machine).map((row) => dmaMapping(machine, row));
  return all.find((mapping) => mapping.offset === offset)!.segments[0]!.bus;
}

describe('bounce slots', () => {
  test.each([1, 4])('are those of the kernel’s lists, %i cpus', (cpus) => {
    const swiotlb = { bytes: 2 * MIB, belowBytes: 16 * MIB };
    const boot = machineOf('linux-x86_64', 64, { cpus }, { swiotlb });
    const start = new Session(boot).given(device(1, 24), pages(1, 10)).machine;
    const pool = start.platform.bouncePool!;
    fc.assert(
      fc.property(steps, (sequence) => {
        const session = new Session(start);
        const naive = new NaivePool(pool.slots, pool.areas);
        const left = run(session, sequence, {
          take: (cpu, bytes) => {
            const slot = naive.find(cpu, bytes);
            return slot < 0 ? undefined : pool.startPfn * PAGE + slot * SLOT_BYTES;
          },
          give: (bus, bytes) => naive.release((bus - pool.startPfn * PAGE) / SLOT_BYTES, bytes),
        });
        expect(session.counter('bounceSlots')).toBe(pool.slots - naive.free);
        for (const offset of left) session.given(dmaUnmap(1, 1, offset));
        expect(session.counter('bounceSlots')).toBe(0);
      }),
      { numRuns: atDepth({ quick: 10, full: 30 }) },
    );
  });
});

describe('I/O addresses', () => {
  test.each([24, 32, 64])('are the highest that fit, %i bits', (bits) => {
    const start = new Session(machineOf('linux-x86_64', 64)).given(
      device(1, bits, DEVICE_IOMMU),
      pages(1, 10),
    ).machine;
    fc.assert(
      fc.property(steps, (sequence) => {
        const session = new Session(start);
        const naive = new NaiveIova();
        const left = run(session, sequence, {
          take: (_, bytes) => {
            const page = naive.take(Math.ceil(bytes / PAGE), 2 ** Math.min(bits, 32) / PAGE);
            return page === undefined ? undefined : page * PAGE;
          },
          give: (bus) => naive.release(bus / PAGE),
        });
        for (const offset of left) session.given(dmaUnmap(1, 1, offset));
        expect(session.machine.iovaHoles).toEqual(start.iovaHoles);
      }),
      { numRuns: atDepth({ quick: 10, full: 30 }) },
    );
  });

  test('24 bits of them can be used up; 64 bits go on above 4 GiB', () => {
    const start = machineOf('linux-x86_64', 64);
    const full = new Session(start).given(device(1, 24, DEVICE_IOMMU), pages(1, 10));
    for (let offset = 0; offset < 3; offset++) full.given(dmaMap('single', 1, 1, offset, 4 * MIB - 3));
    expect(full.status(dmaMap('single', 1, 1, 3, 4 * MIB - 3))).toBe('iova-space');
    const wide = new Session(start).given(device(1, 64, DEVICE_IOMMU), pages(1, 10));
    const last = Array.from(
      { length: 1025 },
      (_, at) => wide.do(dmaMap('single', 1, 1, at, 4 * MIB - 2048)).vpn,
    );
    expect(last[0]).toBe(2 ** 20 - 1024);
    expect(last.filter((vpn) => vpn >= 2 ** 20).length).toBe(3);
  });
});
