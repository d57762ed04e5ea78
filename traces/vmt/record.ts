/** Records as bytes: MessagePack by msgpackr, with a checksum. What is decoded has been measured before (measure.ts). */
import { Packr, Unpackr } from 'msgpackr';
import { Fault } from '../base/errors.ts';
import { crc32 } from '../host/index.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });
const unpackr = new Unpackr({ useRecords: false, mapsAsObjects: true, int64AsType: 'number' });

const CHECKSUM_BYTES = 4;
const UINT32 = 0xce;

/** The trailer: a list of two, a four-byte number, and eleven characters. */
const TRAILER_TEXT = 'vmsplit-end';
export const TRAILER_BYTES = 7 + TRAILER_TEXT.length;

/** The record with its checksum as last field. */
export function packRecord(record: object): Uint8Array {
  const bytes: Uint8Array = packr.pack({ ...record, checksum: 0xffff_ffff });
  const end = bytes.length - CHECKSUM_BYTES;
  viewOf(bytes).setUint32(end, crc32(bytes.subarray(0, end)));
  return bytes;
}

/** Decodes exactly one record whose end has been found. */
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
  const stored = viewOf(bytes).getUint32(end);
  const computed = crc32(bytes.subarray(0, end));
  if (stored !== computed)
    throw new Fault(`checksum ${hex(computed)}`, `${hex(stored)}, as when it was written`);
}

/** The end of a file with an index: how long the index record before it is. */
export function packTrailer(indexBytes: number): Uint8Array {
  const bytes: Uint8Array = packr.pack([0xffff_ffff, TRAILER_TEXT]);
  viewOf(bytes).setUint32(2, indexBytes);
  return bytes;
}

/** The length of the index record before the trailer; undefined when this is no trailer. */
export function unpackTrailer(bytes: Uint8Array): number | undefined {
  if (bytes.length !== TRAILER_BYTES) return undefined;
  const indexBytes = viewOf(bytes).getUint32(2);
  return packTrailer(indexBytes).every((byte, i) => byte === bytes[i]) ? indexBytes : undefined;
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}

function hex(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}
