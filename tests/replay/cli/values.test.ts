/** Values of options: what is taken, and what is refused on both sides of each boundary. */
import { InvalidArgumentError } from 'commander';
import { describe, expect, it } from 'vitest';
import { sizeText } from '../../../replay/cli/machine-options.ts';
import { reproduceLine } from '../../../replay/cli/reproduce.ts';
import { parseAddress, parseNames, parseSize, wholeNumber } from '../../../replay/cli/values.ts';

const KIB = 1024n;

describe('sizes', () => {
  it.each([
    ['1', 1n],
    ['1073741824', KIB ** 3n],
    ['512M', 512n * KIB ** 2n],
    ['512m', 512n * KIB ** 2n],
    ['1G', KIB ** 3n],
    ['4GiB', 4n * KIB ** 3n],
    ['64MB', 64n * KIB ** 2n],
    ['16 KiB', 16n * KIB],
    ['1.5G', 1536n * KIB ** 2n],
    ['0.5K', 512n],
    ['2T', 2n * KIB ** 4n],
    ['100B', 100n],
  ])('%s is %s bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes);
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
  ])('refuse %j', (text) => {
    expect(() => parseSize(text)).toThrow(InvalidArgumentError);
  });

  it.each(['1G', '1536M', '3K', '1025', '4095G'])('%s reads back as itself', (text) => {
    expect(sizeText(parseSize(text))).toBe(text);
  });
});

describe('whole numbers', () => {
  const parse = wholeNumber(1, 64);
  it.each([
    ['1', 1],
    ['64', 64],
    ['007', 7],
  ])('%s', (text, value) => {
    expect(parse(text)).toBe(value);
  });
  it.each(['0', '65', '', '1.5', '-1', '1e1', ' 1', 'x'])('refuse %j', (text) => {
    expect(() => parse(text)).toThrow(/from 1 to 64/);
  });
});

describe('addresses', () => {
  it.each([
    ['0xc1234567', 'virtual', 0xc1234567n],
    ['0XC1234567', 'virtual', 0xc1234567n],
    ['3240314215', 'virtual', 3240314215n],
    ['ffff888000000000', 'virtual', 0xffff888000000000n],
    ['0xffff_8880_0000_0000', 'virtual', 0xffff888000000000n],
    ['phys:0x1000', 'physical', 0x1000n],
    ['phys:4096', 'physical', 0x1000n],
    ['bus:0x1000', 'bus', 0x1000n],
    ['0', 'virtual', 0n],
  ])('%s', (text, space, address) => {
    expect(parseAddress(text)).toEqual({ space, address });
  });
  it.each(['', '0x', 'c0', 'phys:', 'dma:0x10', '0xg', '-1', '0x1.8'])('refuse %j', (text) => {
    expect(() => parseAddress(text)).toThrow(InvalidArgumentError);
  });
});

it('names have commas between them', () => {
  expect(parseNames('3g1g, 2g2g')).toEqual(['3g1g', '2g2g']);
  expect(() => parseNames('3g1g,')).toThrow(InvalidArgumentError);
});

it('the line that reproduces a run is good for a shell', () => {
  const line = reproduceLine('replay', ["it's here.vmt", '--layout', 'linux-3g1g', '$HOME']);
  expect(line).toBe(`vmsplit replay 'it'\\''s here.vmt' --layout linux-3g1g '$HOME'`);
});
