/**
 * Reading the fields of a parsed JSON file: every fault is noted with its path, what was found, what is expected and
 * what to do, and reading goes on, so that a person sees all faults at once.
 */
import { UsageError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';

/** A kind of value: how it is told from others. `sample` stands for a value that was faulty, until all are told. */
interface FieldKind<T> {
  readonly expected: string;
  readonly sample: T;
  /** Undefined: not such a value. */
  read(value: unknown): T | undefined;
}

/** The faults of one file. */
export class FieldFaults {
  private readonly messages: string[] = [];
  private readonly paths = new Set<string>();

  add(path: string, found: string, expected: string, remedy: string): void {
    this.paths.add(path);
    this.messages.push(`${path}: found ${found}, expected ${expected}: ${remedy}`);
  }

  /** What several fields have to be together; not judged where one of them is faulty by itself. */
  check(ok: boolean, paths: readonly string[], found: string, expected: string, remedy: string): void {
    if (!ok && !paths.some((path) => this.paths.has(path))) this.add(paths[0]!, found, expected, remedy);
  }

  /** Throws a UsageError that tells all of them. */
  throwIfAny(file: string): void {
    const { messages } = this;
    if (messages.length === 0) return;
    const count = messages.length === 1 ? 'a fault' : `${messages.length} faults`;
    throw new UsageError([`${file}: ${count} in the layout`, ...messages].join('\n  '));
  }
}

/** One object of the file. */
export class Fields {
  readonly faults: FieldFaults;
  private readonly path: string;
  private readonly values: Readonly<Record<string, unknown>>;
  private readonly known = new Set<string>();

  constructor(value: unknown, path: string, faults: FieldFaults) {
    this.faults = faults;
    this.path = path;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject) faults.add(path || 'the file', textOf(value), 'an object', 'put its fields in { }');
    this.values = isObject ? (value as Record<string, unknown>) : {};
  }

  /** The path of a field in the file: `kernel.vmalloc.start`. */
  pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  has(name: string): boolean {
    this.known.add(name);
    return this.values[name] !== undefined && this.values[name] !== null;
  }

  /** The value of a field; without a default it has to be there. */
  get<T>(name: string, kind: FieldKind<T>, missing?: T): T {
    if (!this.has(name)) {
      if (missing !== undefined) return missing;
      this.faults.add(this.pathOf(name), 'nothing', kind.expected, 'add it');
      return kind.sample;
    }
    const read = kind.read(this.values[name]);
    if (read !== undefined) return read;
    this.faults.add(this.pathOf(name), textOf(this.values[name]), kind.expected, 'write it so');
    return kind.sample;
  }

  /** An object inside; a field that is missing is as one without fields. */
  in(name: string): Fields {
    return new Fields(this.has(name) ? this.values[name] : {}, this.pathOf(name), this.faults);
  }

  /** A list of objects; when it is missing, empty or a fault. */
  list(name: string, missing: 'is empty' | 'is a fault' = 'is empty'): Fields[] {
    if (!this.has(name) && missing === 'is empty') return [];
    const value = this.values[name];
    if (Array.isArray(value))
      return value.map((entry, i) => new Fields(entry, `${this.pathOf(name)}[${i}]`, this.faults));
    this.faults.add(this.pathOf(name), textOf(value), 'a list', 'put its entries in [ ]');
    return [];
  }

  /** Nothing but the fields that were asked for. */
  done(): void {
    for (const name of Object.keys(this.values).filter((name) => !this.known.has(name))) {
      const near = nearest(name, [...this.known]);
      const remedy = near === undefined ? 'remove it' : `remove it, or write ${near}`;
      this.faults.add(this.pathOf(name), textOf(this.values[name]), 'no such field', remedy);
    }
  }
}

function textOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}

const SHIFTS: Readonly<Record<string, bigint>> = { '': 0n, K: 10n, M: 20n, G: 30n, T: 40n };

/** Bytes: an address or a size. */
export const BYTES: FieldKind<bigint> = {
  expected: 'an address or size such as "0xc0000000", "896M" or 4096',
  sample: 0n,
  read(value) {
    if (typeof value === 'number')
      return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
    if (typeof value !== 'string') return undefined;
    if (/^0x[0-9a-f]{1,16}$/i.test(value)) return BigInt(value);
    const [, digits, unit = ''] = /^(\d{1,20})([KMGT])?$/i.exec(value) ?? [];
    return digits === undefined ? undefined : BigInt(digits) << SHIFTS[unit.toUpperCase()]!;
  },
};

export const TEXT: FieldKind<string> = {
  expected: 'a text',
  sample: '',
  read: (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined),
};

export const FLAG: FieldKind<boolean> = {
  expected: 'true or false',
  sample: false,
  read: (value) => (typeof value === 'boolean' ? value : undefined),
};

export function wholeNumber(min: number, max: number): FieldKind<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    sample: min,
    read: (value) =>
      Number.isInteger(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined,
  };
}

export function oneOf<const T extends string | number>(choices: readonly T[]): FieldKind<T> {
  return {
    expected: choices.join(' or '),
    sample: choices[0]!,
    read: (value) => choices.find((choice) => choice === value),
  };
}
