/**
 * What writing a file asks of the operating system, as a seam: tests put another one in its place, of which any call
 * fails, and which forgets what was not synchronised when its power is cut.
 */
import { open, readlink, rename, stat, symlink, unlink } from 'node:fs/promises';

/** What a name stands for, symbolic links followed. */
export interface FileStatus {
  readonly type: 'file' | 'directory' | 'other';
  /** Permission bits. */
  readonly mode: number;
}

/** Errors are those of Node, with a `code`. */
export interface WritableFile {
  /** The number of bytes written, which may be fewer than there are. */
  write(bytes: Uint8Array): Promise<number>;
  setMode(mode: number): Promise<void>;
  /** fsync(2). */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FileSystem {
  /** Undefined when nothing has the name. */
  status(path: string): Promise<FileStatus | undefined>;
  /** What a symbolic link says; undefined for anything else. */
  linkOf(path: string): Promise<string | undefined>;
  /** `new`: fails when anything has the name, be it a symbolic link (O_EXCL). `existing`: what is no regular file. */
  open(path: string, how: 'new' | 'existing'): Promise<WritableFile>;
  /** Makes a symbolic link; fails when anything has the name. */
  link(text: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Makes the names in a directory last (fsync(2) of the directory). */
  syncDirectory(path: string): Promise<void>;
}

export const nodeFileSystem: FileSystem = {
  async status(path) {
    const found = await orMissing(stat(path));
    if (found === undefined) return undefined;
    const type = found.isFile() ? 'file' : found.isDirectory() ? 'directory' : 'other';
    return { type, mode: found.mode & 0o777 };
  },
  linkOf: (path) => readlink(path).catch(() => undefined),
  async open(path, how) {
    const handle = await open(path, how === 'new' ? 'wx' : 'w');
    return {
      write: async (bytes) => (await handle.write(bytes)).bytesWritten,
      setMode: (mode) => handle.chmod(mode),
      sync: () => handle.sync(),
      close: () => handle.close(),
    };
  },
  link: symlink,
  rename,
  remove: unlink,
  async syncDirectory(path) {
    // Windows opens no directories, and some network file systems synchronise none.
    const handle = await open(path, 'r').catch(() => undefined);
    await handle
      ?.sync()
      .catch(unlessUnsupported)
      .finally(() => handle.close());
  },
};

export function codeOf(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

async function orMissing<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
}

function unlessUnsupported(error: unknown): void {
  if (!['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR'].includes(codeOf(error) ?? '')) throw error;
}
