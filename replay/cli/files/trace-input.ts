/** A trace named on the command line: a file, which can be read from any event on, or a stream, which cannot. */
import { open, stat } from 'node:fs/promises';
import {
  isUnpacked,
  MAGIC_BYTES,
  openTraceStream,
  type TraceStream,
  unpacked,
} from '../../../traces/index.ts';
import { openInput } from '../../../traces/node/index.ts';
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

/** A missing file counts as a file: opening it tells what is wrong. Pipes such as /dev/fd/63 and packed files do not. */
export async function isSeekable(path: string): Promise<boolean> {
  if (path === STDIN) return false;
  const status = await stat(path).catch(() => undefined);
  if (status === undefined || status.isDirectory()) return true;
  return status.isFile() && !(await isPacked(path));
}

async function isPacked(path: string): Promise<boolean> {
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC_BYTES), 0, MAGIC_BYTES, 0);
    return isUnpacked(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
