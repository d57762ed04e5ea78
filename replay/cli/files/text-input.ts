/** Small files as text: layouts, memory maps, snapshots, specifications; gzipped or not, `-` for standard input. */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { UsageError } from '../../../core/index.ts';
import { packedData } from '../../../traces/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { STDIN } from './trace-input.ts';

/** `expected`: what the file should hold, for messages. Bytes above 0x7f are taken as Latin-1. */
export async function readText(terminal: Terminal, path: string, expected: string): Promise<string> {
  if (path !== STDIN) return fileText(path, expected);
  return textOf(await buffer(terminal.takeStdin(expected)), '<stdin>', expected);
}

export async function fileText(path: string, expected: string): Promise<string> {
  return textOf(await readFile(path), path, expected);
}

function textOf(bytes: Buffer, name: string, expected: string): string {
  return unpacked(bytes, name, expected).toString('latin1');
}

function unpacked(bytes: Buffer, name: string, expected: string): Buffer {
  const packed = packedData(bytes);
  if (packed === undefined) return bytes;
  if (packed.name !== 'gzip')
    throw new UsageError(
      `${name}: found ${packed.what}, expected ${expected}. Unpack it first: \`${packed.command} FILE\``,
    );
  try {
    return gunzipSync(bytes);
  } catch {
    throw new UsageError(`${name}: found damaged gzip data, expected a whole file: copy it again`);
  }
}
