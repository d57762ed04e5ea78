/** Values of options: what is taken, and what is refused on both sides of each boundary. */
import { describe, expect, it } from 'vitest';
import { MACHINE_OPTIONS, SIZE, sizeText } from '../../../replay/spec/index.ts';

const KIB = 1024;

describe('sizes', () => {
  it.each([
    ['1', 1],
    ['1073741824', KIB ** 3],
    ['512M', 512 * KIB ** 2],
    ['512m', 512 * KIB ** 2],
    ['1G', KIB ** 3],
    ['4GiB', 4 * KIB ** 3],
    ['64MB', 64 * KIB ** 2],
    ['16 KiB', 16 * KIB],
    ['1.5G', 1536 * KIB ** 2],
    ['0.5K', 512],
    ['2T', 2 * KIB ** 4],
    ['100B', 100],
  ])('%s is %s bytes', (text, bytes) => {
    expect(SIZE.parse(text)).toBe(bytes);
  });

  it.each([
    '',
    '0',
    '0G',
    'G',
    '-1G',
    '1E',
    '1GG',
    '1 000',
    '0x10',
    '0.3',
    '1.3333K',
    '1,5G',
    '1e9',
    'Infinity',
    '8192T', // 2^53: a double no longer counts bytes exactly
  ])('refuse %j', (text) => {
    expect(SIZE.parse(text)).toBeUndefined();
  });

  it.each(['1G', '1536M', '3K', '1025', '4095G'])('%s reads back as itself', (text) => {
    expect(sizeText(SIZE.parse(text)!)).toBe(text);
  });
});

const kindOf = (flag: string) => MACHINE_OPTIONS.find((option) => option.flag === flag)!.kind;

describe('the value of an option', () => {
  it.each([
    ['highmem', '0', 0],
    ['swap', '0', 0],
    ['ram', '0', undefined],
    ['vmalloc', '0', undefined],
    ['cpus', '1', 1],
    ['cpus', '512', 512],
    ['cpus', '0', undefined],
    ['cpus', '513', undefined],
    ['stack-limit', '8M', 8 * KIB ** 2],
    ['stack-limit', 'unlimited', 'unlimited'],
    ['stack-limit', 'none', undefined],
    ['reclaim', 'on', true],
    ['reclaim', 'off', false],
    ['reclaim', 'yes', undefined],
    ['thp', 'madvise', 'madvise'],
    ['thp', 'often', undefined],
    ['thp-defrag', 'defer+madvise', 'defer+madvise'],
    ['thp-defrag', 'sometimes', undefined],
    ['max-ptes-none', '0', 0],
    ['max-ptes-none', '1023', 1023],
    ['max-ptes-none', '1024', undefined],
    ['scan-sleep-millisecs', '4294967295', 4_294_967_295],
    ['pages-to-scan', '4294967296', undefined],
    ['scan-sleep-millisecs', '0', undefined],
    ['memory-map', 'a,b.iomem', 'a,b.iomem'],
    ['memory-map', '', undefined],
  ])('%s=%s', (flag, text, value) => {
    expect(kindOf(flag).parse(text)).toBe(value);
  });

  it.each([
    ['ram', '1536M'],
    ['highmem', '0'],
    ['nr-cpus', '16'],
    ['online-cpus', '2'],
    ['stack-limit', 'unlimited'],
    ['stack-limit', '64K'],
    ['reclaim', 'off'],
    ['thp', 'always'],
    ['thp-defrag', 'defer+madvise'],
    ['pages-to-scan', '4096'],
    ['mmu', 'skylake,kpti=on'],
  ])('%s=%s is written as it was typed', (flag, text) => {
    const { parse, text: written } = kindOf(flag);
    expect(written(parse(text) as never)).toBe(text);
  });
});
