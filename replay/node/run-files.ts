/** The files of a run as Node reads them; in a page something else stands for them, so spec/ knows of neither. */
import { readFile, stat } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { UsageError } from '../../core/index.ts';
import { latin1, packedData } from '../../traces/index.ts';
import { fileSource } from '../../traces/node/index.ts';
import { type OpenTrace, openedTrace, type RunFiles } from '../spec/index.ts';

/** Paths as they are; there is no standard input. */
export const nodeFiles: RunFiles = { text: fileText, trace: openTraceFile };

/** Layouts, specifications, memory maps and reports of /proc are read whole; the greatest of them have some megabytes. */
export const MOST_TEXT_BYTES = 0x400_0000;

export function tooLong(name: string, expected: string): UsageError {
  return new UsageError(
    `${name}: found more than ${MOST_TEXT_BYTES / 0x10_0000} MiB of text, expected ${expected}. Is it the right file?`,
  );
}

/** The text of a file, gzipped or not. Bytes above 0x7f are taken as Latin-1. */
export async function fileText(path: string, expected: string): Promise<string> {
  const { size } = await stat(path);
  if (size > MOST_TEXT_BYTES) throw tooLong(path, expected);
  return unpackedText(await readFile(path), path, expected);
}

/** The same of bytes that are there already. */
export function unpackedText(bytes: Uint8Array, name: string, expected: string): string {
  const packed = packedData(bytes);
  if (packed === undefined) return latin1(bytes);
  if (packed.name !== 'gzip')
    throw new UsageError(
      `${name}: found ${packed.what}, expected ${expected}. Unpack it first: \`${packed.command} FILE\``,
    );
  try {
    return latin1(gunzipSync(bytes, { maxOutputLength: MOST_TEXT_BYTES }));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLong(name, expected);
    throw new UsageError(`${name}: found damaged gzip data, expected a whole file: copy it again`);
  }
}

async function openTraceFile(path: string): Promise<OpenTrace> {
  return openedTrace(await fileSource(path));
}
