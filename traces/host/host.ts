/** What reading and writing traces asks of where it runs, beside the language itself. */

/** Blocks of packed data to blocks of what is in it; throws UnpackFault. */
export type Unpacker = (packed: AsyncIterable<Uint8Array>) => AsyncGenerator<Uint8Array>;

/** Packed data that is damaged, or ends before it is whole. */
export class UnpackFault extends Error {
  readonly isCut: boolean;

  constructor(isCut: boolean, cause: Error) {
    super(cause.message, { cause });
    this.isCut = isCut;
  }
}

export interface Host {
  /** CRC-32 as in gzip (RFC 1952, 8): 0 to 2^32 - 1. `before`: that of what precedes these bytes. */
  crc32(bytes: Uint8Array, before?: number): number;
  /** One character a byte, so that places in the text are places in the bytes. */
  latin1(bytes: Uint8Array): string;
  /** The other way; of characters above 0xff the low eight bits. */
  latin1Bytes(text: string): Uint8Array;
  /** What is no UTF-8 becomes U+FFFD. */
  utf8(bytes: Uint8Array): string;
  concat(parts: readonly Uint8Array[]): Uint8Array;
  /** Undefined where this host cannot unpack what is packed so. */
  unpackerOf(name: string): Unpacker | undefined;
}
