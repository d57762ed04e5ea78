/** Where a trace is read from: anything of known length that can be read at an offset. */
import { createReadStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { UsageError } from '../../core/base/errors.ts';

export interface Source {
  /** How messages call it. */
  readonly name: string;
  readonly byteLength: number;
  /** The bytes [offset, offset + length), fewer only at the end. */
  read(offset: number, length: number): Promise<Uint8Array> | Uint8Array;
  close(): Promise<void> | void;
}

export type OnProgress = (bytesDone: number, bytesTotal: number | undefined) => void;

/** Big enough that waiting for the disk costs nothing per event; small enough to stay in the cache. */
export const BLOCK_BYTES = 0x10_0000;

/** A trace that is in memory already. */
export function memorySource(bytes: Uint8Array, name = '<memory>'): Source {
  return {
    name,
    byteLength: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    close() {},
  };
}

/** A file, open until it is closed; throws UsageError when it cannot be opened. */
export async function fileSource(path: string): Promise<Source> {
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
    close: () => handle.close(),
  };
}

/** The bytes [start, end) in blocks; the next block is being read while one is worked on. */
export async function* blocksOf(source: Source, start: number, end: number): AsyncGenerator<Uint8Array> {
  const readAt = async (offset: number) => source.read(offset, Math.min(BLOCK_BYTES, end - offset));
  let offset = start;
  let coming = readAt(offset);
  while (offset < end) {
    const block = await coming;
    if (block.length === 0) return;
    offset += block.length;
    coming = readAt(offset);
    coming.catch(() => {}); // a failure is reported when it is awaited, not before
    yield block;
  }
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
