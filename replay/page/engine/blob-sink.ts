/** Keeps a trace as a Blob, which browsers may put on the disk: a page can hold more than its memory would. */
import { concat, type Sink } from '../../../traces/index.ts';

/** Parts in memory come together when they are this long. */
const PART_BYTES = 0x100_0000;

export class BlobSink implements Sink {
  private readonly blobs: Blob[] = [];
  private parts: Uint8Array[] = [];
  private bytes = 0;

  write(bytes: Uint8Array): void {
    this.parts.push(bytes);
    this.bytes += bytes.length;
    if (this.bytes >= PART_BYTES) this.gather();
  }

  close(): void {}

  discard(): void {
    this.blobs.length = 0;
    this.parts = [];
  }

  blob(): Blob {
    this.gather();
    return new Blob(this.blobs);
  }

  private gather(): void {
    this.blobs.push(new Blob([concat(this.parts) as Uint8Array<ArrayBuffer>]));
    this.parts = [];
    this.bytes = 0;
  }
}
