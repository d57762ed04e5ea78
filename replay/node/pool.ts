/** Threads of this program. */
import { fileURLToPath } from 'node:url';
import type { Piscina } from 'piscina';

/** Beside this file, be it a source, compiled, or a part of the bundled program. */
const ENTRY = new URL(`./run-worker.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** What they do: run-worker.ts. They start when there is work for them. */
export async function openPool(threads: number): Promise<Piscina> {
  // Who uses the library for something else does not wait for it.
  const { Piscina } = await import('piscina');
  return new Piscina({
    filename: fileURLToPath(ENTRY),
    minThreads: 0,
    maxThreads: threads,
    idleTimeout: Number.POSITIVE_INFINITY,
    // msgpackr's native part, where it is installed, takes no bytes that threads share: it crashes.
    env: { ...process.env, MSGPACKR_NATIVE_ACCELERATION_DISABLED: 'true' },
    // A thread that waits for its next job by Atomics does not close the files of its last one.
    atomics: 'disabled',
  });
}
