/**
 * DELTA_BINARY_PACKED (Parquet's Encodings.md, "Delta Encoding"): blocks of 128 differences, each less the least of its
 * block, in four miniblocks that have a width of their own. Written here because the library takes a value at a time,
 * 64-bit ones as BigInts: 40 to 200 ns each where these loops take 3 to 6.
 */
import type { ByteBuffer } from './byte-buffer.ts';

const BLOCK = 128;
const MINIBLOCKS = 4;
const MINIBLOCK = BLOCK / MINIBLOCKS;

/** Greatest value whose sums and differences a double holds exactly, zigzagged too. */
export const MOST_DELTA_VALUE = 2 ** 51;

/** Scratch of one call; encoding is synchronous. */
const deltas = new Float64Array(BLOCK);

/** UINT_32: differences wrap around, as those of the physical INT32 do. */
export function packDeltas32(out: ByteBuffer, values: Uint32Array, count: number): void {
  writeHead(out, count, count === 0 ? 0 : values[0]! | 0);
  for (let start = 1; start < count; start += BLOCK) {
    const size = Math.min(BLOCK, count - start);
    let least = 2 ** 31;
    for (let i = 0; i < size; i++) {
      const delta = (values[start + i]! - values[start + i - 1]!) | 0;
      deltas[i] = delta;
      if (delta < least) least = delta;
    }
    writeBlock(out, least, size);
  }
}

/** Whole numbers from 0 to MOST_DELTA_VALUE, as INT64. */
export function packDeltas64(out: ByteBuffer, values: Float64Array, count: number): void {
  writeHead(out, count, count === 0 ? 0 : values[0]!);
  for (let start = 1; start < count; start += BLOCK) {
    const size = Math.min(BLOCK, count - start);
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < size; i++) {
      const delta = values[start + i]! - values[start + i - 1]!;
      deltas[i] = delta;
      if (delta < least) least = delta;
    }
    writeBlock(out, least, size);
  }
}

function writeHead(out: ByteBuffer, count: number, first: number): void {
  out.varint(BLOCK);
  out.varint(MINIBLOCKS);
  out.varint(count);
  out.zigzag(first);
}

/** A block of `size` deltas, of which the last may be fewer: miniblocks that hold none have width 0 and no bytes. */
function writeBlock(out: ByteBuffer, least: number, size: number): void {
  out.zigzag(least);
  out.reserve(MINIBLOCKS);
  const widths = out.length;
  out.length += MINIBLOCKS;
  for (let block = 0; block < MINIBLOCKS; block++) {
    const start = block * MINIBLOCK;
    const width = subtractLeast(least, start, Math.min(start + MINIBLOCK, size));
    out.bytes[widths + block] = width;
    if (width > 0) packMiniblock(out, start, size, width);
  }
}

/** Makes deltas differences to the least; gives the bits that the greatest of them takes. */
function subtractLeast(least: number, start: number, end: number): number {
  let most = 0;
  for (let i = start; i < end; i++) {
    const above = deltas[i]! - least;
    deltas[i] = above;
    if (above > most) most = above;
  }
  return bitsOf(most);
}

/** Bits of a whole number below 2^53. */
export function bitsOf(value: number): number {
  if (value < 2 ** 32) return 32 - Math.clz32(value);
  return 64 - Math.clz32(Math.floor(value / 2 ** 32));
}

/** Bits that go at once into a 32-bit accumulator which still holds up to 7. */
const PIECE = 16;
const PIECE_VALUES = 2 ** PIECE;

/** 32 values of `width` bits, the lowest bit first; those beyond `size` are 0. */
function packMiniblock(out: ByteBuffer, start: number, size: number, width: number): void {
  out.reserve(4 * width);
  const { bytes } = out;
  let at = out.length;
  let held = 0;
  let bits = 0;
  for (let i = start; i < start + MINIBLOCK; i++) {
    let rest = i < size ? deltas[i]! : 0;
    for (let left = width; left > 0; left -= PIECE) {
      held |= (left > PIECE ? rest % PIECE_VALUES : rest) << bits;
      if (left > PIECE) rest = Math.floor(rest / PIECE_VALUES);
      bits += left > PIECE ? PIECE : left;
      while (bits >= 8) {
        bytes[at++] = held;
        held >>>= 8;
        bits -= 8;
      }
    }
  }
  out.length = at;
}
