/** A trace being written by a command: to a file or to standard output, finished even when interrupted. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { UsageError } from '../../../core/index.ts';
import {
  fileSink,
  ImportError,
  type Sink,
  streamSink,
  type TraceOrigin,
  TraceWriter,
} from '../../../traces/index.ts';
import { interruptionOf } from '../terminal/failure.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { STDIN } from './trace-input.ts';

export const STDOUT = '-';

export interface Written {
  readonly file: string;
  readonly events: number;
  readonly bytes: number;
  /** False when it was interrupted, or is a part of something. */
  readonly complete: boolean;
}

/** Writes the events; false when they are a part only. */
type Fill = (writer: TraceWriter) => Promise<boolean>;

/**
 * Creates the trace at `path`, lets `fill` write it and finishes it. An interruption ends it early, whole and marked
 * incomplete. Bad input leaves nothing behind, a full disk what was written so far as `path`.partial; after either,
 * whatever was at `path` before is as it was.
 */
export async function writeTrace(
  path: string,
  origin: TraceOrigin,
  terminal: Terminal,
  fill: Fill,
): Promise<Written> {
  let bytes = 0;
  const sink = await sinkAt(path, terminal);
  const counting: Sink = {
    write(block) {
      bytes += block.length;
      return sink.write(block);
    },
    close: () => sink.close(),
    discard: () => sink.discard(),
  };
  const writer = await TraceWriter.create(counting, origin);
  const complete = await filled(writer, path, terminal, fill);
  await writer.finish({ complete });
  return { file: path === STDOUT ? '<stdout>' : path, events: writer.eventCount, bytes, complete };
}

/** Whether all is there: false when `fill` says so, or was interrupted. */
async function filled(writer: TraceWriter, path: string, terminal: Terminal, fill: Fill): Promise<boolean> {
  try {
    return await fill(writer);
  } catch (error) {
    const interruption = interruptionOf(error);
    if (interruption !== undefined) return false;
    if (error instanceof ImportError || path === STDOUT) await writer.discard();
    else if (existsSync(`${path}.partial`))
      terminal.note(`what was written until then is in ${path}.partial`);
    throw error;
  }
}

function sinkAt(path: string, terminal: Terminal): Promise<Sink> | Sink {
  return path === STDOUT ? streamSink(terminal.takeStdout('a trace'), '<stdout>') : fileSink(path);
}

/** Gives signals and the progress bar a turn; throws when the command was interrupted. */
export async function breathe(terminal: Terminal): Promise<void> {
  await setImmediate();
  terminal.signal.throwIfAborted();
}

/** Refuses to write a trace over what it is read from. */
export async function refuseSameFile(input: string, output: string): Promise<void> {
  if (input === STDIN || output === STDOUT) return;
  const [from, to] = await Promise.all(
    [stat(input), stat(output)].map((status) => status.catch(() => undefined)),
  );
  if (from?.isFile() && to?.isFile() && from.ino === to.ino && from.dev === to.dev)
    throw new UsageError(
      `${output}: is the input itself, expected another file. Choose another name with -o`,
    );
}
