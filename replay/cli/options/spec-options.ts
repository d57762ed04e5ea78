/** `--spec` and `--print-spec`: the run as a file instead of options, and the options as such a file. */

import type { Command } from 'commander';
import { UsageError } from '../../../core/index.ts';
import {
  eventsArguments,
  givenOptions,
  MOST_FOLDED,
  machineArguments,
  parseRunSpec,
  placeOf,
  type RunFiles,
  type RunSpec,
} from '../../spec/index.ts';
import { type LayoutArguments, machinesOf } from './machine-options.ts';
import { ANY_COUNT, wholeNumber } from './values.ts';
import { eventsOf, type WorkloadArguments } from './workload-options.ts';

export interface RunArguments extends LayoutArguments, Omit<WorkloadArguments, keyof LayoutArguments> {
  readonly batch?: number;
  readonly first?: number;
  readonly spec?: string;
  readonly printSpec?: true;
}

export function addRunOptions(command: Command): Command {
  return command
    .option(
      '--first <k>',
      'how many sorts of differences to explain (default: 10)',
      wholeNumber(0, ANY_COUNT),
    )
    .option('--batch <n>', 'events folded at a time; changes no result', wholeNumber(1, MOST_FOLDED))
    .option('--spec <file>', 'all of this from a run specification (JSON); - is standard input')
    .option('--print-spec', 'print the run specification of these options, and do nothing else');
}

/** The run that the arguments ask for, from them or from the file that they name. */
export async function runSpecOf(
  command: string,
  what: string | undefined,
  given: RunArguments,
  fallback: readonly string[],
  files: Pick<RunFiles, 'text'>,
): Promise<RunSpec> {
  const { spec, batch, first } = given;
  if (spec !== undefined) return fromFile(spec, what, given, files);
  if (what === undefined)
    throw new UsageError(
      `${command}: found no events, expected a trace, - for standard input, workload:NAME, or --spec FILE`,
    );
  return {
    events: eventsOf(what, given),
    ...machinesOf(given, fallback),
    ...(batch !== undefined && { batchSize: batch }),
    ...(first !== undefined && { firstDifferences: first }),
  };
}

const BESIDE = ['layouts', 'seed', 'events', 'set', 'batch', 'first'] as const;

async function fromFile(
  spec: string,
  what: string | undefined,
  given: RunArguments,
  files: Pick<RunFiles, 'text'>,
): Promise<RunSpec> {
  const beside = [
    ...(what === undefined ? [] : [what]),
    ...givenOptions(given).map(([{ flag }]) => `--${flag}`),
    ...BESIDE.filter((key) => given[key] !== undefined).map((key) => `--${key}`),
  ];
  if (beside.length > 0)
    throw new UsageError(
      `--spec ${spec}: found ${beside.join(', ')} beside it, expected the specification to say everything: ` +
        'change the file, or leave out --spec',
    );
  return parseRunSpec(await files.text(spec, 'a run specification as JSON'), placeOf(spec));
}

/** The arguments that make the same run. */
export function runArguments(run: RunSpec, { spec }: Pick<RunArguments, 'spec'>): string[] {
  if (spec !== undefined) return ['--spec', spec];
  const { events, batchSize, firstDifferences } = run;
  return [
    ...eventsArguments(events),
    ...machineArguments(run),
    ...(batchSize === undefined ? [] : ['--batch', String(batchSize)]),
    ...(firstDifferences === undefined ? [] : ['--first', String(firstDifferences)]),
  ];
}
