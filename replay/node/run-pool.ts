/**
 * Run specifications carried out by threads, one at a time in each. A thread has its machines for itself, and reads its
 * files itself: bytes of a trace are shared by the cache of the operating system, not copied between threads.
 */
import type { RunResult } from '../run/carry-out.ts';
import type { RunSpec } from '../spec/index.ts';
import type { JobFiles } from './job-files.ts';
import { receivedError } from './passed-error.ts';
import { inThread, openPool } from './pool.ts';
import type { Carried, CarryTask } from './run-worker.ts';

/** Threads that runs are carried out in. */
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
    const task: CarryTask = { runs, files };
    const carried = (await inThread(pool, task, signal === undefined ? {} : { signal })) as Carried;
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
