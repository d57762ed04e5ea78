/** Captures of memory pressure, as this machine has them: a folder each, or a folder of such folders. */
import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { UsageError } from '../../../core/index.ts';
import { fileText } from '../../node/run-files.ts';
import {
  type CaptureFile,
  isPressureDumps,
  type PressureCapture,
  pressureCaptureOf,
} from '../../verify/index.ts';

const A_CAPTURE = 'a capture of memory pressure: dumps at marks, a trace, a boot log';

/** @param script what was touched in which order, for all of them; without it the captures' own programs */
export async function pressureCaptures(
  paths: readonly string[],
  script: string | undefined,
): Promise<PressureCapture[]> {
  const own = script === undefined ? undefined : { name: script, text: await fileText(script, 'a script') };
  const captures: PressureCapture[] = [];
  for (const path of paths) captures.push(...(await capturesIn(path, own)));
  return captures;
}

async function capturesIn(folder: string, script: CaptureFile | undefined): Promise<PressureCapture[]> {
  const entries = await entriesOf(folder);
  const files = await readAll(entries.files);
  const name = basename(folder.replace(/\/+$/, ''));
  if (files.some(({ text }) => isPressureDumps(text))) return [pressureCaptureOf(name, files, script)];
  const captures: PressureCapture[] = [];
  for (const inner of entries.folders) {
    const innerFiles = await readAll((await entriesOf(inner)).files);
    if (innerFiles.some(({ text }) => isPressureDumps(text)))
      captures.push(pressureCaptureOf(basename(inner), innerFiles, script));
  }
  if (captures.length > 0) return captures;
  throw new UsageError(`${folder}: found no dumps ('### MARK name'), expected a folder with ${A_CAPTURE}`);
}

async function entriesOf(folder: string): Promise<{ files: string[]; folders: string[] }> {
  const names = await readdir(folder).catch(() => {
    throw new UsageError(`${folder}: cannot be read, expected a folder with ${A_CAPTURE}`);
  });
  const entries = { files: [] as string[], folders: [] as string[] };
  for (const path of names.sort().map((name) => join(folder, name)))
    ((await stat(path)).isDirectory() ? entries.folders : entries.files).push(path);
  return entries;
}

async function readAll(paths: readonly string[]): Promise<CaptureFile[]> {
  const files: CaptureFile[] = [];
  for (const path of paths) files.push({ name: path, text: await fileText(path, A_CAPTURE) });
  return files;
}
