/** Machines as bytes: what is refused, and how. (That they survive is a law: workloads.test.ts.) */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import { machineFromBytes } from '../../../core/boot/boot.ts';
import { fold } from '../../../core/fold/fold.ts';
import { machineBytes } from '../../../core/machine/codec.ts';
import { stateDigest } from '../../../core/machine/digest.ts';
import { workload } from '../../../workloads/index.ts';
import { atDepth } from '../../support/depth.ts';
import { machineOf } from '../../support/rows.ts';

const SMALL = machineOf('linux-3g1g', 64, {}, { reclaim: { swapBytes: 2n ** 20n }, mmu: { pcid: true } });

describe('bytes of a machine', () => {
  test('are the same for the same machine, and hold its options', () => {
    const again = machineFromBytes(machineBytes(SMALL));
    expect(Buffer.from(machineBytes(again)).equals(machineBytes(SMALL))).toBe(true);
    expect(again.platform).toEqual(SMALL.platform);
  });

  test('hold what every kind of part has: tables, ranges, cells, TLBs, records', () => {
    let machine = machineOf('linux-3g1g', 128, { cpus: 2 });
    for (const batch of workload('database').generate(3, {}, 4000)) machine = fold(machine, batch).machine;
    const again = machineFromBytes(machineBytes(machine));
    expect(again.records).toEqual(machine.records);
    expect(again.tlbs).toEqual(machine.tlbs);
    expect([...again.counters]).toEqual([...machine.counters]);
    expect(again.vmallocHoles).toEqual(machine.vmallocHoles);
    expect(stateDigest(again)).toBe(stateDigest(machine));
  });

  const bytes = machineBytes(SMALL);

  test.each([
    ['nothing', new Uint8Array(0), /offset 0: found the end of the bytes, expected 4 more/],
    ['a text', new TextEncoder().encode('not a machine'), /found no machine, expected "VMSM"/],
    ['another version', changed(bytes, 4, 9), /found version 9, expected 5/],
    ['damage', changed(bytes, bytes.length - 9, 1), /found damaged bytes/],
  ])('%s: refused with place, found, expected, remedy', (_what, wrong, message) => {
    expect(() => machineFromBytes(wrong)).toThrow(message);
    expect(() => machineFromBytes(wrong)).toThrow(/write the machine again with machineBytes\(\)/);
  });

  test('cut off anywhere, or with any byte changed: refused, never a crash', () => {
    const cut = fc.nat(bytes.length - 1).map((length) => bytes.slice(0, length));
    const flipped = fc
      .tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }))
      .map(([at, bits]) => changed(bytes, at, bytes[at]! ^ bits));
    fc.assert(
      fc.property(fc.oneof(cut, flipped), (wrong) => {
        expect(() => machineFromBytes(wrong)).toThrow(UsageError);
      }),
      { numRuns: atDepth({ quick: 14, full: 40 }) },
    );
  });
});

function changed(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}
