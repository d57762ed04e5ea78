/** A trace being written by a command: to a file or to standard output, finished even when interrupted. */
import { stat } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { UsageError } from '../../../core/index.ts';
import { ImportError, type Sink, type TraceOrigin, TraceWriter } from '../../../traces/index.ts';
import { type FileSink, fileSink, streamSink } from '../../../traces/node/index.ts';
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

/** `part`: of something that is not whole itself; `interrupted`: somebody pressed Ctrl-C. */
type End = 'whole' | 'part' | 'interrupted';

/**
 * Creates the trace at `path`, lets `fill` write it and finishes it. An interruption ends it early, whole and marked
 * incomplete; when there was a file at `path`, that stays, and the new one keeps the name that it was written under. Bad
 * input leaves nothing behind, a full disk what was written so far under that name; after either, whatever was at `path`
 * before is as it was.
 */
export async function writeTrace(
  path: string,
  origin: TraceOrigin,
  terminal: Terminal,
  fill: Fill,
): Promise<Written> {
  const output = await outputAt(path, terminal);
  let end: End = 'whole';
  let bytes = 0;
  const counting: Sink = {
    write(block) {
      bytes += block.length;
      return output.write(block);
    },
    close: () => (keepsOld(output, end) ? output.setAside() : output.close()),
    discard: () => output.discard(),
  };
  const writer = await orKeepWritten(output, terminal, async () => {
    const begun = await TraceWriter.create(counting, origin);
    end = await filled(begun, fill);
    await begun.finish({ complete: end === 'whole' });
    return begun;
  });
  const kept = keepsOld(output, end);
  if (kept) terminal.note(`${path} is as it was; what was written until then is in ${output.partial}`);
  const file = path === STDOUT ? '<stdout>' : kept ? output.partial! : path;
  return { file, events: writer.eventCount, bytes, complete: end === 'whole' };
}

function keepsOld({ replaces }: FileSink, end: End): boolean {
  return replaces && end === 'interrupted';
}

async function filled(writer: TraceWriter, fill: Fill): Promise<End> {
  try {
    return (await fill(writer)) ? 'whole' : 'part';
  } catch (error) {
    if (interruptionOf(error) !== undefined) return 'interrupted';
    throw error;
  }
}

/** Bad input leaves nothing behind; a disk that is full or fails, what was written so far. */
async function orKeepWritten<T>(output: FileSink, terminal: Terminal, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof ImportError || output.partial === undefined) await output.discard();
    else {
      await output.setAside();
      terminal.note(`what was written until then is in ${output.partial}`);
    }
    throw error;
  }
}

async function outputAt(path: string, terminal: Terminal): Promise<FileSink> {
  if (path !== STDOUT) return fileSink(path);
  const sink = streamSink(terminal.takeStdout('a trace'), '<stdout>');
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
