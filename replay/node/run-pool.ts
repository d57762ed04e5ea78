/**
 * Run specifications carried out by threads, one at a time in each. A thread has its machines for itself, and reads its
 * files itself: bytes of a trace are shared by the cache of the operating system, not copied between threads.
 */
import type { Piscina } from 'piscina';
import { UsageError } from '../../core/base/errors.ts';
import type { RunResult } from '../run/carry-out.ts';
import type { RunSpec } from '../spec/index.ts';
import type { JobFiles } from './job-files.ts';
import { receivedError } from './passed-error.ts';
import { openPool } from './pool.ts';
import type { Carried, CarryTask } from './run-worker.ts';

/** Of this machine, not of the run: elsewhere there may be enough. */
export class ThreadMemoryError extends UsageError {}

export interface RunPool {
  /**
   * The same result, and the same errors in the same words, as `carryOut` has in this thread. The signal ends the thread
   * in the middle of its work; its reason is thrown.
   */
  run(spec: RunSpec, signal?: AbortSignal): Promise<RunResult>;
  /** The same of `carryOutPass`: all of them in one thread. */
  pass(runs: readonly RunSpec[], signal?: AbortSignal, files?: JobFiles): Promise<(RunResult | undefined)[]>;
  /** Ends all threads. */
  close(): Promise<void>;
}

/** Threads start when there is work for them. */
export async function runPool(threads: number): Promise<RunPool> {
  const pool = await openPool(threads);
  const pass: RunPool['pass'] = async (runs, signal, files) => {
    signal?.throwIfAborted();
    const carried = await carriedBy(pool, { runs, files }, signal);
    if ('error' in carried) throw receivedError(carried.error);
    return [...carried.results];
  };
  return {
    async run(spec, signal) {
      return (await pass([spec], signal))[0]!;
    },
    pass,
    close: () => pool.destroy(),
  };
}

async function carriedBy(pool: Piscina, task: CarryTask, signal: AbortSignal | undefined): Promise<Carried> {
  try {
    return (await pool.run(task, signal && { signal })) as Carried;
  } catch (error) {
    signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
    throw new ThreadMemoryError(
      'a thread found no more memory for its machine, expected enough for one in each thread: ' +
        'give fewer --jobs, or more by NODE_OPTIONS=--max-old-space-size=MIB',
    );
  }
}
