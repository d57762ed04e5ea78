/** What is packed comes as what is in it: gzip and zstd. */
import { ImportError } from '../base/errors.ts';
import { type PackedData, packedData } from '../base/packed.ts';
import { concat, type Unpacker, UnpackFault, unpackerOf } from '../host/index.ts';
import { type Blocks, peek } from './blocks.ts';

/** First bytes that tell how a stream is packed. */
export const MAGIC_BYTES = 16;

/** Whether `unpacked` unpacks what begins so. */
export function isUnpacked(first: Uint8Array): boolean {
  const kind = packedData(first);
  return kind !== undefined && unpackerOf(kind.name) !== undefined;
}

/** What is in packed blocks; all others as they are. */
export async function unpacked(
  packed: Blocks,
  file: string,
): Promise<{ readonly blocks: Blocks; readonly wasPacked: boolean }> {
  const { first, blocks } = await peek(packed, MAGIC_BYTES);
  const kind = packedData(first);
  const unpacker = kind && unpackerOf(kind.name);
  if (unpacker === undefined) return { blocks, wasPacked: false };
  return { blocks: unpack(blocks, unpacker, kind!, file), wasPacked: true };
}

async function* unpack(
  blocks: Blocks,
  unpacker: Unpacker,
  kind: PackedData,
  file: string,
): AsyncGenerator<Uint8Array> {
  try {
    yield* unpacker(blocks);
  } catch (error) {
    throw error instanceof UnpackFault ? importError(error, kind, file) : error;
  }
}

function importError({ isCut, message }: UnpackFault, { name, command }: PackedData, file: string): Error {
  const again = 'Copy it again';
  return new ImportError({
    file,
    found: isCut ? `the end of the file within its ${name} data` : `damaged ${name} data (${message})`,
    expected: `a whole ${name} file`,
    remedy: isCut
      ? `${again}; to use what is there, unpack it first: \`${command} FILE | vmsplit ... -\``
      : again,
  });
}

/** Bytes, and why there are no more. */
interface Gunzipped {
  readonly bytes: Uint8Array;
  readonly end: 'whole' | 'damaged' | 'too-large';
}

/** What is in gzip data that is there already, up to the first block beyond `most` bytes; other data as it is. */
export async function gunzipped(bytes: Uint8Array, most: number): Promise<Gunzipped> {
  const unpacker = packedData(bytes)?.name === 'gzip' ? unpackerOf('gzip') : undefined;
  if (unpacker === undefined) return { bytes, end: 'whole' };
  const parts: Uint8Array[] = [];
  let count = 0;
  try {
    for await (const part of unpacker(oneBlock(bytes))) {
      parts.push(part);
      count += part.length;
      if (count > most) return { bytes: concat(parts), end: 'too-large' };
    }
    return { bytes: concat(parts), end: 'whole' };
  } catch (error) {
    if (error instanceof UnpackFault) return { bytes: concat(parts), end: 'damaged' };
    throw error;
  }
}

async function* oneBlock(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
