/** Values of options: what is taken, and what is refused on both sides of each boundary. */
import { spawnSync } from 'node:child_process';
import { InvalidArgumentError } from 'commander';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAddress, wholeNumber } from '../../../replay/cli/options/values.ts';
import { reproduceLine } from '../../../replay/spec/command-line.ts';

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

describe('the line that reproduces a run', () => {
  it('leaves plain words as they are, and quotes the rest for a shell', () => {
    const line = reproduceLine('replay', [
      "it's here.vmt",
      '--layouts',
      'linux-3g1g:vmalloc=256M,3g1g',
      '$HOME',
    ]);
    expect(line).toBe(`vmsplit replay 'it'"'"'s here.vmt' --layouts linux-3g1g:vmalloc=256M,3g1g '$HOME'`);
  });

  it('comes out of a shell as it went in, whatever the words', () => {
    const word = fc.string({ unit: 'binary-ascii' }).filter((text) => !text.includes('\0'));
    const lines = fc.sample(fc.array(word), { numRuns: 100, seed: 1 });
    // All in one shell: to start one takes longer than what it does.
    const script = lines.map((args) => `${reproduceLine('at', args)}; printf '\\0'`).join('\n');
    const shell = spawnSync('bash', ['-c', `vmsplit() { printf '%s\\0' "$@"; }; ${script}`]);
    const expected = lines.map((args) => ['at', ...args, '', ''].join('\0')).join('');
    expect(shell.stdout.toString()).toBe(expected);
  });
});
