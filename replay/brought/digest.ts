/** Which bytes a trace was imported from: noted in it. */
import { crc32 } from '../../traces/index.ts';

export interface InputDigest {
  readonly bytes: number;
  readonly crc32: number;
}

/** The blocks as they are; `digest` is that of those that have passed. */
export function digesting(blocks: AsyncIterable<Uint8Array>): {
  readonly blocks: AsyncIterable<Uint8Array>;
  digest(): InputDigest;
} {
  let bytes = 0;
  let sum = 0;
  return {
    blocks: (async function* () {
      for await (const block of blocks) {
        bytes += block.length;
        sum = crc32(block, sum);
        yield block;
      }
    })(),
    digest: () => ({ bytes, crc32: sum }),
  };
}
