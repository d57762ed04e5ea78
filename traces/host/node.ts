/** Node's own, in native code. */
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { type Host, type Unpacker, UnpackFault } from './host.ts';
import { unzstd } from './zstd.ts';

export const host: Host = {
  crc32: (bytes, before) => zlib.crc32(bytes, before),
  latin1: (bytes) => viewOf(bytes).toString('latin1'),
  latin1Bytes: (text) => Buffer.from(text, 'latin1'),
  utf8: (bytes) => viewOf(bytes).toString(),
  concat: (parts) => Buffer.concat(parts),
  unpackerOf(name) {
    const create = TRANSFORMS.get(name);
    if (create === undefined) return name === 'zstd' ? unzstd : undefined;
    return unpackerWith(create);
  },
};

function viewOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}

type CreateTransform = (options: { readonly chunkSize: number }) => Transform;

/** Zstd from Node 22.15 on, before that zstd.ts; the types are of the oldest that we run on. */
const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: CreateTransform };

const TRANSFORMS: ReadonlyMap<string, CreateTransform | undefined> = new Map<
  string,
  CreateTransform | undefined
>([
  ['gzip', zlib.createGunzip],
  ['zstd', createZstdDecompress],
]);

const BLOCK_BYTES = 0x10_0000;

function unpackerWith(create: CreateTransform): Unpacker {
  return async function* (packed) {
    const transform = create({ chunkSize: BLOCK_BYTES });
    const done = pipeline(Readable.from(packed), transform);
    done.catch(() => {}); // the same error comes out of the loop
    try {
      yield* transform as AsyncIterable<Uint8Array>;
    } catch (error) {
      throw unpackFault(error as NodeJS.ErrnoException);
    }
  };
}

/** Errors of where the blocks come from stay as they are. */
function unpackFault(error: NodeJS.ErrnoException): Error {
  const { code = '' } = error;
  return /^(Z|ZSTD)_/.test(code) ? new UnpackFault(code === 'Z_BUF_ERROR', error) : error;
}
