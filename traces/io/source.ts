/** Where a trace is read from: anything of known length that can be read at an offset. */

/** Where the bytes of a trace come from. */
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
