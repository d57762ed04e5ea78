/** Small files as text: layouts, memory maps, snapshots, specifications; `-` is standard input. */
import { buffer } from 'node:stream/consumers';
import { fileText, unpackedText } from '../../node/run-files.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { STDIN } from './trace-input.ts';

/** `expected`: what the file should hold, for messages. */
export async function readText(terminal: Terminal, path: string, expected: string): Promise<string> {
  if (path !== STDIN) return fileText(path, expected);
  return unpackedText(await buffer(terminal.takeStdin(expected)), '<stdin>', expected);
}
