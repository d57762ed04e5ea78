/** A result that is no trace, written by a command: to a file that appears when it is whole, or to standard output. */
import type { Sink } from '../../../traces/index.ts';
import { fileSink, streamSink } from '../../../traces/node/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { STDOUT } from './trace-output.ts';

/** Writes the parts; gives their bytes. After an interruption or an error there is no file. */
export async function writeResult(
  terminal: Terminal,
  path: string,
  what: string,
  parts: AsyncIterable<Uint8Array>,
): Promise<number> {
  const sink: Sink =
    path === STDOUT ? streamSink(terminal.takeStdout(what), '<stdout>') : await fileSink(path);
  let bytes = 0;
  try {
    for await (const part of parts) {
      await sink.write(part);
      bytes += part.length;
      terminal.signal.throwIfAborted();
    }
  } catch (error) {
    await sink.discard();
    throw error;
  }
  await sink.close();
  return bytes;
}
