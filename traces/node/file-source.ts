/** Files that are read: a trace from any event on, anything as a stream. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '../../core/base/errors.ts';
import { BLOCK_BYTES, type Source } from '../io/source.ts';

export interface FileSource extends Source {
  /** Another text when the file has become another one under its readers. */
  version(): Promise<string>;
}

/** A file, open until it is closed; throws UsageError when it cannot be opened. */
export async function fileSource(path: string): Promise<FileSource> {
  const handle = await openForReading(path);
  const { size } = await handle.stat();
  return {
    name: path,
    byteLength: size,
    async read(offset, length) {
      const wanted = Math.max(0, Math.min(length, size - offset));
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(wanted), 0, wanted, offset);
      return buffer.subarray(0, bytesRead);
    },
    async version() {
      const { ino, size: now, mtimeNs } = await handle.stat({ bigint: true });
      return [ino, now, mtimeNs].map((part) => part.toString(36)).join('-');
    },
    close: () => handle.close(),
  };
}

/** A file of any kind, pipes included, as a stream of blocks; `-` is standard input. */
export async function openInput(
  path: string,
): Promise<{ name: string; byteLength: number | undefined; blocks: AsyncIterable<Uint8Array> }> {
  if (path === '-') return { name: '<stdin>', byteLength: undefined, blocks: process.stdin };
  const handle = await openForReading(path);
  const status = await handle.stat();
  const blocks = createReadStream(path, { fd: handle, highWaterMark: BLOCK_BYTES });
  return { name: path, byteLength: status.isFile() ? status.size : undefined, blocks };
}

async function openForReading(path: string): Promise<FileHandle> {
  const handle = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    const reason = error.code === 'ENOENT' ? missing(path) : error.message;
    throw new UsageError(`${path}: cannot be read: ${reason}`, { cause: error });
  });
  if (!(await handle.stat()).isDirectory()) return handle;
  await handle.close();
  throw new UsageError(`${path}: found a directory, expected a file`);
}

/** Node gives U+FFFD for bytes of a name that are no UTF-8; such a file cannot be named here. */
function missing(path: string): string {
  if (!path.includes('\ufffd')) return 'no such file';
  return 'no such file; if its name is not UTF-8, rename it, or pipe it in: `vmsplit ... - < FILE`';
}
