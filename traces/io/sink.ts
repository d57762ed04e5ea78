/** Where a trace is written: memory, or what a host has (node/: files, standard output). Append-only. */
import { concat } from '../host/index.ts';

/** Where the bytes of a trace go. */
export interface Sink {
  /** Resolves when more may be written. */
  write(bytes: Uint8Array): Promise<void> | void;
  /** All is written: the result takes its final name. */
  close(): Promise<void> | void;
  /** The result is not wanted. */
  discard(): Promise<void> | void;
}

/** Keeps everything; for tests and small traces. */
export class MemorySink implements Sink {
  private readonly parts: Uint8Array[] = [];

  write(bytes: Uint8Array): void {
    this.parts.push(bytes);
  }

  close(): void {}

  discard(): void {
    this.parts.length = 0;
  }

  bytes(): Uint8Array {
    return concat(this.parts);
  }
}
