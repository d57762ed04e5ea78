/** The split of an address: its fields make up the address again, and its indexes are those that the walk uses. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bootMachine } from '../../../core/boot/boot.ts';
import { explainAddress } from '../../../core/explain/explain.ts';
import { splitOf } from '../../../core/explain/split.ts';
import { buildLayout, layoutNames, regionOf } from '../../../core/layout/catalog/index.ts';
import { atDepth } from '../../support/depth.ts';

describe.each(layoutNames())('$name', ({ name }) => {
  const layout = buildLayout(name);
  const levels = new Map(layout.arch.translation.levels.map((level) => [level.name, level.bits]));
  const regions = layout.regions.filter(({ start, end }) => end > start);
  const addresses = fc
    .constantFrom(...regions)
    .chain(({ start, end }) => fc.bigInt({ min: start, max: end - 1n }));

  test('fields add up to a word, and make up the address again', () => {
    fc.assert(
      fc.property(addresses, (address) => {
        const fields = splitOf(layout, address, regionOf(layout, address));
        expect(fields.reduce((sum, { bits }) => sum + bits, 0)).toBe(layout.arch.wordBits);
        const again = fields.reduce(
          (high, { bits, value }) => (high << BigInt(bits)) | (BigInt(value) & ((1n << BigInt(bits)) - 1n)),
          0n,
        );
        expect(again).toBe(address);
        for (const { name: field, value } of fields)
          if (levels.has(field)) expect(Number(value)).toBeLessThan(2 ** levels.get(field)!);
      }),
    );
  });

  test('the indexes are those of the walk', () => {
    const machine = bootMachine(layout);
    fc.assert(
      fc.property(addresses, (address) => {
        const { split, walk } = explainAddress(machine, 'virtual', address);
        const indexes = new Map(split.map(({ name: field, value }) => [field, value]));
        for (const { level, index } of walk) expect([level, indexes.get(level)]).toEqual([level, index]);
      }),
      { numRuns: atDepth({ quick: 10, full: 30 }) },
    );
  });
});

test.each([
  ['more bits than a word has', '3g1g', 'virtual', 0x1_0000_0000n],
  ['not canonical', 'x86_64', 'virtual', 0x1234_0000_0000_0000n],
  ['physical', '3g1g', 'physical', 0x1000n],
] as const)('what the MMU does not cut has no split: %s', (_what, name, space, address) => {
  expect(explainAddress(bootMachine(buildLayout(name)), space, address).split).toEqual([]);
});
