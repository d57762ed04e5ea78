/** A trace named on the command line: a file, which can be read from any event on, or a stream, which cannot. */
import { stat } from 'node:fs/promises';
import { openInput, openTraceStream, type TraceStream } from '../../../traces/index.ts';
import type { Input, Terminal } from '../terminal/terminal.ts';

export const STDIN = '-';

interface NamedInput {
  readonly name: string;
  readonly byteLength: number | undefined;
  readonly blocks: AsyncIterable<Uint8Array>;
}

/** The bytes of a file or of standard input; Ctrl-C ends them. */
export async function openBytes(path: string, expected: string, terminal: Terminal): Promise<NamedInput> {
  const input =
    path === STDIN
      ? { name: '<stdin>', byteLength: undefined, blocks: terminal.takeStdin(expected) }
      : await openInput(path);
  terminal.adopt(input.blocks as Input);
  return input;
}

/** Opens a trace that comes as a stream. */
export async function openTraceInput(path: string, terminal: Terminal): Promise<TraceStream> {
  const { blocks, name } = await openBytes(path, 'a trace', terminal);
  return openTraceStream(blocks, name);
}

/** A missing file counts as a file: opening it tells what is wrong. Pipes such as /dev/fd/63 do not. */
export async function isSeekable(path: string): Promise<boolean> {
  if (path === STDIN) return false;
  const status = await stat(path).catch(() => undefined);
  return status === undefined || status.isFile() || status.isDirectory();
}
