/**
 * Records as bytes: MessagePack by msgpackr, with a checksum, and with a check of the structure before
 * anything is decoded, so that no length in a file can make the decoder allocate more than the file holds.
 */
import { crc32 } from 'node:zlib';
import { Packr, Unpackr } from 'msgpackr';
import { Fault } from '../base/errors.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

const CHECKSUM_BYTES = 4;
const UINT32 = 0xce;
/** Deepest nesting of a record's maps and lists; parameters may need some. */
const MAX_DEPTH = 16;

/** The trailer: a list of two, a four-byte number, and eleven characters. */
const TRAILER_TEXT = 'vmsplit-end';
export const TRAILER_BYTES = 7 + TRAILER_TEXT.length;

/** The record with its checksum as last field. */
export function packRecord(record: object): Uint8Array {
  const bytes = packr.pack({ ...record, checksum: 0xffff_ffff });
  const end = bytes.length - CHECKSUM_BYTES;
  bytes.writeUInt32BE(crc32(bytes.subarray(0, end)), end);
  return bytes;
}

/** Decodes exactly one record whose end `recordEnd` has found. */
export function unpackRecord(bytes: Uint8Array): unknown {
  try {
    return unpackr.unpack(bytes);
  } catch (error) {
    throw new Fault(`bytes that are not MessagePack (${(error as Error).message})`, 'a record');
  }
}

/** Throws a Fault unless the record ends with the CRC-32 of what stands before. */
export function verifyChecksum(bytes: Uint8Array): void {
  const end = bytes.length - CHECKSUM_BYTES;
  if (end < 1 || bytes[end - 1] !== UINT32) throw new Fault('a record without checksum', 'a checksum');
  const stored = new DataView(bytes.buffer, bytes.byteOffset).getUint32(end);
  const computed = crc32(bytes.subarray(0, end));
  if (stored !== computed)
    throw new Fault(`checksum ${hex(computed)}`, `${hex(stored)}, as when it was written`);
}

/** The end of a file with an index: how long the index record before it is. */
export function packTrailer(indexBytes: number): Uint8Array {
  const bytes = packr.pack([0xffff_ffff, TRAILER_TEXT]);
  bytes.writeUInt32BE(indexBytes, 2);
  return bytes;
}

/** The length of the index record before the trailer; undefined when this is no trailer. */
export function unpackTrailer(bytes: Uint8Array): number | undefined {
  if (bytes.length !== TRAILER_BYTES) return undefined;
  const indexBytes = new DataView(bytes.buffer, bytes.byteOffset).getUint32(2);
  return packTrailer(indexBytes).every((byte, i) => byte === bytes[i]) ? indexBytes : undefined;
}

/**
 * Where the MessagePack value at `start` ends; undefined when the bytes end before it does. Only what a trace
 * needs may occur (nil, booleans, numbers, text, binaries, lists, maps): no extension types.
 */
export function recordEnd(bytes: Uint8Array, start: number): number | undefined {
  const end = valueEnd(bytes, start, 0);
  return end <= bytes.length ? end : undefined;
}

/** Beyond `bytes.length` when the value is cut. */
function valueEnd(bytes: Uint8Array, at: number, depth: number): number {
  if (at >= bytes.length) return Infinity;
  if (depth > MAX_DEPTH) throw new Fault(`values nested deeper than ${MAX_DEPTH}`, 'a record');
  const type = bytes[at]!;
  if (type < 0x80 || type >= 0xe0) return at + 1; // small integers
  if (type < 0x90) return itemsEnd(bytes, at + 1, 2 * (type & 0xf), depth);
  if (type < 0xa0) return itemsEnd(bytes, at + 1, type & 0xf, depth);
  if (type < 0xc0) return at + 1 + (type & 0x1f);
  switch (type) {
    case 0xc0: // nil, false, true
    case 0xc2:
    case 0xc3:
      return at + 1;
    case 0xc4: // binaries and text, with a length of 1, 2 or 4 bytes
    case 0xd9:
      return at + 2 + bigEndian(bytes, at + 1, 1);
    case 0xc5:
    case 0xda:
      return at + 3 + bigEndian(bytes, at + 1, 2);
    case 0xc6:
    case 0xdb:
      return at + 5 + bigEndian(bytes, at + 1, 4);
    case 0xcc: // numbers of 1, 2, 4 and 8 bytes
    case 0xd0:
      return at + 2;
    case 0xcd:
    case 0xd1:
      return at + 3;
    case 0xca:
    case 0xce:
    case 0xd2:
      return at + 5;
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return at + 9;
    case 0xdc: // lists and maps, with a count of 2 or 4 bytes
      return itemsEnd(bytes, at + 3, bigEndian(bytes, at + 1, 2), depth);
    case 0xdd:
      return itemsEnd(bytes, at + 5, bigEndian(bytes, at + 1, 4), depth);
    case 0xde:
      return itemsEnd(bytes, at + 3, 2 * bigEndian(bytes, at + 1, 2), depth);
    case 0xdf:
      return itemsEnd(bytes, at + 5, 2 * bigEndian(bytes, at + 1, 4), depth);
    default:
      throw new Fault(`MessagePack type 0x${type.toString(16)}`, 'a type that traces use');
  }
}

function itemsEnd(bytes: Uint8Array, at: number, items: number, depth: number): number {
  for (let item = 0; item < items && at <= bytes.length; item++) at = valueEnd(bytes, at, depth + 1);
  return at;
}

/** Infinity when the bytes end before the number does. */
function bigEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let i = at; i < at + size; i++) value = value * 0x100 + (bytes[i] ?? Infinity);
  return value;
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}
