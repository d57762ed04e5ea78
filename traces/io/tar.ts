/** A tar archive (POSIX.1-2017, pax, "ustar Interchange Format"), plain or gzipped, with regular files only. */
import { constants, gunzipSync } from 'node:zlib';
import { packedData } from '../base/packed.ts';

export interface TarEntry {
  readonly name: string;
  readonly content: Buffer;
}

const BLOCK = 512;
const MAGIC = { at: 257, text: 'ustar' };
/** Of what an archive may unpack to. */
const MOST_BYTES = 0x1000_0000;

/** First bytes that tell an archive, also where it is packed. */
export const TAR_HEAD_BYTES = 4096;

/** Whether what begins so is an archive, plain or gzipped. */
export function isTarHead(first: Uint8Array): boolean {
  const head = Buffer.from(first.subarray(0, TAR_HEAD_BYTES));
  const plain = packedData(head)?.name === 'gzip' ? beginningOf(head) : head;
  return textAt(plain, MAGIC.at, MAGIC.text.length) === MAGIC.text;
}

/** What is in the first bytes of gzip data; nothing if they are damaged. */
function beginningOf(packed: Buffer): Buffer {
  try {
    return gunzipSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  } catch {
    return Buffer.alloc(0);
  }
}

/** Undefined: it is no archive. One that is cut off gives what is whole. */
export function tarEntries(bytes: Buffer): TarEntry[] | undefined {
  const plain = packedData(bytes)?.name === 'gzip' ? unpacked(bytes) : bytes;
  if (plain === undefined || textAt(plain, MAGIC.at, MAGIC.text.length) !== MAGIC.text) return undefined;
  const entries: TarEntry[] = [];
  for (let at = 0; at + BLOCK <= plain.length && plain[at] !== 0; ) {
    const size = Number.parseInt(textAt(plain, at + 124, 12), 8);
    const end = at + BLOCK + size;
    if (!Number.isSafeInteger(size) || end > plain.length) break;
    const type = textAt(plain, at + 156, 1);
    if (type === '0' || type === '')
      entries.push({ name: nameAt(plain, at), content: plain.subarray(at + BLOCK, end) });
    at = BLOCK * Math.ceil(end / BLOCK);
  }
  return entries;
}

function unpacked(bytes: Buffer): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch {
    return undefined; // whoever reads it as text says what is wrong
  }
}

function nameAt(bytes: Buffer, at: number): string {
  const prefix = textAt(bytes, at + 345, 155);
  const name = textAt(bytes, at, 100);
  return (prefix === '' ? name : `${prefix}/${name}`).replace(/^\.\//, '');
}

/** Up to the first NUL. */
function textAt(bytes: Buffer, at: number, length: number): string {
  const text = bytes.subarray(at, at + length).toString('latin1');
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
