/** khugepaged keeps more memory free than the square root of it: min_free_kbytes of a machine with huge pages. */
import { expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { kernelNamed } from '../../../core/kernel/linux.ts';
import { buildLayout } from '../../../core/layout/catalog/index.ts';
import type { ThpMode } from '../../../core/thp/settings.ts';

/** Pages of all low zones' min marks, in KiB. */
function minFreeKib(name: string, gib: number, thp: ThpMode, kernel = '6.1'): number {
  const layout = buildLayout(name, { ramBytes: BigInt(gib) << 30n, kernel: kernelNamed(kernel) });
  const { zones } = bootMachine(layout, { thp, swiotlb: false }).platform;
  return zones.filter((zone) => zone.name !== 'HighMem').reduce((sum, { min }) => sum + min, 0) * 4;
}

test.each([
  // Two pageblocks of 512 pages a zone, and one for each pair of three migrate types: 11 * 512 pages for 3 zones.
  ['linux-x86_64', 8, 'always', '6.1', 67_584],
  ['linux-x86_64', 8, 'madvise', '4.4', 67_584],
  // Without a Normal zone there are two.
  ['linux-x86_64', 2, 'always', '6.1', 45_056],
  // High memory is not counted since 4.17, and pageblocks of PAE are as large.
  ['linux-2g2g-pae', 4, 'always', '4.17', 45_056],
  ['linux-2g2g-pae', 4, 'always', '4.16', 67_584],
] as const)('%s, %i GiB, %s, Linux %s: about %i KiB', (name, gib, thp, kernel, kib) => {
  const found = minFreeKib(name, gib, thp, kernel);
  expect(found).toBeLessThanOrEqual(kib + 3000);
  expect(found).toBeGreaterThanOrEqual(kib - 3000);
});

test('not without huge pages, not before there were any, and never more than a twentieth of low memory', () => {
  expect(minFreeKib('linux-x86_64', 8, 'never')).toBeLessThan(12_000);
  expect(minFreeKib('linux-x86_64', 8, 'always', '2.6.37')).toBeLessThan(12_000);
  const small = minFreeKib('linux-3g1g', 1, 'always');
  expect(small).toBeLessThanOrEqual((880 * 1024) / 20);
  expect(small).toBeGreaterThan(minFreeKib('linux-3g1g', 1, 'never'));
});
