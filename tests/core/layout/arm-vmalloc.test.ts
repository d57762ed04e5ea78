/** `vmalloc=` of 32-bit ARM is held to bounds (early_vmalloc of arch/arm/mm/mmu.c, v6.1). */
import { expect, test } from 'vitest';
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
