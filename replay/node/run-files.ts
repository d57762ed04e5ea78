/** The files of a run as Node reads them; in a page something else stands for them, so spec/ knows of neither. */
import { readFile, stat } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { UsageError } from '../../core/index.ts';
import { fileSource, openTrace, packedData, type Source } from '../../traces/index.ts';
import type { OpenTrace, RunFiles } from '../spec/index.ts';

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
export function unpackedText(bytes: Buffer, name: string, expected: string): string {
  const packed = packedData(bytes);
  if (packed === undefined) return bytes.toString('latin1');
  if (packed.name !== 'gzip')
    throw new UsageError(
      `${name}: found ${packed.what}, expected ${expected}. Unpack it first: \`${packed.command} FILE\``,
    );
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_TEXT_BYTES }).toString('latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLong(name, expected);
    throw new UsageError(`${name}: found damaged gzip data, expected a whole file: copy it again`);
  }
}

async function openTraceFile(path: string): Promise<OpenTrace> {
  return openedTrace(await fileSource(path));
}

/** A trace, which has the source from then on: it is closed with it, or when it is no trace. */
export async function openedTrace(source: Source): Promise<OpenTrace> {
  const trace = await openTrace(source).catch(async (error: unknown) => {
    await source.close();
    throw error;
  });
  return {
    name: trace.file,
    header: trace.header,
    notes: trace.notes,
    events: trace.events,
    batches: (fromEvent) => trace.batches(fromEvent),
    lost: () => trace.lost,
    close: () => trace.close(),
  };
}
