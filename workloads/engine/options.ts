/** Options of a workload: a table of numbers with their meaning, and what people may type for them. */
import { UsageError } from '../../core/base/errors.ts';
import { nearest } from '../../core/base/nearest.ts';

interface OptionSpec {
  readonly default: number;
  /** `bytes` accepts suffixes; an option without a unit (a ratio) may be a fraction, all others are whole. */
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  /** What it means, its distribution, and where that comes from. */
  readonly doc: string;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;
export type OptionValues<T extends OptionTable = OptionTable> = { readonly [K in keyof T]: number };

export interface OptionRow extends OptionSpec {
  readonly name: string;
}

const SUFFIXES: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** `key=value` settings to numbers, checked against the table. */
export function parseOptions(table: OptionTable, settings: readonly string[]): Record<string, number> {
  const values: Record<string, number> = {};
  for (const setting of settings) {
    const equals = setting.indexOf('=');
    if (equals < 0) throw new UsageError(`option '${setting}': expected name=value`);
    const name = setting.slice(0, equals);
    values[name] = parseValue(name, specOf(table, name), setting.slice(equals + 1));
  }
  return values;
}

/** The values of all options: those given, checked, and the defaults of the rest. */
export function completeOptions<T extends OptionTable>(
  table: T,
  given: Readonly<Record<string, number>>,
): OptionValues<T> {
  for (const [name, value] of Object.entries(given)) checkValue(name, specOf(table, name), value);
  const values = Object.entries(table).map(([name, spec]) => [name, given[name] ?? spec.default]);
  return Object.fromEntries(values) as OptionValues<T>;
}

/** The options in the order of the table, each with its name. */
export function optionRows(table: OptionTable): OptionRow[] {
  return Object.entries(table).map(([name, spec]) => ({ name, ...spec }));
}

/** The error for a name that is not in a table, with the nearest one that is. */
export function unknownName(what: string, name: string, known: readonly string[]): UsageError {
  const near = nearest(name, known);
  const hint = near === undefined ? '' : `; did you mean '${near}'?`;
  return new UsageError(`unknown ${what} '${name}'${hint} (known: ${known.join(', ')})`);
}

function specOf(table: OptionTable, name: string): OptionSpec {
  if (!Object.hasOwn(table, name)) throw unknownName('option', name, Object.keys(table));
  return table[name]!;
}

function parseValue(name: string, spec: OptionSpec, text: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMG]?)$/i.exec(text);
  const suffix = match?.[2]?.toUpperCase() ?? '';
  if (match === null || (suffix !== '' && spec.unit !== 'bytes')) {
    const sizes = spec.unit === 'bytes' ? ', with K, M or G if you like' : '';
    throw new UsageError(`option ${name}: '${text}' is not a number of ${spec.unit || 'this kind'}${sizes}`);
  }
  const value = Number(match[1]) * SUFFIXES[suffix]!;
  checkValue(name, spec, value);
  return value;
}

function checkValue(name: string, spec: OptionSpec, value: number): void {
  const whole = spec.unit !== '';
  if (value >= spec.min && value <= spec.max && (!whole || Number.isInteger(value))) return;
  const unit = whole ? ` whole ${spec.unit}` : '';
  throw new UsageError(
    `option ${name}: ${value} is out of range, expected ${spec.min} to ${spec.max}${unit}`,
  );
}
