/** Options that say which events: of a synthetic workload for `record`, of a workload or a trace for who replays. */

import type { Command } from 'commander';
import { type Batch, DEFAULT_BATCH_SIZE, UsageError } from '../../../core/index.ts';
import { workload } from '../../../workloads/index.ts';
import {
  completeWorkload,
  DEFAULT_SEED,
  type EventsSpec,
  MOST_SEED,
  WORKLOAD_PREFIX,
  type WorkloadSpec,
  workloadArguments,
} from '../../spec/index.ts';
import { ANY_COUNT, collect, wholeNumber } from './values.ts';

/** The most events that a chunk of a trace holds. */
export const MOST_BATCH = 65_536;

export const EVENTS_ARGUMENT = 'a trace; - is standard input, workload:NAME a workload recorded on the way';

export interface WorkloadArguments {
  readonly seed?: number;
  readonly events?: number;
  readonly set?: readonly string[];
}

export function addSeedOption(command: Command): Command {
  return command.option(
    '--seed <n>',
    `seed of all randomness (default: ${DEFAULT_SEED})`,
    wholeNumber(0, MOST_SEED),
  );
}

export function addWorkloadOptions(command: Command): Command {
  return addSeedOption(command)
    .option('--events <n>', 'number of events (default: as the workload suggests)', wholeNumber(1, ANY_COUNT))
    .option(
      '--set <name=value>',
      'an option of the workload, see `vmsplit record NAME --options`; repeatable',
      collect,
    );
}

/** FILE, - or workload:NAME, and the options of the latter. */
export function eventsOf(what: string, given: WorkloadArguments): EventsSpec {
  if (what.startsWith(WORKLOAD_PREFIX)) return workloadOf(what.slice(WORKLOAD_PREFIX.length), given);
  const wrong = (['seed', 'events', 'set'] as const).find((option) => given[option] !== undefined);
  if (wrong === undefined) return { trace: what };
  throw new UsageError(
    `${what}: found --${wrong}, which a trace cannot follow, expected it with workload:NAME only`,
  );
}

function workloadOf(name: string, { seed, events, set = [] }: WorkloadArguments): WorkloadSpec {
  const chosen = workload(name);
  const options = chosen.parse(set);
  return {
    workload: name,
    seed: seed ?? DEFAULT_SEED,
    events: events ?? chosen.defaultEvents,
    ...(Object.keys(options).length > 0 && { options }),
  };
}

/** A workload with everything chosen: the same choice gives the same events each time. */
export interface ChosenWorkload {
  readonly name: string;
  readonly seed: number;
  readonly events: number;
  /** Every option with its value, the defaults too. */
  readonly options: Readonly<Record<string, number>>;
  /** The arguments that make this choice. */
  readonly arguments: readonly string[];
  generate(batchSize?: number): Iterable<Batch>;
}

export function chooseWorkload(name: string, given: WorkloadArguments): ChosenWorkload {
  const spec = workloadOf(name, given);
  const { seed, events, options } = completeWorkload(spec);
  return {
    ...{ name, seed, events, options },
    arguments: workloadArguments(spec),
    generate: (batchSize = DEFAULT_BATCH_SIZE) =>
      workload(name).generate(seed, spec.options ?? {}, events, batchSize),
  };
}
