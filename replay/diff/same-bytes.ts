/** Whether columns of bytes are equal: most of what lanes make of a batch is, so this is asked of every batch. */
import type { ReadonlyColumn } from '../../core/base/columns.ts';
import { wordsOf } from '../../core/base/columns.ts';

type Bytes = ReadonlyColumn<Uint8Array>;

/** What Node has for it, which is memcmp(): some thousands of bytes in less than a microsecond. */
interface Host {
  readonly Buffer?: { compare(a: Bytes, b: Bytes): number };
}

/** The same answer by whatever the host has: a browser goes through them itself, four at a time. */
export function sameBytesOf({ Buffer: bytes }: Host): (a: Bytes, b: Bytes) => boolean {
  return bytes === undefined ? sameWords : (a, b) => bytes.compare(a, b) === 0;
}

function sameWords(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  const [words, others] = [wordsOf(a, a.length & ~3), wordsOf(b, b.length & ~3)];
  for (let word = 0; word < words.length; word++) if (words[word] !== others[word]) return false;
  for (let at = a.length & ~3; at < a.length; at++) if (a[at] !== b[at]) return false;
  return true;
}

/** By the host at hand. */
export const sameBytes: (a: Bytes, b: Bytes) => boolean = sameBytesOf(globalThis);
