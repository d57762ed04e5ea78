/** `vmalloc=` of 32-bit ARM is held to bounds (early_vmalloc of arch/arm/mm/mmu.c, v6.1); where windows end, by version. */
import { expect, test } from 'vitest';
import { armWindows } from '../../../core/kernel/arm-windows.ts';
import { parseVersion } from '../../../core/kernel/version.ts';
import { vmallocSize } from '../../../core/layout/arm/lowmem.ts';

const MIB = 1n << 20n;
const SPLIT_3G = { pageOffset: 0xc000_0000n, vmallocEnd: 0xff80_0000n };
/** VMALLOC_END is 1016 MiB above PAGE_OFFSET; 32 MiB of low memory and the hole of 8 MiB stay. */
const MOST = 976n * MIB;

test.each([
  [undefined, 240n * MIB],
  [16n * MIB - 1n, 16n * MIB],
  [16n * MIB, 16n * MIB],
  [300n * MIB, 300n * MIB],
  [MOST, MOST],
  [MOST + MIB, MOST],
])('%s bytes are %s', (option, bytes) => {
  expect(vmallocSize(SPLIT_3G, option)).toBe(bytes);
});

test.each([
  ['3.17', 0xff00_0000n, 0xfff0_0000n, false],
  ['3.18', 0xff00_0000n, 0xffc0_0000n, false],
  ['4.2', 0xff00_0000n, 0xffc0_0000n, false],
  ['4.3', 0xff80_0000n, 0xffc0_0000n, false],
  ['5.10', 0xff80_0000n, 0xffc0_0000n, false],
  ['5.11', 0xff80_0000n, 0xffc8_0000n, true],
])('%s: end of vmalloc, start of the fixmap, a window for the device tree', (version, end, fixmap, tree) => {
  const { vmallocEnd, fixmap: slots, mapsDeviceTree } = armWindows(parseVersion(version)!);
  expect([vmallocEnd, slots.start, mapsDeviceTree]).toEqual([end, fixmap, tree]);
});
