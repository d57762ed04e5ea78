/** The files of a run as Node reads them; in a page something else stands for them, so spec/ knows of neither. */
import { open, readFile, stat } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { isUnpacked, MAGIC_BYTES, openTraceStream, type TraceStream, unpacked } from '../../traces/index.ts';
import { fileSource, openInput } from '../../traces/node/index.ts';
import { MOST_TEXT_BYTES, type OpenTrace, openedTrace, tooLong, unpackedText } from '../spec/index.ts';
import type { SweepFiles } from '../sweep/index.ts';
import { fileDigest } from './file-digest.ts';

/** Paths as they are; there is no standard input. */
export const nodeFiles: SweepFiles = {
  text: fileText,
  trace: (path) => openTraceFile(path),
  digest: fileDigest,
};

/** The text of a file, gzipped or not. Bytes above 0x7f are taken as Latin-1. */
export async function fileText(path: string, expected: string): Promise<string> {
  const { size } = await stat(path);
  if (size > MOST_TEXT_BYTES) throw tooLong(path, expected);
  return unpackedText(await readFile(path), path, expected);
}

/** `name`: what messages call it; by default its path. */
export async function openTraceFile(path: string, name = path): Promise<OpenTrace> {
  if (await isSeekableFile(path)) return openedTrace({ ...(await fileSource(path)), name });
  const { blocks } = await openInput(path);
  const plain = await unpacked(blocks, name);
  return openedStream(await openTraceStream(plain.blocks, name), () => void (blocks as Readable).destroy());
}

/** A trace that is read once, from its beginning on. */
export function openedStream(trace: TraceStream, close: () => void): OpenTrace {
  return {
    name: trace.file,
    header: trace.header,
    notes: trace.notes,
    events: undefined,
    batches: (_, options) => trace.batches(options),
    lost: () => trace.lost,
    close,
  };
}

/** A missing file counts as a file: opening it tells what is wrong. Pipes such as /dev/fd/63 and packed files do not. */
export async function isSeekableFile(path: string): Promise<boolean> {
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
