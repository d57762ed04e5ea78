/**
 * The faults of one file, told all at once: each with its path, what was found, what is expected and what to do. A
 * faulty value is replaced by a sample of its kind and the file is read again, until nothing is wrong any more: so that
 * what lies behind it is told too, and what several fields have to be together can be checked for the others.
 */
import * as v from 'valibot';
import { UsageError } from '../../base/errors.ts';
import { nearest } from '../../base/nearest.ts';
import { notesOf, REMEDIES } from './kinds.ts';

type Path = readonly (string | number)[];

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

/** What the file says, with samples in place of what is faulty. */
export function readFields<const S extends v.GenericSchema>(
  schema: S,
  json: unknown,
  faults: FieldFaults,
): v.InferOutput<S> {
  for (let value = json; ; ) {
    const result = v.safeParse(schema, value);
    if (result.success) return result.output;
    for (const issue of result.issues) value = withoutFault(schema, value, issue, faults);
  }
}

/** Notes the fault, and gives the file without it. */
function withoutFault(
  schema: v.GenericSchema,
  json: unknown,
  issue: v.BaseIssue<unknown>,
  faults: FieldFaults,
): unknown {
  const path = (issue.path ?? []).map(({ key }) => key as string | number);
  const place = pathText(path) || 'the file';
  const owner = schemaAt(schema, path.slice(0, -1));
  const name = path.at(-1);
  if (issue.expected === 'never' && name !== undefined) {
    const near = nearest(String(name), Object.keys(entriesOf(owner) ?? {}));
    const remedy = near === undefined ? 'remove it' : `remove it, or write ${near}`;
    faults.add(place, textOf(valueAt(json, path)), 'no such field', remedy);
    return replaced(json, path, undefined);
  }
  const { expected, sample } = notesOf(schemaAt(schema, path));
  const found = valueAt(json, path);
  // The fields of an object that is missing are told one by one.
  const isTold = found !== undefined || entriesOf(schemaAt(schema, path)) === undefined;
  const remedy = REMEDIES[expected] ?? (found === undefined ? 'add it' : 'write it so');
  if (isTold) faults.add(place, textOf(found), expected, remedy);
  return replaced(json, path, sample);
}

/** `kernel.vmalloc.start`, `zones[1].end`. */
function pathText(path: Path): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

function textOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value);
  return text.length <= 40 ? text : `${text.slice(0, 37)}...`;
}

function valueAt(json: unknown, path: Path): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], json);
}

/** The same with another value at a path; undefined: without it. */
function replaced(json: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(json)) return json.map((entry, i) => (i === key ? replaced(entry, rest, value) : entry));
  const { [key]: old, ...others } = json as Record<string, unknown>;
  const fresh = replaced(old, rest, value);
  return fresh === undefined ? others : { ...others, [key]: fresh };
}

/** The parts of a schema that this file looks into. */
type Parts = v.GenericSchema & {
  readonly wrapped?: v.GenericSchema;
  readonly entries?: Readonly<Record<string, v.GenericSchema>>;
  readonly item?: v.GenericSchema;
  readonly pipe?: readonly v.GenericSchema[];
};

function schemaAt(schema: v.GenericSchema, path: Path): v.GenericSchema {
  return path.reduce<v.GenericSchema>(
    (at, key) => unwrapped(typeof key === 'number' ? itemOf(at)! : entriesOf(at)![key]!),
    schema,
  );
}

function unwrapped(schema: v.GenericSchema): v.GenericSchema {
  return (schema as Parts).wrapped ?? schema;
}

function entriesOf(schema: v.GenericSchema): Parts['entries'] {
  return partsOf(schema).find(({ entries }) => entries !== undefined)?.entries;
}

function itemOf(schema: v.GenericSchema): Parts['item'] {
  return partsOf(schema).find(({ item }) => item !== undefined)?.item;
}

function partsOf(schema: v.GenericSchema): readonly Parts[] {
  return [schema, ...((schema as Parts).pipe ?? [])];
}
