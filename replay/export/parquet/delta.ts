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

/** Bits that go at once into a 32-bit accumulator which still holds up to 7. */
const PIECE = 16;
const PIECE_VALUES = 2 ** PIECE;

/** Scratch of one call; encoding is synchronous. */
const deltas = new Float64Array(BLOCK);
const deltas32 = new Int32Array(BLOCK);
/** The same memory: what is left when the least is taken away is not negative. */
const above32 = new Uint32Array(deltas32.buffer);

/** UINT_32: differences wrap around, as those of the physical INT32 do. */
export function packDeltas32(out: ByteBuffer, values: Uint32Array, count: number): void {
  writeHead(out, count, count === 0 ? 0 : values[0]! | 0);
  for (let start = 1; start < count; start += BLOCK)
    packBlock32(out, values, start, Math.min(BLOCK, count - start));
}

function packBlock32(out: ByteBuffer, values: Uint32Array, start: number, size: number): void {
  let last = values[start - 1]!;
  let least = 0x7fff_ffff;
  let most = -0x8000_0000;
  for (let i = 0; i < size; i++) {
    const value = values[start + i]!;
    const delta = (value - last) | 0;
    last = value;
    deltas32[i] = delta;
    if (delta < least) least = delta;
    if (delta > most) most = delta;
  }
  out.zigzag(least);
  // Most blocks of most columns: a number that stays, or counts up.
  if (least === most) writeNoWidths(out);
  else packMiniblocks32(out, least, size);
}

function packMiniblocks32(out: ByteBuffer, least: number, size: number): void {
  const widths = writeNoWidths(out);
  deltas32.fill(least, size);
  for (let block = 0; block < MINIBLOCKS; block++) {
    let bits = 0;
    for (let i = block * MINIBLOCK; i < (block + 1) * MINIBLOCK; i++) {
      const above = (deltas32[i]! - least) | 0;
      deltas32[i] = above;
      bits |= above;
    }
    const width = 32 - Math.clz32(bits);
    out.bytes[widths + block] = width;
    if (width > 0) pack32(out, block * MINIBLOCK, width);
  }
}

/** Where they stand. */
function writeNoWidths(out: ByteBuffer): number {
  out.reserve(MINIBLOCKS + 4 * BLOCK);
  const at = out.length;
  out.bytes.fill(0, at, at + MINIBLOCKS);
  out.length += MINIBLOCKS;
  return at;
}

/** 32 values of `width` bits from `start` on, the lowest bit first; there is room for them. */
function pack32(out: ByteBuffer, start: number, width: number): void {
  const { bytes } = out;
  let at = out.length;
  let held = 0;
  let bits = 0;
  const low = width > PIECE ? PIECE : width;
  for (let i = start; i < start + MINIBLOCK; i++) {
    const value = above32[i]!;
    held |= (width > PIECE ? value & 0xffff : value) << bits;
    bits += low;
    while (bits >= 8) {
      bytes[at++] = held;
      held >>>= 8;
      bits -= 8;
    }
    if (width <= PIECE) continue;
    held |= (value >>> PIECE) << bits;
    bits += width - PIECE;
    while (bits >= 8) {
      bytes[at++] = held;
      held >>>= 8;
      bits -= 8;
    }
  }
  out.length = at;
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
  const widths = writeNoWidths(out);
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
