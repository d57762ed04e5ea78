/** The reference streams are those whose check values are published: anything else would compare with nothing. */
import { describe, expect, it } from 'vitest';
import { fnv, mixedPages, uniformPages, xorshift32 } from '../../bench/inputs/streams.ts';

describe('reference streams', () => {
  it('xorshift32 starts as Marsaglia published it', () => {
    // The first output for the seed of the paper's example, y = 2463534242.
    expect(xorshift32(2463534242)()).toBe(723471715);
  });

  it.each([
    ['MIX', mixedPages, 2 ** 20, 'd729e7fb'],
    ['MIX', mixedPages, 2 ** 22, '3b7d21be'],
    ['UNIFORM', uniformPages, 2 ** 20, '58fc5ef2'],
  ] as const)('%s has its checksum', (_name, pages, count, checksum) => {
    expect(fnv(pages(count))).toBe(checksum);
  });

  it('MIX is cut at any length, within a burst too', () => {
    const long = mixedPages(1000);
    for (let count = 0; count < 100; count++) expect(mixedPages(count)).toEqual(long.subarray(0, count));
  });
});
