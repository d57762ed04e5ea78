/** What is imported, as files of this machine: a trace, a tar, or a folder with a trace and the /proc files beside it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../../core/index.ts';
import {
  type Blocks,
  concat,
  isTarHead,
  memorySource,
  peek,
  type Source,
  TAR_HEAD_BYTES,
  tarEntries,
} from '../../../traces/index.ts';
import {
  A_CAPTURE,
  captureIn,
  captureOfTar,
  type ImportSource,
  MOST_CAPTURE_BYTES,
  MOST_FILES,
  ofCapture,
} from '../../brought/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { openBytes, STDIN } from './trace-input.ts';

/** A file or standard input, which may be a tar, or a folder. `expected`: for messages. */
export async function openImport(
  terminal: Terminal,
  path: string,
  expected = 'a trace to import',
): Promise<ImportSource> {
  const isFolder = path !== STDIN && (await stat(path).catch(() => undefined))?.isDirectory() === true;
  if (isFolder) return ofCapture(path, await captureIn(path, await filesIn(path)));
  const input = await openBytes(path, expected, terminal);
  const { first, blocks } = await peek(input.blocks, TAR_HEAD_BYTES);
  if (!(await isTarHead(first))) return { ...input, blocks };
  const bytes = await collected(input.name, blocks);
  const entries = (await tarEntries(bytes)) ?? [];
  return ofCapture(input.name, await captureOfTar(input.name, bytes, entries));
}

async function collected(name: string, blocks: Blocks): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const block of blocks) {
    parts.push(block);
    bytes += block.length;
    if (bytes > MOST_CAPTURE_BYTES) throw tooLarge(name, `more than ${MOST_CAPTURE_BYTES} bytes`);
  }
  return concat(parts);
}

async function filesIn(folder: string): Promise<Source[]> {
  const names = await readdir(folder, { recursive: true });
  if (names.length > MOST_FILES) throw tooLarge(folder, `${names.length} files`);
  const files: Source[] = [];
  for (const name of names.sort()) {
    const status = await stat(join(folder, name));
    if (status.size > MOST_CAPTURE_BYTES) throw tooLarge(join(folder, name), `${status.size} bytes`);
    if (status.isFile()) files.push(memorySource(await readFile(join(folder, name)), name));
  }
  return files;
}

function tooLarge(path: string, found: string): UsageError {
  return new UsageError(`${path}: found ${found}, expected ${A_CAPTURE}`);
}
