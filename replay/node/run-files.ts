/** The files of a run as Node reads them; in a page something else stands for them, so spec/ knows of neither. */
import { readFile, stat } from 'node:fs/promises';
import { fileSource } from '../../traces/node/index.ts';
import {
  MOST_TEXT_BYTES,
  type OpenTrace,
  openedTrace,
  type RunFiles,
  tooLong,
  unpackedText,
} from '../spec/index.ts';

/** Paths as they are; there is no standard input. */
export const nodeFiles: RunFiles = { text: fileText, trace: openTraceFile };

/** The text of a file, gzipped or not. Bytes above 0x7f are taken as Latin-1. */
export async function fileText(path: string, expected: string): Promise<string> {
  const { size } = await stat(path);
  if (size > MOST_TEXT_BYTES) throw tooLong(path, expected);
  return unpackedText(await readFile(path), path, expected);
}

async function openTraceFile(path: string): Promise<OpenTrace> {
  return openedTrace(await fileSource(path));
}
