/** Waiting for another thread without letting anything else happen, its end included: of that nobody tells meanwhile. */
import type { Worker } from 'node:worker_threads';

/** Between two looks at whether all threads are still there. */
const LOOK_MS = 500;

/** A thread is gone that was waited for. What it died of is heard when events are. */
export class ThreadGone extends Error {
  override readonly name = 'ThreadGone';

  constructor() {
    super('a thread that folds lanes has ended before it was done');
  }
}

/** Until the cell is no longer `before`. Throws ThreadGone where one of the threads, which have all begun, has ended. */
export function waitForChange(cell: Int32Array, before: number, threads: readonly Worker[]): void {
  while (Atomics.wait(cell, 0, before, LOOK_MS) === 'timed-out')
    if (threads.some(hasEnded)) throw new ThreadGone();
}

/**
 * Of a thread that has begun: one whose event loop is gone has no time in it, or -1 ms idle (Worker::LoopStartTime,
 * LoopIdleTime in src/node_worker.cc of Node 20).
 */
function hasEnded({ performance }: Worker): boolean {
  const { active, idle } = performance.eventLoopUtilization();
  return active === 0 || idle < 0;
}
