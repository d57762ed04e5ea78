/**
 * `--fail-on`: one rule for when a command that replays, or tells of a trace, exits with 1. A trace that is cut counts
 * under all but `never`, since its answer is of a part; a failed event or a difference counts when it is asked for.
 */
import { type Command, Option } from 'commander';
import { UsageError } from '../../../core/index.ts';

export const FAIL_ON = ['never', 'incomplete', 'failure', 'difference'] as const;
export type FailOn = (typeof FAIL_ON)[number];

export interface FailOnArguments {
  readonly failOn?: FailOn;
}

/** What came out, as far as the exit code goes. */
export interface Verdict {
  /** The trace is cut, or damaged, or was broken off when it was recorded. */
  readonly incomplete: boolean;
  readonly failures?: number;
  readonly differences?: number;
}

export function addFailOnOption(command: Command, choices: readonly FailOn[], fallback: FailOn): Command {
  return command.addOption(
    new Option(
      '--fail-on <what>',
      `what makes the exit code 1; a trace that is not whole does in all cases but never (default: ${fallback})`,
    ).choices(choices),
  );
}

/** Differences are between machines: with one, nothing could ever fail. */
export function checkFailOn({ failOn }: FailOnArguments, nrLanes: number): void {
  if (failOn === 'difference' && nrLanes < 2)
    throw new UsageError(
      '--fail-on difference: found one layout, expected two or more to compare: --layouts A,B',
    );
}

export function failOnArguments({ failOn }: FailOnArguments): string[] {
  return failOn === undefined ? [] : ['--fail-on', failOn];
}

export function exitCodeFor(verdict: Verdict, failOn: FailOn): 0 | 1 {
  const { incomplete, failures = 0, differences = 0 } = verdict;
  const fails: Readonly<Record<FailOn, boolean>> = {
    never: false,
    incomplete,
    failure: incomplete || failures > 0,
    difference: incomplete || differences > 0,
  };
  return fails[failOn] ? 1 : 0;
}
