/** The kinds of values that a layout file is made of, as schemas: what each takes, and what it says it expects. */
import * as v from 'valibot';
import { isPrintable } from '../../base/printable.ts';

/** Of each kind of value: what it is called, and one that stands for a faulty one until all faults are told. */
interface KindNotes {
  readonly expected: string;
  readonly sample: unknown;
}

/** A value by itself; `read` gives undefined for what is none of this kind. */
export function kind<T>(expected: string, sample: unknown, read: (value: unknown) => T | undefined) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset, addIssue, NEVER }) => {
      const found = read(dataset.value);
      if (found !== undefined) return found;
      addIssue({ message: expected });
      return NEVER;
    }),
    v.metadata({ expected, sample } satisfies KindNotes),
  );
}

const SHIFTS: Readonly<Record<string, bigint>> = { '': 0n, K: 10n, M: 20n, G: 30n, T: 40n };

/** Bytes: an address or a size. */
export const BYTES = kind('an address or size such as "0xc0000000", "896M" or 4096', 0, (value) => {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  if (typeof value !== 'string') return undefined;
  if (/^0x[0-9a-f]{1,16}$/i.test(value)) return BigInt(value);
  const [, digits, unit = ''] = /^(\d{1,20})([KMGT])?$/i.exec(value) ?? [];
  return digits === undefined ? undefined : BigInt(digits) << SHIFTS[unit.toUpperCase()]!;
});

export const TEXT = kind('a text', 'x', (value) =>
  typeof value === 'string' && value.trim() !== '' && isPrintable(value) ? value : undefined,
);

export const FLAG = kind('true or false', false, (value) => (typeof value === 'boolean' ? value : undefined));

export function wholeNumber(min: number, max: number) {
  return kind(`a whole number from ${min} to ${max}`, min, (value) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max ? Number(value) : undefined,
  );
}

export function oneOf<const T extends string | number>(choices: readonly T[]) {
  return kind(choices.join(' or '), choices[0]!, (value) => choices.find((choice) => choice === value));
}

const AN_OBJECT = 'an object';
const A_LIST = 'a list of at most 256 entries';
/** What to do about a value that is none of the kind expected. */
export const REMEDIES: Readonly<Record<string, string>> = {
  [AN_OBJECT]: 'put its fields in { }',
  [A_LIST]: 'put its entries in [ ]',
};

/** An object with these fields and no others. */
export function fields<const E extends v.ObjectEntries>(entries: E) {
  return v.pipe(
    v.unknown(),
    v.check(isPlainObject, AN_OBJECT),
    v.strictObject(entries),
    v.metadata({ expected: AN_OBJECT, sample: {} } satisfies KindNotes),
  );
}

function isPlainObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** More than any layout has; what looks at them compares each with each. */
const MOST_ENTRIES = 256;

export function listOf<const S extends v.GenericSchema>(item: S) {
  return v.pipe(
    v.unknown(),
    v.check(isShort, A_LIST),
    v.array(item, A_LIST),
    v.metadata({ expected: A_LIST, sample: [] } satisfies KindNotes),
  );
}

function isShort(value: unknown): boolean {
  return !Array.isArray(value) || value.length <= MOST_ENTRIES;
}

/** A field that need not be there, or may be null. */
export const maybe = <const S extends v.GenericSchema>(schema: S) => v.nullish(schema);

export function notesOf(schema: v.GenericSchema): KindNotes {
  return v.getMetadata(schema) as unknown as KindNotes;
}
