/** Where a trace is written: a file, standard output, or memory. Append-only. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { UsageError } from '../../core/base/errors.ts';

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

/** A file that has another name while it is written. */
export interface FileSink extends Sink {
  /** That name; undefined when it is written directly. */
  readonly partial: string | undefined;
  /** Whether something has the final name already. */
  readonly replaces: boolean;
  /** As `close`, but it keeps the name that it has. */
  setAside(): Promise<void>;
}

/**
 * A file. It is written beside its place, as `<path>.partial` or, when that is there from another run, `<path>.2.partial`
 * and so on, and takes its name when it is closed, so that a failed run harms no earlier file. What exists and is no
 * regular file (a pipe, /dev/null) is written directly.
 */
export async function fileSink(path: string): Promise<FileSink> {
  const existing = await stat(path).catch(() => undefined);
  if (existing?.isDirectory())
    throw new UsageError(`${path}: found a directory, expected the name of a file`);
  if (existing !== undefined && !existing.isFile()) return directSink(await openFile(path, 'w'));
  const { sink, partial } = await openPartial(path);
  return {
    partial,
    replaces: existing !== undefined,
    write: (bytes) => sink.write(bytes),
    async close() {
      await sink.close();
      await rename(partial, path);
    },
    async setAside() {
      await sink.close();
    },
    async discard() {
      await sink.discard();
      await rm(partial, { force: true });
    },
  };
}

function directSink(sink: Sink): FileSink {
  return {
    partial: undefined,
    replaces: false,
    write: (bytes) => sink.write(bytes),
    close: () => sink.close(),
    async setAside() {
      await sink.close();
    },
    discard: () => sink.discard(),
  };
}

/** More runs than this that were killed, or go on, beside one file: somebody should look. */
const MOST_PARTIALS = 100;

/** A name that no other run writes to, now or before: exclusive, so that two at once do not mix. */
async function openPartial(path: string): Promise<{ sink: Sink; partial: string }> {
  for (let i = 1; i <= MOST_PARTIALS; i++) {
    const partial = i === 1 ? `${path}.partial` : `${path}.${i}.partial`;
    try {
      return { sink: await openFile(partial, 'wx'), partial };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  throw new UsageError(
    `${path}: cannot be written: found ${MOST_PARTIALS} files like ${path}.2.partial. Remove them`,
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof UsageError ? (error.cause as NodeJS.ErrnoException | undefined)?.code : undefined;
}

async function openFile(path: string, flags: 'w' | 'wx'): Promise<Sink> {
  const stream = createWriteStream(path, { flags });
  await once(stream, 'open').catch((error: Error) => {
    throw writeError(error, path);
  });
  return streamSink(stream, path);
}

function writeError(error: NodeJS.ErrnoException, name: string): UsageError {
  const reasons: Record<string, string> = {
    ENOENT: 'its directory does not exist',
    EACCES: 'permission denied',
    EROFS: 'the file system is read-only',
    ENOSPC: 'no space left on the disk',
    EPIPE: 'the reading side has closed the pipe',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  return new UsageError(`${name}: cannot be written: ${reason}`, { cause: error });
}
