/** The pool of bounce buffers against what every booted kernel logged of its own (`software IO TLB: mapped`). */
import { expect, test } from 'vitest';
import { UsageError } from '../../../core/base/errors.ts';
import { bootMachine } from '../../../core/boot/boot.ts';
import { poolFrames } from '../../../core/dma/bounce-pool.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import { layoutNameOf, optionsOf, oracleMachines } from '../../captures/oracle-machines.ts';
import { MIB, machineOf, PAGE } from '../../support/rows.ts';

/** By captured machine: physical addresses of its pool. All others logged none. */
const LOGGED: Readonly<Record<string, readonly [start: number, end: number]>> = {
  x86_64_4096: [0xbbfe0000, 0xbffe0000],
  'i386-3g-pae_4096': [0x30b81000, 0x34b81000],
};

/** Early page tables, per-cpu areas and slabs lie above the pool of a 32-bit kernel; boot here has none. */
const EARLY_BYTES = 4 * MIB;

test.each(oracleMachines().map((machine) => [machine.id, machine] as const))('%s', (id, machine) => {
  const { bouncePool } = bootMachine(buildLayout(layoutNameOf(machine), optionsOf(machine))).platform;
  const hasSwiotlb = machine.config.arch === 'x86_64' || machine.config.pae;
  expect(bouncePool !== undefined).toBe(hasSwiotlb && machine.max_pfn > 2 ** 20);
  const logged = LOGGED[id];
  if (bouncePool === undefined || logged === undefined) return;
  const { start, end } = poolFrames(bouncePool, 12);
  expect((end - start) * PAGE).toBe(logged[1] - logged[0]);
  expect(bouncePool.areas).toBe(1); // `software IO TLB: area num 1.`
  if (machine.config.arch === 'x86_64') expect([start * PAGE, end * PAGE]).toEqual(logged);
  else expect(Math.abs(end * PAGE - logged[1])).toBeLessThan(EARLY_BYTES);
});

test('both sides of 4 GiB: a machine whose RAM ends there has none', () => {
  const boot = (end: bigint) =>
    machineOf('linux-x86_64', 0, {
      memoryMap: [
        { start: 0n, end: 0xa0000n },
        { start: 0x100000n, end },
      ],
    });
  expect(boot(1n << 32n).platform.bouncePool).toBeUndefined();
  expect(boot((1n << 32n) + 4096n).platform.bouncePool).toMatchObject({ slots: 32_768 });
});

test('the highest RAM below 4 GiB that has room for all of it', () => {
  const ram = (start: bigint, end: bigint) => ({ start: start << 20n, end: end << 20n });
  const pool = (...memoryMap: { start: bigint; end: bigint }[]) => {
    const { bouncePool } = machineOf('linux-x86_64', 0, { memoryMap }).platform;
    return bouncePool && (bouncePool.startPfn * PAGE) / MIB;
  };
  const above = ram(4096n, 4352n);
  expect(pool(ram(1n, 512n), ram(1024n, 1280n), above)).toBe(1280 - 64);
  expect(pool(ram(1n, 512n), ram(1024n, 1087n), above)).toBeGreaterThan(32);
  expect(pool(ram(1n, 512n), ram(1024n, 1087n), above)).toBeLessThanOrEqual(512 - 64);
  expect(pool(ram(1n, 63n), above)).toBeUndefined();
});

test('an area of at least 256 KiB for every cpu, and a power of two of slots', () => {
  const pool = (bytes: number, cpus: number) =>
    machineOf('linux-x86_64', 256, { cpus, nrCpus: 64 }, { swiotlb: { bytes } }).platform.bouncePool!;
  expect(pool(MIB, 3)).toMatchObject({ areas: 4, slots: 512 });
  expect(pool(MIB, 5)).toMatchObject({ areas: 8, slots: 1024 });
  expect(pool(3 * MIB, 1)).toMatchObject({ areas: 1, slots: 2048 });
});

test('a pool that fits nowhere', () => {
  const boot = () => machineOf('3g1g', 96, {}, { swiotlb: { belowBytes: 16 * MIB } });
  expect(boot).toThrow(UsageError);
  expect(boot).toThrow(/below 0x1000000; expected a pool that fits/);
});
