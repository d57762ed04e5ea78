/** A trace named on the command line: a file, which can be read from any event on, or a stream, which cannot. */
import { openTraceStream, type TraceStream, unpacked } from '../../../traces/index.ts';
import { openInput } from '../../../traces/node/index.ts';
import { isSeekableFile } from '../../node/run-files.ts';
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

/** The same of a trace, which may be packed: then nobody knows how many bytes there are. */
export async function openTraceBytes(path: string, terminal: Terminal): Promise<NamedInput> {
  const { name, byteLength, blocks } = await openBytes(path, 'a trace', terminal);
  const plain = await unpacked(blocks, name);
  return { name, byteLength: plain.wasPacked ? undefined : byteLength, blocks: plain.blocks };
}

/** Opens a trace that comes as a stream. */
export async function openTraceInput(path: string, terminal: Terminal): Promise<TraceStream> {
  const { blocks, name } = await openTraceBytes(path, terminal);
  return openTraceStream(blocks, name);
}

/** Whether it can be read from any event on. */
export async function isSeekable(path: string): Promise<boolean> {
  return path !== STDIN && (await isSeekableFile(path));
}
