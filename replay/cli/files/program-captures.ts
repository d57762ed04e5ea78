/** Captures of programs, as this machine has them: a folder each, a folder of such folders, or the files of one. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../../core/index.ts';
import { fileText } from '../../node/run-files.ts';
import { type CaptureFile, captureOf, type ProgramCapture, recordingOf } from '../../verify/index.ts';

const A_CAPTURE = 'a file of a program capture: a lackey trace, a trace of page faults, a strace, snapshots';

/** In the order of their names; files beside each other on the command line are one program. */
export async function programCaptures(paths: readonly string[]): Promise<ProgramCapture[]> {
  const captures: ProgramCapture[] = [];
  const files: string[] = [];
  for (const path of paths) {
    if (await isFolder(path)) captures.push(...(await capturesIn(path)));
    else files.push(path);
  }
  if (files.length > 0) captures.unshift(await captureOfFiles(nameOf(files[0]!), files));
  return captures;
}

/** One folder, or the first of its folders that has a program of that name. */
export async function truthFor(name: string, folder: string): Promise<ProgramCapture> {
  const own = join(folder, name);
  if (await isFolder(own)) return folderCapture(own);
  return folderCapture(folder);
}

async function capturesIn(folder: string): Promise<ProgramCapture[]> {
  const capture = await folderCapture(folder);
  if (Object.keys(capture.files).length > 0) return [capture];
  const captures: ProgramCapture[] = [];
  for (const name of (await readdir(folder)).sort()) {
    const path = join(folder, name);
    const inner = (await isFolder(path)) ? await folderCapture(path) : undefined;
    if (inner !== undefined && recordingOf(inner) !== undefined) captures.push(inner);
  }
  if (captures.length > 0) return captures;
  throw new UsageError(`${folder}: found no capture of a program, expected ${A_CAPTURE}`);
}

async function folderCapture(folder: string): Promise<ProgramCapture> {
  const names = await readdir(folder).catch(() => {
    throw new UsageError(`${folder}: cannot be read, expected a folder with ${A_CAPTURE}`);
  });
  const paths = names.sort().map((name) => join(folder, name));
  const files: string[] = [];
  for (const path of paths) if (!(await isFolder(path))) files.push(path);
  return captureOfFiles(basename(folder.replace(/\/+$/, '')), files);
}

async function captureOfFiles(name: string, paths: readonly string[]): Promise<ProgramCapture> {
  const files: CaptureFile[] = [];
  for (const path of paths) files.push({ name: path, text: await fileText(path, A_CAPTURE) });
  return captureOf(name, files);
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true;
}

function nameOf(file: string): string {
  const folder = basename(dirname(file));
  return folder === '.' || folder === '' ? basename(file) : folder;
}
