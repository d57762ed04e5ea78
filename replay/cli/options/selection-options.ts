/** Options that say which events are wanted. */
import { type Command, InvalidArgumentError } from 'commander';
import { allKinds } from '../../../core/event/vocabulary.ts';
import { type KindName, nearest, STATUSES, type StatusName, UsageError } from '../../../core/index.ts';
import type { Range, Selection } from '../../events/selection.ts';
import { ANY_COUNT, collect, parseTime } from './values.ts';

export interface SelectionArguments {
  readonly kind?: readonly string[];
  readonly process?: readonly string[];
  readonly object?: readonly string[];
  readonly file?: readonly string[];
  readonly cache?: readonly string[];
  readonly device?: readonly string[];
  readonly cpu?: readonly string[];
  readonly time?: Range;
  readonly range?: Range;
  readonly outcome?: readonly string[];
}

/** Flags, and what they take, in the order of the help. */
const LISTS = [
  ['kind', '<kinds>', 'only events of these kinds: vmalloc,vfree'],
  ['process', '<pids>', 'only what a cpu does while it runs one of these, and events that name one'],
  ['object', '<numbers>', 'only events that name one of these objects'],
  ['file', '<numbers>', 'the same of files'],
  ['cache', '<numbers>', 'the same of slab caches'],
  ['device', '<numbers>', 'the same of devices'],
  ['cpu', '<numbers>', 'only events on these cpus'],
] as const;

export function addSelectionOptions(command: Command): Command {
  for (const [name, value, doc] of LISTS) command.option(`--${name} ${value}`, `${doc}; repeatable`, collect);
  return command
    .option(
      '--time <from..to>',
      'only events that began then: 1ms..2ms, ..5ms, 2.5s..; without --layout times are the sums of those between events',
      parseTimeRange,
    )
    .option(
      '--range <from..to>',
      'only events with these numbers, both included: 100..199, 5000..',
      parseRange,
    );
}

export function addOutcomeOption(command: Command): Command {
  return command.option(
    '--outcome <statuses>',
    'with --layout: only events that came out so: failed, ok, or names of failures such as vmalloc-space; repeatable',
    collect,
  );
}

export function selectionOf(given: SelectionArguments): Selection {
  const { time, range } = given;
  const lists = {
    kinds: given.kind && words(given.kind).map(kindOf),
    outcomes: given.outcome && words(given.outcome).map(statusOf),
    processes: numbersOf('--process', given.process),
    objects: numbersOf('--object', given.object),
    files: numbersOf('--file', given.file),
    caches: numbersOf('--cache', given.cache),
    devices: numbersOf('--device', given.device),
    cpus: numbersOf('--cpu', given.cpu),
    time,
    events: range,
  };
  return Object.fromEntries(Object.entries(lists).filter(([, wanted]) => wanted !== undefined)) as Selection;
}

/** The arguments that make this selection, for the line that reproduces a run. */
export function selectionArguments(given: SelectionArguments): string[] {
  const lists = [...LISTS.map(([name]) => name), 'outcome' as const].flatMap((name) =>
    (given[name] ?? []).flatMap((text) => [`--${name}`, text]),
  );
  const { time, range } = given;
  return [
    ...lists,
    ...(time === undefined ? [] : ['--time', rangeText(time, 'ns')]),
    ...(range === undefined ? [] : ['--range', rangeText(range, '')]),
  ];
}

function rangeText({ from, to }: Range, unit: string): string {
  return `${from}${unit}..${to === Number.POSITIVE_INFINITY ? '' : `${to}${unit}`}`;
}

function words(lists: readonly string[]): string[] {
  return lists.flatMap((text) => text.split(',')).filter((word) => word !== '');
}

function kindOf(name: string): KindName {
  return oneOf(
    '--kind',
    name,
    allKinds().map((kind) => kind.name),
  );
}

function statusOf(name: string): StatusName | 'failed' {
  return oneOf('--outcome', name, ['failed', ...STATUSES.map((status) => status.name)]);
}

function oneOf<T extends string>(option: string, name: string, known: readonly T[]): T {
  const found = known.find((candidate) => candidate === name);
  if (found !== undefined) return found;
  const near = nearest(name, known);
  const hint = near === undefined ? '' : `; did you mean ${near}?`;
  throw new UsageError(`${option}: found '${name}', expected one of ${known.join(', ')}${hint}`);
}

const MOST_NUMBER = 2 ** 32 - 1;

function numbersOf(option: string, lists: readonly string[] | undefined): number[] | undefined {
  return lists && words(lists).map((word) => numberOf(option, word));
}

function numberOf(option: string, word: string): number {
  const number = /^\d+$/.test(word) ? Number(word) : Number.NaN;
  if (number <= MOST_NUMBER) return number;
  throw new UsageError(`${option}: found '${word}', expected whole numbers from 0 to ${MOST_NUMBER}: 17,18`);
}

function parseTimeRange(text: string): Range {
  return rangeFrom(text, parseTime, 'Expected a range of times such as 1ms..2ms, ..5ms or 2.5s...');
}

function parseRange(text: string): Range {
  const expected = 'Expected a range of event numbers such as 100..199, ..500 or 5000...';
  return rangeFrom(
    text,
    (word) => {
      const number = /^\d+$/.test(word) ? Number(word) : Number.NaN;
      if (number <= ANY_COUNT) return number;
      throw new InvalidArgumentError(expected);
    },
    expected,
  );
}

/** Either end may be left out, but not both. */
function rangeFrom(text: string, parse: (word: string) => number, expected: string): Range {
  const [, first = '', last = ''] = /^(.*?)\.\.(.*)$/.exec(text) ?? [];
  if (first === '' && last === '') throw new InvalidArgumentError(expected);
  const range = {
    from: first === '' ? 0 : parse(first),
    to: last === '' ? Number.POSITIVE_INFINITY : parse(last),
  };
  if (range.from <= range.to) return range;
  throw new InvalidArgumentError(`${expected} The first end comes before the last.`);
}
