/**
 * A run specification as JSON, both ways:
 *
 *     { "version": 1,
 *       "events": { "workload": "drivers", "seed": 1, "events": 500000, "options": { "devices": 3 } },
 *       "machine": { "ram": "1G" },
 *       "lanes": [{ "layout": "linux-3g1g" }, { "layout": "linux-3g1g", "vmalloc": "256M" }] }
 *
 * Sizes are texts as on the command line, or numbers of bytes. What is read is checked as a whole, and all that is wrong
 * with it is told at once.
 */
import * as v from 'valibot';
import { nearest, UsageError } from '../../core/index.ts';
import { givenOptions, MACHINE_OPTIONS, type MachineSpec } from './machine-options.ts';
import { type EventsSpec, type LaneSpec, MOST_FOLDED, MOST_SEED, type RunSpec } from './run-spec.ts';
import { count, type SpecValue, type ValueKind, word } from './values.ts';

const VERSION = 1;

/** One thing that is wrong with a specification. */
export interface SpecFault {
  /** `lanes.1.vmalloc`; empty for the whole. */
  readonly field: string;
  readonly found: string;
  readonly expected: string;
  readonly remedy: string;
}

/** What is no specification; the message tells all faults, a line each. */
export class SpecError extends UsageError {
  override readonly name: string = 'SpecError';
  readonly faults: readonly SpecFault[];

  constructor(place: string, faults: readonly SpecFault[]) {
    const lines = faults.map(
      ({ field, found, expected, remedy }) =>
        `${[place, field].filter((part) => part !== '').join(': ')}: found ${found}, expected ${expected}. ${remedy}`,
    );
    super(lines.join('\n'));
    this.faults = faults;
  }
}

/** The specification in a text. `place` is its file, for messages. Throws a SpecError. */
export function parseRunSpec(text: string, place = 'specification'): RunSpec {
  return runSpecFrom(parseJson(text, place), place);
}

/** The same of JSON that is parsed already. */
export function runSpecFrom(json: unknown, place = 'specification'): RunSpec {
  const parsed = v.safeParse(RUN, json);
  if (!parsed.success) throw new SpecError(place, parsed.issues.map(faultOf));
  const { version: _, machine = {}, events, lanes, batchSize, firstDifferences } = parsed.output;
  return {
    events: events as EventsSpec,
    machine: machine as MachineSpec,
    lanes: lanes as unknown as LaneSpec[],
    ...(batchSize !== undefined && { batchSize }),
    ...(firstDifferences !== undefined && { firstDifferences }),
  };
}

/** Plain data for JSON.stringify; `runSpecFrom` gives the same run back. */
export function runSpecToJson({ events, machine, lanes, ...others }: RunSpec): Record<string, unknown> {
  return {
    version: VERSION,
    events,
    machine: machineToJson(machine),
    lanes: lanes.map(({ layout, ...own }) => ({ layout, ...machineToJson(own) })),
    ...others,
  };
}

function machineToJson(machine: MachineSpec): Record<string, SpecValue> {
  return Object.fromEntries(
    givenOptions(machine).map(([{ key, kind }, value]) => [key, kind.toJson(value as never)]),
  );
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const found = `no JSON (${(error as Error).message})`;
    throw new SpecError(place, [
      {
        field: '',
        found,
        expected: 'a run specification as JSON',
        remedy: 'See `vmsplit replay --print-spec`',
      },
    ]);
  }
}

/** A value of a kind, from what JSON may have for it. */
function jsonValue<T extends SpecValue>({ expected, expectedInJson, json, parse }: ValueKind<T>) {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, T>(({ dataset: { value }, addIssue, NEVER }) => {
      const isOfType = (json as readonly string[]).includes(typeof value);
      const parsed = isOfType ? parse(String(value)) : undefined;
      if (parsed !== undefined) return parsed;
      addIssue({ input: value, message: expectedInJson ?? expected });
      return NEVER;
    }),
  );
}

const MACHINE_ENTRIES = Object.fromEntries(
  MACHINE_OPTIONS.map(({ key, kind }) => [key, v.optional(jsonValue(kind as ValueKind<SpecValue>))]),
);

const COUNT = count(1, Number.MAX_SAFE_INTEGER);
const WORKLOAD_ONLY = ['seed', 'events', 'options'] as const;

const EVENTS = v.pipe(
  v.strictObject({
    trace: v.optional(jsonValue(word('the name of a file'))),
    workload: v.optional(jsonValue(word('the name of a workload'))),
    seed: v.optional(jsonValue(count(0, MOST_SEED))),
    events: v.optional(jsonValue(COUNT)),
    options: v.optional(v.record(v.string(), v.pipe(v.number('a number'), v.finite('a number')))),
  }),
  v.check(
    ({ trace, workload }) => (trace === undefined) !== (workload === undefined),
    'either "trace": FILE or "workload": NAME',
  ),
  v.check(
    (events) => events.trace === undefined || WORKLOAD_ONLY.every((key) => events[key] === undefined),
    'no seed, events or options beside a trace, which has its own',
  ),
);

const RUN = v.strictObject({
  version: v.optional(v.literal(VERSION, `${VERSION}, the version that this vmsplit knows`)),
  events: EVENTS,
  machine: v.optional(v.strictObject(MACHINE_ENTRIES)),
  lanes: v.pipe(
    v.array(
      v.strictObject({ layout: jsonValue(word('the name of a layout, or FILE.json')), ...MACHINE_ENTRIES }),
      'a list of lanes: [{ "layout": NAME }]',
    ),
    v.minLength(1, 'one lane at least'),
  ),
  batchSize: v.optional(jsonValue(count(1, MOST_FOLDED))),
  firstDifferences: v.optional(jsonValue(count(0, Number.MAX_SAFE_INTEGER))),
});

const FIELD_NAMES: Readonly<Record<string, readonly string[]>> = {
  '': ['version', 'events', 'machine', 'lanes', 'batchSize', 'firstDifferences'],
  events: ['trace', 'workload', ...WORKLOAD_ONLY],
  machine: MACHINE_OPTIONS.map(({ key }) => key),
  lanes: ['layout', ...MACHINE_OPTIONS.map(({ key }) => key)],
};

function faultOf(issue: v.BaseIssue<unknown>): SpecFault {
  const path = (issue.path ?? []).map(({ key }) => String(key));
  const field = path.join('.');
  if (issue.type === 'strict_object' && issue.expected === 'never') return unknownField(path);
  if (issue.type === 'strict_object' && issue.input === undefined)
    return { field, found: 'nothing', expected: 'a value', remedy: 'Add the field' };
  const isObject = issue.type === 'strict_object' || issue.type === 'record';
  const expected = isObject ? 'an object in braces' : issue.message;
  return { field, found: shortly(issue.input), expected, remedy: 'Write it so' };
}

function unknownField(path: readonly string[]): SpecFault {
  const known = FIELD_NAMES[path.length === 1 ? '' : path[0]!] ?? [];
  const name = path.at(-1)!;
  const near = nearest(name, known);
  return {
    field: path.join('.'),
    found: 'a field that means nothing here',
    expected: `one of ${known.join(', ')}`,
    remedy: near === undefined ? 'Leave it out' : `Did you mean ${near}?`,
  };
}

const MOST_SHOWN = 40;

function shortly(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length <= MOST_SHOWN ? text : `${text.slice(0, MOST_SHOWN)}...`;
}
