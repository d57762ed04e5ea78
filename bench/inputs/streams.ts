/**
 * Reference streams with known checksums. Whatever is given the same stream must count the same hits, walks and
 * faults, so speeds compare across implementations and languages. The generator is xorshift32 (Marsaglia, "Xorshift RNGs",
 * Journal of Statistical Software 8(14), 2003), triple 13, 17, 5.
 */

export function xorshift32(seed: number): () => number {
  let x = seed | 0;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x >>> 0;
  };
}

/** FNV-1a over 32-bit words, in hexadecimal: the checksum of a stream. */
export function fnv(...streams: readonly ArrayLike<number>[]): string {
  let hash = 2166136261;
  for (const words of streams)
    for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i]!, 16777619);
  return (hash >>> 0).toString(16).padStart(8, '0');
}

/** UNIFORM: 2^20 pages from 0x400000 on. */
export function uniformPages(count: number): Uint32Array {
  const random = xorshift32(0x12345678);
  return Uint32Array.from({ length: count }, () => UNIFORM_BASE + (random() & 0xfffff));
}

const HEAP_BASE = 0x100000;
const STACK_TOP = 0x7ffff000;
const SCAN_BASE = 0x200000;
export const UNIFORM_BASE = 0x400000;
export const UNIFORM_PAGES = 0x100000;
const CHASE_BASE = 0x800000;

/**
 * MIX: what a program with a heap, a stack, a scan and two hostile habits does, in bursts of 1 to 19 references.
 * 35 % of the bursts stay on one page of a hot heap (log-uniform over 65,536 scrambled pages), 30 % on one of four
 * stack pages, 20 % scan 1 GiB at 64 references a page, 10 % are uniform over 4 GiB, 5 % chase pointers over 256 MiB.
 */
export function mixedPages(count: number): Uint32Array {
  const random = xorshift32(0x9e3779b9);
  const pages = new Uint32Array(count);
  let at = 0;
  let scanned = 0;
  let chased = 12345;
  const burst = (length: number, next: () => number): void => {
    for (const end = Math.min(at + length, count); at < end; at++) pages[at] = next();
  };
  while (at < count) {
    const draw = random();
    const kind = draw % 100;
    const length = 4 + ((draw >>> 8) & 15);
    if (kind < 35) {
      const hot = random() & ((1 << ((draw >>> 16) % 17)) - 1);
      const page = HEAP_BASE + (Math.imul(hot, 40503) & 0xffff);
      burst(length, () => page);
    } else if (kind < 65) {
      const page = STACK_TOP - ((draw >>> 12) & 3);
      burst(length, () => page);
    } else if (kind < 85) {
      burst(length, () => SCAN_BASE + ((scanned++ >>> 6) & 0x3ffff));
    } else if (kind < 95) {
      burst(Math.max(1, length >> 2), () => UNIFORM_BASE + (random() & 0xfffff));
    } else {
      burst(length >> 1, () => {
        chased = (Math.imul(chased, 1664525) + 1013904223) >>> 0; // Numerical Recipes, section 7.1
        return CHASE_BASE + (chased >>> 16);
      });
    }
  }
  return pages;
}
