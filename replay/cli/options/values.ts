/** What people type as the value of an option or argument, checked and turned into numbers. */
import { InvalidArgumentError } from 'commander';
import type { AddressSpaceName } from '../../core/index.ts';

const SHIFTS: Readonly<Record<string, bigint>> = { '': 0n, K: 10n, M: 20n, G: 30n, T: 40n };

/** `512M`, `1G`, `1.5GiB`, `64MB`, `1073741824`: K, M, G and T are powers of 1024, as in the kernel's mem=. */
export function parseSize(text: string): bigint {
  const [, whole, fraction = '', unit = ''] =
    /^(\d+)(?:\.(\d{1,9}))?\s*(?:([KMGT])(?:i?B)?|B)?$/i.exec(text) ?? [];
  if (whole === undefined)
    throw new InvalidArgumentError('Expected a size such as 512M, 1G, 4GiB or 1073741824.');
  const scaled = BigInt(whole + fraction) << SHIFTS[unit.toUpperCase()]!;
  const bytes = scaled / 10n ** BigInt(fraction.length);
  if (bytes * 10n ** BigInt(fraction.length) !== scaled || bytes === 0n)
    throw new InvalidArgumentError('Expected a whole number of bytes above 0.');
  return bytes;
}

const NS_PER: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

/** `812ns`, `1.5us`, `20ms`, `2.396s`: nanoseconds. */
export function parseTime(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s)$/.exec(text) ?? [];
  const ns = amount === undefined ? Number.NaN : Math.round(Number(amount) * NS_PER[unit!]!);
  if (Number.isSafeInteger(ns)) return ns;
  throw new InvalidArgumentError('Expected a time with its unit, such as 812ns, 1.5us, 20ms or 2.396s.');
}

/** A size of 0 is one too: `highmem=0` is a boot option that means something. */
export function parseSizeOrZero(text: string): bigint {
  return /^0+[KMGT]?$/i.test(text) ? 0n : parseSize(text);
}

/** As ulimit has it: a size, or none. */
export function parseLimit(text: string): bigint | 'unlimited' {
  return text === 'unlimited' ? text : parseSize(text);
}

/** A parser of whole numbers in [min, max]. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
  };
}

/** Numbers that a double counts exactly. */
export const ANY_COUNT = Number.MAX_SAFE_INTEGER;

/** A parser for options that may be given several times. */
export function collect(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
}

/** `a,b,c`. */
export function parseNames(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw new InvalidArgumentError('Expected names with commas between them, such as 3g1g,2g2g.');
}

export interface AddressArgument {
  readonly space: AddressSpaceName;
  readonly address: bigint;
}

const SPACES: Readonly<Record<string, AddressSpaceName>> = {
  '': 'virtual',
  'phys:': 'physical',
  'bus:': 'bus',
};

/** `0xc1234567`, `3240314215`, `ffff888000000000`, `phys:0x1000`, `bus:0x1000`. */
export function parseAddress(text: string): AddressArgument {
  const [, prefix = '', digits] =
    /^(phys:|bus:)?(0x[0-9a-f]+(?:_[0-9a-f]+)*|\d+|[0-9a-f]{8,16})$/i.exec(text) ?? [];
  if (digits === undefined) {
    throw new InvalidArgumentError('Expected an address such as 0xc1234567, 3240314215 or phys:0x1000.');
  }
  const plain = digits.replaceAll('_', '');
  const isHex = /^0x/i.test(plain) || !/^\d+$/.test(plain);
  const address = BigInt(isHex && !/^0x/i.test(plain) ? `0x${plain}` : plain);
  return { space: SPACES[prefix.toLowerCase()]!, address };
}
