/** The way from a file to an importer: progress, gunzip, and a look at the first bytes. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { ImportError } from '../base/errors.ts';
import { BLOCK_BYTES, type OnProgress } from '../io/source.ts';

type Blocks = AsyncIterable<Uint8Array>;

/** The first two bytes of a gzip file (RFC 1952, 2.3.1). */
const GZIP_MAGIC = Buffer.from([0x1f, 0x8b]);

export async function* withProgress(
  blocks: Blocks,
  total: number | undefined,
  onProgress: OnProgress,
): Blocks {
  let done = 0;
  for await (const block of blocks) {
    yield block;
    done += block.length;
    onProgress(done, total);
  }
}

interface Peeked {
  readonly first: Uint8Array;
  /** The whole stream, the first bytes included. */
  readonly blocks: Blocks;
  /** Ends the stream when it is not wanted. */
  close(): Promise<void>;
}

/** At least `length` first bytes, fewer when there are no more. */
export async function peek(blocks: Blocks, length: number): Promise<Peeked> {
  const iterator = blocks[Symbol.asyncIterator]();
  const head: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < length) {
    const { done, value } = await iterator.next();
    if (done) break;
    head.push(value);
    bytes += value.length;
  }
  return {
    first: Buffer.concat(head),
    blocks: resume(head, iterator),
    async close() {
      await iterator.return?.();
    },
  };
}

async function* resume(head: Uint8Array[], iterator: AsyncIterator<Uint8Array>): Blocks {
  try {
    yield* head;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  } finally {
    await iterator.return?.();
  }
}

/** The text of a gzip file; anything else as it is. */
export async function gunzipped(blocks: Blocks, file: string): Promise<Blocks> {
  const { first, blocks: all } = await peek(blocks, GZIP_MAGIC.length);
  return GZIP_MAGIC.equals(first.subarray(0, GZIP_MAGIC.length)) ? gunzip(all, file) : all;
}

async function* gunzip(blocks: Blocks, file: string): Blocks {
  const unpacked = createGunzip({ chunkSize: BLOCK_BYTES });
  const done = pipeline(Readable.from(blocks), unpacked);
  done.catch(() => {}); // the same error comes out of the loop
  try {
    yield* unpacked as Blocks;
  } catch (error) {
    throw zlibFault(error as NodeJS.ErrnoException, file);
  }
}

function zlibFault(error: NodeJS.ErrnoException, file: string): Error {
  if (!error.code?.startsWith('Z_')) return error;
  const cut = error.code === 'Z_BUF_ERROR';
  return new ImportError({
    file,
    found: cut ? 'the end of the file within its gzip data' : `damaged gzip data (${error.message})`,
    expected: 'a whole gzip file',
    remedy: cut
      ? 'Copy it again; to import what is there, unpack it first: `zcat FILE | vmsplit import -`'
      : 'Copy it again',
  });
}
