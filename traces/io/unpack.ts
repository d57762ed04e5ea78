/** What is packed comes as what is in it: gzip, and zstd where Node has it (22.15 and later). */
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as zlib from 'node:zlib';
import { ImportError } from '../base/errors.ts';
import { type PackedData, packedData } from '../base/packed.ts';
import { type Blocks, peek } from './blocks.ts';
import { BLOCK_BYTES } from './source.ts';

/** First bytes that tell how a stream is packed. */
export const MAGIC_BYTES = 16;

type Unpacker = (options: { readonly chunkSize: number }) => Transform;

/** Of newer versions of Node; the types are of the oldest that we run on. */
const { createZstdDecompress } = zlib as { readonly createZstdDecompress?: Unpacker };

const UNPACKERS: { readonly [N in PackedData['name']]?: Unpacker | undefined } = {
  gzip: zlib.createGunzip,
  zstd: createZstdDecompress,
};

/** Whether `unpacked` unpacks what begins so. */
export function isUnpacked(first: Uint8Array): boolean {
  return unpackerOf(first) !== undefined;
}

function unpackerOf(first: Uint8Array): Unpacker | undefined {
  const packed = packedData(first);
  return packed && UNPACKERS[packed.name];
}

/** What is in packed blocks; all others as they are. */
export async function unpacked(
  packed: Blocks,
  file: string,
): Promise<{ readonly blocks: Blocks; readonly wasPacked: boolean }> {
  const { first, blocks } = await peek(packed, MAGIC_BYTES);
  const unpacker = unpackerOf(first);
  if (unpacker === undefined) return { blocks, wasPacked: false };
  return {
    blocks: unpack(blocks, unpacker({ chunkSize: BLOCK_BYTES }), packedData(first)!, file),
    wasPacked: true,
  };
}

async function* unpack(
  blocks: Blocks,
  unpacker: Transform,
  kind: PackedData,
  file: string,
): AsyncGenerator<Uint8Array> {
  const done = pipeline(Readable.from(blocks), unpacker);
  done.catch(() => {}); // the same error comes out of the loop
  try {
    yield* unpacker as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw unpackFault(error as NodeJS.ErrnoException, kind, file);
  }
}

function unpackFault(error: NodeJS.ErrnoException, { name, command }: PackedData, file: string): Error {
  if (!/^(Z|ZSTD)_/.test(error.code ?? '')) return error;
  const isCut = error.code === 'Z_BUF_ERROR';
  const again = 'Copy it again';
  return new ImportError({
    file,
    found: isCut ? `the end of the file within its ${name} data` : `damaged ${name} data (${error.message})`,
    expected: `a whole ${name} file`,
    remedy: isCut
      ? `${again}; to use what is there, unpack it first: \`${command} FILE | vmsplit ... -\``
      : again,
  });
}
