/** Where a trace is written: standard output, memory, or a file (file-sink.ts). Append-only. */
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { writeError } from './write-error.ts';

export interface Sink {
  /** Resolves when more may be written. */
  write(bytes: Uint8Array): Promise<void> | void;
  /** All is written: the result takes its final name. */
  close(): Promise<void> | void;
  /** The result is not wanted. */
  discard(): Promise<void> | void;
}

/** Keeps everything; for tests and small traces. */
export class MemorySink implements Sink {
  private readonly parts: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.parts.push(bytes);
  }

  close(): void {}

  discard(): void {
    this.parts.length = 0;
  }

  bytes(): Uint8Array {
    return Buffer.concat(this.parts);
  }
}

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
