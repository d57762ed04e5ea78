/** Zstandard (RFC 8878) where the host has none of its own: Node before 22.15, browsers. In plain JavaScript, by fzstd. */
import { Decompress } from 'fzstd';
import { type Unpacker, UnpackFault } from './host.ts';

/** fzstd's word for data that ends too early. */
const CUT = 'unexpected EOF';

export const unzstd: Unpacker = async function* (packed) {
  const parts: Uint8Array[] = [];
  const stream = new Decompress((part) => {
    parts.push(part);
  });
  for await (const block of packed) {
    push(stream, block, false);
    yield* parts.splice(0);
  }
  push(stream, new Uint8Array(0), true);
  yield* parts.splice(0);
};

function push(stream: Decompress, block: Uint8Array, isLast: boolean): void {
  try {
    stream.push(block, isLast);
  } catch (error) {
    const { message } = error as Error;
    throw new UnpackFault(message === CUT, error as Error);
  }
}
