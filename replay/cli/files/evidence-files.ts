/** The files of a failing board, as this machine has them: each by its own, or a folder with all that is in it. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../../../core/index.ts';
import { latin1Bytes, memorySource, type Source } from '../../../traces/index.ts';
import { type GatheredEvidence, gatherEvidence, MOST_FILES, OF_A_BOARD } from '../../brought/index.ts';
import { MOST_TEXT_BYTES, placeOf } from '../../spec/index.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { readText } from './text-input.ts';
import { STDIN } from './trace-input.ts';

export function evidenceIn(terminal: Terminal, paths: readonly string[]): Promise<GatheredEvidence> {
  return gatherEvidence(sourcesAt(terminal, paths));
}

async function* sourcesAt(terminal: Terminal, paths: readonly string[]): AsyncGenerator<Source> {
  for (const path of paths) {
    if (path === STDIN)
      yield memorySource(latin1Bytes(await readText(terminal, path, OF_A_BOARD)), placeOf(path));
    else yield* sourcesOf(path);
  }
}

async function* sourcesOf(path: string): AsyncGenerator<Source> {
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(
      `${path}: cannot be read: ${error.code === 'ENOENT' ? 'no such file' : error.message}`,
    );
  });
  if (!status.isDirectory()) {
    yield await sourceAt(path, status.size);
    return;
  }
  const names = await readdir(path, { recursive: true });
  if (names.length > MOST_FILES)
    throw new UsageError(
      `${path}: found ${names.length} files, expected a folder with the files of one board`,
    );
  for (const name of names.sort()) {
    const file = join(path, name);
    const each = await stat(file);
    if (each.isFile()) yield await sourceAt(file, each.size);
  }
}

/** What is longer than any text is not read here: its length says enough. */
async function sourceAt(path: string, size: number): Promise<Source> {
  if (size <= MOST_TEXT_BYTES) return memorySource(await readFile(path), path);
  return { ...memorySource(new Uint8Array(0), path), byteLength: size };
}
