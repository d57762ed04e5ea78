/** Work that a person waits for before there is a run: it tells how far it is, and can be ended. */
import { type BlobLike, blobSource, type Source } from '../../../traces/index.ts';
import { pauseFor } from '../../source/breath.ts';
import type { Told } from './protocol.ts';

/** Who writes the traces that a page makes. */
export const TOOL = 'vmsplit';

export interface Work {
  readonly told: Pick<Told, 'progress'>;
  readonly signal: AbortSignal;
  /** Of this vmsplit, for traces that it writes. */
  readonly version: string;
}

/** A file as a person dropped it. */
export interface DroppedFile {
  readonly name: string;
  readonly blob: BlobLike;
}

/** With a pause after every block. */
export function sourceOfDropped({ name, blob }: DroppedFile, { signal }: Work): Source {
  const source = blobSource(blob, name);
  const pause = pauseFor(signal);
  return {
    ...source,
    async read(offset, length) {
      await pause();
      return source.read(offset, length);
    },
  };
}
