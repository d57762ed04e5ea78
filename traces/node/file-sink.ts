/**
 * A file that is written without harm to what has its name already, whatever happens on the way: it is written beside
 * its place under a name of its own, synchronised, renamed, and the directory is synchronised.
 */
import { dirname, resolve } from 'node:path';
import { UsageError } from '../../core/base/errors.ts';
import type { Sink } from '../io/sink.ts';
import {
  codeOf,
  type FileStatus,
  type FileSystem,
  nodeFileSystem,
  type WritableFile,
} from './file-system.ts';
import { type Lock, lockOutput } from './lock.ts';
import { writeError } from './write-error.ts';

/** A file that has another name while it is written. */
export interface FileSink extends Sink {
  /** That name; undefined when it is written directly, and once it has its final one. */
  readonly partial: string | undefined;
  /** Whether something has the final name already. */
  readonly replaces: boolean;
  /** As `close`, but it keeps the name that it has, and is as long as it was when it failed. Never throws. */
  setAside(): Promise<void>;
}

/**
 * A file. It is written beside its place, as `<path>.partial` or, when that is there from another run, `<path>.2.partial`
 * and so on, and takes its name when it is closed and on the disk. It then has the mode of what it replaces. What exists
 * and is no regular file (a pipe, /dev/null) is written directly; of a symbolic link, the target is meant. UsageError
 * when it cannot be written, and while another writer has it.
 */
export async function fileSink(path: string, files: FileSystem = nodeFileSystem): Promise<FileSink> {
  try {
    const target = await targetOf(path, files);
    const existing = await files.status(target);
    if (existing?.type === 'directory')
      throw new UsageError(`${path}: found a directory, expected the name of a file`);
    if (existing?.type === 'other') return new DirectSink(path, await files.open(target, 'existing'));
    return await partialSink(path, target, existing, files);
  } catch (error) {
    throw writeError(error, path);
  }
}

async function partialSink(
  path: string,
  target: string,
  existing: FileStatus | undefined,
  files: FileSystem,
): Promise<FileSink> {
  const lock = await lockOutput(target, files);
  try {
    const { file, partial } = await openPartial(target, files);
    const names = { path, target, partial, replaces: existing !== undefined };
    const sink = new PartialSink(names, file, lock, files);
    if (existing !== undefined) await sink.setMode(existing.mode);
    return sink;
  } catch (error) {
    await lock.release().catch(() => {});
    throw error;
  }
}

/** As in Linux: path_resolution(7). */
const MOST_LINKS = 40;

/** Where symbolic links lead, the last of which may lead to nothing yet. */
async function targetOf(path: string, files: FileSystem): Promise<string> {
  let target = path;
  for (let i = 0; i <= MOST_LINKS; i++) {
    const link = await files.linkOf(target);
    if (link === undefined) return target;
    target = resolve(dirname(target), link);
  }
  throw Object.assign(new Error('too many symbolic links'), { code: 'ELOOP' });
}

/** More runs than this that were killed, or go on, beside one file: somebody should look. */
const MOST_PARTIALS = 100;

/** A name that no other run writes to, now or before: exclusive, so that nothing of anybody is lost. */
async function openPartial(
  path: string,
  files: FileSystem,
): Promise<{ file: WritableFile; partial: string }> {
  for (let i = 1; i <= MOST_PARTIALS; i++) {
    const partial = i === 1 ? `${path}.partial` : `${path}.${i}.partial`;
    try {
      return { file: await files.open(partial, 'new'), partial };
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
  }
  throw new UsageError(
    `${path}: cannot be written: found ${MOST_PARTIALS} files like ${path}.2.partial. Remove them`,
  );
}

/** Writes one block while the next one is made. The first failure is that of all that comes after. */
class Writing {
  private readonly file: WritableFile;
  private readonly name: string;
  private last: Promise<void> = Promise.resolve();

  constructor(file: WritableFile, name: string) {
    this.file = file;
    this.name = name;
  }

  async write(bytes: Uint8Array): Promise<void> {
    await this.last;
    this.last = this.writeAll(bytes);
    this.last.catch(() => {}); // told by whoever awaits it next
  }

  /** Waits until all is written, then for `step`. */
  async finish(step: () => Promise<void>): Promise<void> {
    await this.last;
    await step().catch((error: unknown) => {
      throw writeError(error, this.name);
    });
  }

  private async writeAll(bytes: Uint8Array): Promise<void> {
    try {
      for (let at = 0; at < bytes.length; ) at += await this.file.write(bytes.subarray(at));
    } catch (error) {
      throw writeError(error, this.name);
    }
  }
}

interface Names {
  /** As messages call it. */
  readonly path: string;
  /** The same, without symbolic links. */
  readonly target: string;
  readonly partial: string;
  readonly replaces: boolean;
}

class PartialSink implements FileSink {
  partial: string | undefined;
  readonly replaces: boolean;
  private readonly names: Names;
  private readonly file: WritableFile;
  private readonly lock: Lock;
  private readonly files: FileSystem;
  private readonly writing: Writing;
  private isOpen = true;

  constructor(names: Names, file: WritableFile, lock: Lock, files: FileSystem) {
    this.names = names;
    this.partial = names.partial;
    this.replaces = names.replaces;
    this.file = file;
    this.lock = lock;
    this.files = files;
    this.writing = new Writing(file, names.path);
  }

  async setMode(mode: number): Promise<void> {
    await this.file.setMode(mode).catch(async (error: unknown) => {
      await this.discard();
      throw error;
    });
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.writing.write(bytes);
  }

  /** When it fails, what had the name has it still, and this file lies beside it. */
  async close(): Promise<void> {
    try {
      await this.writing.finish(() => this.takeName());
    } catch (error) {
      await this.setAside();
      throw error;
    }
    await this.lock.release().catch(() => {});
  }

  private async takeName(): Promise<void> {
    const { file, files, names } = this;
    await file.sync();
    await this.closeFile();
    await files.rename(names.partial, names.target);
    this.partial = undefined;
    await files.syncDirectory(dirname(names.target));
  }

  async setAside(): Promise<void> {
    await this.writing.finish(() => this.file.sync()).catch(() => {});
    await this.closeFile().catch(() => {});
    await this.lock.release().catch(() => {});
  }

  async discard(): Promise<void> {
    await this.writing.finish(async () => {}).catch(() => {});
    await this.closeFile().catch(() => {});
    await this.files.remove(this.names.partial).catch(() => {});
    await this.lock.release().catch(() => {});
  }

  private async closeFile(): Promise<void> {
    if (!this.isOpen) return;
    this.isOpen = false;
    await this.file.close();
  }
}

/** A device or a named pipe stays what it is. */
class DirectSink implements FileSink {
  readonly partial = undefined;
  readonly replaces = false;
  private readonly file: WritableFile;
  private readonly writing: Writing;

  constructor(path: string, file: WritableFile) {
    this.file = file;
    this.writing = new Writing(file, path);
  }

  write(bytes: Uint8Array): Promise<void> {
    return this.writing.write(bytes);
  }

  close(): Promise<void> {
    return this.writing.finish(() => this.file.close());
  }

  async setAside(): Promise<void> {
    await this.close().catch(() => {});
  }

  discard(): Promise<void> {
    return this.setAside();
  }
}
