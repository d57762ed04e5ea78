/** `vmsplit worker`: does the work of sweeps that others ask for with --redis. */
import { availableParallelism, homedir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { UsageError } from '../../../core/index.ts';
import { versionOf } from '../../node/fleet/job.ts';
import { DEFAULT_CACHE_BYTES, TraceCache } from '../../node/fleet/trace-cache.ts';
import { workOnJobs } from '../../node/fleet/worker.ts';
import { runPool } from '../../node/run-pool.ts';
import { SIZE } from '../../spec/index.ts';
import {
  addFleetOptions,
  addressOf,
  FLEET_HELP,
  type FleetArguments,
  storeOf,
} from '../options/fleet-options.ts';
import { MOST_JOBS, parserOf, wholeNumber } from '../options/values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { VERSION } from '../terminal/version.ts';

interface WorkerArguments extends FleetArguments {
  readonly jobs?: number;
  readonly cache?: string;
  readonly cacheSize?: number;
  readonly lock: number;
  readonly json?: true;
}

const DEFAULT_LOCK_SECONDS = 30;
const MOST_LOCK_SECONDS = 3600;

export function workerCommand(terminal: Terminal): Command {
  const command = new Command('worker')
    .description('do the work of sweeps that are asked for with --redis, on this machine')
    .option('--jobs <n>', 'replays at a time (default: as many as cores)', wholeNumber(1, MOST_JOBS))
    .option('--cache <dir>', 'keep traces here (default: vmsplit in XDG_CACHE_HOME or ~/.cache)')
    .option('--cache-size <size>', 'at most so much of them (default: 10G)', parserOf(SIZE))
    .option(
      '--lock <seconds>',
      'give a job to another worker after so long without a sign of life',
      wholeNumber(1, MOST_LOCK_SECONDS),
      DEFAULT_LOCK_SECONDS,
    );
  return addFleetOptions(command)
    .option('--json', 'what it does as lines of JSON')
    .addHelpText('after', FLEET_HELP)
    .action((given: WorkerArguments) => work(terminal, given));
}

async function work(terminal: Terminal, given: WorkerArguments): Promise<void> {
  if (given.redis === undefined)
    throw new UsageError(
      'worker: found no --redis, expected the queue to take work from: --redis redis://host:6379',
    );
  const redis = await addressOf(terminal, given.redis, given);
  const jobs = given.jobs ?? availableParallelism();
  const folder = given.cache ?? join(terminal.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'vmsplit');
  const cache = new TraceCache(
    folder,
    given.cacheSize ?? DEFAULT_CACHE_BYTES,
    await storeOf(terminal, given),
  );
  const pool = await runPool(jobs);
  try {
    await workOnJobs({
      redis,
      version: versionOf(VERSION),
      jobs,
      cache,
      carryOut: (runs, signal, files) => pool.pass(runs, signal, files),
      lockMs: given.lock * 1000,
      signal: terminal.signal,
      onEvent: (event) => (given.json ? terminal.print(JSON.stringify({ event })) : terminal.note(event)),
    });
  } finally {
    await pool.close();
  }
  terminal.signal.throwIfAborted();
}
