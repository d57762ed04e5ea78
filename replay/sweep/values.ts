/**
 * The values of a key, as they are typed: `a,b,c`, and for numbers and sizes also ranges, both ends included: `1..20`,
 * `1..20:+5`, `256..4096:x2`, `256M..4G:x2`. A range stops at the last value that is not beyond its end.
 */
import { UsageError } from '../../core/base/errors.ts';
import { parseSize, sizeText } from '../spec/index.ts';

/** Points of a sweep at most, and so values of a key. */
export const MOST_POINTS = 100_000;

const RANGE = /^(\d[\dA-Za-z]*)\.\.(\d[\dA-Za-z]*)(?::([+x])(\d[\dA-Za-z]*))?$/;
/** What is meant as a range, but is none. Names and files do not begin so. */
const LIKE_RANGE = /^\d[^/]*\.\./;

/** A text for each value, in their order. `place`: what messages begin with. Throws a UsageError. */
export function expandValues(text: string, place: string): string[] {
  const values = text.split(',').flatMap((part) => expandPart(part.trim(), place));
  const twice = firstTwice(values);
  if (twice !== undefined)
    throw new UsageError(`${place}: found ${twice} twice, expected each value once: leave one out`);
  return values;
}

/** The first that is there already. */
export function firstTwice<T>(values: readonly T[]): T | undefined {
  const seen = new Set<T>();
  return values.find((value) => seen.size === seen.add(value).size);
}

function expandPart(part: string, place: string): string[] {
  if (part === '')
    throw new UsageError(`${place}: found no value between two commas or at an end, expected one`);
  const [, first, last, step, by] = RANGE.exec(part) ?? [];
  if (first !== undefined) return rangeOf({ part, place, first, last: last!, step, by });
  if (!LIKE_RANGE.test(part)) return [part];
  throw new UsageError(`${place}: found ${part}, expected a range such as 1..20, 1..20:+5 or 256M..4G:x2`);
}

interface Range {
  readonly part: string;
  readonly place: string;
  readonly first: string;
  readonly last: string;
  readonly step: string | undefined;
  readonly by: string | undefined;
}

function rangeOf({ part, place, step, ...texts }: Range): string[] {
  const refuse = (found: string, expected: string): UsageError =>
    new UsageError(`${place}: ${part}: found ${found}, expected ${expected}`);
  const [first, last, by] = [texts.first, texts.last, texts.by ?? '1'].map((text) => {
    const value = parseSize(text);
    if (value === undefined) throw refuse(text, 'a whole number, or a size such as 256M');
    return value;
  }) as [number, number, number];
  if (last < first) throw refuse('an end below its beginning', 'the smaller value first');
  if (step === 'x' && (by < 2 || first === 0))
    throw refuse(`:x${texts.by}`, 'a factor from 2 on, and a beginning from 1 on');
  if (by === 0) throw refuse(':+0', 'a step from 1 on');
  const next = step === 'x' ? (value: number) => value * by : (value: number) => value + by;
  const isSize = [texts.first, texts.last].some((text) => /\D/.test(text));
  const values: string[] = [];
  for (let value = first; value <= last; value = next(value)) {
    if (values.length === MOST_POINTS)
      throw refuse(`more than ${MOST_POINTS} values`, 'fewer: a larger step');
    values.push(isSize ? sizeText(value) : String(value));
  }
  return values;
}
