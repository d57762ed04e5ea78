/** A file that was dropped on a page or chosen there: read piece by piece, never as a whole. */
import { UsageError } from '../../core/base/errors.ts';
import type { Source } from './source.ts';

/** What it takes of a `Blob` or `File` (File API). */
export interface BlobLike {
  readonly size: number;
  slice(start: number, end: number): { arrayBuffer(): Promise<ArrayBuffer> };
}

/** `name`: as messages call it. A file that has changed since it was chosen is a UsageError when it is read. */
export function blobSource(blob: BlobLike, name: string): Source {
  return {
    name,
    byteLength: blob.size,
    async read(offset, length) {
      // From the end it would count what is below 0.
      const piece = blob.slice(Math.max(0, offset), Math.max(0, offset + length));
      return new Uint8Array(await piece.arrayBuffer().catch(unreadable(name)));
    },
    close() {},
  };
}

function unreadable(name: string): (error: Error) => never {
  return (error) => {
    throw new UsageError(`${name}: cannot be read any more: ${error.message} Choose the file again`, {
      cause: error,
    });
  };
}
