/** The files of programs on this machine, under a folder that stands for the root of the one that was traced. */
import { closeSync, constants, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import type { OpenFile } from '../elf/program-files.ts';
import { programImages } from '../elf/program-images.ts';
import type { ProgramImages } from '../import/program-image.ts';

/** @param sysroot undefined: the files of this machine, which count only where the trace confirms them */
export function programsUnder(sysroot: string | undefined): ProgramImages {
  const root = resolve(sysroot ?? '/');
  return programImages((path) => openIn(root, path), { areTrusted: sysroot !== undefined });
}

/** Links within the folder lead to what they would on the machine that it is of. */
function openIn(root: string, path: string): OpenFile | undefined {
  // a relative path is one of where the program was started: where this is run, on the machine itself
  const from = root === sep ? resolve(path) : join(sep, path);
  const real = orUndefined(() => realPath(root, from));
  if (real === undefined) return undefined;
  return { path: real, read: (offset, bytes) => readAt(join(root, real), offset, bytes) };
}

/** A path that no file system has, or that only others may read, is as good as none. */
function orUndefined<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** MAXSYMLINKS (include/linux/namei.h). */
const MOST_LINKS = 40;

/** Of a regular file; undefined where there is none. */
function realPath(root: string, path: string): string | undefined {
  let links = 0;
  let done = sep as string;
  const left = path.split(sep);
  while (left.length > 0) {
    const here = join(done, left.shift()!);
    const status = lstatSync(join(root, here), { throwIfNoEntry: false });
    if (status === undefined) return undefined;
    if (status.isSymbolicLink()) {
      if (++links > MOST_LINKS) return undefined;
      const target = readlinkSync(join(root, here));
      if (target.startsWith(sep)) done = sep;
      left.unshift(...target.split(sep));
    } else if (left.length > 0 || status.isFile()) done = here;
    else return undefined;
  }
  return done;
}

/** What there is of it. */
function readAt(path: string, offset: number, bytes: number): Uint8Array {
  const buffer = new Uint8Array(bytes);
  const found = orUndefined(() => readInto(buffer, path, offset));
  return buffer.subarray(0, found ?? 0);
}

function readInto(buffer: Uint8Array, path: string, offset: number): number {
  const file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    return readSync(file, buffer, 0, buffer.length, offset);
  } finally {
    closeSync(file);
  }
}
