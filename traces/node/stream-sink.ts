/** Where a trace is written that goes on: standard output. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import type { Sink } from '../io/sink.ts';
import { writeError } from './write-error.ts';

/** A stream, such as standard output; waits when the other side is slow. */
export function streamSink(stream: Writable, name: string): Sink {
  let failure: Error | undefined;
  stream.on('error', (error) => {
    failure ??= writeError(error, name);
  });
  const orFailure = async (done: Promise<unknown>): Promise<void> => {
    await done.catch(() => {});
    if (failure !== undefined) throw failure;
  };
  return {
    async write(bytes) {
      if (failure !== undefined) throw failure;
      if (!stream.write(bytes)) await orFailure(once(stream, 'drain'));
    },
    async close() {
      if (failure !== undefined) throw failure;
      const finished = once(stream, 'finish');
      stream.end();
      await orFailure(finished);
    },
    discard() {
      stream.destroy();
    },
  };
}
