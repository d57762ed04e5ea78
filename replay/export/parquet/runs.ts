/**
 * The hybrid of runs and bit-packed groups (Parquet's Encodings.md, "Run Length Encoding / Bit-Packing Hybrid"), for
 * levels and for indexes into dictionaries.
 */
import type { ByteBuffer } from './byte-buffer.ts';

/** Values of a group; a run shorter than this is packed. */
const GROUP = 8;

/** Codes of `width` bits, 1 to 8. */
export function packCodes(out: ByteBuffer, codes: Uint8Array, count: number, width: number): void {
  let packedFrom = 0;
  let at = 0;
  while (at < count) {
    const run = runLength(codes, at, count);
    if (run >= GROUP) {
      packGroups(out, codes, packedFrom, at, width);
      writeRun(out, codes[at]!, run);
      at += run;
      packedFrom = at;
    } else at += GROUP;
  }
  packGroups(out, codes, packedFrom, count, width);
}

/** Which of `count` rows are there, a bit each: definition levels of a column that may be null. */
export function packPresence(out: ByteBuffer, bits: Uint8Array, count: number): void {
  const bytes = Math.ceil(count / GROUP);
  let packedFrom = 0;
  let at = 0;
  while (at < bytes) {
    const end = equalBytes(bits, at, bytes);
    if (end - at >= 2) {
      writePacked(out, bits, packedFrom, at);
      writeRun(out, bits[at]! & 1, Math.min(count, end * GROUP) - at * GROUP);
      packedFrom = end;
    }
    at = Math.max(end, at + 1);
  }
  writePacked(out, bits, packedFrom, bytes);
}

/** The end of the bytes that are all 0 or all ones from `at` on; `at` itself where there is none. */
function equalBytes(bits: Uint8Array, at: number, bytes: number): number {
  const value = bits[at]!;
  if (value !== 0 && value !== 0xff) return at;
  let end = at + 1;
  while (end < bytes && bits[end] === value) end++;
  return end;
}

function writePacked(out: ByteBuffer, bits: Uint8Array, from: number, to: number): void {
  if (to <= from) return;
  out.varint((to - from) * 2 + 1);
  out.append(bits.subarray(from, to));
}

/** Of one value, which takes a byte at any width up to 8. */
function writeRun(out: ByteBuffer, value: number, length: number): void {
  out.varint(length * 2);
  out.byte(value);
}

function runLength(codes: Uint8Array, at: number, count: number): number {
  const value = codes[at];
  let end = at + 1;
  while (end < count && codes[end] === value) end++;
  return end - at;
}

/** Whole groups; the last may reach beyond the values, and is filled up with zeros. */
function packGroups(out: ByteBuffer, codes: Uint8Array, from: number, to: number, width: number): void {
  const groups = Math.ceil((to - from) / GROUP);
  if (groups === 0) return;
  out.varint(groups * 2 + 1);
  out.reserve(groups * width);
  let held = 0;
  let bits = 0;
  for (let i = 0; i < groups * GROUP; i++) {
    held |= (from + i < to ? codes[from + i]! : 0) << bits;
    bits += width;
    while (bits >= 8) {
      out.bytes[out.length++] = held;
      held >>>= 8;
      bits -= 8;
    }
  }
}
