/**
 * Varints: an unsigned 32-bit number in groups of seven bits, least significant first, the top bit of a byte
 * saying that another follows (LEB128, as in Protocol Buffers); at most five bytes. Signed differences are
 * folded to unsigned by zigzag (0, -1, 1, -2 become 0, 1, 2, 3), and wrap modulo 2^32.
 */
import { Fault } from '../base/errors.ts';

export const MAX_VARINT_BYTES = 5;

/** 0, -1, 1, -2 ... as 0, 1, 2, 3 ...: small numbers either side of 0 become small codes. */
export function zigzag(difference: number): number {
  return ((difference << 1) ^ (difference >> 31)) >>> 0;
}

/** The signed 32-bit number of a code. */
export function unzigzag(code: number): number {
  return (code >>> 1) ^ -(code & 1);
}

/** How many bytes a number takes, 1 to 5. */
export function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

/** Writes `value` at `at` and returns the place after it; the caller has made room. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  while (value >= 0x80) {
    bytes[at++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  bytes[at++] = value;
  return at;
}

/**
 * Reads the varints in bytes[start, end) into `out` and returns their number. Exactly the whole range must
 * be used, and `out` must have room for all: what comes from a file is not trusted to be well formed.
 */
export function readVarints(bytes: Uint8Array, start: number, end: number, out: Uint32Array): number {
  let count = 0;
  let at = start;
  while (at < end) {
    if (count === out.length) throw new Fault(`more than ${count} numbers`, 'no more of them than events');
    let byte = bytes[at++]!;
    let value = byte;
    if (byte >= 0x80) {
      value &= 0x7f;
      for (let shift = 7; byte >= 0x80; shift += 7) {
        if (at === end) throw new Fault('a number that does not end', 'its last byte');
        byte = bytes[at++]!;
        if (shift === 28 && byte > 0xf) throw new Fault('a number of more than 32 bits', 'at most 32 bits');
        value |= (byte & 0x7f) << shift;
      }
    }
    out[count++] = value;
  }
  return count;
}
