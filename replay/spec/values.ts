/**
 * What the value of an option may be: how it is read from a word of a command line or of a lane, how from JSON, and how
 * it is written again. Sizes are numbers of bytes; K, M, G and T are powers of 1024, as in the kernel's mem=.
 */

/** What RunSpec keeps of an option. */
export type SpecValue = number | string | boolean;

export interface ValueKind<T extends SpecValue> {
  /** `a size such as 512M`, after "expected". */
  readonly expected: string;
  /** The same in JSON, where it is written otherwise. */
  readonly expectedInJson?: string;
  /** All values that there are, if they can be listed. */
  readonly choices?: readonly string[];
  /** Some of them, where there are more than can be listed. */
  readonly suggestions?: readonly string[];
  /** Undefined: it is none of these. */
  parse(text: string): T | undefined;
  /** What JSON may have, for which `parse` gets the text. */
  readonly json: readonly ('number' | 'string' | 'boolean')[];
  /** As people would type it. */
  text(value: T): string;
  toJson(value: T): SpecValue;
}

const SHIFTS: Readonly<Record<string, bigint>> = { '': 0n, K: 10n, M: 20n, G: 30n, T: 40n };

/** `512M`, `1G`, `1.5GiB`, `64MB`, `1073741824`; undefined for what is no whole number of bytes. */
export function parseSize(text: string): number | undefined {
  const [, whole, fraction = '', unit = ''] =
    /^(\d+)(?:\.(\d{1,9}))?\s*(?:([KMGT])(?:i?B)?|B)?$/i.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const scale = 10n ** BigInt(fraction.length);
  const scaled = BigInt(whole + fraction) << SHIFTS[unit.toUpperCase()]!;
  const bytes = Number(scaled / scale);
  return scaled % scale === 0n && Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** `1G`, `1536M`, or bytes. */
export function sizeText(bytes: number): string {
  for (const [suffix, unit] of [
    ['G', 2 ** 30],
    ['M', 2 ** 20],
    ['K', 2 ** 10],
  ] as const) {
    if (bytes > 0 && bytes % unit === 0) return `${bytes / unit}${suffix}`;
  }
  return String(bytes);
}

const SIZE_FORM = 'a size such as 512M, 1G, 4GiB or 1073741824';

/** A size of `least` bytes or more. */
function size(least: 0 | 1): ValueKind<number> {
  return {
    expected: least === 0 ? `${SIZE_FORM}, or 0` : SIZE_FORM,
    json: ['number', 'string'],
    parse(text) {
      const bytes = parseSize(text);
      return bytes !== undefined && bytes >= least ? bytes : undefined;
    },
    text: sizeText,
    toJson: sizeText,
  };
}

export const SIZE = size(1);
/** `highmem=0` is a boot option that means something, `swap=0` is none. */
export const SIZE_OR_ZERO = size(0);

/** As ulimit has it: a size, or none. */
export const LIMIT: ValueKind<number | 'unlimited'> = {
  expected: `${SIZE_FORM}, or unlimited`,
  json: ['number', 'string'],
  parse: (text) => (text === 'unlimited' ? text : SIZE.parse(text)),
  text: (limit) => (limit === 'unlimited' ? limit : sizeText(limit)),
  toJson: (limit) => (limit === 'unlimited' ? limit : sizeText(limit)),
};

/** A whole number in [least, most]. */
export function count(least: number, most: number): ValueKind<number> {
  return {
    expected: `a whole number from ${least} to ${most}`,
    json: ['number'],
    parse(text) {
      const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
      return value >= least && value <= most ? value : undefined;
    },
    text: String,
    toJson: (value) => value,
  };
}

/** Given or not; `off` takes back what is on by default. */
export const SWITCH: ValueKind<boolean> = {
  expected: 'on or off',
  expectedInJson: 'true or false',
  json: ['boolean'],
  parse: (text) => ({ on: true, true: true, off: false, false: false })[text],
  text: (value) => (value ? 'on' : 'off'),
  toJson: (value) => value,
};

/** One of a few numbers. */
export function oneOf<T extends number>(choices: readonly T[]): ValueKind<T> {
  return {
    expected: choices.join(' or '),
    json: ['number'],
    parse: (text) => choices.find((choice) => String(choice) === text),
    text: String,
    toJson: (value) => value,
  };
}

export function choice<T extends string>(choices: readonly T[]): ValueKind<T> {
  return {
    expected: `one of ${choices.join(', ')}`,
    choices,
    json: ['string'],
    parse: (text) => choices.find((choice) => choice === text),
    text: (value) => value,
    toJson: (value) => value,
  };
}

/** Any text but none, such as the name of a file. */
export function word(expected: string): ValueKind<string> {
  return {
    expected,
    json: ['string'],
    parse: (text) => (text === '' ? undefined : text),
    text: (value) => value,
    toJson: (value) => value,
  };
}
