/** What every browser has, in a page or a worker; what it lacks is here. */
import { type Host, type Unpacker, UnpackFault } from './host.ts';
import { unzstd } from './zstd.ts';

export const host: Host = {
  crc32,
  latin1: (bytes) => windows1252.decode(bytes).replace(/[\u0100-\uffff]/g, (letter) => CONTROLS.get(letter)!),
  latin1Bytes,
  utf8: (bytes) => utf8.decode(bytes),
  concat,
  unpackerOf,
};

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

/** What browsers take Latin-1 for (Encoding Standard, 4.2); it has letters where Latin-1 has the controls 0x80 to 0x9f. */
const windows1252 = new TextDecoder('windows-1252');
const CONTROLS: ReadonlyMap<string, string> = new Map(
  Array.from({ length: 0x20 }, (_, i) => [
    windows1252.decode(Uint8Array.of(0x80 + i)),
    String.fromCharCode(0x80 + i),
  ]),
);

function latin1Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((bytes, part) => bytes + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The polynomial of RFC 1952, 8, its bits reversed. */
const POLYNOMIAL = 0xedb8_8320;
const SLICES = 8;
/** TABLES[256 * n + b]: what the byte b does to a checksum when n more have passed. */
const TABLES = crcTables();

function crcTables(): Int32Array {
  const tables = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (-(crc & 1) & POLYNOMIAL);
    tables[byte] = crc;
  }
  for (let i = 256; i < tables.length; i++) {
    const before = tables[i - 256]!;
    tables[i] = (before >>> 8) ^ tables[before & 0xff]!;
  }
  return tables;
}

/** Eight bytes at a time: "slicing-by-8" (Kounavis and Berry, ISCC 2005). */
function crc32(bytes: Uint8Array, before = 0): number {
  const tables = TABLES;
  const whole = bytes.length - (bytes.length % SLICES);
  let crc = ~before;
  let at = 0;
  for (; at < whole; at += SLICES) {
    crc ^= bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    crc =
      tables[1792 | (crc & 0xff)]! ^
      tables[1536 | ((crc >>> 8) & 0xff)]! ^
      tables[1280 | ((crc >>> 16) & 0xff)]! ^
      tables[1024 | (crc >>> 24)]! ^
      tables[768 | bytes[at + 4]!]! ^
      tables[512 | bytes[at + 5]!]! ^
      tables[256 | bytes[at + 6]!]! ^
      tables[bytes[at + 7]!]!;
  }
  for (; at < bytes.length; at++) crc = (crc >>> 8) ^ tables[(crc ^ bytes[at]!) & 0xff]!;
  return ~crc >>> 0;
}

/** DecompressionStream (Compression Streams): gzip everywhere, of one member; others where a browser has them. */
function unpackerOf(name: string): Unpacker | undefined {
  try {
    new DecompressionStream(name as 'gzip');
  } catch {
    return name === 'zstd' ? unzstd : undefined;
  }
  return (packed) => unpack(packed, new DecompressionStream(name as 'gzip'));
}

async function* unpack(
  packed: AsyncIterable<Uint8Array>,
  { readable, writable }: DecompressionStream,
): AsyncGenerator<Uint8Array> {
  const reader = readable.getReader();
  const fed = feed(packed, writable.getWriter());
  fed.catch(() => {}); // told when it is awaited
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
  } catch (error) {
    await fed; // throws what it was
    throw error;
  } finally {
    reader.cancel().catch(() => {});
  }
  await fed;
}

interface Writer {
  write(block: Uint8Array): Promise<void>;
  close(): Promise<void>;
  abort(reason: unknown): Promise<void>;
}

/** Errors of where the blocks come from stay as they are. What is wrong only once all has been written is cut. */
async function feed(packed: AsyncIterable<Uint8Array>, writer: Writer): Promise<void> {
  try {
    for await (const block of packed) await writer.write(block).catch(failWith(false));
  } catch (error) {
    writer.abort(error).catch(() => {});
    throw error;
  }
  await writer.close().catch(failWith(true));
}

function failWith(isCut: boolean): (error: Error) => never {
  return (error) => {
    throw new UnpackFault(isCut, error);
  };
}
