/** For whom the frames are kept that nobody is given, and which frames there are none of. */
import { expect, test } from 'vitest';
import { explainFrame } from '../../../core/explain/frame.ts';
import type { Machine } from '../../../core/machine/machine.ts';
import { MIB, machineOf } from '../../support/rows.ts';

const own = (machine: Machine, pfn: number): readonly [use: string, owner: string] => {
  const { use, owner } = explainFrame(machine, pfn);
  return [use, owner];
};

test('a PC: firmware, the kernel, the zero page, the memory map', () => {
  const machine = machineOf('linux-3g1g', 256);
  const { kernelImage, maxLowPfn } = machine.platform.layout;
  const image = Number(kernelImage.start) / 4096;
  const end = Math.ceil(Number(kernelImage.end) / 4096);
  const memoryMap = 'memory map: a struct page for every frame';
  expect(own(machine, 0)).toEqual(['reserved', 'first MiB, kept for firmware']);
  expect(own(machine, 256)[0], 'from 1 MiB on').toBe('free');
  expect(own(machine, image)).toEqual(['reserved', 'kernel image']);
  expect(own(machine, end - 1)).toEqual(['reserved', 'kernel image']);
  expect(own(machine, end)[0]).toBe('free');
  expect(own(machine, maxLowPfn - 1)).toEqual(['reserved', memoryMap]);
  expect(own(machine, machine.platform.zeroPfn)[1]).toMatch(/^the zero page/);
});

test('a frame that is RAM in part belongs to no block, not to the one below it', () => {
  // RAM ends at 639 KiB, in the middle of the last frame below the window of the BIOS.
  const machine = machineOf('linux-x86_64', 64);
  expect(explainFrame(machine, 0x9f)).toMatchObject({ use: 'no RAM', zone: undefined, blockPfn: 0x9f });
  expect(own(machine, 0x9f)[1]).toBe('RAM in part only: the kernel takes whole frames');
  expect(own(machine, 0x9e)).toEqual(['reserved', 'first MiB, kept for firmware']);
});

test('what a snapshot had in use is no memory map', () => {
  const freeBlocks = [Array.from({ length: 11 }, (_, order) => (order === 10 ? 8 : 0))];
  const machine = machineOf('linux-3g1g', 128, {}, { memory: [{ zone: 'Normal', freeBlocks }] });
  const { maxLowPfn } = machine.platform.layout;
  const owners = Array.from({ length: maxLowPfn }, (_, pfn) => own(machine, pfn)[1]);
  const before = owners.filter((owner) => owner === 'in use before the first event').length;
  const normal = machine.platform.zones.find(({ name }) => name === 'Normal')!;
  expect(before).toBeGreaterThan(normal.managedPages - 8 * 1024 - 100);
  expect(owners.filter((owner) => owner.startsWith('memory map')).length).toBe(
    Math.ceil((maxLowPfn * 32) / 4096),
  );
});

test('of CMA the atomic pool is taken at boot', () => {
  const machine = machineOf('linux-arm-3g1g', 256, {}, { cma: { bytes: BigInt(16 * MIB) } });
  const { start } = machine.platform.cma!.areas[0]!;
  expect(own(machine, start)[1]).toMatch(/^the atomic pool/);
  expect(own(machine, start + 64)[0]).toBe('free');
});
