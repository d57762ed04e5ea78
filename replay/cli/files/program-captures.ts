/** Captures of programs, as this machine has them: a folder each, a folder of such folders, or the files of one. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { UsageError } from '../../../core/index.ts';
import { latin1Bytes } from '../../../traces/index.ts';
import type { ImportSource } from '../../brought/index.ts';
import { fileText } from '../../node/run-files.ts';
import {
  type CaptureFile,
  captureOf,
  missingIn,
  type ProgramCapture,
  type Recording,
  recordingOf,
} from '../../verify/index.ts';

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

/**
 * What is to be imported of several files of one run, or of a folder of them; undefined for a folder that is no capture of
 * a program.
 */
export async function programImport(paths: readonly string[]): Promise<ImportSource | undefined> {
  const [path] = paths;
  const isOneFolder = paths.length === 1 && (await isFolder(path!));
  if (paths.length === 1 && (!isOneFolder || (await isOfKernel(path!)))) return undefined;
  const capture = isOneFolder ? await folderCapture(path!) : await captureOfFiles(path!, paths);
  const source = isOneFolder && !isOfProgram(capture) ? undefined : sourceOf(capture);
  if (source !== undefined)
    return isOneFolder
      ? source
      : { ...source, warnings: [...(source.warnings ?? []), ...unusedOf(paths, capture, source)] };
  if (isOneFolder) return undefined;
  throw new UsageError(`${paths.join(', ')}: found ${missingIn(capture)}, expected ${A_RECORDING}`);
}

function sourceOf(capture: ProgramCapture): ImportSource | undefined {
  const recording = recordingOf(capture);
  if (recording !== undefined) return importOf(capture, recording);
  const { lackey, heap, strace, snapshots, maps } = capture.files;
  // what execve mapped then comes from the files of the program
  if (lackey !== undefined)
    return importOf(capture, { format: 'lackey', trace: lackey, beside: known(strace) });
  if (heap !== undefined) return textImport(heap, known(strace));
  return strace && textImport(strace, known(snapshots, maps));
}

function known(...files: readonly (CaptureFile | undefined)[]): CaptureFile[] {
  return files.filter((file) => file !== undefined);
}

/** A folder may be many things: only what decides page faults, or a heap, makes it one run of a program. */
function isOfProgram(capture: ProgramCapture): boolean {
  const { heap, lackey } = capture.files;
  return recordingOf(capture) !== undefined || heap !== undefined || lackey !== undefined;
}

/** Of files that somebody has named none is left out in silence. */
function unusedOf(
  paths: readonly string[],
  { files: { heap } }: ProgramCapture,
  { name, beside = [] }: ImportSource,
): string[] {
  // of a heap trace there is a warning of its own
  const told = new Set([name, ...beside.map((file) => file.name), heap?.name]);
  return paths
    .filter((path) => !told.has(path))
    .map((path) => `${path}: left out: found nothing that the others lack, expected ${A_CAPTURE}`);
}

/** A trace of a kernel by its name, or the /proc files beside one: such a folder is imported as that. */
async function isOfKernel(folder: string): Promise<boolean> {
  const names = await readdir(folder);
  return names.some((name) => /^(?:trace(?:\.txt)?(?:\.gz)?|(?:zone|buddy)info.*|before|after)$/.test(name));
}

function importOf({ files, warnings = [] }: ProgramCapture, { trace, beside }: Recording): ImportSource {
  const missing = files.strace === undefined ? [NO_STRACE] : [];
  const leftOut = [
    ...(trace === files.faults ? warnings : []),
    ...(files.heap === undefined ? [] : [NO_HEAP]),
  ];
  const bytes = latin1Bytes(trace.text);
  return {
    name: trace.name,
    byteLength: bytes.length,
    blocks: oneBlock(bytes),
    beside,
    warnings: [...leftOut, ...missing],
  };
}

/**
 * What malloc asks of the system follows from a heap trace alone, and a strace tells whether that is so; of a strace a maps file
 * tells what execve mapped.
 */
function textImport({ name, text }: CaptureFile, beside: readonly CaptureFile[]): ImportSource {
  const bytes = latin1Bytes(text);
  return { name, byteLength: bytes.length, blocks: oneBlock(bytes), beside, warnings: [] };
}

async function* oneBlock(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const A_RECORDING =
  'what decides page faults: a lackey trace with system calls (--trace-syscalls=yes) and the memory layout of -d -d, or page ' +
  'faults of tracefs with /proc/PID/maps; a strace of the same program beside them';
const NO_HEAP =
  'the heap trace is left out: the recording has the calls that malloc made, and what was touched';
const NO_STRACE =
  'no strace of the same program: paths of files and lengths of mappings are those that the recording has itself';

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
