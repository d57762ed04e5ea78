/** Whether an event object is one of the vocabulary: what `batchOf` refuses, with place, found, expected and remedy. */
import { UsageError } from '../base/errors.ts';
import { nearest } from '../base/nearest.ts';
import { allKinds, type Kind, kindNamed } from './vocabulary.ts';

const MAX_CPU = 2 ** 8 - 1;
const MAX_WORD = 2 ** 32 - 1;

/** Fields that every event has, and the largest value of each. */
const HEADER_FIELDS: readonly (readonly [string, number])[] = [
  ['cpu', MAX_CPU],
  ['thinkNs', MAX_WORD],
];

/** The kind of an event, all of whose fields are there and fit their columns; `at` is its index, for the message. */
export function checkedKind(event: Readonly<Record<string, unknown>>, at: number): Kind {
  const kind = typeof event.kind === 'string' ? kindNamed(event.kind) : undefined;
  if (kind === undefined) throw unknownKind(event.kind, at);
  for (const [field, max] of HEADER_FIELDS) checkValue(event, kind, field, max, at);
  for (const { name } of kind.fields) checkValue(event, kind, name, MAX_WORD, at);
  checkNames(event, kind, at);
  return kind;
}

function checkValue(
  event: Readonly<Record<string, unknown>>,
  kind: Kind,
  field: string,
  max: number,
  at: number,
): void {
  const value = event[field];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max) return;
  if (value === undefined) {
    // A mistyped name is the likelier cause, and says more.
    checkNames(event, kind, at);
    throw fault(at, kind.name, `no ${field}`, wholeNumber(max), `add ${field}`);
  }
  throw fault(at, `${kind.name}, ${field}`, shown(value), wholeNumber(max), 'the column holds no other');
}

/** Nothing but the fields of the kind. */
function checkNames(event: Readonly<Record<string, unknown>>, kind: Kind, at: number): void {
  const known = kind.names;
  const unknown = Object.keys(event).find((field) => !known.includes(field));
  if (unknown === undefined) return;
  const near = nearest(
    unknown,
    known.filter((name) => !(name in event)),
  );
  const remedy = near === undefined ? `leave ${unknown} out` : `did you mean ${near}?`;
  throw fault(at, kind.name, `field ${unknown}`, `${known.join(', ')} and nothing else`, remedy);
}

function unknownKind(found: unknown, at: number): UsageError {
  const names = allKinds().map(({ name }) => name);
  const near = typeof found === 'string' ? nearest(found, names) : undefined;
  const remedy = near === undefined ? `see EVENT_KINDS: ${names[0]} and others` : `did you mean ${near}?`;
  return fault(at, '', `kind ${shown(found)}`, 'the name of an event kind', remedy);
}

function fault(at: number, place: string, found: string, expected: string, remedy: string): UsageError {
  const where = place === '' ? `event ${at}` : `event ${at} (${place})`;
  return new UsageError(`${where}: found ${found}, expected ${expected}: ${remedy}`);
}

function wholeNumber(max: number): string {
  return `a whole number from 0 to ${max}`;
}

/** A whole batch may stand where an event should. */
const MOST_LETTERS = 40;

function shown(value: unknown): string {
  const text = typeof value === 'bigint' ? `${value}n` : String(value);
  const letters = text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}...` : text;
  return typeof value === 'string' ? `'${letters}'` : letters;
}
