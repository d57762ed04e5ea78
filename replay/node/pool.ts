/** Threads of this program. */
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import type { Piscina } from 'piscina';
import { UsageError } from '../../core/base/errors.ts';

/** Of this machine, not of the run: elsewhere there may be enough. */
export class ThreadMemoryError extends UsageError {}

/** Beside this file, be it a source, compiled, or a part of the bundled program. */
const ENTRY = new URL(`./run-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/**
 * V8 lets a heap begin small, and marks all of it for each few MiB more, with four threads beside: where every core folds,
 * there is none left for them. A tenth to a sixth of the time, where machines change much.
 */
const HEAP_MIB = 256;

/** What they do: run-worker.ts. They start when there is work for them. */
export async function openPool(threads: number): Promise<Piscina> {
  setFlagsFromString(`--initial-heap-size=${HEAP_MIB}`);
  // Who uses the library for something else does not wait for it.
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: fileURLToPath(ENTRY),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    // A thread that waits for its next job by Atomics does not close the files of its last one.
    atomics: 'disabled',
  });
}

/** What a thread of the pool answers. The signal ends it in the middle of its work; its reason is thrown. */
export async function inThread(
  pool: Piscina,
  task: unknown,
  options: Exclude<Parameters<Piscina['run']>[1], undefined> & { readonly signal?: AbortSignal },
): Promise<unknown> {
  try {
    return await pool.run(task, options);
  } catch (error) {
    options.signal?.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== 'ERR_WORKER_OUT_OF_MEMORY') throw error;
    throw new ThreadMemoryError(
      'a thread found no more memory for its machine, expected enough for one in each thread: ' +
        'give fewer --jobs, or more by NODE_OPTIONS=--max-old-space-size=MIB',
    );
  }
}
