/** What people type as the value of an option or argument, checked and turned into numbers. */
import { InvalidArgumentError } from 'commander';
import type { AddressSpaceName } from '../../../core/index.ts';
import { count, type SpecValue, type ValueKind } from '../../spec/index.ts';

/** A parser of commander's for a kind of value of the run specifications. */
export function parserOf<T extends SpecValue>({ expected, parse }: ValueKind<T>): (text: string) => T {
  return (text) => {
    const value = parse(text);
    if (value === undefined) throw new InvalidArgumentError(`Expected ${expected}.`);
    return value;
  };
}

/** A parser of whole numbers in [min, max]. */
export function wholeNumber(min: number, max: number): (text: string) => number {
  return parserOf(count(min, max));
}

const NS_PER: Readonly<Record<string, number>> = { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 };

/** `812ns`, `1.5us`, `20ms`, `2.396s`: nanoseconds. */
export function parseTime(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s)$/.exec(text) ?? [];
  const ns = amount === undefined ? Number.NaN : Math.round(Number(amount) * NS_PER[unit!]!);
  if (Number.isSafeInteger(ns)) return ns;
  throw new InvalidArgumentError('Expected a time with its unit, such as 812ns, 1.5us, 20ms or 2.396s.');
}

/** Numbers that a double counts exactly. */
export const ANY_COUNT = Number.MAX_SAFE_INTEGER;

/** A parser for options that may be given several times. */
export function collect(text: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), text];
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

/** Of `--jobs`. */
export const MOST_JOBS = 1024;
