/** Small files as text: layouts, memory maps, snapshots, specifications; `-` is standard input. */
import { fileText } from '../../node/run-files.ts';
import { MOST_TEXT_BYTES, tooLong, unpackedText } from '../../spec/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { STDIN } from './trace-input.ts';

/** `expected`: what the file should hold, for messages. */
export async function readText(terminal: Terminal, path: string, expected: string): Promise<string> {
  if (path !== STDIN) return fileText(path, expected);
  return unpackedText(await bytesOf(terminal.takeStdin(expected), expected), '<stdin>', expected);
}

async function bytesOf(stdin: AsyncIterable<Uint8Array>, expected: string): Promise<Buffer> {
  const blocks: Uint8Array[] = [];
  let bytes = 0;
  for await (const block of stdin) {
    bytes += block.length;
    if (bytes > MOST_TEXT_BYTES) throw tooLong('<stdin>', expected);
    blocks.push(block);
  }
  return Buffer.concat(blocks);
}
