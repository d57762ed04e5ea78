/** Streams of blocks: their progress, and a look at the first bytes. */
import { concat } from '../host/index.ts';
import type { OnProgress } from './source.ts';

export type Blocks = AsyncIterable<Uint8Array>;

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
    first: concat(head),
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
