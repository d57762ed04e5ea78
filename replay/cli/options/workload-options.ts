/** Options that say which events of a synthetic workload: for `record`, and for `workload:NAME` as a trace. */
import type { Command } from 'commander';
import { type Batch, DEFAULT_BATCH_SIZE } from '../../core/index.ts';
import { type Workload, workload } from '../../workloads/index.ts';
import { ANY_COUNT, collect, wholeNumber } from './values.ts';

/** Seeds are 32-bit words (workloads/prng.ts). */
const MOST_SEED = 2 ** 32 - 1;
const DEFAULT_SEED = 1;
/** The most events that a chunk of a trace holds. */
export const MOST_BATCH = 65_536;

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
  const chosen = workload(name);
  const { seed = DEFAULT_SEED, events = chosen.defaultEvents, set = [] } = given;
  const settings = chosen.parse(set);
  const sets = Object.entries(settings).flatMap(([option, value]) => ['--set', `${option}=${value}`]);
  return {
    name,
    seed,
    events,
    options: { ...defaultsOf(chosen), ...settings },
    arguments: ['--seed', String(seed), '--events', String(events), ...sets],
    generate: (batchSize = DEFAULT_BATCH_SIZE) => chosen.generate(seed, settings, events, batchSize),
  };
}

function defaultsOf({ options }: Workload): Record<string, number> {
  return Object.fromEntries(options.map((option) => [option.name, option.default]));
}
