/**
 * A digest of (place, value) pairs, whose order does not matter: 64 bits as two 32-bit lanes of an FNV-1a-like mix.
 */

/** Sums up (place, value) pairs; their order does not matter. */
export class Digest {
  low = 0;
  high = 0;

  add(place: number, value: number): void {
    const h = pairHash(place, value);
    this.low = (this.low + h) | 0;
    this.high = (this.high + highOf(h)) | 0;
  }

  addText(place: number, text: string): void {
    let h = 0x811c9dc5;
    for (let i = 0; i < text.length; i++) h = mix(h, text.charCodeAt(i));
    this.add(place, h >>> 0);
  }

  /** Two digests of disjoint parts make that of the whole. */
  merge(other: Digest): void {
    this.low = (this.low + other.low) | 0;
    this.high = (this.high + other.high) | 0;
  }

  /** Takes out what was added before. */
  subtract({ low, high }: Digest): void {
    this.low = (this.low - low) | 0;
    this.high = (this.high - high) | 0;
  }

  toString(): string {
    return hex(this.high) + hex(this.low);
  }
}

/** What a pair adds to the low word of a digest. */
export function pairHash(place: number, value: number): number {
  const seed = mix(mix(0x811c9dc5, place >>> 0), Math.floor(place / 2 ** 32));
  return mix(mix(seed, value >>> 0), Math.floor(value / 2 ** 32));
}

/** What it adds to the high word. */
export function highOf(pair: number): number {
  return mix(pair, 0x9e3779b9);
}

/** A checksum of bytes: says whether they were damaged, not whether somebody meant to. */
export function checksumOf(bytes: Uint8Array): number {
  let h = mix(0x811c9dc5, bytes.length);
  for (let i = 0; i < bytes.length; i++) h = mix(h, bytes[i]!);
  return h >>> 0;
}

/** MurmurHash3's body and a third of its finish (public domain, A. Appleby): good spread, cheap in int32. */
function mix(h: number, value: number): number {
  let k = Math.imul(value, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let x = h ^ Math.imul(k, 0x1b873593);
  x = (x << 13) | (x >>> 19);
  x = (Math.imul(x, 5) + 0xe6546b64) | 0;
  return x ^ (x >>> 16);
}

function hex(word: number): string {
  return (word >>> 0).toString(16).padStart(8, '0');
}
