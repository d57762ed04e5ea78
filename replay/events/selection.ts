/** Which events are wanted: by kind, what they name, cpu, time, number and outcome. */
import type { Space } from '../../core/event/field-types.ts';
import type { KindName } from '../../core/event/kinds.ts';
import { allKinds, KIND_CODES, kindNamed } from '../../core/event/vocabulary.ts';
import { OK, STATUSES, type StatusName } from '../../core/outcome/outcome.ts';
import type { Pass } from './passes.ts';

/** Both ends belong to it. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

/** What is left out wants everything; several together want what fits all of them. */
export interface Selection {
  readonly kinds?: readonly KindName[];
  /** Processes: what a cpu does while it runs one of them, and events that name one. */
  readonly processes?: readonly number[];
  readonly objects?: readonly number[];
  readonly files?: readonly number[];
  readonly caches?: readonly number[];
  readonly devices?: readonly number[];
  readonly cpus?: readonly number[];
  /** Nanoseconds, as passes have them. */
  readonly time?: Range;
  /** Numbers of events. */
  readonly events?: Range;
  /** `failed`: all statuses but ok. Needs passes with a lane. */
  readonly outcomes?: readonly (StatusName | 'failed')[];
}

/** Whether event `at` of a pass is wanted. */
export type Wanted = (pass: Pass, at: number) => boolean;

/** The selection as one function. */
export function wantedBy(selection: Selection): Wanted {
  const { kinds, processes, cpus, time, events, outcomes } = selection;
  const rules: Wanted[] = [
    ...(events === undefined ? [] : [byNumber(events)]),
    ...(kinds === undefined ? [] : [byKind(kinds)]),
    ...(cpus === undefined ? [] : [byCpu(cpus)]),
    ...(time === undefined ? [] : [byTime(time)]),
    ...namesOf(selection).map(([space, numbers]) => byName(space, numbers)),
    ...(processes === undefined ? [] : [byProcess(processes)]),
    ...(outcomes === undefined ? [] : [byOutcome(outcomes)]),
  ];
  return (pass, at) => rules.every((rule) => rule(pass, at));
}

/** Whether passes need the events before: clocks and processes are sums over them. */
export function needsPast({ processes, time, outcomes }: Selection): boolean {
  return processes !== undefined || time !== undefined || outcomes !== undefined;
}

function namesOf(selection: Selection): [Space, readonly number[]][] {
  const { objects, files, caches, devices } = selection;
  const named: [Space, readonly number[] | undefined][] = [
    ['object', objects],
    ['file', files],
    ['cache', caches],
    ['device', devices],
  ];
  return named.flatMap(([space, numbers]) => (numbers === undefined ? [] : [[space, numbers] as const])) as [
    Space,
    readonly number[],
  ][];
}

function byNumber({ from, to }: Range): Wanted {
  return ({ firstEvent }, at) => firstEvent + at >= from && firstEvent + at <= to;
}

function byTime({ from, to }: Range): Wanted {
  return ({ startNs }, at) => startNs![at]! >= from && startNs![at]! <= to;
}

function byCpu(cpus: readonly number[]): Wanted {
  return ({ batch }, at) => cpus.includes(batch.cpu[at]!);
}

function byKind(kinds: readonly KindName[]): Wanted {
  const wanted = new Uint8Array(KIND_CODES);
  for (const kind of kinds) wanted[kindNamed(kind)!.row.code] = 1;
  return ({ batch }, at) => wanted[batch.kind[at]!] === 1;
}

/** By kind: the columns in which a number of this space stands, and how to take it out. */
function byName(space: Space, numbers: readonly number[]): Wanted {
  const wanted = new Set(numbers);
  const fields = new Map(
    allKinds().map(({ row, fields }) => [row.code, fields.filter(({ type }) => type.space === space)]),
  );
  return ({ batch }, at) =>
    (fields.get(batch.kind[at]!) ?? []).some(({ column, type }) => {
      const value = batch[column][at]!;
      return wanted.has(type.idOf?.(value) ?? value);
    });
}

function byProcess(pids: readonly number[]): Wanted {
  const names = byName('pid', pids);
  const wanted = new Set(pids);
  return (pass, at) => wanted.has(pass.processes![at]!) || names(pass, at);
}

function byOutcome(outcomes: readonly (StatusName | 'failed')[]): Wanted {
  const wanted = new Uint8Array(STATUSES.length);
  STATUSES.forEach(({ name }, code) => {
    const failed = code !== OK && outcomes.includes('failed');
    wanted[code] = failed || outcomes.includes(name) ? 1 : 0;
  });
  return ({ step }, at) => wanted[step!.outcomes.status[at]!] === 1;
}
